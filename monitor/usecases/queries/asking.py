"""What a question is asked with, and what it is about: who asks, as of when, which unit, group and day.

Everything the query use cases show has passed `find_unit`, `find_group` or `only_groups`. What lies
outside the subtree and what does not exist get the same answer (requirements D.0, HN-1.2).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import business_day
from monitor.errors import BadParameter, CommandError
from monitor.rules.settings import DayRules
from monitor.store import directory
from monitor.store.days.queries import Connection
from monitor.units import Group, GroupId, Role, Unit, Viewer
from monitor.usecases import scope
from monitor.usecases.rules.in_force import DatedRules


@dataclass(frozen=True, slots=True)
class Question:
    """One question: a snapshot of the store, the person who asks, the rules and the present instant."""

    connection: Connection
    viewer: Viewer
    rules: DatedRules
    now: datetime

    @property
    def today(self) -> date:
        """The business day (当日) of the present instant."""
        return business_day(self.now)

    def rules_on(self, day: date) -> DayRules:
        """Return the rules in force on a day."""
        return self.rules.on(day)


def find_day(question: Question, day: date | None) -> date:
    """Return the day asked for; None is today.

    Raises: BadParameter if it lies in the future.
    """
    if day is None:
        return question.today
    if day > question.today:
        raise BadParameter(f"day in the future: {day}", user_text=f"日期 {day} 在今天之后，尚无数据")
    return day


def find_unit(question: Question, code: str | None) -> Unit:
    """Return the unit asked for; None is the viewer's own.

    Raises: OutOfScope if it is outside the viewer's subtree or does not exist.
    """
    return scope.find_unit(question.connection, question.viewer, code)


def find_group(question: Question, code: str) -> Group:
    """Return the group asked for.

    Raises: OutOfScope if it does not belong to the viewer or does not exist.
    """
    return scope.find_group(question.connection, question.viewer, code)


def require_inspector(question: Question) -> None:
    """Let only inspectors pass: the history of the settings names people.

    Raises: CommandError.
    """
    if question.viewer.role is not Role.INSPECTOR:
        raise CommandError(f"{question.viewer.identity} is no inspector", user_text="细则设置由督导检查查阅")


def only_groups(viewer: Viewer) -> Collection[GroupId] | None:
    """Return the only groups a viewer may see, or None where the subtree decides."""
    return sorted(viewer.group_ids) if viewer.role is Role.GROUP_MANAGER else None


def find_breadcrumb(question: Question, unit: Unit) -> tuple[Unit, ...]:
    """Return the units from the viewer's own down to a unit, both included."""
    ancestors = directory.load_ancestors(question.connection, unit.path)
    return tuple(above for above in ancestors if question.viewer.may_see_unit(above.path))
