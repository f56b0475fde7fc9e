"""Questions about the Guangdong assessment: bottom lines of a school, and its account. Reads only.

The caller has found the unit in the viewer's scope: a school sees its own rows, a city those below it,
the province all (GD-1.2). Key types: `SchoolReading`, `AccountReading`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from monitor.index.account_wci import AccountMeasure, ArticleFigures, MediaRules, measure_account
from monitor.index.declarations import DeclarationKind
from monitor.index.periods import RunKind, RunPeriod, month_period, week_period
from monitor.store.days.queries import Connection
from monitor.store.index import account_posts
from monitor.store.index import facts as index_facts
from monitor.store.index import runs as index_runs
from monitor.store.index.runs import Result, Run
from monitor.units import Unit
from monitor.usecases.queries.asking import Question
from scoring.index_rules import load_index_rulebook
from scoring.switches import load_switches

SHEETS = (RunKind.MONTH, RunKind.YEAR)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SchoolReading:
    """A unit's result in the latest monthly or yearly run; both None before the first."""

    unit: Unit
    run: Run | None
    result: Result | None


@dataclass(frozen=True, slots=True)
class AccountReading:
    """An account in the last finished week or month, and how the present week goes.

    Attributes:
        account: empty when the school has none that is known.
        measure: from the facts as they stand now.
        place: rank and number of ranked accounts on the published board of that period, if there is one.
        n_announced: articles that callbacks announced in that period, or None.
        n_this_week: articles of the present week, or None without data.
    """

    unit: Unit
    account: str
    period: RunPeriod
    measure: AccountMeasure
    place: tuple[int, int] | None
    n_announced: int | None
    week: RunPeriod
    n_this_week: int | None
    min_posts: int
    version: str
    data_at: datetime | None


@cache
def shipped_media() -> MediaRules:
    """Return the rulebook and default readings as shipped, and the WCI version of 2019 (推定)."""
    return MediaRules(load_index_rulebook(), load_switches())


def answer_bottom_lines(question: Question, unit: Unit) -> SchoolReading:
    """Return a unit's result in the latest run (底线); the caller has checked the scope."""
    run = index_runs.load_latest_run(question.connection, SHEETS)
    if run is None:
        return SchoolReading(unit, None, None)
    results = index_runs.load_results(question.connection, run.run_id, unit_id=unit.unit_id)
    return SchoolReading(unit, run, results[0] if results else None)


def answer_failing(question: Question, path: str) -> tuple[Run | None, list[Result]]:
    """Return the latest run and its results in a subtree, most failed bottom lines first."""
    run = index_runs.load_latest_run(question.connection, SHEETS)
    if run is None:
        return None, []
    results = index_runs.load_results(question.connection, run.run_id, path=path)
    return run, sorted(
        results, key=lambda r: (not r.is_barred, -sum(r.detail["n_failed"].values()), r.unit_code)
    )


def answer_accounts(question: Question, unit: Unit, kind: RunKind, media: MediaRules) -> list[AccountReading]:
    """Return each account of a unit over the last finished week or month; a nameless one if none is known."""
    connection, today = question.connection, question.today
    week = week_period(today, starts_on=media.week_starts_on)
    last = week_period(today - _WEEK, starts_on=media.week_starts_on)
    if kind is RunKind.WCI_MONTH:
        last = month_period(today.replace(day=1) - timedelta(days=1), RunKind.WCI_MONTH)
    known = account_posts.load_known_accounts(connection, unit.unit_id)
    months = {
        row.period
        for row in index_facts.load_declarations_of(connection, last.last_day.year)
        if row.unit_id == unit.unit_id and row.kind == DeclarationKind.INCIDENT.value
    }
    since = min(last.first_day - timedelta(days=6), week.first_day)
    articles = index_facts.load_articles(connection, since, week.last_day, unit.unit_id)
    found = []
    for account, seen_at in known or [account_posts.KnownAccount("", None)]:
        rows = [ArticleFigures(day, content) for day, content in articles.get((unit.unit_id, account), [])]
        found.append(
            AccountReading(
                unit=unit,
                account=account,
                period=last,
                measure=measure_account(rows, last, media, months, today=today),
                place=_place(connection, last, unit, account),
                n_announced=_announced(connection, unit, account, last),
                week=week,
                n_this_week=_count_this_week(connection, unit, account, rows, week),
                min_posts=media.min_posts,
                version=media.version,
                data_at=seen_at,
            )
        )
    return found


def _announced(connection: Connection, unit: Unit, account: str, period: RunPeriod) -> int | None:
    return account_posts.count_published(connection, unit.unit_id, account, period.first_day, period.last_day)


def _count_this_week(
    connection: Connection, unit: Unit, account: str, rows: list[ArticleFigures], week: RunPeriod
) -> int | None:
    """Return the higher of imported and announced articles; None when neither source says anything."""
    inside = [row for row in rows if week.first_day <= row.day <= week.last_day]
    imported = sum("headline" in row.figures for row in inside) if inside else None
    counts = [n for n in (imported, _announced(connection, unit, account, week)) if n is not None]
    return max(counts, default=None)


def _place(connection: Connection, period: RunPeriod, unit: Unit, account: str) -> tuple[int, int] | None:
    run = index_runs.find_run(connection, period)
    if run is None or run.published_at is None:
        return None
    ranks = index_runs.load_ranks(connection, run.run_id)
    rank = ranks.get((unit.unit_id, account))
    return None if rank is None else (rank, len(ranks))
