"""Storing what official accounts publish, and that their callback works. Bulk functions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, update

from monitor.events import Article, stable_key
from monitor.store.days.tables import AccountDayRow, ArticleRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting
from monitor.units import AccountId

_article = table_of(ArticleRow)
_account_day = table_of(AccountDayRow)


_MOST_ARTICLES = 8  # of one push


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """A callback of an official account, with the articles it announces (D-17: articles, not pushes)."""

    account_id: AccountId
    business_day: date
    occurred_at: datetime
    job_key: int = 0  # the same for every callback about one send or publication
    articles: tuple[Article, ...] = ()
    status: str = ""  # the platform's own word
    is_published: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


def record_account_events(connection: Connection, events: Sequence[AccountEvent]) -> list[int]:
    """Store articles and count them on their day; returns how many articles of each event are new."""
    return [_record(connection, event) for event in events]


def _record(connection: Connection, event: AccountEvent) -> int:
    n_new = _insert_articles(connection, event) if event.is_published else 0
    if event.articles and not n_new:
        _mark_articles(connection, event)
    day = {"account_id": event.account_id, "business_day": event.business_day}
    upsert = upserting(connection)(_account_day).values(**day, n_articles=n_new, n_events=1)
    upsert = upsert.on_conflict_do_update(
        index_elements=["account_id", "business_day"],
        set_={
            "n_articles": _account_day.c.n_articles + upsert.excluded.n_articles,
            "n_events": _account_day.c.n_events + 1,
        },
    )
    connection.execute(upsert)
    return n_new


def _insert_articles(connection: Connection, event: AccountEvent) -> int:
    n_new = 0
    for article in event.articles:
        row = {
            "account_id": event.account_id,
            "event_key": _article_key(event, article.position),
            "business_day": event.business_day,
            "occurred_at": event.occurred_at,
            "url": article.url,
            "status": event.status,
            "is_qualifying": True,
            "fields": event.fields,
        }
        inserted = upserting(connection)(_article).values(row).on_conflict_do_nothing()
        n_new += len(connection.execute(inserted.returning(_article.c.event_key)).all())
    return n_new


def _mark_articles(connection: Connection, event: AccountEvent) -> None:
    """Note a later status (deleted, banned) beside articles that keep counting for their day (D-17)."""
    keys = [_article_key(event, position) for position in range(1, _MOST_ARTICLES + 1)]
    here = (_article.c.account_id == event.account_id) & _article.c.event_key.in_(keys)
    connection.execute(update(_article).where(here).values(status=event.status))


def _article_key(event: AccountEvent, position: int) -> int:
    return stable_key(str(event.job_key), str(position))
