"""Daily duty (每日至少 1 条) of groups and official accounts: HN-2.1.3.

Imports only `scoring.source`. Key types: `DutyState`, `DutyRule`.
Weekends and holidays count ("每天"). Duty says nothing about activity, and the other way round.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from scoring.source import Provenance, ResultStatus, Verdict


class DutyState(Enum):
    """State of one day's duty (每日职责)."""

    MET = "达标"
    NOT_MET = "未达标"
    NO_TOPIC = "无微话题"
    NO_DATA = "无数据"


@dataclass(frozen=True, slots=True)
class DutyRule:
    """How many qualifying posts (条) are owed each calendar day; `rulebook.group_duty` or `.account_duty`."""

    min_posts: int
    source: Provenance


def judge_group_duty(
    n_relevant: int | None, has_open_topic: bool, rule: DutyRule, *, day_closed: bool = True
) -> Verdict[DutyState]:
    """Judge whether a group (微信群) met its daily duty around an open topic (微话题).

    Source: HN-2.1.3b 载明; 无微话题 as a fault of its own: 推定.
    A missing topic is known from our own register, so 无微话题 is reported even when there is no data.

    Args:
        n_relevant: on-topic posts of that day (条), ≥ 0; None means no data.
        has_open_topic: a topic was open for the group at any time of that day.
        rule: `rulebook.group_duty`.
        day_closed: False before the nightly close; an unmet duty is then 暂定.

    Returns: verdict with the state. 无数据 is 待补充, never 未达标.

    Raises: ValueError if n_relevant is negative or not an integer.
    """
    figures = {"n_relevant": n_relevant, "has_open_topic": has_open_topic, "day_closed": day_closed}
    _require_count("n_relevant", n_relevant)
    if not has_open_topic:
        return _verdict("group_duty", DutyState.NO_TOPIC, rule, figures, "当日没有已开设的微话题", day_closed)
    return _judge("group_duty", n_relevant, "围绕微话题", rule, figures, day_closed)


def judge_account_duty(
    n_qualifying: int | None, rule: DutyRule, *, day_closed: bool = True
) -> Verdict[DutyState]:
    """Judge whether an official account (公众号) met its daily duty.

    Source: HN-2.1.3a 载明.

    Args:
        n_qualifying: qualifying articles of that day (条, D-17), ≥ 0; None means no data.
        rule: `rulebook.account_duty`.
        day_closed: False before the nightly close; an unmet duty is then 暂定.

    Returns: verdict with the state. 无数据 is 待补充, never 未达标.

    Raises: ValueError if n_qualifying is negative or not an integer.
    """
    figures = {"n_qualifying": n_qualifying, "day_closed": day_closed}
    _require_count("n_qualifying", n_qualifying)
    return _judge("account_duty", n_qualifying, "符合内容要求", rule, figures, day_closed)


def _require_count(name: str, count: int | None) -> None:
    if count is not None and (type(count) is not int or count < 0):
        raise ValueError(f"{name} must be an integer ≥ 0 or None, got {count!r}")


def _judge(
    name: str, count: int | None, what: str, rule: DutyRule, figures: Mapping[str, object], day_closed: bool
) -> Verdict[DutyState]:
    if count is None:
        return _verdict(name, DutyState.NO_DATA, rule, figures, "当日无数据，不作判断", day_closed)
    is_met = count >= rule.min_posts
    sign = "≥" if is_met else "<"
    line = f"当日{what} {count} 条 {sign} {rule.min_posts} 条"
    return _verdict(name, DutyState.MET if is_met else DutyState.NOT_MET, rule, figures, line, day_closed)


def _verdict(
    name: str, state: DutyState, rule: DutyRule, figures: Mapping[str, object], line: str, day_closed: bool
) -> Verdict[DutyState]:
    if state is DutyState.NO_DATA:
        result_status = ResultStatus.INCOMPLETE
    elif day_closed or state is DutyState.MET:
        result_status = rule.source.result_status
    else:
        result_status = ResultStatus.PROVISIONAL
        line += "（当日未结束，暂定）"
    return Verdict(
        name=name,
        outcome=state,
        clause=rule.source.clause,
        status=rule.source.status,
        result_status=result_status,
        figures=figures,
        arithmetic=f"{line} → {state.value}",
    )
