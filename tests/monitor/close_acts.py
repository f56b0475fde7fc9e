"""What platforms and people do to a day, each act with what it does to the model of `close_model`."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
)
from sqlalchemy import select

from monitor.classify.relevance import RelevanceModel
from monitor.clock import business_day
from monitor.errors import AppError
from monitor.events import EventKind, InboundEvent, Provenance
from monitor.jobs import JobRunner
from monitor.store.database import Database
from monitor.store.days.posts import count_again
from monitor.store.days.tables import PostRow
from monitor.store.directory import load_group_by_code
from monitor.store.tables import TopicRow, table_of
from monitor.units import Role
from monitor.usecases.days.receive import FUTURE, Receipt, Receiver
from monitor.usecases.days.self_report_undo import undo_decision
from monitor.usecases.days.self_reporting import (
    Bench,
    SelfReports,
    decide_report,
    make_report,
    take_back_report,
)
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.learning.override_relevance import RelevanceWord, override_relevance, take_back_override
from monitor.usecases.ledger.desk import Clerk, Ledger
from monitor.usecases.ledger.groups import close_group
from monitor.usecases.ledger.topics import close_topic, open_topic
from monitor.usecases.ledger.undo import undo
from monitor.usecases.ledger.units import close_unit, merge_units, move_unit
from monitor.usecases.spot_checks.desk import SpotChecks, SpotSitting
from monitor.usecases.spot_checks.file import file_spot_check, take_back_spot_check, void_spot_check
from monitor.usecases.spot_checks.objections import object_to_check
from scoring.rulebook import load_rulebook
from tests.cast import GROUPS, OPENED, SOURCE, UNITS, settle
from tests.monitor.close_model import Fold, Key, Post, Report, Span, SpotCheck
from tests.monitor.outbox_help import BOOK

RULEBOOK = load_rulebook()
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
N_POSTED = 4  # groups that posts come for; the fifth is only reported and inspected
groups = st.sampled_from(range(1, len(GROUPS) + 1))
units = st.sampled_from([code for code, *_ in UNITS])
days_ago = st.sampled_from([0, 1, 1, 2, 3])
numbers = st.integers(0, 12)
R = TypeVar("R")


class Acts(RuleBasedStateMachine):
    """Everything that platforms and people do; `fold` is what must come of it."""

    template: Path
    judge: RelevanceModel

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "model.db"
        file.write_bytes(self.template.read_bytes())
        self.database = Database(f"sqlite:///{file}")
        self.cast = settle(self.database)
        self.now = START
        self.receiver = Receiver(self.database, self.judge, self._clock, pepper="p")
        sender = AlertSender(self.database, {}, BOOK, self._clock)
        self.jobs = JobRunner(self.database, RULEBOOK, self._clock, sender)
        self.ledger = Ledger(self.database, self._clock)
        self.benches = SelfReports(self.database, self._clock)
        self.spot_desk = SpotChecks(self.database, self._clock)
        self.inspector = self.cast.viewer("QS", Role.INSPECTOR)
        self.fold = Fold()
        self.sent: list[tuple[InboundEvent, Provenance]] = []
        self.n_keys = 0
        self.undone: dict[int, Callable[[], None]] = {}  # number in the ledger → what 撤销 does to the model
        self.filed: dict[int, str] = {}
        self.decided: dict[int, tuple[int, bool, bool]] = {}
        self.said: dict[int, tuple[int, bool]] = {}
        self.closed_counts: dict[Key, Any] = {}
        self.final: dict[Key, tuple[Any, Any]] = {}
        self.n_audits: dict[str, int] = {}
        with self.database.reading() as connection:
            for row in connection.execute(select(table_of(TopicRow)).order_by("id")):
                self.fold.topics[row.id] = Span(row.group_id, OPENED)

    def _clock(self) -> datetime:
        return self.now

    @property
    def today(self) -> date:
        return business_day(self.now)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    # -- what platforms deliver

    @rule(
        group=st.integers(1, N_POSTED),
        minutes_ago=st.one_of(st.integers(0, 90), st.integers(0, 3 * 1440)),
        is_imported=st.sampled_from([False, False, True]),
        on_topic=st.booleans(),
        recalled_before=st.sampled_from([False, False, False, True]),
    )
    def post(
        self, group: int, minutes_ago: int, is_imported: bool, on_topic: bool, recalled_before: bool
    ) -> None:
        key, at = self._next_key(), self.now - timedelta(minutes=minutes_ago)
        text = "志愿服务活动今天开始报名" if on_topic else "今天晚饭到底吃什么才好呢"
        by = Provenance.IMPORTED if is_imported else Provenance.COLLECTED
        event = InboundEvent(EventKind.POST, SOURCE, key, at, _place(group), text=text)
        if recalled_before:
            self._recall(event, 1)
        assert self.receiver.receive([event], by) == [Receipt.ACCEPTED]
        (row,) = [row for row in self._rows(PostRow) if row.event_key == key]
        day = business_day(at)
        self.sent.append((event, by))
        self.fold.posts[key] = Post(group, day, key, by.value, row.is_relevant, recalled_before)

    @rule(group=st.integers(1, N_POSTED), minutes_ago=st.integers(0, 2 * 1440))
    def notice(self, group: int, minutes_ago: int) -> None:
        """A system message proves that the source works: 0 posts are then data (E-04)."""
        at = self.now - timedelta(minutes=minutes_ago)
        self.receiver.receive([InboundEvent(EventKind.NOTICE, SOURCE, self._next_key(), at, _place(group))])
        self.fold.heard.add((group, business_day(at), Provenance.COLLECTED.value))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), is_same_source=st.booleans())
    def deliver_again(self, data: st.DataObject, is_same_source: bool) -> None:
        event, by = data.draw(st.sampled_from(self.sent))
        again = self.receiver.receive([event, event], by if is_same_source else Provenance.COLLECTED)
        assert again == [Receipt.FROM_THE_FUTURE if self._is_ahead(event) else Receipt.DUPLICATE] * 2

    def _is_ahead(self, event: InboundEvent) -> bool:
        """The clock was set back since: nothing that far ahead is taken."""
        return event.occurred_at > self.now + FUTURE

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), minutes=st.sampled_from([1, 2, 30, 1500, 4000]))
    def recall(self, data: st.DataObject, minutes: int) -> None:
        event, _ = data.draw(st.sampled_from(self.sent))
        if self._is_ahead(event):
            return
        self._recall(event, minutes)
        self.fold.posts[event.event_key].is_recalled = True

    def _recall(self, event: InboundEvent, minutes: int) -> None:
        at = min(event.occurred_at + timedelta(minutes=minutes), max(self.now, event.occurred_at))
        recall = InboundEvent(
            EventKind.RECALL, SOURCE, self._next_key(), at, event.place_id, message_key=event.event_key
        )
        assert self.receiver.receive([recall]) == [Receipt.ACCEPTED]

    # -- what people say about a day

    @rule(group=groups, back=days_ago, n_posts=numbers, n_relevant=numbers)
    def report(self, group: int, back: int, n_posts: int, n_relevant: int) -> None:
        day, code = self.today - timedelta(days=back), GROUPS[group - 1][0]
        manager = self.cast.viewer("QS", Role.GROUP_MANAGER, code)

        def work(bench: Bench) -> Any:
            found = load_group_by_code(bench.connection, code)
            assert found
            return make_report(bench, found, day, n_posts, n_relevant)

        made = self._try(lambda: self.benches.write(manager, work))
        if made and made.is_new:
            one = made.report
            self.fold.reports[one.number] = Report(group, day, n_posts, n_relevant, one.needs_approval)

    @precondition(lambda self: self.fold.reports)
    @rule(data=st.data(), is_approved=st.booleans())
    def decide(self, data: st.DataObject, is_approved: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.fold.reports)))

        def work(bench: Bench) -> Any:
            return decide_report(bench, number, is_approved=is_approved, reason="条数不符")

        decided = self._try(lambda: self.benches.write(self.inspector, work))
        if decided and decided.number:
            report = self.fold.reports[number]
            self.decided[decided.number] = (number, report.is_approved, report.is_gone)
            report.is_approved, report.is_gone = is_approved, not is_approved

    @precondition(lambda self: self.decided)
    @rule(data=st.data())
    def take_decision_back(self, data: st.DataObject) -> None:
        audit = data.draw(st.sampled_from(sorted(self.decided)))
        if self._try(lambda: self.benches.write(self.inspector, lambda bench: undo_decision(bench, audit))):
            number, is_approved, is_gone = self.decided.pop(audit)
            report = self.fold.reports[number]
            report.is_approved, report.is_gone = is_approved, is_gone

    @precondition(lambda self: self.fold.reports)
    @rule(data=st.data())
    def take_report_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.fold.reports)))
        code = GROUPS[self.fold.reports[number].group - 1][0]
        manager = self.cast.viewer("QS", Role.GROUP_MANAGER, code)
        if self.benches.write(manager, lambda bench: take_back_report(bench, number)):
            self.fold.reports[number].is_gone = True

    @rule(group=groups, back=days_ago, n_posts=numbers)
    def inspect(self, group: int, back: int, n_posts: int) -> None:
        day, code = self.today - timedelta(days=back), GROUPS[group - 1][0]
        filed = self._try(
            lambda: self._at_desk(lambda sitting: file_spot_check(sitting, code, n_posts, "", day))
        )
        if filed and filed.number:
            number = filed.reading.check.filing_no
            self.filed[filed.number] = number
            self.fold.checks[number] = SpotCheck(group, day, n_posts)

    @precondition(lambda self: self.fold.checks)
    @rule(data=st.data(), is_disputed=st.booleans())
    def void(self, data: st.DataObject, is_disputed: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.fold.checks)))
        if is_disputed:  # it counts until somebody decides
            city = self.cast.viewer("LC")
            self._try(
                lambda: self.spot_desk.write(city, lambda sitting: object_to_check(sitting, number, "数错了"))
            )
        voided = self._try(lambda: self._at_desk(lambda s: void_spot_check(s, number, "登记有误")))
        if voided:
            self.filed[voided.number] = number
            self.fold.checks[number].is_void = True

    @precondition(lambda self: self.filed)
    @rule(data=st.data())
    def take_check_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.filed)))
        back = self._try(lambda: self._at_desk(lambda sitting: take_back_spot_check(sitting, number)))
        if back:
            self.fold.checks[self.filed[number]].is_void = back.reading.check.is_void

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), is_relevant=st.booleans())
    def say_relevance(self, data: st.DataObject, is_relevant: bool) -> None:
        post = self.fold.posts[data.draw(st.sampled_from(self.sent))[0].event_key]
        word = RelevanceWord(GROUPS[post.group - 1][0], post.day, post.event_key, is_relevant)
        said = override_relevance(self.database, self._clock, self.inspector, word)
        self.said[said.number] = (post.event_key, post.is_relevant)
        post.is_relevant = is_relevant

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def take_word_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.said)))

        def work(connection: Any) -> Any:
            return take_back_override(connection, self.now, self.inspector, number)

        if self._try(lambda: self.database.write(work)):
            key, was_relevant = self.said.pop(number)
            self.fold.posts[key].is_relevant = was_relevant

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), counted=st.booleans())
    def exclude(self, data: st.DataObject, counted: bool) -> None:
        """A confirmed 不良信息 leaves the count; a false alarm comes back."""
        post = self.fold.posts[data.draw(st.sampled_from(self.sent))[0].event_key]
        key = (post.group, post.day, post.event_key)
        self.database.write(lambda c: count_again(c, [key], counted=counted, now=self.now))
        post.is_excluded = not counted

    # -- the register

    def _may_reorganise(self) -> bool:
        return self.today >= self.fold.trees[-1].since  # the order of moves is that of their days

    @precondition(_may_reorganise)
    @rule(unit=units, above=units)
    def move(self, unit: str, above: str) -> None:
        if self._in_ledger(lambda clerk: move_unit(clerk, unit, above, "区划调整")):
            self.fold.move(self.today, {unit: above}, {})

    @precondition(_may_reorganise)
    @rule(unit=units, into=units)
    def merge(self, unit: str, into: str) -> None:
        if self._in_ledger(lambda clerk: merge_units(clerk, unit, into, "合并")):
            tree = self.fold.trees[-1]
            below = {code: into for code, above in tree.parents.items() if above == unit}
            self.fold.move(self.today, below, {g: into for g, home in tree.homes.items() if home == unit})

    @rule(unit=units)
    def close_unit(self, unit: str) -> None:
        if self._in_ledger(lambda clerk: close_unit(clerk, unit, "撤销")):
            assert unit not in self.fold.tallies(self.today)

    @rule(group=groups)
    def open_topic(self, group: int) -> None:
        code = GROUPS[group - 1][0]
        title = f"主题教育{len(self.fold.topics)}"
        acted = self._in_ledger(lambda clerk: open_topic(clerk, code, title, ("主题",)))
        if acted and acted.change:
            topic = int(acted.change.after["topic"])
            self.fold.topics[topic] = Span(group, self.today)
            self.undone[acted.number] = lambda: self._end_topic(topic, date.min)

    @rule(data=st.data())
    def close_topic(self, data: st.DataObject) -> None:
        topic = data.draw(st.sampled_from(sorted(self.fold.topics)))
        acted = self._in_ledger(lambda clerk: close_topic(clerk, topic))
        if acted and acted.number:
            self._end_topic(topic, self.today)
            self.undone[acted.number] = lambda: self._end_topic(topic, None)

    def _end_topic(self, topic: int, last: date | None) -> None:
        self.fold.topics[topic].last = last

    @rule(group=groups)
    def close_group(self, group: int) -> None:
        code = GROUPS[group - 1][0]
        acted = self._in_ledger(lambda clerk: close_group(clerk, code, "已解散"))
        if acted and acted.number:
            self.fold.last_days[group] = self.today
            self.undone[acted.number] = lambda: self.fold.last_days.pop(group, None) and None

    @precondition(lambda self: self.undone)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.undone)))
        if self._in_ledger(lambda clerk: undo(clerk, number)):
            self.undone.pop(number)()

    # -- in short

    def _try(self, act: Callable[[], R]) -> R | None:
        """Return what an act says; what is refused has changed nothing."""
        try:
            return act()
        except AppError:
            return None

    def _in_ledger(self, act: Callable[[Clerk], R]) -> R | None:
        return self._try(lambda: self.ledger.write(self.inspector, act))

    def _at_desk(self, act: Callable[[SpotSitting], R]) -> R:
        return self.spot_desk.write(self.inspector, act)

    def _next_key(self) -> int:
        self.n_keys += 1
        return self.n_keys

    def _rows(self, row: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(table_of(row))).all())


def _place(group: int) -> str:
    return GROUPS[group - 1][3]
