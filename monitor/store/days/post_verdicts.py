"""What the classifier suspected of posts, stored in the transaction that stores the posts."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select

from monitor.classify.verdicts import Category, Harm, Hit, PostVerdict, Severity
from monitor.store.days.tables import PostVerdictRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_verdict = table_of(PostVerdictRow)
_MOST_HITS = 50  # of one post: a text of one word repeated thousands of times proves nothing more
PostKey = tuple[int, date, int]
"""Group, business day and event key of a post."""


def insert_verdicts(connection: Connection, verdicts: Sequence[tuple[PostKey, PostVerdict]]) -> None:
    """Store the verdicts of new posts; one that is stored already stays as it is."""
    if not verdicts:
        return
    rows = [
        {
            "group_id": group_id,
            "business_day": day,
            "event_key": event_key,
            "is_harmful": harm.is_harmful,
            "needs_review": harm.needs_review,
            "harm_permille": round(harm.harm * 1000),
            "categories": list(harm.categories),
            "hits": [[*_flat(hit)] for hit in harm.hits[:_MOST_HITS]],
            "reasons": list(harm.reasons),
            "model_version": version,
        }
        for (group_id, day, event_key), (harm, version) in verdicts
    ]
    connection.execute(upserting(connection)(_verdict).on_conflict_do_nothing(), rows)


def load_verdict(connection: Connection, key: PostKey) -> PostVerdict | None:
    """Return what was suspected of a post, or None."""
    group_id, day, event_key = key
    row = connection.execute(
        select(_verdict).where(
            _verdict.c.group_id == group_id,
            _verdict.c.business_day == day,
            _verdict.c.event_key == event_key,
        )
    ).one_or_none()
    if row is None:
        return None
    harm = Harm(
        row.harm_permille / 1000,
        row.is_harmful,
        row.needs_review,
        tuple(row.categories),
        tuple(
            Hit(word, start, end, Category(category), Severity(severity))
            for word, start, end, category, severity in row.hits
        ),
        tuple(row.reasons),
    )
    return PostVerdict(harm, row.model_version)


def _flat(hit: Hit) -> tuple[str, int, int, str, int]:
    return hit.word, hit.start, hit.end, hit.category.value, int(hit.severity)
