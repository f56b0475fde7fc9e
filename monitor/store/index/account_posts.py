"""What is known of a school's account besides imported figures: callbacks, and when figures came.

Functions of a connection.
"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import func, or_, select

from monitor.index.facts import FactKind
from monitor.store.days.tables import AccountDayRow
from monitor.store.index.tables import IndexFactRow
from monitor.store.tables import OfficialAccountRow, table_of
from monitor.units import UnitId

_fact = table_of(IndexFactRow)
_account = table_of(OfficialAccountRow)
_day = table_of(AccountDayRow)


class KnownAccount(NamedTuple):
    """An account of a school, and the latest import that contained an article of it."""

    name: str
    seen_at: datetime | None


def load_known_accounts(connection: Connection, unit_id: UnitId) -> list[KnownAccount]:
    """Return the accounts that articles were imported for; failing that, the registered ones."""
    imported = (
        select(_fact.c.subject, func.max(_fact.c.seen_at))
        .where(_fact.c.kind == FactKind.ARTICLE.value, _fact.c.unit_id == unit_id)
        .group_by(_fact.c.subject)
        .order_by(_fact.c.subject)
    )
    found = [KnownAccount(row[0], row[1]) for row in connection.execute(imported)]
    if found:
        return found
    registered = select(_account.c.name).where(_account.c.unit_id == unit_id, _account.c.is_active)
    return [KnownAccount(row[0], None) for row in connection.execute(registered.order_by(_account.c.key))]


def count_published(
    connection: Connection, unit_id: UnitId, account: str, first_day: date, last_day: date
) -> int | None:
    """Return the articles that callbacks of a registered account announced, None without any callback."""
    query = (
        select(func.sum(_day.c.n_articles))
        .join(_account, _account.c.id == _day.c.account_id)
        .where(
            _account.c.unit_id == unit_id,
            or_(_account.c.name == account, _account.c.key == account),
            _day.c.business_day >= first_day,
            _day.c.business_day <= last_day,
        )
    )
    n_articles = connection.execute(query).scalar()
    return None if n_articles is None else int(n_articles)
