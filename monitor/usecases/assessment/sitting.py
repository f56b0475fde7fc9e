"""Who sits where when a sheet (考评表) is read or changed: the desk, one sitting at it, and its rights.

Every act on a sheet passes `find_own`, `find_for_panel` or `find_to_read` first. What lies outside the
subtree and what does not exist get the same answer. Key types: `Desk`, `Sitting`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from monitor.assessment.dossier import OBJECTION_DAYS
from monitor.assessment.frozen_rules import Selection
from monitor.clock import business_day
from monitor.errors import BadParameter, CommandError, OutOfScope, ReadOnlyRole
from monitor.store.assessment.sheets import Connection
from monitor.units import Role, Unit, Viewer
from monitor.usecases import scope
from scoring.streak import CheckFact
from scoring.strict import RULEBOOK_FOLDER

HN = "hn-2013"
SpotCheckSource = Callable[[Connection, Sequence[Unit], int], Sequence[CheckFact]]
"""Gives the spot checks (抽查) of units in a year; `CheckFact.city` is the unit's code."""


def no_spot_checks(_connection: Connection, _units: Sequence[Unit], _year: int) -> Sequence[CheckFact]:
    """Give no spot check: where none are registered the sheet says so (尚无抽查记录)."""
    return ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What sheets are made with, the same for every sitting.

    Attributes:
        rulebook: file stem of the rulebook of the year.
        folder: where rulebooks are read from when a sheet is begun.
        selection: readings that the organisation has selected and confirmed.
        load_checks: where spot checks come from.
        objection_days: days within which an objection is to be answered (默认).
    """

    rulebook: str = HN
    folder: Path = RULEBOOK_FOLDER
    selection: Selection = field(default_factory=Selection)
    load_checks: SpotCheckSource = no_spot_checks
    objection_days: int = OBJECTION_DAYS


@dataclass(frozen=True, slots=True)
class Sitting:
    """One person at the desk at one moment, in one transaction or snapshot."""

    connection: Connection
    viewer: Viewer
    now: datetime
    desk: Desk

    @property
    def today(self) -> date:
        """The business day (当日) of the present instant."""
        return business_day(self.now)

    @property
    def actor(self) -> str:
        """How the person is written down."""
        return self.viewer.identity

    @property
    def actor_name(self) -> str:
        """How the person is called."""
        return self.viewer.display_name or self.viewer.role.value


def find_to_read(sitting: Sitting, code: str | None) -> Unit:
    """Return a unit whose sheet may be read; None is the person's own.

    Raises: OutOfScope if it is outside the subtree, does not exist, or the role reads no sheets.
    """
    if sitting.viewer.role not in (Role.INSPECTOR, Role.LEADER, Role.UNIT_ADMIN):
        raise OutOfScope(f"sheet of {code!r} asked by {sitting.actor}")
    return scope.find_unit(sitting.connection, sitting.viewer, code)


def find_for_panel(sitting: Sitting, code: str) -> Unit:
    """Return a unit whose sheet the person may judge: an inspector, inside their subtree.

    Source: HN-4.0, HN-4.3.
    Raises: ReadOnlyRole for a leader; OutOfScope; CommandError for a unit that would judge itself.
    """
    unit = _find_to_change(sitting, code)
    if sitting.viewer.role is not Role.INSPECTOR:
        raise CommandError("not of the panel", user_text="考评由考评组（督导检查）录入，本单位只能自评")
    return unit


def find_own(sitting: Sitting, code: str | None) -> Unit:
    """Return the person's own unit, for which its administrator answers.

    Source: HN-4.2.
    Raises: ReadOnlyRole for a leader; OutOfScope for any other unit; CommandError for other roles.
    """
    unit = _find_to_change(sitting, code)
    if sitting.viewer.role is not Role.UNIT_ADMIN:
        raise CommandError("not an administrator", user_text="自评由市县、高校的单位管理员填写")
    if unit.unit_id != sitting.viewer.unit_id:
        raise OutOfScope(f"{unit.code} is not the own unit of {sitting.actor}")
    return unit


def find_own_or_for_panel(sitting: Sitting, code: str | None) -> Unit:
    """Return a unit to whose sheet the person may add material: its administrator or an inspector.

    Raises: as `find_own` and `find_for_panel`.
    """
    if sitting.viewer.role is Role.INSPECTOR and code is not None:
        return find_for_panel(sitting, code)
    return find_own(sitting, code)


def require_province(sitting: Sitting) -> None:
    """Let only an inspector of 团省委 itself pass: what they establish holds for every unit of a year.

    Source: HN-4.3, requirement A.2.
    Raises: ReadOnlyRole, CommandError.
    """
    _require_writer(sitting)
    if sitting.viewer.role is not Role.INSPECTOR or sitting.viewer.unit_path.count("/") != 2:
        raise CommandError("not of the province", user_text="只有团省委（督导检查）可以录入")


def require_year(sitting: Sitting, year: int) -> None:
    """Refuse a year that has not begun.

    Raises: BadParameter.
    """
    if not 2000 <= year <= sitting.today.year:
        raise BadParameter(f"year {year}", user_text=f"{year} 年不能考评：应为 2000–{sitting.today.year} 年")


def require_text(text: str, what: str, most: int = 500) -> str:
    """Return a text that is there and not too long.

    Raises: BadParameter naming `what`.
    """
    cleaned = " ".join(text.split())
    if not cleaned:
        raise BadParameter(f"{what} is empty", user_text=f"请填写{what}")
    if len(cleaned) > most:
        raise BadParameter(f"{what} is too long", user_text=f"{what}不能超过 {most} 个字")
    return cleaned


def _find_to_change(sitting: Sitting, code: str | None) -> Unit:
    _require_writer(sitting)
    return find_to_read(sitting, code)


def _require_writer(sitting: Sitting) -> None:
    if sitting.viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{sitting.actor} is a leader")
