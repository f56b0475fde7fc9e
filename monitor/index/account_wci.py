"""The WCI of a school's account (微信传播指数) from its articles: inputs, value, reduction, score. Pure.

Key types: `ArticleFigures`, `AccountMeasure`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from monitor.clock import Period
from monitor.index.facts import Content
from monitor.index.periods import RunKind, RunPeriod, weeks_of
from scoring.index_rules import IndexRulebook
from scoring.media import score_account
from scoring.source import ResultStatus, SourceStatus, Verdict, plain
from scoring.switches import Switches
from scoring.wci import FIELDS, VERSIONS, WciResult, compute_wci

_MIN_POSTS = "GD-3.3d.min_posts"


class ArticleFigures(NamedTuple):
    """One article: its day and figures; `figures` without "headline" states that nothing was published."""

    day: date
    figures: Content


@dataclass(frozen=True, slots=True)
class MediaRules:
    """What an account is measured by: the rulebook, the default readings, the version of the formula."""

    rules: IndexRulebook
    switches: Switches
    version: str = "13.0"

    @property
    def week_starts_on(self) -> str:
        """The first day of a WCI week, sunday or monday (D-16)."""
        return self.switches["D-16"].chosen

    @property
    def min_posts(self) -> int:
        """Posts a week below which the score is reduced (GD-3.3d)."""
        return int(self.rules.stated(_MIN_POSTS))


@dataclass(frozen=True, slots=True)
class AccountMeasure:
    """One account and period.

    Attributes:
        n_posts: articles (条), or None when nothing is known: 无数据, not 0.
        inputs: symbols of B.3.
        missing: figures that some articles lack, Chinese.
        wci: its verdict, or None while an input is missing or unknown.
        score: verdict of GD-3.3c-e; outcome None is 待补充; None without data.
        ranked: what a board compares, or None.
        short_weeks: weeks below the least number of posts, as (label, posts).
    """

    n_posts: int | None
    inputs: Mapping[str, int]
    missing: tuple[str, ...] = ()
    wci: Verdict[WciResult] | None = None
    score: Verdict[Decimal | None] | None = None
    ranked: Decimal | None = None
    short_weeks: tuple[tuple[str, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give the measure as JSON values, to be stored beside a run."""
        return {
            "n_posts": self.n_posts,
            "inputs": dict(self.inputs),
            "missing": list(self.missing),
            "wci": _wci_json(self.wci) if self.wci else None,
            "score": self.score.as_json() if self.score else None,
            "short_weeks": [list(week) for week in self.short_weeks],
        }


def _wci_json(wci: Verdict[WciResult]) -> dict[str, Any]:
    result = wci.outcome
    return {
        "value": plain(result.wci),
        "factors": plain(result.factors),
        "flag": result.flag,
        "version": wci.figures["version"],
        "clause": wci.clause,
        "status": wci.status.value,
        "result_status": wci.result_status.value,
        "arithmetic": wci.arithmetic,
    }


def measure_account(
    articles: Sequence[ArticleFigures],
    period: RunPeriod,
    media: MediaRules,
    incident_months: Iterable[str] = (),
    *,
    today: date,
) -> AccountMeasure:
    """Measure one account over a period.

    Source: GD-3.3c 载明, version 推定; GD-3.3d: a week below three posts is reduced, factors 缺失; GD-3.3e:
    a month with a 重大舆情事故 scores 0. A month or year with a reduced week is 待补充: how weeks enter it is
    not stated. A year leaves out the articles of such months (推定).

    Args:
        articles: of the period, and for months and years of the week before it.
        period: a week, month or year.
        media: rules.
        incident_months: months (2019-03) with a declared incident.
        today: only weeks that ended before it are judged.
    """
    incidents = set(incident_months)
    had_incident = period.kind is not RunKind.YEAR and f"{period.last_day:%Y-%m}" in incidents
    inside = [article for article in articles if period.first_day <= article.day <= period.last_day]
    posts = [article for article in inside if "headline" in article.figures]
    if not inside and not had_incident:
        return AccountMeasure(None, {})
    counted = posts
    if incidents and not had_incident:
        counted = [post for post in posts if f"{post.day:%Y-%m}" not in incidents]
    inputs, missing = add_figures(counted, period.wci_days, media.version)
    wci = None if missing else compute_wci(media.version, inputs)
    short_weeks = () if period.kind is RunKind.WCI_WEEK else _short_weeks(articles, period, media, today)
    score = _score(wci, len(posts), short_weeks, media, had_incident=had_incident)
    return AccountMeasure(
        n_posts=len(posts),
        inputs=inputs,
        missing=missing,
        wci=wci,
        score=score,
        ranked=_ranked(wci, len(posts), score, media, period, had_incident=had_incident),
        short_weeks=short_weeks,
    )


def add_figures(
    posts: Sequence[ArticleFigures], days: int, version: str
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the symbols of B.3 for a version of the formula, and which figures are missing.

    A symbol that one article lacks is left out altogether: a sum of the others would look like a fact.
    """
    inputs, missing = {"d": days, "n": len(posts)}, []
    needs = VERSIONS[version].needs
    for symbol in ("R", "Z", "L", "RE"):
        lacking = sum(symbol not in post.figures for post in posts)
        if lacking and symbol in needs:
            missing.append(f"{FIELDS[symbol]}（{lacking} 篇）")
        if lacking or not posts:
            continue
        inputs[symbol] = sum(post.figures[symbol] for post in posts)
        inputs[f"{symbol}t"] = sum(post.figures[symbol] for post in posts if post.figures["headline"])
        inputs[f"{symbol}max"] = max(post.figures[symbol] for post in posts)
    return inputs, tuple(missing)


def _short_weeks(
    articles: Sequence[ArticleFigures], period: RunPeriod, media: MediaRules, today: date
) -> tuple[tuple[str, int], ...]:
    counts = Counter(article.day for article in articles if "headline" in article.figures)
    weeks = [week for week in weeks_of(period, starts_on=media.week_starts_on) if week.last_day < today]
    posts = [
        (week.label, sum(counts[day] for day in Period(week.first_day, week.last_day))) for week in weeks
    ]
    return tuple((label, n_posts) for label, n_posts in posts if n_posts < media.min_posts)


def _score(
    wci: Verdict[WciResult] | None,
    n_posts: int,
    short_weeks: Sequence[tuple[str, int]],
    media: MediaRules,
    *,
    had_incident: bool,
) -> Verdict[Decimal | None] | None:
    if had_incident:
        return score_account(Decimal(0), n_posts, media.rules, media.switches, had_incident=True)
    if wci is None:
        return None
    if short_weeks and n_posts:
        return Verdict(
            name="account_score",
            outcome=None,
            clause="GD-3.3d",
            status=SourceStatus.MISSING,
            result_status=ResultStatus.INCOMPLETE,
            figures={"wci": wci.outcome.wci, "n_short_weeks": len(short_weeks)},
            arithmetic=f"{len(short_weeks)} 周不足 {media.min_posts} 条，缩减如何计入原文未载明，待补充",
        )
    return score_account(wci.outcome.wci, n_posts, media.rules, media.switches)


def _ranked(
    wci: Verdict[WciResult] | None,
    n_posts: int,
    score: Verdict[Decimal | None] | None,
    media: MediaRules,
    period: RunPeriod,
    *,
    had_incident: bool,
) -> Decimal | None:
    """Return the WCI after reduction and before rounding, so that a board does not tie by rounding."""
    if score is None or score.outcome is None:
        return None
    if had_incident or wci is None:
        return Decimal(0)
    is_reduced = period.kind is RunKind.WCI_WEEK and 0 < n_posts < media.min_posts
    factor = media.rules.value(f"GD-3.3d.factor_{n_posts}") if is_reduced else None
    return wci.outcome.wci if factor is None else wci.outcome.wci * factor
