"""How many groups of a subtree are in which state: today by one aggregate, closed days from roll-ups.

`_facts` repeats in SQL what `monitor.days.counting.count_day` says about adding up sources, so that a
province of 20,000 groups is counted where the rows are; a test holds the two against each other.
Grades and duties are not decided here: counts come back in classes, capped where more makes no
difference. Key types: `CountClass`, `Listing`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, and_, case, cast, func, literal, null, or_, select

from monitor.clock import Period
from monitor.days.readings import DutyTally
from monitor.events import Provenance
from monitor.store.days.queries import Connection
from monitor.store.days.tables import DayCountRow, DayGradeRow, UnitDayRow
from monitor.store.subtree import child_id, is_root, joined_in_subtree
from monitor.store.tables import GroupRow, TopicRow, UnitRow, table_of
from monitor.units import GroupId, UnitId
from scoring.duty import DutyState

_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_topic = table_of(TopicRow)
_count = table_of(DayCountRow)
_grade = table_of(DayGradeRow)
_unit_day = table_of(UnitDayRow)
_TALLY = [_unit_day.c[name] for name in UnitDayRow.model_fields if name.startswith("n_")]

_PACK = 1 << 20
WORST_FIRST = (DutyState.NOT_MET, DutyState.NO_TOPIC, DutyState.NO_DATA, DutyState.MET)


class CountClass(NamedTuple):
    """Groups of one child with the same verdict: how many, and what they posted together."""

    child_id: UnitId | None  # None: groups of the unit itself
    has_topic: bool
    n_posts: int | None  # capped
    n_relevant: int | None  # capped
    n_groups: int
    sum_posts: int
    sum_relevant: int
    last_ms: int | None


class Listing(NamedTuple):
    """Which groups of a subtree to list, and in which order."""

    states: Collection[DutyState]
    min_relevant: int  # posts that meet the duty, on a day that is not closed
    by_unit: bool  # by unit and group code; else worst first
    limit: int
    offset: int = 0


def load_open_day(
    connection: Connection, path: str, day: date, caps: tuple[int, int], listing: Listing | None
) -> tuple[list[CountClass], list[GroupId]]:
    """Return all groups of a subtree open on a day in classes of equal counts, and the groups to list.

    One statement, because what both are made of is the dear part.

    Args:
        path: materialised path of the unit; classes are kept apart by its direct children.
        caps: posts and relevant posts at or above the highest threshold of the grades and of the duty.
        listing: which groups to list; None for none.
    """
    facts: Any = _facts(path, day).cte("facts")
    if listing is not None:
        facts = facts.prefix_with("MATERIALIZED")
    keys = (
        facts.c.child_id,
        facts.c.has_topic,
        _capped(facts.c.n_posts, caps[0]).label("posts"),
        _capped(facts.c.n_relevant, caps[1]).label("relevant"),
    )
    sums = (
        func.count().label("n_groups"),
        cast(_or_0(func.sum(facts.c.n_posts)), BigInteger).label("sum_posts"),
        cast(_or_0(func.sum(facts.c.n_relevant)), BigInteger).label("sum_relevant"),
        func.max(facts.c.last_ms).label("last_ms"),
    )
    classes: Any = select(literal(0).label("place"), *keys, *sums).group_by(*keys)
    if listing is not None:
        listed = _listed(facts, _duty(facts, listing.min_relevant), listing)
        nothing = [null().label(key.name) for key in (*keys[1:], *sums)]
        classes = classes.union_all(select(listed.c.place, listed.c.group_id, *nothing))
    rows = connection.execute(classes).all()
    return (
        [
            CountClass(UnitId(row[1]) if row[1] else None, bool(row[2]), *row[3:])
            for row in rows
            if not row[0]
        ],
        [GroupId(group_id) for _, group_id in sorted((row[0], row[1]) for row in rows if row[0])],
    )


def list_closed_day(connection: Connection, path: str, day: date, listing: Listing) -> list[GroupId]:
    """Return the groups of a subtree to list, by their stored verdicts of a closed day."""
    query = _groups(path, None).add_columns(_grade.c.n_posts, _grade.c.duty)
    on_day = _grade.c.group_id == _group.c.id, _grade.c.business_day == day
    facts = query.join(_grade, and_(*on_day)).subquery("facts")
    listed = _listed(facts, facts.c.duty, listing)
    return [GroupId(row[0]) for row in connection.execute(select(listed.c.group_id).order_by(listed.c.place))]


def load_unit_days(
    connection: Connection, unit_ids: Sequence[UnitId], period: Period
) -> dict[UnitId, dict[date, DutyTally]]:
    """Return the roll-ups of units by day; a day without roll-up is absent, a unit without any is empty."""
    found: dict[UnitId, dict[date, DutyTally]] = {unit_id: {} for unit_id in unit_ids}
    query = select(_unit_day.c.unit_id, _unit_day.c.business_day, *_TALLY).where(_of(unit_ids, period))
    for unit_id, day, *tally in connection.execute(query).all():
        found[unit_id][day] = DutyTally(day, *tally)
    return found


def load_duty_sums(
    connection: Connection, unit_ids: Sequence[UnitId], period: Period
) -> dict[UnitId, tuple[int, int]]:
    """Return (met, with data) in group-days of each unit's subtree; a unit without roll-ups is absent."""
    met = func.sum(_unit_day.c.n_met)
    with_data = func.sum(_unit_day.c.n_groups - _unit_day.c.n_no_data)
    query = select(_unit_day.c.unit_id, met, with_data).where(_of(unit_ids, period))
    return {
        row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query.group_by(_unit_day.c.unit_id))
    }


def _listed(facts: Any, duty: Any, listing: Listing) -> Any:
    """Return group ids with their places, 1 first."""
    rank = case({state.value: rank for rank, state in enumerate(WORST_FIRST)}, value=duty)
    fewest_first = func.coalesce(facts.c.n_posts, 1_000_000)
    first, second = (facts.c.unit_code, literal(0)) if listing.by_unit else (rank, fewest_first)
    query = (
        select(facts.c.group_id, first.label("first"), second.label("second"), facts.c.code)
        .where(duty.in_([state.value for state in listing.states]))
        .order_by(first, second, facts.c.code)
        .limit(listing.limit)
        .offset(listing.offset)
    )
    first_ones = query.subquery("first_ones")
    order = first_ones.c.first, first_ones.c.second, first_ones.c.code
    place = func.row_number().over(order_by=order).label("place")
    return select(place, first_ones.c.group_id).subquery("listed")


def _facts(path: str, day: date) -> Any:
    """Return one row per group open on a day: its effective counts and whether it has an open topic."""
    # a range, so that SQLite goes straight to the group's rows and not through the index of days
    on_day = _count.c.group_id == _group.c.id, _count.c.business_day.between(day, day)
    wide = (
        _groups(path, day)
        .add_columns(
            _has_topic(path, day).label("has_topic"),
            _fullest(Provenance.COLLECTED, Provenance.IMPORTED).label("observed"),
            _fullest(Provenance.SELF_REPORTED).label("reported"),
            _fullest(Provenance.INSPECTED).label("inspected"),
            func.max(_count.c.last_ms).label("last_ms"),
        )
        .outerjoin(_count, and_(*on_day))
        .group_by(_group.c.id, _unit.c.id)
        .subquery("wide")
    )
    is_known = or_(wide.c.observed.is_not(None), wide.c.reported.is_not(None))
    added = _or_0(wide.c.observed) + _or_0(wide.c.reported)
    packed = case((is_known, added), else_=wide.c.inspected)
    somebody_looked = or_(is_known, wide.c.inspected < _PACK, wide.c.inspected % _PACK > 0)
    return select(
        wide.c.group_id,
        wide.c.code,
        wide.c.unit_code,
        wide.c.child_id,
        wide.c.has_topic,
        (packed // _PACK).label("n_posts"),
        case((somebody_looked, packed % _PACK)).label("n_relevant"),
        wide.c.last_ms,
    )


def _fullest(*provenances: Provenance) -> Any:
    """Return posts and relevant posts of the fullest of some sources as one number, or NULL.

    The greater number is the fuller source, and numbers may be added: no group has a million posts a day.
    """
    packed = cast(_count.c.n_posts, BigInteger) * _PACK + _count.c.n_relevant
    return func.max(case((_count.c.provenance.in_(provenances), packed)))


def _or_0(number: Any) -> Any:
    return func.coalesce(number, 0)


def _groups(path: str, day: date | None) -> Select[Any]:
    """Return the groups of a subtree with the child they lie under, optionally only those open on a day."""
    query = (
        select(
            _group.c.id.label("group_id"),
            _group.c.code.label("code"),
            _unit.c.code.label("unit_code"),
            child_id(path).label("child_id"),
        )
        .join_from(_group, _unit, _unit.c.id == _group.c.unit_id)
        .where(joined_in_subtree(path))
    )
    if day is None:
        return query
    return query.where(
        _group.c.opened_on <= day, or_(_group.c.closed_on.is_(None), _group.c.closed_on >= day)
    )


def _has_topic(path: str, day: date) -> Any:
    """Return whether a topic of the group is open: one list for all groups of the root, else one by one."""
    is_open = (
        _topic.c.opened_on <= day,
        or_(_topic.c.closed_on.is_(None), _topic.c.closed_on >= day),
    )
    topics = select(_topic.c.group_id).where(*is_open)
    if is_root(path):
        return _group.c.id.in_(topics)
    return topics.where(_topic.c.group_id == _group.c.id).correlate(_group).exists()


def _duty(facts: Any, min_relevant: int) -> Any:
    """Return the word of the duty state of an open day; the order of a list, not the verdict shown."""
    return case(
        (facts.c.has_topic.is_(False), DutyState.NO_TOPIC.value),
        (facts.c.n_relevant.is_(None), DutyState.NO_DATA.value),
        (facts.c.n_relevant < min_relevant, DutyState.NOT_MET.value),
        else_=DutyState.MET.value,
    )


def _capped(column: Any, most: int) -> Any:
    return case((column > most, most), else_=column)


def _of(unit_ids: Sequence[UnitId], period: Period) -> Any:
    return and_(
        _unit_day.c.unit_id.in_(unit_ids),
        _unit_day.c.business_day.between(period.first_day, period.last_day),
    )
