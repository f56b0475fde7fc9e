"""A person's word on relevance (有关 / 无关): it beats the machine, the day's counts follow, it is audited.

Key types: `RelevanceWord`, `Overridden`; `override_relevance` and, in chat, `override_in` are the ways in.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.clock import Clock
from monitor.errors import NotFound, OutOfScope, StateError
from monitor.store.database import Database
from monitor.store.days.posts import judge_again
from monitor.store.learning.relevance_overrides import Connection, lock_post, save_override
from monitor.store.operations.audit import insert_audit, load_audit
from monitor.units import Viewer
from monitor.usecases import scope
from monitor.usecases.incidents.desk import require_writer
from monitor.usecases.learning.learn import forget_relevance, learn_relevance

OVERRIDDEN = "post.relevance"
UNDO_WITHIN = timedelta(minutes=10)
_BY_PERSON = "人工认定"


class PostNotFound(NotFound):
    """No such post, or its group is out of scope: the same text."""

    code = "post_not_found"
    user_text = "未找到该条信息，可能已超过保留期或不在管理范围内"


@dataclass(frozen=True, slots=True)
class RelevanceWord:
    """What a person says about one post. `event_key` is that of its `PostReading`."""

    group_code: str
    day: date
    event_key: int
    is_relevant: bool


@dataclass(frozen=True, slots=True)
class Overridden:
    """What became of it. `number` is that of the audit's entry, 0 if the word was there already."""

    was_relevant: bool
    is_relevant: bool
    number: int

    @property
    def has_changed(self) -> bool:
        """Tell whether the count of relevant posts has changed."""
        return self.was_relevant != self.is_relevant


class RelevanceDesk:
    """Takes people's words in the console. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database, self._clock = database, clock

    def say(self, viewer: Viewer, word: RelevanceWord) -> Overridden:
        """Let a word stand, see `override_relevance`."""
        return override_relevance(self._database, self._clock, viewer, word)


def override_relevance(database: Database, clock: Clock, viewer: Viewer, word: RelevanceWord) -> Overridden:
    """Let a person's word on a post stand, in one transaction; the same word again changes nothing.

    Source: HN-2.1.3b; conventions §4 (a closed day becomes 暂定 and is closed again).
    Raises: ReadOnlyRole for leaders; PostNotFound.
    """
    require_writer(viewer)
    now = clock()
    return database.write(lambda connection: override_in(connection, now, viewer, word))


def override_in(connection: Connection, now: datetime, viewer: Viewer, word: RelevanceWord) -> Overridden:
    """Do the same in the caller's transaction: chat writes its answer in it.

    Raises: as `override_relevance`.
    """
    require_writer(viewer)
    try:
        group = scope.find_group(connection, viewer, word.group_code)
    except OutOfScope as error:
        raise PostNotFound(f"group {word.group_code!r} asked by {viewer.identity}") from error
    key = (group.group_id, word.day, word.event_key)
    before = lock_post(connection, key)
    if before is None:
        raise PostNotFound(f"post {key} asked by {viewer.identity}")
    reason = f"{_BY_PERSON}{'有关' if word.is_relevant else '无关'}（{viewer.signature}）"
    if before.is_relevant == word.is_relevant and before.reason == reason:
        return Overridden(word.is_relevant, word.is_relevant, 0)
    save_override(connection, key, before, is_relevant=word.is_relevant, said_by=viewer.identity, at=now)
    judge_again(connection, key, is_relevant=word.is_relevant, reason=reason, now=now)
    learn_relevance(connection, key, before.text, viewer.identity, now, is_relevant=word.is_relevant)
    subject = f"post:{group.group_id}:{word.day}:{word.event_key}"
    detail = {"before": before.is_relevant, "before_reason": before.reason, "after": word.is_relevant}
    detail["said"] = reason
    number = insert_audit(connection, viewer.identity, OVERRIDDEN, subject, detail, now)
    return Overridden(before.is_relevant, word.is_relevant, number)


def take_back_override(
    connection: Connection, now: datetime, viewer: Viewer, number: int
) -> Overridden | None:
    """Take back one's own word within ten minutes (撤销); None if the number is not that of one.

    The post counts as it did before; both entries stay in the audit. Source: requirement D.0.
    Raises: PostNotFound; StateError if somebody has said something else since.
    """
    found = load_audit(connection, number, viewer.identity, OVERRIDDEN)
    if found is None or now - found.at > UNDO_WITHIN:
        return None
    group, day, event_key = found.subject.split(":")[1:]
    key = (int(group), date.fromisoformat(day), int(event_key))
    held = lock_post(connection, key)
    if held is None:
        raise PostNotFound(f"post {key} is gone")
    before, said = bool(found.detail["before"]), str(found.detail.get("said", ""))
    if held.reason != said:
        raise StateError("said anew since", user_text="该条信息此后已另有认定，不能撤销")
    reason = str(found.detail["before_reason"])
    save_override(connection, key, held, is_relevant=before, said_by=viewer.identity, at=now)
    judge_again(connection, key, is_relevant=before, reason=reason, now=now)
    if reason.startswith(_BY_PERSON):
        learn_relevance(connection, key, held.text, viewer.identity, now, is_relevant=before)
    else:
        forget_relevance(connection, key, held.text)
    detail = {"of": number, "after": before}
    record = insert_audit(connection, viewer.identity, "post.relevance_undone", found.subject, detail, now)
    return Overridden(held.is_relevant, before, record)
