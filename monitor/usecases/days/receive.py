"""Receive events (接收): look up, judge, store, count; answers come after the commit.

Key types: `Receiver`, `Receipt`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from monitor.classify.verdicts import PostVerdict
from monitor.clock import Clock, business_day
from monitor.days.threads import GroupThreads
from monitor.events import Article, EventKind, InboundEvent, PostKind, Provenance, stable_key
from monitor.ports import HarmJudge, RelevanceJudge
from monitor.store.database import Database
from monitor.store.days.posts import (
    NewPost,
    Recall,
    Sighting,
    UnknownGroup,
    insert_posts,
    note_sightings,
    note_unknown_groups,
    recall_posts,
)
from monitor.store.directory import load_account
from monitor.store.index.articles import AccountEvent, record_account_events
from monitor.units import AccountId
from monitor.usecases.days.group_directory import GroupDirectory

_PUBLISHED = frozenset(("send success", "0"))  # of MASSSENDJOBFINISH and PUBLISHJOBFINISH
FUTURE = timedelta(minutes=10)  # clocks of collectors run ahead; more than this is a mistake
_MANY = 8  # events from which on judging them together is cheaper
_GROUP_KINDS = frozenset((EventKind.POST, EventKind.RECALL, EventKind.NOTICE))
_ACCOUNT_KINDS = frozenset((EventKind.ARTICLES, EventKind.ACCOUNT, EventKind.CHAT))


class Receipt(StrEnum):
    """What became of one event; the words of the batch answer."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UNREGISTERED = "unregistered"
    IGNORED = "ignored"
    FROM_THE_FUTURE = "rejected"


class Receiver:
    """Takes events of any source into the store. Thread-safe; one per process."""

    def __init__(
        self,
        database: Database,
        judge: RelevanceJudge,
        clock: Clock,
        *,
        pepper: str,
        harm_judge: HarmJudge | None = None,
    ) -> None:
        """Keep the collaborators.

        Args:
            pepper: secret mixed into the keys of members, so that a stored key names nobody.
            harm_judge: without one no post is held to be 不良信息.
        """
        self._database = database
        self._judge = judge
        self._harm_judge = harm_judge
        self._clock = clock
        self._pepper = pepper
        self.groups = GroupDirectory(database)
        self._threads = GroupThreads()
        self._accounts: dict[str, AccountId | None] = {}
        self._seen_accounts: set[tuple[str, date]] = set()

    def receive(
        self, events: Sequence[InboundEvent], provenance: Provenance = Provenance.COLLECTED
    ) -> list[Receipt]:
        """Store events and return what became of each, in order.

        Raises: StorageError if they could not be committed; then none of them counts as received.
        """
        batch = _Batch([Receipt.ACCEPTED] * len(events))
        if len(events) >= _MANY:
            self._foresee(events)
        for index, event in enumerate(events):
            self._sort_in(batch, index, event, provenance)
        batch.commit(self._database)
        self._seen_accounts.update(batch.seen_accounts)
        return batch.receipts

    def _sort_in(self, batch: "_Batch", index: int, event: InboundEvent, provenance: Provenance) -> None:
        if event.kind in _GROUP_KINDS:
            self._sort_group_event(batch, index, event, provenance)
        elif event.kind in _ACCOUNT_KINDS:
            self._sort_account_event(batch, index, event)
        else:
            batch.receipts[index] = Receipt.IGNORED

    def _sort_group_event(
        self, batch: "_Batch", index: int, event: InboundEvent, provenance: Provenance
    ) -> None:
        now = self._clock()
        if event.occurred_at > now + FUTURE:
            batch.receipts[index] = Receipt.FROM_THE_FUTURE
            return
        day = business_day(event.occurred_at)
        found = self.groups.find(event.source, event.place_id, day)
        if found is None:
            batch.unknown.append(UnknownGroup(event.source, event.place_id, now))
            batch.receipts[index] = Receipt.UNREGISTERED
            return
        group, topics = found
        now_ms = int(now.timestamp() * 1000)
        occurred_ms = int(event.occurred_at.timestamp() * 1000)
        if event.kind is EventKind.POST:
            judged = self._judge.judge(event.text, topics)
            relevance = self._threads.settle(group.group_id, event, judged)
            verdict = self._suspect(event, group.unit_path)
            sender = stable_key(self._pepper, event.source, event.sender_id)
            content = stable_key(event.text) if event.text else event.event_key
            batch.post_indexes.append(index)
            batch.posts.append(
                NewPost(
                    group.group_id, day, event.event_key, event.message_key or event.event_key,
                    provenance.value, event.post_kind.value, occurred_ms, now_ms, sender, event.sender_name,
                    event.text, content, counts_as_post(event), relevance.is_relevant, relevance.reason,
                    verdict=verdict,
                )
            )  # fmt: skip
        elif event.kind is EventKind.RECALL:
            batch.recalls.append(Recall(group.group_id, event.message_key, day, now_ms))
        else:
            sighting = Sighting(group.group_id, day, provenance.value, occurred_ms, now_ms)
            batch.sightings.append(sighting)

    def _foresee(self, events: Sequence[InboundEvent]) -> None:
        """Let what members wrote be judged in one go: each alone costs three times as much."""
        if self._harm_judge is None:
            return
        posts: list[tuple[str, str]] = []
        for event in events:
            if event.kind is EventKind.POST and not event.is_own:
                found = self.groups.find(event.source, event.place_id, business_day(event.occurred_at))
                if found is not None:
                    posts.append((event.text, found[0].unit_path))
        self._harm_judge.foresee(posts)

    def _suspect(self, event: InboundEvent, unit_path: str) -> PostVerdict | None:
        """Judge what a member wrote; our own bot quotes what it warns of."""
        if self._harm_judge is None or event.is_own:
            return None
        return self._harm_judge.suspect(event.text, unit_path)

    def _sort_account_event(self, batch: "_Batch", index: int, event: InboundEvent) -> None:
        """Store articles; of other events only the first a day, as proof that the callback works."""
        day = business_day(event.occurred_at)
        account_id = self._account(event.source)
        if account_id is None:
            batch.receipts[index] = Receipt.UNREGISTERED
            return
        if event.kind is not EventKind.ARTICLES:
            if (event.source, day) in self._seen_accounts:
                return
            batch.seen_accounts.add((event.source, day))
        batch.account_events.append(_account_event(account_id, event))

    def _account(self, key: str) -> AccountId | None:
        if key not in self._accounts:
            with self._database.reading() as connection:
                account = load_account(connection, key)
            if account is None:
                return None
            self._accounts[key] = account.account_id
        return self._accounts[key]


def counts_as_post(event: InboundEvent) -> bool:
    """Tell whether an event is 发布信息: a member's text, image, link, file, voice or video (D-07)."""
    return event.post_kind is not PostKind.OTHER and not event.is_own


@dataclass(slots=True)
class _Batch:
    """What one call wants to write, sorted by the bulk function that writes it."""

    receipts: list[Receipt]
    posts: list[NewPost] = field(default_factory=list)
    post_indexes: list[int] = field(default_factory=list)
    recalls: list[Recall] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    unknown: list[UnknownGroup] = field(default_factory=list)
    account_events: list[AccountEvent] = field(default_factory=list)
    seen_accounts: set[tuple[str, date]] = field(default_factory=set)

    def commit(self, database: Database) -> None:
        """Write everything; posts first, so that recalls of the same batch find them."""
        if self.posts:
            are_new = database.write_bulk(insert_posts, self.posts)
            for index, is_new in zip(self.post_indexes, are_new, strict=True):
                if not is_new:
                    self.receipts[index] = Receipt.DUPLICATE
        if self.recalls:
            database.write_bulk(recall_posts, self.recalls)
        if self.sightings:
            database.write_bulk(note_sightings, self.sightings)
        if self.unknown:
            database.write_bulk(note_unknown_groups, self.unknown)
        if self.account_events:
            database.write_bulk(record_account_events, self.account_events)


def _account_event(account_id: AccountId, event: InboundEvent) -> AccountEvent:
    status = str(event.fields.get("Status", event.fields.get("publish_status", "")))
    is_articles = event.kind is EventKind.ARTICLES
    # real pushes of a finished send often name no article: one was published all the same
    articles = event.articles or ((Article(position=1),) if is_articles else ())
    return AccountEvent(
        account_id=account_id,
        business_day=business_day(event.occurred_at),
        occurred_at=event.occurred_at,
        job_key=event.message_key,
        articles=articles,
        status=status,
        is_published=is_articles and status.strip().lower() in _PUBLISHED,
        fields=dict(event.fields) if is_articles else {},
    )
