"""Defaults D-01…D-18 as switches (默认读法): what to do where the source is silent, and who confirmed it.

Imports only the standard library and `scoring`. Key types: `Switch`, `Switches`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from scoring.errors import RulebookFormatError
from scoring.source import Provenance, ResultStatus
from scoring.strict import (
    RULEBOOK_FOLDER,
    SOURCE_KEYS,
    StrictTable,
    parse_toml,
    pick_in_force,
    read_toml_text,
)

ParameterValue = Decimal | int | str


@dataclass(frozen=True, slots=True)
class Switch:
    """One default reading and its alternatives.

    Attributes:
        id: "D-01" … "D-18".
        title: what it decides, Chinese.
        chosen: the word in force; the default until an organisation selects otherwise.
        default: the word of our default.
        labels: every selectable word with its Chinese label, default first.
        parameters: figures of the reading; the suffix of a name is its unit.
        source: the clause it interprets; status 默认.
    """

    id: str
    title: str
    chosen: str
    default: str
    labels: Mapping[str, str]
    parameters: Mapping[str, ParameterValue]
    source: Provenance

    @property
    def alternatives(self) -> tuple[str, ...]:
        """The selectable words other than the default."""
        return tuple(word for word in self.labels if word != self.default)

    @property
    def result_status(self) -> ResultStatus:
        """正式 once confirmed, else 暂定."""
        return self.source.result_status


@dataclass(frozen=True, slots=True)
class Switches:
    """All switches by id; immutable, an organisation's selection makes a new one."""

    by_id: Mapping[str, Switch]

    def __getitem__(self, switch_id: str) -> Switch:
        """One switch; KeyError if there is none of that id."""
        return self.by_id[switch_id]

    def __iter__(self) -> Iterator[Switch]:
        """The switches in the order of their ids."""
        return iter(self.by_id.values())

    def select(
        self,
        choices: Mapping[str, str] | None = None,
        *,
        confirmed: Collection[str] = (),
        parameters: Mapping[str, Mapping[str, ParameterValue]] | None = None,
    ) -> "Switches":
        """Apply an organisation's choices, confirmations and figures.

        Source: none (design §4).

        Args:
            choices: switch id → selectable word.
            confirmed: ids whose reading 团省委 has confirmed; choosing an alternative does not confirm it.
            parameters: switch id → parameter name → figure, of the same type as the default's.

        Raises: RulebookFormatError naming the switch and what is allowed.
        """
        chosen = dict(self.by_id)
        for switch_id, word in (choices or {}).items():
            switch = self._known(switch_id)
            if word not in switch.labels:
                raise _refuse(switch_id, f"no such choice: {word!r}", switch.labels)
            chosen[switch_id] = replace(chosen[switch_id], chosen=word)
        for switch_id, figures in (parameters or {}).items():
            merged = _merge_parameters(self._known(switch_id), figures)
            chosen[switch_id] = replace(chosen[switch_id], parameters=merged)
        for switch_id in confirmed:
            source = replace(self._known(switch_id).source, is_confirmed=True)
            chosen[switch_id] = replace(chosen[switch_id], source=source)
        return Switches(chosen)

    def _known(self, switch_id: str) -> Switch:
        if switch_id not in self.by_id:
            raise _refuse(switch_id, "no such switch", self.by_id)
        return self.by_id[switch_id]


def load_switches(*, on: date | None = None, folder: Path = RULEBOOK_FOLDER) -> Switches:
    """Load the defaults (默认) D-01…D-18 as in force on a day, none of them confirmed.

    Source: none (design §4).
    Raises: RulebookFormatError naming file, key path and allowed keys.
    """
    return parse_switches(read_toml_text("defaults", folder), on=on)


@lru_cache(maxsize=32)
def parse_switches(text: str, *, on: date | None = None) -> Switches:
    """Read the defaults from the text of their file, such as one that was kept; see `load_switches`.

    Source: none (design §4, a rulebook is frozen per assessment).
    Raises: RulebookFormatError naming file, key path and allowed keys.
    """
    table = parse_toml("defaults", text)
    table.only("switch")
    switches = [_read_switch(entry) for entry in pick_in_force(table.tables("switch"), on, "id")]
    return Switches({switch.id: switch for switch in switches})


def _read_switch(entry: StrictTable) -> Switch:
    entry.only("id", "title", "default", "choice", "parameters", *SOURCE_KEYS)
    labels: dict[str, str] = {}
    for choice in entry.tables("choice"):
        choice.only("word", "label")
        labels[choice.text("word")] = choice.text("label")
    default = entry.text("default")
    if default not in labels:
        raise entry.refuse("default", f"{default!r} is not among the choices", labels)
    return Switch(
        id=entry.text("id"),
        title=entry.text("title"),
        chosen=default,
        default=default,
        labels=labels,
        parameters=_read_parameters(entry.table("parameters")) if entry.has("parameters") else {},
        source=entry.source(),
    )


def _read_parameters(entry: StrictTable) -> dict[str, ParameterValue]:
    figures: dict[str, ParameterValue] = {}
    for key, value in entry.values.items():
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise entry.refuse(key, f"must be a number or a text, got {value!r}")
        figures[key] = value
    return figures


def _merge_parameters(switch: Switch, figures: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
    for name, figure in figures.items():
        if name not in switch.parameters:
            raise _refuse(f"{switch.id}.{name}", "no such parameter", switch.parameters)
        default = switch.parameters[name]
        if type(figure) is not type(default) and not (type(figure) is int and isinstance(default, Decimal)):
            raise _refuse(f"{switch.id}.{name}", f"must be like {default!r}, got {figure!r}")
    return {**switch.parameters, **figures}


def _refuse(key: str, problem: str, allowed: Collection[str] = ()) -> RulebookFormatError:
    return RulebookFormatError(problem, file="defaults.toml", key_path=key, allowed=allowed)
