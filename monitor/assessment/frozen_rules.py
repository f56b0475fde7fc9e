"""Rules frozen with a sheet (考评细则的冻结): their text, their hash, and reading them again. Pure.

A sheet keeps the text of the rulebook and of the defaults, the organisation's selection and the day whose
values apply. Key types: `RuleText`, `Selection`, `Rules`.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from scoring.rulebook import Rulebook, parse_rulebook
from scoring.strict import RULEBOOK_FOLDER, read_toml_text
from scoring.switches import ParameterValue, Switches, parse_switches


@dataclass(frozen=True, slots=True)
class Selection:
    """What an organisation selects: readings by switch id, their figures, and what it has confirmed.

    Attributes:
        choices: (switch id, word).
        figures: (switch id, parameter, figure), such as the window of D-09.
        confirmed: clause and switch ids whose reading 团省委 has confirmed.
    """

    choices: tuple[tuple[str, str], ...] = ()
    figures: tuple[tuple[str, str, ParameterValue], ...] = ()
    confirmed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Give the selection as JSON values."""
        return {
            "choices": [list(choice) for choice in self.choices],
            "figures": [[*key, _figure_as_json(figure)] for *key, figure in self.figures],
            "confirmed": list(self.confirmed),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, list[object]]) -> "Selection":
        """Read what `as_json` gave."""
        return cls(
            choices=tuple((str(row[0]), str(row[1])) for row in stored["choices"]),  # type: ignore[index]
            figures=tuple(
                (str(row[0]), str(row[1]), _figure_from_json(row[2]))  # type: ignore[index]
                for row in stored["figures"]
            ),
            confirmed=tuple(str(clause) for clause in stored["confirmed"]),
        )


def _figure_as_json(figure: ParameterValue) -> object:
    """Keep a figure's kind: JSON knows no exact decimals."""
    return {"decimal": str(figure)} if isinstance(figure, Decimal) else figure


def _figure_from_json(stored: object) -> ParameterValue:
    if isinstance(stored, dict):
        return Decimal(stored["decimal"])
    return stored if isinstance(stored, str) else int(stored)  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class RuleText:
    """Everything that a sheet's rules are read from."""

    rulebook: str
    rulebook_text: str
    defaults_text: str
    selection: Selection
    in_force_on: date

    @property
    def hash(self) -> str:
        """The version of these rules: the same text, selection and day have the same."""
        selection = json.dumps(self.selection.as_json(), sort_keys=True)
        parts = (self.rulebook, self.rulebook_text, self.defaults_text, selection, str(self.in_force_on))
        return sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules that have been read: the rulebook, and the switches as selected and confirmed."""

    rulebook: Rulebook
    switches: Switches


def freeze_rules(rulebook: str, selection: Selection, on: date, folder: Path = RULEBOOK_FOLDER) -> RuleText:
    """Take the text of rulebook and defaults as they stand now.

    Source: none (design §4).
    Raises: RulebookFormatError if a file is not there.
    """
    texts = (read_toml_text(rulebook, folder), read_toml_text("defaults", folder))
    return RuleText(rulebook, *texts, selection, on)


@lru_cache(maxsize=64)
def read_rules(text: RuleText, confirmed: frozenset[str] = frozenset()) -> Rules:
    """Read frozen rules; `confirmed` are readings confirmed since, which change a status, never a figure.

    Source: none (design §4).
    Raises: RulebookFormatError, NoRulebookInForce.
    """
    every = confirmed | set(text.selection.confirmed)
    switches = parse_switches(text.defaults_text, on=text.in_force_on)
    return Rules(
        rulebook=parse_rulebook(text.rulebook, text.rulebook_text, on=text.in_force_on, confirmed=every),
        switches=apply_selection(switches, text.selection, every),
    )


def apply_selection(switches: Switches, selection: Selection, confirmed: Collection[str]) -> Switches:
    """Return the switches as selected, those among `confirmed` confirmed.

    Raises: RulebookFormatError for an unknown switch, word or figure.
    """
    figures: dict[str, dict[str, ParameterValue]] = {}
    for switch_id, name, figure in selection.figures:
        figures.setdefault(switch_id, {})[name] = figure
    known = [switch.id for switch in switches if switch.id in confirmed]
    return switches.select(dict(selection.choices), confirmed=known, parameters=figures)
