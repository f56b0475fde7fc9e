"""What the read API answers: the readings of the queries, with the clauses and the status they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from monitor.clock import Period, business_day
from monitor.days.readings import GroupDay, Ranking, UnitStatus
from monitor.rules.settings import DayRules
from monitor.units import Group
from scoring.source import ResultStatus, worst_result


@dataclass(frozen=True, slots=True)
class UnitStatusAnswer(UnitStatus):
    """A unit's day."""

    status: ResultStatus = ResultStatus.PROVISIONAL
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RankingAnswer(Ranking):
    """A board of units."""

    status: ResultStatus = ResultStatus.PROVISIONAL
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupDaysAnswer:
    """The days of a group; each carries its own clause, status and sources."""

    group: Group
    first_day: date
    last_day: date
    data_at: datetime | None
    days: tuple[GroupDay, ...]


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """What was wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """A refusal."""

    error: ErrorDetail


def answer_unit_status(reading: UnitStatus, rules: DayRules) -> UnitStatusAnswer:
    """Add clauses and status: 暂定 while the day is open or a rule is not confirmed."""
    rulebook = rules.rulebook
    sources = [band.source for band in rulebook.activity_bands.bands]
    sources += [rulebook.group_duty.source, rulebook.account_duty.source]
    closed = ResultStatus.FINAL if reading.is_closed else ResultStatus.PROVISIONAL
    status = worst_result([closed, *(source.result_status for source in sources)])
    clauses = tuple(dict.fromkeys(source.clause for source in sources))
    return UnitStatusAnswer(**_values(reading), status=status, clauses=clauses)


def answer_ranking(reading: Ranking, rules: DayRules) -> RankingAnswer:
    """Add clause and status: 暂定 while the last day of the period is not closed."""
    source = rules.rulebook.group_duty.source
    is_closed = reading.data_at is not None and business_day(reading.data_at) > reading.last_day
    closed = ResultStatus.FINAL if is_closed else ResultStatus.PROVISIONAL
    status = worst_result([closed, source.result_status])
    return RankingAnswer(**_values(reading), status=status, clauses=(source.clause,))


def answer_group_days(group: Group, period: Period, days: Sequence[GroupDay]) -> GroupDaysAnswer:
    """Put the days of a group beside the period asked for; `data_at` is the latest post in it."""
    latest = [count.last_at for day in days for count in day.by_provenance if count.last_at is not None]
    return GroupDaysAnswer(
        group=group,
        first_day=period.first_day,
        last_day=period.last_day,
        data_at=max(latest, default=None),
        days=tuple(days),
    )


def _values(reading: UnitStatus | Ranking) -> dict[str, Any]:
    return {field.name: getattr(reading, field.name) for field in fields(reading)}
