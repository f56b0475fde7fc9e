"""What of the Guangdong assessment runs by itself (D.8): boards of weeks, months, years, and again.

A run of a slot is provisional until its facts are complete; it is run again every morning while facts
change, until a person publishes it.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from monitor.clock import Clock, business_day
from monitor.errors import PeriodLocked
from monitor.index.periods import RunKind, RunPeriod, month_period, week_period, year_period
from monitor.schedule import Job
from monitor.store.database import Database
from monitor.store.index import runs as index_runs
from monitor.store.index.runs import Connection
from monitor.usecases.index.report import find_gaps, queue_preview
from monitor.usecases.index.run import Draft, IndexRuns, load_outdated, save_draft
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do
from monitor.usecases.rules.in_force import AnyRules, dated

_ACTOR = "job:index"
_SUNDAY, _MONDAY = 6, 0
_ONE_DAY, _ONE_WEEK = timedelta(days=1), timedelta(days=7)
_RUN_AGAIN_FOR = timedelta(days=120)
WEEK_RUN = Job("index_week", (time(5, 50),), timedelta(days=6), weekdays=(_SUNDAY, _MONDAY))
MONTH_RUN = Job("index_month", (time(6, 0),), timedelta(days=20), month_days=(1,))
YEAR_RUN = Job("index_year", (time(6, 10),), timedelta(days=30), month_days=(1,), months=(1,))
RUN_AGAIN = Job("index_again", (time(6, 30),), timedelta(hours=12))


def run_week(database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Run the board of the last finished WCI week, on the first slot after its end (GD-3.3f, GD-4.3).

    Which of Sunday and Monday that is, is decided by D-16 as in force; after an outage it is the next one.
    """
    today = business_day(slot)
    with database.reading() as connection:
        starts_on = dated(rules, connection).media_on(today - _ONE_DAY).week_starts_on
        week = week_period(today - _ONE_WEEK, starts_on=starts_on)
        known = index_runs.find_run(connection, week)
    has_run = known is not None and business_day(known.computed_at) > week.last_day
    return _run(database, rules, clock, WEEK_RUN, slot, [] if has_run else [week])


def run_month(database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Run the month that ended the day before a slot, and its board (GD-4.1 to GD-4.3)."""
    day = business_day(slot) - _ONE_DAY
    periods = [month_period(day), month_period(day, RunKind.WCI_MONTH)]
    return _run(database, rules, clock, MONTH_RUN, slot, periods)


def run_year(database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Run the year that ended the day before a slot (GD-4.1, GD-4.2)."""
    year = (business_day(slot) - _ONE_DAY).year
    return _run(database, rules, clock, YEAR_RUN, slot, [year_period(year)])


def run_again(database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Run what is not published again where facts changed; inspectors hear once that all are there."""
    outdated = load_outdated(database, business_day(slot) - _RUN_AGAIN_FOR, business_day(clock()))
    return _run(database, rules, clock, RUN_AGAIN, slot, outdated, is_repeat=True)


INDEX_TASKS = (
    ScheduledTask(WEEK_RUN, run_week),
    ScheduledTask(MONTH_RUN, run_month),
    ScheduledTask(YEAR_RUN, run_year),
    ScheduledTask(RUN_AGAIN, run_again),
)
"""In the order in which they run on one morning."""


def _run(
    database: Database,
    rules: AnyRules,
    clock: Clock,
    job: Job,
    slot: datetime,
    periods: Sequence[RunPeriod],
    *,
    is_repeat: bool = False,
) -> str | None:
    now = clock()
    drafts = [d for period in periods if (d := _draft(database, rules, clock, period)) is not None]

    def effect(connection: Connection) -> str:
        said = [_store(connection, draft, None if is_repeat else slot, now) for draft in drafts]
        return "；".join(said) or "无需运行"

    return claim_and_do(database, job, slot, now, effect)


def _draft(database: Database, rules: AnyRules, clock: Clock, period: RunPeriod) -> Draft | None:
    """Decide a period by the rules in force on its last day; None before there were any."""
    with database.reading() as connection:
        media = dated(rules, connection).media_on(period.last_day)
    if period.last_day < media.rules.head.effective_from:
        return None
    return IndexRuns(database, clock, media).draft(period)


def _store(connection: Connection, draft: Draft, slot: datetime | None, now: datetime) -> str:
    """Store one draft and tell inspectors; of a repeated one only when its facts have become complete."""
    label = f"{draft.period.kind.value} {draft.period.label}"
    if not draft.results:
        return f"{label} 没有考核对象"
    try:
        report = save_draft(connection, draft, _ACTOR)
    except PeriodLocked:
        return f"{label} 已发布，未重新运行"
    run = index_runs.load_run(connection, report.run_id)
    assert run is not None  # noqa: S101 - saved above
    n_gaps = len(find_gaps(run, report.results))
    if slot is not None or not n_gaps:
        queue_preview(connection, run, slot, now)
    return f"{label} {len(report.results)} 个结果" + (f"，缺 {n_gaps} 类数据" if n_gaps else "")
