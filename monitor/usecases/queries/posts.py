"""The posts of one group's day, for the drawer of a day."""

from datetime import date

from monitor.clock import from_epoch
from monitor.days.readings import PostReading
from monitor.masking import mask_name, shorten
from monitor.store.days import queries as day_queries
from monitor.store.days.queries import StoredPost
from monitor.units import Group, Role, Viewer
from monitor.usecases.queries.asking import Question

MOST_POSTS = 200


def answer_day_posts(question: Question, group: Group, day: date) -> list[PostReading]:
    """Return the newest 200 posts of a group's day, oldest first, as far as the viewer may read them."""
    posts = day_queries.load_posts(question.connection, group.group_id, day, MOST_POSTS)
    return [_read_post(post, group, question.viewer) for post in posts]


def _read_post(post: StoredPost, group: Group, viewer: Viewer) -> PostReading:
    is_near = viewer.role is not Role.LEADER and (
        viewer.role is Role.GROUP_MANAGER or viewer.unit_path == group.unit_path
    )
    return PostReading(
        occurred_at=from_epoch(post.occurred_ms / 1000),
        sender_name=post.sender_name if is_near else mask_name(post.sender_name),
        kind=post.kind,
        excerpt="" if viewer.role is Role.LEADER else shorten(post.text),
        is_relevant=post.is_relevant,
        reason=post.reason,
        provenance=post.provenance,
        is_recalled=post.is_recalled,
        is_counted=post.counts and not post.is_recalled,
        event_key=post.event_key,
    )
