"""Terms of office: designated officers (专责人员) and group managers (群管理员), and how they are used. Pure.

Exactly one officer per unit (HN-2.2.2a), at least one manager per group (HN-2.2.2b). Whether somebody does
not play their part (不能发挥作用) is only suggested (D-02), never decided. Key types: `Term`, `TermUse`,
`Vacancy`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from monitor.ledger.reconciliation import Mismatch, MismatchFinding
from scoring.rubric import show_percent


class Term(NamedTuple):
    """A term of office; `until` is its last day, None while it goes on."""

    term_id: int
    place_id: int  # of the unit or the group
    name: str
    since: date
    until: date | None
    is_bound: bool  # can be reached in chat

    def holds_on(self, day: date) -> bool:
        """Tell whether the person is in office on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


class Place(NamedTuple):
    """A unit that needs an officer, or a group that needs a manager."""

    place_id: int
    unit_id: int
    code: str
    name: str


class TermUse(NamedTuple):
    """A manager in office with what can be said of the last 30 days.

    `n_active_days` are days with posts in the group; `n_met` of `n_with_data` closed days met the daily duty;
    `last_active_on` is the last day with any post in the group, None if there was none.
    """

    term: Term
    group_code: str
    group_name: str
    unit_name: str
    n_active_days: int
    n_met: int
    n_with_data: int
    n_unacknowledged: int
    last_active_on: date | None
    suggestion: str = ""  # D-02; a person confirms

    @property
    def duty_words(self) -> str:
        """The duty rate with its base; 无数据 is never 0 %."""
        if not self.n_with_data:
            return "❔无数据"
        return f"{self.n_met}/{self.n_with_data} = {show_percent(self.n_met, self.n_with_data)}"


class Trial(StrEnum):
    """The choices of D-02."""

    SUGGEST = "suggest"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class InactivityRule:
    """D-02: after how many days without any action, or below which duty rate of a month, to suggest."""

    inactive_days: int
    least_duty: Decimal
    is_on: bool

    @property
    def words(self) -> str:
        """The rule in one line, with its source status."""
        if not self.is_on:
            return "D-02 默认：不提示"
        share = f"{(self.least_duty * 100).normalize():f}"
        return f"D-02 默认：连续 {self.inactive_days} 天无动作，或近 30 天达标率低于 {share}%，仅建议"


def read_inactivity(chosen: str, parameters: Mapping[str, Any]) -> InactivityRule:
    """Read the switch D-02.

    Source: D-02 默认 (HN-2.1.4 does not state the criterion).
    """
    days, least = int(parameters["inactive_days"]), Decimal(str(parameters["min_duty_ratio"]))
    return InactivityRule(days, least, chosen == Trial.SUGGEST)


def suggest_change(use: TermUse, rule: InactivityRule, today: date) -> str:
    """Return why a change of manager (调整) might be asked for, "" for no reason.

    A day without data says nothing about the manager: silence is only counted from the last heard day on
    where data came in at all.

    Source: HN-2.1.4, HN-2.2.2c; D-02 默认. A suggestion; a person decides.
    """
    if not rule.is_on:
        return ""
    begun = max(use.term.since, use.last_active_on or use.term.since)
    n_idle = (today - begun).days
    if use.n_with_data and n_idle >= rule.inactive_days:
        return f"已 {n_idle} 天无动作（≥{rule.inactive_days} 天），建议了解情况后调整"
    if use.n_with_data and Decimal(use.n_met) / use.n_with_data < rule.least_duty:
        return f"近 30 天达标率 {use.duty_words}，低于标准，建议了解情况后调整"
    return ""


def find_officer_problems(
    units: Iterable[Place], terms: Sequence[Term], day: date, expected: frozenset[int]
) -> list[MismatchFinding]:
    """Return the units without a designated officer, and those with two.

    Of the units that never had one only those of the first level are named (the clause is addressed to
    市县 and 高校); whoever had one and lost them is named on every level.

    Source: HN-2.2.2a (明确一名人员专门负责).

    Args:
        units: active.
        terms: of officers, ended ones included.
        day: the present day.
        expected: ids of the units of the first level.
    """
    by_unit: dict[int, list[Term]] = {}
    for term in terms:
        by_unit.setdefault(term.place_id, []).append(term)
    found = []
    for unit in units:
        known = by_unit.get(unit.place_id, [])
        held = [term for term in known if term.holds_on(day)]
        if len(held) > 1:
            text = f"在任专责 {len(held)} 人（{'、'.join(term.name for term in held)}），应明确一名"
            found.append(_about(Mismatch.TWO_OFFICERS, unit, text))
        elif not held and (known or unit.place_id in expected):
            text = f"专责自 {_ended(known):%m-%d} 起缺位，请明确一名" if known else "尚未明确专责人员"
            found.append(_about(Mismatch.NO_OFFICER, unit, text))
    return found


def find_manager_vacancies(
    groups: Iterable[Place], terms: Sequence[Term], day: date
) -> list[MismatchFinding]:
    """Return the open groups without a manager in office.

    Source: HN-2.2.2b.
    """
    staffed = {term.place_id for term in terms if term.holds_on(day)}
    return [
        MismatchFinding(
            Mismatch.NO_MANAGER,
            group.unit_id,
            group.place_id,
            f"{group.code} {group.name}",
            "没有在任的群管理员，请登记并邀请",
        )
        for group in groups
        if group.place_id not in staffed
    ]


def _about(kind: Mismatch, unit: Place, text: str) -> MismatchFinding:
    return MismatchFinding(kind, unit.unit_id, None, unit.name, text)


def _ended(terms: Sequence[Term]) -> date:
    """Return the day after the last term."""
    return max(term.until or term.since for term in terms) + timedelta(days=1)
