"""How many groups of a subtree are in which state: today by one aggregate, closed days from roll-ups.

`_facts` repeats in SQL what `monitor.counting.count_day` says about adding up sources, so that a
province of 20,000 groups is counted where the rows are; a test holds the two against each other.
Grades and duties are not decided here: counts come back in classes, capped where more makes no
difference. Key types: `CountClass`, `Listing`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, and_, case, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from monitor.clock import Period
from monitor.events import Provenance
from monitor.readings import DutyTally
from monitor.store.day_queries import Connection
from monitor.store.post_tables import DayCountRow, DayGradeRow, UnitDayRow
from monitor.store.tables import GroupRow, TopicRow, UnitRow, table_of
from monitor.units import GroupId, UnitId, subtree_bounds
from scoring.duty import DutyState

_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_topic = table_of(TopicRow)
_count = table_of(DayCountRow)
_grade = table_of(DayGradeRow)
_unit_day = table_of(UnitDayRow)
_TALLY = [_unit_day.c[name] for name in UnitDayRow.model_fields if name.startswith("n_")]

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
    min_relevant: int  # posts that meet the duty; for a day that is not closed
    by_unit: bool  # by unit and group code; else worst first
    limit: int


class leading_id(GenericFunction[int]):
    """The unit id at the beginning of a piece of a materialised path, 0 where there is none."""

    type = Integer()
    inherit_cache = True


@compiles(leading_id, "sqlite")
def _leading_id_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS INTEGER)"


@compiles(leading_id, "postgresql")
def _leading_id_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    piece = compiler.process(element.clauses, **options)
    return f"COALESCE(CAST(NULLIF(split_part({piece}, '/', 1), '') AS INTEGER), 0)"


class unindexed(GenericFunction[str]):
    """A column that SQLite shall not search by index: its planner cannot know that a range is everything."""

    inherit_cache = True


@compiles(unindexed)
def _unindexed(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(unindexed, "sqlite")
def _unindexed_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


def load_count_classes(
    connection: Connection, path: str, day: date, *, max_posts: int, max_relevant: int
) -> list[CountClass]:
    """Return all groups of a subtree open on a day, in classes of equal capped counts.

    Args:
        path: materialised path of the unit; classes are kept apart by its direct children.
        max_posts: cap of n_posts, at or above the highest threshold of the grades.
        max_relevant: cap of n_relevant, at or above what the duty asks for.
    """
    facts = _facts(path, day)
    keys = (
        facts.c.child_id,
        facts.c.has_topic,
        _capped(facts.c.n_posts, max_posts).label("posts"),
        _capped(facts.c.n_relevant, max_relevant).label("relevant"),
    )
    sums = (
        func.count(),
        func.coalesce(func.sum(facts.c.n_posts), 0),
        func.coalesce(func.sum(facts.c.n_relevant), 0),
        func.max(facts.c.last_ms),
    )
    rows = connection.execute(select(*keys, *sums).group_by(*keys)).all()
    return [CountClass(UnitId(row[0]) if row[0] else None, bool(row[1]), *row[2:]) for row in rows]


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


def list_groups(
    connection: Connection, path: str, day: date, listing: Listing, *, is_closed: bool
) -> list[GroupId]:
    """Return the ids of groups of a subtree in the wanted states, ordered and bounded."""
    facts = _closed_facts(path, day) if is_closed else _facts(path, day)
    state = facts.c.duty if is_closed else _duty(facts, listing.min_relevant)
    wanted = [duty.value for duty in listing.states]
    rank = case({duty.value: rank for rank, duty in enumerate(WORST_FIRST)}, value=state)
    fewest_first = func.coalesce(facts.c.n_posts, 1_000_000)
    order = (facts.c.unit_code,) if listing.by_unit else (rank, fewest_first)
    query = select(facts.c.group_id).where(state.in_(wanted)).order_by(*order, facts.c.code)
    return [GroupId(row[0]) for row in connection.execute(query.limit(listing.limit))]


def _facts(path: str, day: date) -> Any:
    """Return one row per group open on a day: its effective counts and whether it has an open topic."""
    posts = {name: _counted_by(name, _count.c.n_posts) for name in Provenance}
    relevant = {name: _counted_by(name, _count.c.n_relevant) for name in Provenance}
    counts = _count.c.group_id == _group.c.id, _count.c.business_day == day
    wide = (
        _groups(path, day)
        .add_columns(
            _has_topic(path, day).label("has_topic"),
            *(posts[name].label(f"{name.name}_posts") for name in Provenance),
            *(relevant[name].label(f"{name.name}_relevant") for name in Provenance),
            func.max(_count.c.last_ms).label("last_ms"),
        )
        .outerjoin(_count, and_(*counts))
        .group_by(_group.c.id, _unit.c.id)
        .subquery("wide")
    )
    return select(
        wide.c.group_id,
        wide.c.code,
        wide.c.unit_code,
        wide.c.child_id,
        wide.c.has_topic,
        _effective(wide, "posts").label("n_posts"),
        _effective(wide, "relevant").label("n_relevant"),
        wide.c.last_ms,
    ).subquery("facts")


def _closed_facts(path: str, day: date) -> Any:
    """Return one row per group of a subtree with a stored verdict of a day."""
    query = _groups(path, None).add_columns(_grade.c.n_posts, _grade.c.duty)
    on_day = _grade.c.group_id == _group.c.id, _grade.c.business_day == day
    return query.join(_grade, and_(*on_day)).subquery("facts")


def _groups(path: str, day: date | None) -> Select[Any]:
    """Return the groups of a subtree with the child they lie under, optionally only those open on a day."""
    low, high = subtree_bounds(path)
    place = unindexed(_unit.c.path) if _is_root(path) else _unit.c.path
    query = (
        select(
            _group.c.id.label("group_id"),
            _group.c.code.label("code"),
            _unit.c.code.label("unit_code"),
            leading_id(func.substr(_unit.c.path, len(path) + 1)).label("child_id"),
        )
        .join_from(_group, _unit, _unit.c.id == _group.c.unit_id)
        .where(place >= low, place < high)
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
    if _is_root(path):
        return _group.c.id.in_(topics)
    return topics.where(_topic.c.group_id == _group.c.id).correlate(_group).exists()


def _effective(wide: Any, what: str) -> Any:
    """Return posts or relevant posts of a day as `monitor.counting.count_day` counts them."""
    collected, imported = wide.c.COLLECTED_posts, wide.c.IMPORTED_posts
    reported, inspected = wide.c.SELF_REPORTED_posts, wide.c.INSPECTED_posts
    is_only_inspected = and_(collected.is_(None), imported.is_(None), reported.is_(None))
    import_stands = or_(
        collected.is_(None),
        imported > collected,
        and_(imported == collected, wide.c.IMPORTED_relevant > wide.c.COLLECTED_relevant),
    )
    alone: Any = inspected
    if what == "relevant":
        of_inspector = wide.c.INSPECTED_relevant
        alone = case((or_(of_inspector > 0, inspected == 0), of_inspector))
    observed = case(
        (import_stands, func.coalesce(wide.c[f"IMPORTED_{what}"], 0)), else_=wide.c[f"COLLECTED_{what}"]
    )
    return case(
        (is_only_inspected, alone), else_=observed + func.coalesce(wide.c[f"SELF_REPORTED_{what}"], 0)
    )


def _duty(facts: Any, min_relevant: int) -> Any:
    """Return the word of the duty state of an open day; the order of a list, not the verdict shown."""
    return case(
        (facts.c.has_topic.is_(False), DutyState.NO_TOPIC.value),
        (facts.c.n_relevant.is_(None), DutyState.NO_DATA.value),
        (facts.c.n_relevant < min_relevant, DutyState.NOT_MET.value),
        else_=DutyState.MET.value,
    )


def _counted_by(provenance: Provenance, column: Any) -> Any:
    return func.max(case((_count.c.provenance == provenance.value, column)))


def _capped(column: Any, most: int) -> Any:
    return case((column > most, most), else_=column)


def _of(unit_ids: Sequence[UnitId], period: Period) -> Any:
    return and_(
        _unit_day.c.unit_id.in_(unit_ids),
        _unit_day.c.business_day.between(period.first_day, period.last_day),
    )


def _is_root(path: str) -> bool:
    return path.count("/") == 2
