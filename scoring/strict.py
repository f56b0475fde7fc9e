"""Strict reading of rulebook tables: nothing unknown, nothing missing, nothing of the wrong type.

Imports only the standard library, `scoring.errors` and `scoring.source`. Key types: `StrictTable`.
"""

import tomllib
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TypeVar

from scoring.errors import RulebookFormatError
from scoring.source import Provenance, SourceStatus

E = TypeVar("E", bound=Enum)
V = TypeVar("V")

RULEBOOK_FOLDER = Path(__file__).parent / "rulebooks"
SOURCE_KEYS = ("clause", "status", "effective_from", "last_checked_on", "note")


class StrictTable:
    """One TOML table with its place in the file, for readable refusals.

    Raises: RulebookFormatError from every method, naming file, key path and what is allowed.
    """

    def __init__(self, values: dict[str, object], file: str, path: str = "") -> None:
        """Wrap parsed values; `path` is the key path of this table, empty for the whole file."""
        self.values = values
        self.file = file
        self.path = path

    def at(self, key: str) -> str:
        """Key path of one key of this table."""
        return f"{self.path}.{key}" if self.path else key

    def refuse(self, key: str, problem: str, allowed: Iterable[str] = ()) -> RulebookFormatError:
        """Build the error for one key; the caller raises it."""
        return RulebookFormatError(problem, file=self.file, key_path=self.at(key), allowed=allowed)

    def only(self, *keys: str) -> None:
        """Refuse any key that is not listed."""
        for key in self.values:
            if key not in keys:
                raise self.refuse(key, "unknown key", keys)

    def has(self, key: str) -> bool:
        """Whether the key is present."""
        return key in self.values

    def text(self, key: str) -> str:
        """Read a text that is not blank."""
        value = self._value(key, str, "text")
        if not value.strip():
            raise self.refuse(key, "must not be blank")
        return value

    def integer(self, key: str) -> int:
        """Read an integer ≥ 0."""
        value = self._value(key, int, "an integer")
        if isinstance(value, bool) or value < 0:
            raise self.refuse(key, f"must be an integer ≥ 0, got {value!r}")
        return value

    def decimal(self, key: str) -> Decimal:
        """Read a finite number, whole or with decimals."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        number = self._value(key, Decimal, "a number")
        if not number.is_finite():
            raise self.refuse(key, f"must be finite, got {number}")
        return number

    def flag(self, key: str) -> bool:
        """Read true or false."""
        return self._value(key, bool, "true or false")

    def day(self, key: str) -> date:
        """Read a date without time of day."""
        value = self._value(key, date, "a date")
        if type(value) is not date:
            raise self.refuse(key, "must be a date without time of day")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts."""
        values = self._value(key, list, "a list of texts")
        for value in values:
            if not isinstance(value, str):
                raise self.refuse(key, f"must be a list of texts, got {value!r} in it")
        return tuple(values)

    def choice(self, key: str, kind: type[E]) -> E:
        """Read one of an enum's 中文 values."""
        value = self.text(key)
        for member in kind:
            if member.value == value:
                return member
        raise self.refuse(
            key, f"must be one of the allowed words, got {value!r}", [str(m.value) for m in kind]
        )

    def table(self, key: str) -> "StrictTable":
        """Read a sub-table."""
        return StrictTable(self._value(key, dict, "a table"), self.file, self.at(key))

    def tables(self, key: str) -> list["StrictTable"]:
        """Read an array of tables, with at least one entry."""
        entries = self._value(key, list, "an array of tables")
        if not entries or not all(isinstance(entry, dict) for entry in entries):
            raise self.refuse(key, "must be an array of tables with at least one entry")
        return [StrictTable(entry, self.file, f"{self.at(key)}[{n}]") for n, entry in enumerate(entries)]

    def source(self, confirmed: Collection[str] = ()) -> Provenance:
        """Read clause, status, effective_from, last_checked_on and note.

        Only a 载明 figure may lack its note; only one with no text to compare with may lack last_checked_on.
        """
        clause = self.text("clause")
        status = self.choice("status", SourceStatus)
        if status is not SourceStatus.STATED and not self.has("note"):
            raise self.refuse("note", f"missing: a figure that is {status.value} needs a note")
        checked = status is SourceStatus.STATED or self.has("last_checked_on")
        return Provenance(
            clause=clause,
            status=status,
            effective_from=self.day("effective_from"),
            last_checked_on=self.day("last_checked_on") if checked else None,
            note=self.text("note") if self.has("note") else "",
            is_confirmed=clause in confirmed and status is not SourceStatus.MISSING,
        )

    def _value(self, key: str, kind: type[V], expected: str) -> V:
        if key not in self.values:
            raise self.refuse(key, "missing", [])
        value = self.values[key]
        if not isinstance(value, kind):
            raise self.refuse(key, f"must be {expected}, got {value!r}")
        return value


def load_toml(name: str, folder: Path = RULEBOOK_FOLDER) -> StrictTable:
    """Load one TOML file of the rulebook folder with exact decimals.

    Source: none (design §4).
    Raises: RulebookFormatError if there is no such file (allowed: the names there are) or it is not TOML.
    """
    return parse_toml(name, read_toml_text(name, folder))


def read_toml_text(name: str, folder: Path = RULEBOOK_FOLDER) -> str:
    """Read the text of one file of the rulebook folder, to be parsed now or kept and parsed later.

    Source: none (design §4, a rulebook is frozen per assessment).
    Raises: RulebookFormatError if there is no such file (allowed: the names there are) or it is not UTF-8.
    """
    known = sorted(path.stem for path in folder.glob("*.toml"))
    file = f"{name}.toml"
    if name not in known:
        raise RulebookFormatError("no such rulebook", file=file, allowed=known)
    try:
        return (folder / file).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RulebookFormatError("not a TOML file in UTF-8", file=file) from error


def parse_toml(name: str, text: str) -> StrictTable:
    """Parse the text of a rulebook file with exact decimals.

    Source: none (design §4).
    Raises: RulebookFormatError if it is not TOML.
    """
    file = f"{name}.toml"
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RulebookFormatError("not a TOML file in UTF-8", file=file) from error
    return StrictTable(values, file)


def pick_in_force(entries: list[StrictTable], on: date | None, key: str | None = None) -> list[StrictTable]:
    """Keep the entries in force on a day: per value of `key`, or as one set, those of the newest day ≤ `on`.

    Source: none (design §4: old values are never edited, a new dated value is added).

    Args:
        entries: tables that carry `effective_from`, in file order.
        on: the day asked for; None means the newest of all.
        key: text key that names what an entry is about; None when all entries form one set.
    Returns: entries in file order; empty if none is in force yet.
    Raises: RulebookFormatError if one subject has two entries of the same day.
    """
    newest: dict[str, date] = {}
    seen: set[tuple[str, date]] = set()
    for entry in entries:
        day = entry.day("effective_from")
        if key and (entry.text(key), day) in seen:
            raise entry.refuse(key, f"{entry.text(key)!r} is given twice for the same day")
        if key:
            seen.add((entry.text(key), day))
        if on is None or day <= on:
            subject = entry.text(key) if key else ""
            newest[subject] = max(day, newest.get(subject, day))
    return [e for e in entries if newest.get(e.text(key) if key else "") == e.day("effective_from")]
