"""The closed day: what is stored about each group, and its roll-up along the tree. Pure.

Key types: `OpenGroup`, `GroupDayRow`, `TallyRow`. Tuples, because a province has 20,000 groups.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from monitor.days.counting import DayVerdict
from scoring.activity import ActivityGrade
from scoring.duty import DutyState


class OpenGroup(NamedTuple):
    """A group open on the day that is closed."""

    group_id: int
    code: str
    name: str
    unit_id: int
    unit_path: str
    opened_on: date


class GroupDayRow(NamedTuple):
    """The verdict on a group's day, field for field as stored; enums as their Chinese words."""

    group_id: int
    n_posts: int | None
    n_relevant: int | None
    n_members: int | None
    n_repeats: int
    activity: str | None
    duty: str
    status: str
    clause: str
    activity_reason: str
    duty_reason: str

    @property
    def grades(self) -> tuple[str | None, str]:
        """Activity and duty: what may not change without an audit entry."""
        return self.activity, self.duty


class TallyRow(NamedTuple):
    """Numbers of a unit's whole subtree on a day, field for field as stored."""

    n_groups: int
    n_met: int
    n_not_met: int
    n_no_topic: int
    n_no_data: int
    n_excellent: int
    n_good: int
    n_fair: int
    n_poor: int
    n_posts: int
    n_relevant: int


_FIRST_DUTY, _FIRST_GRADE = 1, 5
_DUTY_PLACE = {
    state.value: _FIRST_DUTY + place
    for place, state in enumerate((DutyState.MET, DutyState.NOT_MET, DutyState.NO_TOPIC, DutyState.NO_DATA))
}
_GRADE_PLACE = {grade.value: _FIRST_GRADE + place for place, grade in enumerate(ActivityGrade)}
_POSTS, _RELEVANT = 9, 10
_N_PLACES = len(TallyRow._fields)


def to_row(group_id: int, verdict: DayVerdict, n_members: int | None, n_repeats: int) -> GroupDayRow:
    """Return a verdict as it is stored."""
    return GroupDayRow(
        group_id,
        verdict.n_posts,
        verdict.n_relevant,
        n_members,
        n_repeats,
        verdict.activity.value if verdict.activity is not None else None,
        verdict.duty.value,
        verdict.status.value,
        verdict.clause,
        verdict.activity_reason,
        verdict.duty_reason,
    )


def roll_up(groups: Iterable[OpenGroup], rows: Mapping[int, GroupDayRow]) -> dict[int, TallyRow]:
    """Add up verdicts along the tree: one tally for every unit that has groups at or below it.

    Args:
        groups: open on the day; one without a verdict is left out.
        rows: verdicts by group id.
    """
    totals: dict[str, list[int]] = {}
    for group in groups:
        row = rows.get(group.group_id)
        if row is None:
            continue
        tally = totals.get(group.unit_path)
        if tally is None:
            tally = totals[group.unit_path] = [0] * _N_PLACES
        tally[0] += 1
        tally[_DUTY_PLACE[row.duty]] += 1
        if row.activity is not None:
            tally[_GRADE_PLACE[row.activity]] += 1
        tally[_POSTS] += row.n_posts or 0
        tally[_RELEVANT] += row.n_relevant or 0
    _add_to_parents(totals)
    return {int(path[:-1].rpartition("/")[2]): TallyRow(*tally) for path, tally in totals.items()}


def _add_to_parents(totals: dict[str, list[int]]) -> None:
    """Add every unit to its parent, deepest first, so that each is touched once."""
    by_depth: dict[int, list[str]] = {}
    for path in totals:
        by_depth.setdefault(path.count("/"), []).append(path)
    for depth in range(max(by_depth, default=0), 2, -1):
        for path in by_depth.get(depth, ()):
            parent = path[: path.rindex("/", 0, -1) + 1]
            tally = totals.get(parent)
            if tally is None:
                totals[parent] = list(totals[path])
                by_depth.setdefault(depth - 1, []).append(parent)
            else:
                totals[parent] = [mine + below for mine, below in zip(tally, totals[path], strict=True)]
