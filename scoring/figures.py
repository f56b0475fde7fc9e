"""Every figure of a rulebook as one flat list (参数一览), for the page of rules and for review.

Imports only the standard library and `scoring`. Key types: `Figure`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scoring.source import SourceStatus, plain
from scoring.strict import RULEBOOK_FOLDER, SOURCE_KEYS, StrictTable, load_toml

_NAMES = ("title", "word", "grade", "label", "subject", "what", "id")


@dataclass(frozen=True, slots=True)
class Figure:
    """One sourced entry of a rulebook.

    Attributes:
        rulebook: file stem.
        key_path: where it stands, as `item[4].component[0].band[3]`.
        name: what it is about, Chinese where there is such a text.
        values: its figures by key, as text; empty where the source lost them.
        clause, status, effective_from, note: its provenance.
    """

    rulebook: str
    key_path: str
    name: str
    values: Mapping[str, str]
    clause: str
    status: SourceStatus
    effective_from: date
    note: str


def list_figures(name: str, folder: Path = RULEBOOK_FOLDER) -> tuple[Figure, ...]:
    """List every sourced entry of one rulebook file (参数一览), all dated values, in file order.

    Source: none (design §4, every figure has value, clause, status and day).
    Raises: RulebookFormatError if the file is not there, or an entry's source is not well-formed.
    """
    return tuple(_walk(load_toml(name, folder), name))


def _walk(table: StrictTable, rulebook: str) -> Iterator[Figure]:
    if table.has("clause"):
        yield _read(table, rulebook)
    for key, value in table.values.items():
        if isinstance(value, dict):
            yield from _walk(table.table(key), rulebook)
        elif isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
            for entry in table.tables(key):
                yield from _walk(entry, rulebook)


def _read(table: StrictTable, rulebook: str) -> Figure:
    source = table.source()
    name_key = next((key for key in _NAMES if table.has(key)), "")
    values = {
        key: str(plain(value))
        for key, value in table.values.items()
        if key not in (*SOURCE_KEYS, name_key) and not isinstance(value, dict | list)
    }
    return Figure(
        rulebook=rulebook,
        key_path=table.path,
        name=table.text(name_key) if name_key else table.path,
        values=values,
        clause=source.clause,
        status=source.status,
        effective_from=source.effective_from,
        note=source.note,
    )
