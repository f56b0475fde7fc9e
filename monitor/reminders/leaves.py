"""Leaves and deputies (休假、代管人): who is told instead of whom. Pure.

Key types: `Leave`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.delivery.alerts import Watcher
from monitor.errors import BadParameter
from monitor.units import Role

MOST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Leave:
    """A leave with its deputy; both days inclusive. `ended_at` is set when it was given up."""

    leave_id: int
    identity_id: int
    name: str
    deputy_id: int
    deputy_name: str
    unit_name: str
    first_day: date
    last_day: date
    recorded_at: datetime
    ended_at: datetime | None

    def overlaps(self, first_day: date, last_day: date) -> bool:
        """Tell whether any day is in both."""
        return self.ended_at is None and self.first_day <= last_day and first_day <= self.last_day


@dataclass(frozen=True, slots=True)
class Colleague:
    """A bound person of the same unit, who may be named as deputy."""

    identity_id: int
    name: str
    role: str


def hand_over(watchers: Iterable[Watcher], deputies: Mapping[int, int]) -> list[Watcher]:
    """Put deputies in the place of who is on leave; nobody is told twice.

    Source: requirement D.5.

    Args:
        watchers: all bound people.
        deputies: deputy by person on leave; chains are followed, a circle ends where it began.
    """
    merged: dict[tuple[int, str, str], Watcher] = {}
    for watcher in watchers:
        identity = _stand_in(watcher.identity_id, deputies)
        place = "" if watcher.role == Role.GROUP_MANAGER else watcher.unit_path
        key = (identity, watcher.role, place)
        known = merged.get(key)
        groups = watcher.group_ids | (known.group_ids if known else frozenset())
        path = known.unit_path if known else watcher.unit_path
        merged[key] = Watcher(identity, watcher.role, path, groups)
    return list(merged.values())


def _stand_in(identity_id: int, deputies: Mapping[int, int]) -> int:
    seen = {identity_id}
    while identity_id in deputies and deputies[identity_id] not in seen:
        identity_id = deputies[identity_id]
        seen.add(identity_id)
    return identity_id


def may_stand_in(role: Role, colleague: Colleague) -> bool:
    """Tell whether a colleague of the same unit may take over: an admin needs an admin."""
    admins = (Role.UNIT_ADMIN, Role.BRANCH_ADMIN)
    return colleague.role in (admins if role in admins else (*admins, Role.GROUP_MANAGER))


def require_period(first_day: date, last_day: date, today: date) -> None:
    """Let a leave pass whose days make sense.

    Raises: BadParameter.
    """
    if last_day < first_day:
        raise BadParameter("ends before it begins", user_text="休假止日早于起日，请重新填写")
    if last_day < today:
        raise BadParameter("over already", user_text="休假止日已过，请填写今天或以后的日期")
    if (last_day - first_day).days >= MOST_DAYS:
        raise BadParameter("too long", user_text=f"一次休假不超过 {MOST_DAYS} 天；长期不在岗请调整管理员")


def require_free(known: Sequence[Leave], identity_id: int, first_day: date, last_day: date) -> None:
    """Let a leave pass that overlaps no other of the same person.

    Raises: BadParameter.
    """
    for leave in known:
        if leave.identity_id == identity_id and leave.overlaps(first_day, last_day):
            days = f"{leave.first_day:%m-%d} 至 {leave.last_day:%m-%d}"
            text = f"与已登记的休假（{days}，代管人 {leave.deputy_name}）重叠。如需更改，请先回复：休假 取消"
            raise BadParameter("overlaps", user_text=text)
