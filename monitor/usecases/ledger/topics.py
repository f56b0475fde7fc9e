"""Topics (微话题) of a group: list, open, close. Functions of a clerk, in the caller's transaction.

Administrators act on the groups of their subtree, group managers on their own.
"""

from dataclasses import dataclass

from monitor.days.topics import Topic
from monitor.errors import BadParameter, CommandError, NotFound, OutOfScope, ReadOnlyRole, StateError
from monitor.ledger.ledger import ChangeKind, ChangeState
from monitor.ledger.registration import NewTopic, clean_topic
from monitor.store import directory, search_queries
from monitor.store.ledger import rows as ledger_rows
from monitor.store.ledger.rows import NewChange
from monitor.units import Group, Role
from monitor.usecases.ledger.desk import WRITERS, Acted, Clerk

MOST_OPEN = 20
"""Open topics of one group (design): every post is held against all of them."""


class TopicNotFound(NotFound):
    """No open topic of that number in sight."""

    code = "topic_not_found"
    user_text = "未找到该话题，可回复 话题 查看"


@dataclass(frozen=True, slots=True)
class GroupTopics:
    """A group with its open topics, oldest first."""

    group: Group
    topics: tuple[Topic, ...]


def list_topics(clerk: Clerk, code: str | None = None) -> list[GroupTopics]:
    """Return the open topics of a group, or of every group that a manager has.

    Source: HN-2.1.3b.
    Raises: OutOfScope; BadParameter where an administrator names no group.
    """
    if code is not None:
        groups = [clerk.find_group(code)]
    elif clerk.viewer.role is Role.GROUP_MANAGER:
        groups = search_queries.load_groups_by_id(clerk.connection, sorted(clerk.viewer.group_ids))
    else:
        raise BadParameter("no group", user_text="请写明群编号，例：话题 LC0001")
    found = directory.load_topics(clerk.connection, [group.group_id for group in groups])
    return [
        GroupTopics(group, tuple(t for t in found.get(group.group_id, ()) if t.is_open_on(clerk.today)))
        for group in groups
    ]


def open_topic(clerk: Clerk, code: str, title: str, keywords: tuple[str, ...]) -> Acted:
    """Open a topic of a group from today; an open one of the same title is not opened twice.

    Source: HN-2.1.3b.
    Raises: BadParameter, OutOfScope, ReadOnlyRole, StateError for a closed group or too many topics.
    """
    _require_writer(clerk)
    group = clerk.find_group(code)
    topic = clean_topic(NewTopic(title, keywords))
    ledger_rows.lock_group(clerk.connection, group.group_id)
    known = list_topics(clerk, group.code)[0].topics
    if any(one.title == topic.title for one in known):
        return Acted(None, 0, group.code)
    if len(known) >= MOST_OPEN:
        raise StateError("too many topics", user_text=f"一个群最多 {MOST_OPEN} 个话题，请先结束旧话题")
    number = ledger_rows.insert_topic(
        clerk.connection, group.group_id, topic.title, list(topic.keywords), clerk.today
    )
    after = {"topic": number, "title": topic.title, "keywords": list(topic.keywords)}
    return clerk.write(_of(clerk, ChangeKind.TOPIC_OPEN, group, after))


def close_topic(clerk: Clerk, topic_id: int) -> Acted:
    """Close a topic: today is its last day.

    Source: HN-2.1.3b.
    Raises: TopicNotFound, ReadOnlyRole.
    """
    _require_writer(clerk)
    group, topic = _find(clerk, topic_id)
    ledger_rows.lock_group(clerk.connection, group.group_id)
    if topic.closed_on is not None:
        return Acted(None, 0, group.code)
    ledger_rows.close_topic(clerk.connection, topic.topic_id, clerk.today)
    after = {"topic": topic.topic_id, "title": topic.title, "closed_on": clerk.today.isoformat()}
    return clerk.write(_of(clerk, ChangeKind.TOPIC_CLOSE, group, after))


def _find(clerk: Clerk, topic_id: int) -> tuple[Group, Topic]:
    topic = directory.load_topic(clerk.connection, topic_id)
    groups = search_queries.load_groups_by_id(clerk.connection, [topic.group_id]) if topic else []
    if topic is None or not groups or not clerk.viewer.may_see_group(groups[0]):
        raise TopicNotFound(f"topic {topic_id} asked by {clerk.viewer.identity}")
    return groups[0], topic


def _require_writer(clerk: Clerk) -> None:
    role = clerk.viewer.role
    if role is Role.LEADER:
        raise ReadOnlyRole(f"{clerk.viewer.identity} may only read")
    if role not in WRITERS | {Role.GROUP_MANAGER}:
        raise CommandError("no right", user_text="话题由群管理员、单位管理员登记")
    if role is Role.GROUP_MANAGER and not clerk.viewer.group_ids:
        raise OutOfScope("manages no group")


def _of(clerk: Clerk, kind: ChangeKind, group: Group, after: dict[str, object]) -> NewChange:
    return NewChange(
        kind, ChangeState.DONE, group.unit_id, group.group_id, group.code, group.name, {}, after, "",
        clerk.today,
    )  # fmt: skip
