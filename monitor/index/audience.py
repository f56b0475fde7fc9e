"""Who is told of a run of the Guangdong assessment (通报对象, GD-4.1). Pure.

Key types: `Level`, `Place`, `Audience`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.index.periods import RunKind
from monitor.units import Role


class Level(StrEnum):
    """Where a person stands in a run; the value is what the configuration names."""

    PROVINCE = "province"  # sees the board
    CITY = "city"  # sees its own row: the schools below it together (GD-1.2)
    SCHOOL = "school"  # sees its own row


@dataclass(frozen=True, slots=True)
class Place:
    """Everybody of one role on one level."""

    level: Level
    role: Role


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets the report of a published run, by its kind; kinds that are absent are told to nobody."""

    by_kind: Mapping[RunKind, frozenset[Place]] = field(default_factory=dict)

    def includes(self, kind: RunKind, place: Place) -> bool:
        """Tell whether a place is told of runs of a kind."""
        return place in self.by_kind.get(kind, frozenset())


def read_place(text: str) -> Place:
    """Read "school.unit_admin".

    Raises: ValueError naming what is allowed.
    """
    level, _, role = text.partition(".")
    levels, roles = [level.value for level in Level], [role.name.lower() for role in Role]
    if level not in levels or role not in roles:
        raise ValueError(f"{text!r} is not one of {'|'.join(levels)} . {'|'.join(roles)}")
    return Place(Level(level), Role[role.upper()])


def read_audience(week: Sequence[str], month: Sequence[str], year: Sequence[str]) -> Audience:
    """Return the audience of weekly boards, of monthly runs and boards, and of yearly runs.

    Raises: ValueError.
    """
    by_month = frozenset(map(read_place, month))
    return Audience(
        {
            RunKind.WCI_WEEK: frozenset(map(read_place, week)),
            RunKind.WCI_MONTH: by_month,
            RunKind.MONTH: by_month,
            RunKind.YEAR: frozenset(map(read_place, year)),
        }
    )
