"""What the close of a day reads and writes, each in one statement for all groups. Functions of a connection.

`Connection` is exported for the signatures of use cases, which only pass it on.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import and_, case, delete, func, or_, select

from monitor.clock import day_interval
from monitor.days.closing import GroupDayRow, OpenGroup, TallyRow
from monitor.days.readings import ProvenanceCount
from monitor.delivery.alerts import AccountDuty
from monitor.events import PostKind, Provenance
from monitor.ledger.unit_moves import place_groups_on
from monitor.store.advisory import own_day_close as own_day_close
from monitor.store.bulk import bound, put_rows
from monitor.store.days.queries import PostFigures
from monitor.store.days.tables import (
    AccountDayRow,
    CollectedDayRow,
    DayCountRow,
    DayGradeRow,
    PostRow,
    UnitDayRow,
)
from monitor.store.directory import in_subtree
from monitor.store.ledger.queries import load_moves
from monitor.store.tables import (
    ChatMessageRow,
    GroupRow,
    OfficialAccountRow,
    TopicRow,
    UnitRow,
    table_of,
)

_group = table_of(GroupRow)
_unit = table_of(UnitRow)
_topic = table_of(TopicRow)
_count = table_of(DayCountRow)
_grade = table_of(DayGradeRow)
_post = table_of(PostRow)
_unit_day = table_of(UnitDayRow)
_collected_day = table_of(CollectedDayRow)
_account = table_of(OfficialAccountRow)
_account_day = table_of(AccountDayRow)
_chat = table_of(ChatMessageRow)
_GRADE_COLUMNS = ("group_id", "business_day", *GroupDayRow._fields[1:], "has_late_posts")
_TALLY_COLUMNS = ("unit_id", "business_day", *TallyRow._fields)
_GRADE = [_grade.c[name] for name in GroupDayRow._fields]
_TALLY = [_unit_day.c[name] for name in TallyRow._fields]


def load_open_groups(connection: Connection, day: date) -> list[OpenGroup]:
    """Return the groups that are open on a day, with the unit and path that they had then."""
    query = (
        select(_group.c.id, _group.c.code, _group.c.name, _group.c.unit_id, _unit.c.path, _group.c.opened_on)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(_group.c.opened_on <= day, or_(_group.c.closed_on.is_(None), _group.c.closed_on >= day))
    )
    groups = [OpenGroup(*row) for row in connection.execute(query).all()]
    return place_groups_on(groups, load_moves(connection, day), day)


def load_day_counts(connection: Connection, day: date) -> dict[int, list[ProvenanceCount]]:
    """Return what every source counted on a day, by group; a group without any row is absent."""
    query = select(_count.c.group_id, _count.c.provenance, _count.c.n_posts, _count.c.n_relevant).where(
        _count.c.business_day == day
    )
    found: dict[int, list[ProvenanceCount]] = {}
    for group_id, provenance, n_posts, n_relevant in connection.execute(query).all():
        count = ProvenanceCount(provenance, n_posts, n_relevant)
        if group_id in found:
            found[group_id].append(count)
        else:
            found[group_id] = [count]
    return found


def load_groups_with_topic(connection: Connection, day: date) -> set[int]:
    """Return the ids of groups with a topic open on a day."""
    is_open = and_(_topic.c.opened_on <= day, or_(_topic.c.closed_on.is_(None), _topic.c.closed_on >= day))
    return set(connection.execute(select(_topic.c.group_id).where(is_open).distinct()).scalars())


def load_figures(
    connection: Connection, day: date, group_ids: Collection[int] | None = None
) -> dict[tuple[int, str], PostFigures]:
    """Return members and repeats by group and provenance, of posts that count (D-07)."""
    heard = select(_count.c.group_id).where(_count.c.business_day == day)
    wanted = heard if group_ids is None else list(group_ids)
    is_text = _post.c.kind == PostKind.TEXT.value
    n_texts, n_different = case((is_text, 1)), case((is_text, _post.c.content_key)).distinct()
    query = select(
        _post.c.group_id,
        _post.c.provenance,
        func.count(_post.c.sender_key.distinct()),
        func.count(n_texts) - func.count(n_different),
    ).where(
        _post.c.group_id.in_(wanted),
        _post.c.business_day == day,
        _post.c.counts,
        _post.c.is_recalled.is_(False),
    )
    rows = connection.execute(query.group_by(_post.c.group_id, _post.c.provenance)).all()
    return {(row[0], row[1]): PostFigures(row[2], row[3]) for row in rows}


def load_grades(connection: Connection, day: date) -> dict[int, GroupDayRow]:
    """Return the stored verdicts of a day by group."""
    rows = connection.execute(select(*_GRADE).where(_grade.c.business_day == day)).all()
    return {row[0]: GroupDayRow(*row) for row in rows}


def load_late_groups(connection: Connection) -> dict[date, list[int]]:
    """Return groups whose closed day got a post or a recall since, by day, earliest first."""
    query = select(_grade.c.business_day, _grade.c.group_id).where(_grade.c.has_late_posts)
    found: dict[date, list[int]] = {}
    for day, group_id in connection.execute(query.order_by(_grade.c.business_day, _grade.c.group_id)):
        found.setdefault(day, []).append(group_id)
    return found


def save_grades(connection: Connection, day: date, rows: Iterable[GroupDayRow]) -> None:
    """Store verdicts of a day; a late mark on them is cleared."""
    stored_day = bound(connection, _grade, "business_day", day)
    values = [(row[0], stored_day, *row[1:], False) for row in rows]
    put_rows(connection, _grade, _GRADE_COLUMNS, values, "group_id, business_day")


def delete_grades(connection: Connection, day: date, group_ids: Collection[int]) -> None:
    """Remove verdicts of groups that were not open on the day after all."""
    if group_ids:
        here = and_(_grade.c.business_day == day, _grade.c.group_id.in_(group_ids))
        connection.execute(delete(_grade).where(here))


def save_tallies(connection: Connection, day: date, tallies: Mapping[int, TallyRow]) -> None:
    """Store the roll-ups of a day; only what differs is written, and what is no longer true is removed."""
    query = select(_unit_day.c.unit_id, *_TALLY).where(_unit_day.c.business_day == day)
    stored = {row[0]: TallyRow(*row[1:]) for row in connection.execute(query).all()}
    gone = [unit_id for unit_id in stored if unit_id not in tallies]
    if gone:
        here = and_(_unit_day.c.business_day == day, _unit_day.c.unit_id.in_(gone))
        connection.execute(delete(_unit_day).where(here))
    stored_day = bound(connection, _unit_day, "business_day", day)
    rows = [
        (unit_id, stored_day, *tally) for unit_id, tally in tallies.items() if stored.get(unit_id) != tally
    ]
    put_rows(connection, _unit_day, _TALLY_COLUMNS, rows, "unit_id, business_day")


def save_collected(connection: Connection, day: date, counts: Iterable[list[ProvenanceCount]]) -> None:
    """Store how many posts collectors brought of a day that closes, all groups together."""
    collected = Provenance.COLLECTED
    n_posts = sum(each.n_posts for group in counts for each in group if each.provenance == collected)
    stored_day = bound(connection, _collected_day, "business_day", day)
    columns = ("business_day", "n_posts")
    put_rows(connection, _collected_day, columns, [(stored_day, n_posts)], "business_day")


def settle_account_days(connection: Connection, day: date) -> list[AccountDuty]:
    """Write 0 articles for accounts that were heard but published nothing; return all active accounts.

    A chat message proves that the callback works, and so does any event counted by the receiver.
    """
    start, end = day_interval(day)
    n_heard = (
        select(func.count())
        .select_from(_chat)
        .where(_chat.c.account == _account.c.key, _chat.c.received_at >= start, _chat.c.received_at < end)
        .correlate(_account)
        .scalar_subquery()
    )
    query = (
        select(
            _account.c.id, _account.c.key, _account.c.name, _account.c.unit_id, _unit.c.path,
            _account_day.c.n_articles, n_heard,
        )
        .join(_unit, _unit.c.id == _account.c.unit_id)
        .outerjoin(
            _account_day,
            and_(_account_day.c.account_id == _account.c.id, _account_day.c.business_day == day),
        )
        .where(_account.c.is_active)
        .order_by(_account.c.key)
    )  # fmt: skip
    accounts, silent = [], []
    stored_day = bound(connection, _account_day, "business_day", day)
    for row in connection.execute(query).all():
        account = AccountDuty(*row[:6])
        if account.n_articles is None and row[6] > 0:
            account = account._replace(n_articles=0)
            silent.append((account.account_id, stored_day, 0, row[6]))
        accounts.append(account)
    columns = ("account_id", "business_day", "n_articles", "n_events")
    put_rows(connection, _account_day, columns, silent, "account_id, business_day")
    return accounts


def load_silent_accounts(connection: Connection, path: str, day: date) -> list[str]:
    """Return the names of a subtree's accounts that were heard on a day and published nothing."""
    query = (
        select(_account.c.name)
        .join(_unit, _unit.c.id == _account.c.unit_id)
        .join(_account_day, _account_day.c.account_id == _account.c.id)
        .where(_account.c.is_active, _account_day.c.business_day == day, _account_day.c.n_articles == 0)
        .where(in_subtree(path))
        .order_by(_account.c.key)
    )
    return list(connection.execute(query).scalars())


def load_root_path(connection: Connection) -> str | None:
    """Return the path of the root unit, or None in an empty database."""
    return connection.execute(select(_unit.c.path).where(_unit.c.parent_id.is_(None)).limit(1)).scalar()


def load_last_data_days(
    connection: Connection, group_ids: Sequence[int], until: date
) -> dict[int, date | None]:
    """Return the last day up to `until` with any count of each group; None if there never was one."""
    newest = (
        select(func.max(_count.c.business_day))
        .where(_count.c.group_id == _group.c.id, _count.c.business_day <= until)
        .correlate(_group)
        .scalar_subquery()
    )
    found: dict[int, date | None] = {}
    for start in range(0, len(group_ids), 10_000):
        query = select(_group.c.id, newest).where(_group.c.id.in_(group_ids[start : start + 10_000]))
        found.update((row[0], row[1]) for row in connection.execute(query).all())
    return found


def has_any_count(connection: Connection) -> bool:
    """Tell whether anything was ever counted."""
    return connection.execute(select(_count.c.group_id).limit(1)).first() is not None


def load_days_with_data(connection: Connection, first_day: date, before: date) -> list[date]:
    """Return the days of a range on which anything was counted, in order; one index step per day."""
    found: list[date] = []
    day = connection.execute(_next_day(_count.c.business_day >= first_day)).scalar()
    while day is not None and day < before:
        found.append(day)
        day = connection.execute(_next_day(_count.c.business_day > day)).scalar()
    return found


def _next_day(condition: Any) -> Any:
    return select(func.min(_count.c.business_day)).where(condition)
