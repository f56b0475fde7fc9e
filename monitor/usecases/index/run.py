"""Runs of the Guangdong assessment (考核运行): monthly, yearly, and the weekly and monthly WCI boards.

Loads facts in one snapshot, decides with pure functions, writes run and results once. The same facts give
the same rows. Key types: `IndexRuns`, `RunReport`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter, NotFound, PeriodLocked, StateError
from monitor.index.account_wci import ArticleFigures, MediaRules
from monitor.index.audience import Audience
from monitor.index.boards import rank_values
from monitor.index.freeze import freeze
from monitor.index.periods import RunPeriod
from monitor.store.database import Database
from monitor.store.index import facts as index_facts
from monitor.store.index import runs as index_runs
from monitor.store.index.runs import Connection, Result, Run
from monitor.store.ledger import registry
from monitor.units import UnitId
from monitor.usecases.index.report import queue_reports
from monitor.usecases.index.rows import RunFacts, build_board, build_sheets
from scoring.errors import NoRulebookInForce

_WEEK_BEFORE = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did."""

    run_id: int
    period: RunPeriod
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A run that is decided and not stored yet."""

    period: RunPeriod
    results: tuple[Result, ...]
    computed_at: datetime
    facts_stamp: str
    frozen: Mapping[str, Any]


class IndexRuns:
    """Runs, publishes and withdraws; one per process."""

    def __init__(
        self, database: Database, clock: Clock, media: MediaRules, audience: Audience | None = None
    ) -> None:
        """Keep the collaborators.

        Args:
            database: where facts are and runs go.
            clock: read once for each act.
            media: rulebook, readings and version of the WCI.
            audience: who is told of a publication (GD-4.1); None tells nobody.
        """
        self._database, self._clock, self._media, self._audience = database, clock, media, audience

    def run(self, period: RunPeriod, actor: str) -> RunReport:
        """Run a period and store the results; one that has not ended is a preview.

        Source: GD-4.1, GD-4.2, GD-4.3.
        Raises: PeriodLocked if it is published; NoRulebookInForce; BadParameter for a period to come.
        """
        draft = self.draft(period)
        return self._database.write(lambda connection: save_draft(connection, draft, actor))

    def draft(self, period: RunPeriod) -> Draft:
        """Decide a run from the facts as they stand, and store nothing.

        Raises: NoRulebookInForce; BadParameter for a period to come.
        """
        now = self._clock()
        today = business_day(now)
        if period.first_day > today:
            raise BadParameter("period", user_text=f"{period.label} 尚未开始")
        head = self._media.rules.head
        if period.last_day < head.effective_from:
            raise NoRulebookInForce(
                f"{head.id} is in force from {head.effective_from}, asked for {period.label}"
            )
        with self._database.reading() as connection:
            facts = load_run_facts(connection, period, self._media, today)
            stamp = _stamp(connection, period)
            earlier = index_runs.load_latest_run(connection, [period.kind], before=period.first_day)
            before = index_runs.load_ranks(connection, earlier.run_id) if earlier else {}
        build = build_board if period.is_board else build_sheets
        frozen = freeze(self._media) | {"compared_with": earlier.period.label if earlier else None}
        return Draft(period, tuple(_with_ranks(build(facts), before)), now, stamp, frozen)

    def publish(self, run_id: int, actor: str) -> Run:
        """Publish a run: its results stay as they are, its facts are locked. Twice is once.

        Source: GD-3.3f, GD-4.1 to GD-4.3.
        Raises: NotFound; StateError if the period goes on or facts changed since the run.
        """
        now = self._clock()

        def work(connection: Connection) -> Run:
            index_facts.own_index_writes(connection)
            run = _require_run(connection, run_id)
            if run.published_at is None:
                if run.period.last_day >= business_day(now):
                    raise StateError("period goes on", user_text=f"{run.period.label} 尚未结束，不能发布")
                if run.facts_stamp != _stamp(connection, run.period):
                    raise StateError("facts changed", user_text="运行之后数据有更新，请重新运行再发布")
                index_runs.mark_published(connection, run_id, now, actor)
                _audit(connection, now, actor, "index.publish", run)
                if self._audience is not None:
                    queue_reports(connection, _require_run(connection, run_id), self._audience, now)
            return _require_run(connection, run_id)

        return self._database.write(work)

    def withdraw(self, period: RunPeriod, actor: str, reason: str) -> None:
        """Take a publication back, which unlocks its facts; the audit keeps who and why.

        Raises: NotFound for a period that is not published; BadParameter without a reason.
        """
        now, reason = self._clock(), reason.strip()
        if not reason:
            raise BadParameter("reason", user_text="撤回发布须写明原因")

        def work(connection: Connection) -> None:
            index_facts.own_index_writes(connection)
            run = index_runs.find_run(connection, period)
            if run is None or run.published_at is None:
                raise NotFound(f"{period.label} is not published", user_text=f"{period.label} 没有发布")
            index_runs.mark_published(connection, run.run_id, None, "")
            _audit(connection, now, actor, "index.withdraw", run, reason=reason)

        self._database.write(work)


def save_draft(connection: Connection, draft: Draft, actor: str) -> RunReport:
    """Store a run in place of an earlier one of its period.

    Raises: PeriodLocked if that is published.
    """
    index_facts.own_index_writes(connection)
    period, now = draft.period, draft.computed_at
    known = index_runs.find_run(connection, period)
    if known is not None and known.published_at is not None:
        raise PeriodLocked(f"{period.kind.name} {period.label} is published")
    values = {"computed_at": now, "facts_stamp": draft.facts_stamp, "frozen": draft.frozen}
    run_id = index_runs.save_run(connection, period, values, draft.results)
    detail = {"run": run_id, "n_results": len(draft.results)}
    registry.write_audit(connection, now, actor, "index.run", f"{period.kind.value} {period.label}", detail)
    return RunReport(run_id, period, draft.results)


def load_outdated(database: Database, since: date, today: date) -> list[RunPeriod]:
    """Return the periods from a day on that have ended, are not published, and whose facts changed."""
    with database.reading() as connection:
        runs = index_runs.load_unpublished(connection, since, today)
        return [run.period for run in runs if run.facts_stamp != _stamp(connection, run.period)]


def load_run_facts(connection: Connection, period: RunPeriod, media: MediaRules, today: date) -> RunFacts:
    """Return everything a run is decided by."""
    schools = index_facts.load_schools(connection, media.rules.head.unit_kinds)
    articles = index_facts.load_articles(connection, period.first_day - _WEEK_BEFORE, period.last_day)
    is_board = period.is_board
    return RunFacts(
        period=period,
        media=media,
        today=today,
        schools=schools,
        facts={} if is_board else index_facts.load_school_facts(connection, period),
        articles={
            key: [ArticleFigures(day, content) for day, content in rows] for key, rows in articles.items()
        },
        declarations=[
            (UnitId(row.unit_id), row.kind, row.period, row.reason, row.bars_from_good)
            for row in index_facts.load_declarations_of(connection, period.last_day.year)
        ],
    )


def _with_ranks(
    ranked: Sequence[tuple[Result, Decimal | None]], before: Mapping[tuple[UnitId, str], int]
) -> list[Result]:
    """Put ranks on results, and how many places each has gained since the run before."""
    ranks = rank_values({(result.unit_id, result.account): value for result, value in ranked})
    found = []
    for result, _ in ranked:
        key = (result.unit_id, result.account)
        rank, earlier = ranks.get(key), before.get(key)
        movement = None if rank is None or earlier is None else earlier - rank
        found.append(
            Result(
                result.unit_id, result.account, result.scope, result.state, result.value, rank, movement,
                result.is_barred, result.detail, result.unit_code, result.unit_name,
            )
        )  # fmt: skip
    return found


def _stamp(connection: Connection, period: RunPeriod) -> str:
    return index_facts.load_stamp(connection, period.first_day - _WEEK_BEFORE, period.last_day)


def _require_run(connection: Connection, run_id: int) -> Run:
    run = index_runs.load_run(connection, run_id)
    if run is None:
        raise NotFound(f"no run {run_id}", user_text="没有这次考核运行")
    return run


def _audit(
    connection: Connection, now: datetime, actor: str, action: str, run: Run, reason: str = ""
) -> None:
    subject = f"{run.period.kind.value} {run.period.label}"
    registry.write_audit(connection, now, actor, action, subject, {"run": run.run_id, "reason": reason})
