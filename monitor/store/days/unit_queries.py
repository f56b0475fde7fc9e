"""What belongs to a unit or its subtree besides tallies: own groups, accounts, alerts, unknown groups."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, func, select

from monitor.days.list_readings import AlertReading, Cut
from monitor.store import directory
from monitor.store.days.queries import Connection
from monitor.store.days.tables import AccountDayRow, ArticleRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import GroupRow, OfficialAccountRow, UnitRow, UnregisteredGroupRow, table_of
from monitor.store.work_tables import AlertRow
from monitor.units import Group, UnitId

_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_account = table_of(OfficialAccountRow)
_account_day = table_of(AccountDayRow)
_article = table_of(ArticleRow)
_alert = table_of(AlertRow)
_unregistered = table_of(UnregisteredGroupRow)


class AccountFacts(NamedTuple):
    """An official account and what it published on a day; None is no data."""

    code: str
    name: str
    unit_name: str
    n_articles: int | None  # D-17: articles, deleted ones included
    n_unfit: int  # of them, marked as not qualifying (HN-2.1.3a)


def load_own_groups(connection: Connection, unit_id: UnitId, day: date, limit: int) -> list[Group]:
    """Return the groups of one unit itself, open on a day, in order of code."""
    query = directory.groups(day).where(_group.c.unit_id == unit_id).order_by(_group.c.code)
    return directory.load_groups(connection, query.limit(limit))


def load_account_facts(connection: Connection, path: str, day: date) -> list[AccountFacts]:
    """Return the active accounts of a subtree with their articles of a day, in order of unit and key."""
    unfit = (
        select(func.count())
        .where(
            _article.c.account_id == _account.c.id,
            _article.c.business_day == day,
            _article.c.is_qualifying.is_(False),
        )
        .scalar_subquery()
    )
    on_day = and_(_account_day.c.account_id == _account.c.id, _account_day.c.business_day == day)
    query = (
        select(_account.c.key, _account.c.name, _unit.c.name, _account_day.c.n_articles, unfit)
        .join(_unit, _unit.c.id == _account.c.unit_id)
        .outerjoin(_account_day, on_day)
        .where(_account.c.is_active, joined_in_subtree(path))
        .order_by(_unit.c.code, _account.c.key)
    )
    return [AccountFacts(*row) for row in connection.execute(query).all()]


def count_open_alerts(connection: Connection, path: str) -> int:
    """Return the number of unresolved alerts (预警) of a subtree."""
    query = (
        select(func.count())
        .select_from(_alert)
        .join(_unit, _unit.c.id == _alert.c.unit_id)
        .where(_alert.c.resolved_at.is_(None), joined_in_subtree(path))
    )
    return connection.execute(query).scalar_one()


def load_open_alerts(connection: Connection, path: str, cut: Cut) -> list[AlertReading]:
    """Return some of the unresolved alerts (预警) of a subtree: most urgent first, then newest."""
    query = (
        select(
            _alert.c.id,
            _alert.c.kind,
            _alert.c.level,
            _alert.c.title,
            _unit.c.code,
            _unit.c.name,
            func.coalesce(_group.c.code, ""),
            _alert.c.business_day,
            _alert.c.acknowledged_at.is_not(None),
        )
        .join_from(_alert, _unit, _unit.c.id == _alert.c.unit_id)
        .outerjoin(_group, _group.c.id == _alert.c.group_id)
        .where(_alert.c.resolved_at.is_(None), joined_in_subtree(path))
        .order_by(_alert.c.level, _alert.c.business_day.desc(), _alert.c.id)
    )
    return [AlertReading(*row) for row in connection.execute(query.limit(cut.size).offset(cut.offset))]


def count_unregistered(connection: Connection) -> int:
    """Return the number of groups that sources reported and nobody registered (未登记的群)."""
    return connection.execute(select(func.count()).select_from(_unregistered)).scalar_one()
