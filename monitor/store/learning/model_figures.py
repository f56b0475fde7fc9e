"""How the classifier has done: flagged posts by day, findings of people, words and what became of their hits.

Functions of a connection; everything is limited to a subtree.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import case, func, select

from monitor.clock import business_day
from monitor.incidents.course import HARMFUL, IncidentOrigin, IncidentState
from monitor.learning.readings import DriftReading, FlaggedDay, WordHits
from monitor.store.days.tables import CollectedDayRow, DayCountRow, PostVerdictRow
from monitor.store.incidents.tables import IncidentPlaceRow, IncidentPostRow, IncidentRow
from monitor.store.subtree import is_root, joined_in_subtree
from monitor.store.tables import GroupRow, UnitRow, table_of

_verdict = table_of(PostVerdictRow)
_count = table_of(DayCountRow)
_collected = table_of(CollectedDayRow)
_group = table_of(GroupRow)
_unit = table_of(UnitRow)
_incident = table_of(IncidentRow)
_place = table_of(IncidentPlaceRow)
_link = table_of(IncidentPostRow)
_COLLECTED = "采集"
_MOST_VERDICTS = 50_000


def load_drift(connection: Connection, unit_path: str, now: datetime, n_days: int) -> DriftReading:
    """Return the share of flagged posts by day, and how many findings confirmed the machine."""
    today = business_day(now)
    first = today - timedelta(days=n_days - 1)
    flagged = _by_day(
        connection,
        select(
            _verdict.c.business_day,
            func.sum(case((_verdict.c.is_harmful, 1), else_=0)),
            func.count(),
        ).join(_group, _group.c.id == _verdict.c.group_id),
        _verdict.c.business_day,
        unit_path,
        first,
    )
    all_days = [first + timedelta(days=n) for n in range(n_days)]
    posts = _count_collected(connection, unit_path, all_days)
    days = [
        FlaggedDay(day, posts.get(day, 0), *map(int, flagged.get(day, (0, 0))))
        for day in all_days
        if day in posts or day in flagged
    ]
    n_confirmed, n_false = _count_findings(connection, unit_path, now - timedelta(days=n_days))
    return DriftReading(tuple(days), n_confirmed, n_false)


def load_word_hits(connection: Connection, unit_path: str, since: date) -> list[WordHits]:
    """Return how often each word has hit since a day, and how many of these posts were 误报.

    Of the newest 50,000 suspected posts; words that led nowhere are not stored with ordinary posts.
    """
    same_post = (
        (_link.c.group_id == _verdict.c.group_id)
        & (_link.c.business_day == _verdict.c.business_day)
        & (_link.c.event_key == _verdict.c.event_key)
    )
    query = (
        select(_verdict.c.hits, _place.c.state)
        .join(_group, _group.c.id == _verdict.c.group_id)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .outerjoin(_link, same_post)
        .outerjoin(_place, _place.c.id == _link.c.place_id)
        .where(_verdict.c.business_day >= since, joined_in_subtree(unit_path))
        .order_by(_verdict.c.business_day.desc())
        .limit(_MOST_VERDICTS)
    )
    n_posts: Counter[tuple[str, str]] = Counter()
    by_state: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for hits, state in connection.execute(query):
        for key in {(hit[0], hit[3]) for hit in hits}:
            n_posts[key] += 1
            by_state[key][state or ""] += 1
    harmful = [state.value for state in HARMFUL]
    return [
        WordHits(
            word,
            category,
            n,
            by_state[word, category][IncidentState.FALSE_ALARM.value],
            sum(by_state[word, category][state] for state in harmful),
        )
        for (word, category), n in sorted(n_posts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _count_collected(connection: Connection, unit_path: str, days: list[date]) -> dict[date, int]:
    """Return the posts that collectors brought by day; days without any row are absent.

    For the root, whose groups are all groups, a closed day was added up when it closed.
    """
    found: dict[date, int] = {}
    if is_root(unit_path):
        closed = select(_collected.c.business_day, _collected.c.n_posts)
        closed = closed.where(_collected.c.business_day.between(days[0], days[-1]))
        found = {row[0]: row[1] for row in connection.execute(closed)}
    missing = [day for day in days if day not in found]
    query = (
        select(_count.c.business_day, func.sum(_count.c.n_posts))
        .join(_group, _group.c.id == _count.c.group_id)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(
            _count.c.provenance == _COLLECTED,
            _count.c.business_day.in_(missing),
            joined_in_subtree(unit_path),
        )
        .group_by(_count.c.business_day)
    )
    return found | {row[0]: int(row[1]) for row in connection.execute(query)}


def _by_day(
    connection: Connection, query: Any, day_column: Any, unit_path: str, first: date
) -> dict[date, tuple[int, ...]]:
    scoped = query.join(_unit, _unit.c.id == _group.c.unit_id).where(
        day_column >= first, joined_in_subtree(unit_path)
    )
    return {row[0]: tuple(row[1:]) for row in connection.execute(scoped.group_by(day_column))}


def _count_findings(connection: Connection, unit_path: str, since: datetime) -> tuple[int, int]:
    """Return how many places of detected incidents were confirmed, and how many were 误报."""
    query = (
        select(_place.c.state, func.count())
        .join(_incident, _incident.c.id == _place.c.incident_id)
        .join(_unit, _unit.c.id == _place.c.unit_id)
        .where(
            _incident.c.origin == IncidentOrigin.DETECTED.value,
            _place.c.found_at >= since,
            joined_in_subtree(unit_path),
        )
        .group_by(_place.c.state)
    )
    by_state = {row[0]: int(row[1]) for row in connection.execute(query)}
    return _sum(by_state, HARMFUL), _sum(by_state, [IncidentState.FALSE_ALARM])


def _sum(by_state: dict[str, int], states: Iterable[IncidentState]) -> int:
    return sum(by_state.get(state.value, 0) for state in states)
