"""Response to requests and activities of 青年之声 (响应效率、活动): GD-3.1f, GD-3.1h-j.

Imports only the standard library and `scoring`. Key types: `ActivityFacts`, `ActivityCount`, `InvalidReason`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import Enum

from scoring.index_rules import IndexRulebook
from scoring.source import ResultStatus, SourceStatus, Verdict, worst_result


class InvalidReason(Enum):
    """Why a person labelled an activity invalid (无效活动)."""

    FAKED_FIGURES = "恶意刷数据"
    FICTITIOUS = "虚假活动"
    MEETING_ONLY = "纯工作会议"
    DOUBLE_SIGN_UP = "平台以外重复报名"
    UNCLEAR = "描述过于随意"


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """One published activity (活动): sign-ups, photos uploaded after it, and a person's label if any."""

    n_sign_ups: int
    n_photos: int
    invalid_reason: InvalidReason | None = None


@dataclass(frozen=True, slots=True)
class ActivityCount:
    """How many published activities count (计入).

    Attributes:
        n_published, n_eligible, n_invalid: 个.
        invalid_ratio: invalid / published (0-1); None when nothing was published.
        multiplier: factor on the item; 1 while the source's numbers are lost.
    """

    n_published: int
    n_eligible: int
    n_invalid: int
    invalid_ratio: Decimal | None
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class ResponseCount:
    """How many requests (业务申请) were answered in time; open ones inside the limit are left out."""

    n_timely: int
    n_late: int
    n_excluded: int


def count_activities(activities: Iterable[ActivityFacts], rules: IndexRulebook) -> Verdict[ActivityCount]:
    """Count activities (活动) that have sign-ups and photos and are not labelled invalid.

    Source: GD-3.1h, GD-3.1j 载明; GD-3.1i 缺失: limit, step and factor are lost, so the multiplier is 1
    and the verdict shows 未载明. Supplied numbers count full steps above the limit (推定).

    Args:
        activities: one entry per published activity.
        rules: for the three numbers.
    """
    published = list(activities)
    n_invalid = sum(1 for activity in published if activity.invalid_reason is not None)
    n_eligible = sum(
        1 for a in published if a.n_sign_ups >= 1 and a.n_photos >= 1 and a.invalid_reason is None
    )
    ratio = Decimal(n_invalid) / Decimal(len(published)) if published else None
    numbers = [rules.parameters[f"GD-3.1i.{name}"] for name in ("limit_ratio", "step_ratio", "factor")]
    values = [parameter.value for parameter in numbers]
    multiplier = _multiply_per_step(ratio or Decimal(0), *values)
    tail = "无效占比的系数原文未载明，按 1 计" if multiplier is None else f"系数 {multiplier}"
    share = f"，无效占比 {n_invalid}/{len(published)}" if published else ""
    return Verdict(
        name="activities",
        outcome=ActivityCount(
            len(published), n_eligible, n_invalid, ratio, Decimal(1) if multiplier is None else multiplier
        ),
        clause="GD-3.1i",
        status=SourceStatus.MISSING if multiplier is None else SourceStatus.INFERRED,
        result_status=worst_result(parameter.source.result_status for parameter in numbers)
        if multiplier is None
        else ResultStatus.PROVISIONAL,
        figures={"n_published": len(published), "n_eligible": n_eligible, "n_invalid": n_invalid},
        arithmetic=f"发布 {len(published)} 个，计入 {n_eligible} 个{share}；{tail}",
    )


def _multiply_per_step(
    ratio: Decimal, limit: Decimal | None, step: Decimal | None, factor: Decimal | None
) -> Decimal | None:
    if limit is None or step is None or factor is None:
        return None
    if ratio <= limit:
        return Decimal(1)
    steps = int(((ratio - limit) / step).to_integral_value(rounding=ROUND_FLOOR))
    return Decimal(factor**steps)


def is_timely(applied_at: datetime, reviewed_at: datetime, rules: IndexRulebook) -> bool:
    """Tell whether a request was reviewed within the limit (72小时内), the last second included.

    Source: GD-3.1f 载明.

    Args:
        applied_at: aware instant.
        reviewed_at: aware instant, not before the request.
        rules: for the limit.
    Raises: ValueError if the review lies before the request.
    """
    if reviewed_at < applied_at:
        raise ValueError(f"reviewed {reviewed_at.isoformat()} before applied {applied_at.isoformat()}")
    return reviewed_at - applied_at <= timedelta(hours=int(rules.stated("GD-3.1f.limit_hours")))


def count_responses(
    requests: Iterable[tuple[datetime, datetime | None]], now: datetime, rules: IndexRulebook
) -> ResponseCount:
    """Count timely and late reviews (及时响应); the indicator is timely / (timely + late).

    Source: GD-3.1f 载明; open requests younger than the limit are left out: 推定.

    Args:
        requests: (applied, reviewed or None while open), aware instants.
        now: aware instant of the count.
        rules: for the limit.

    Raises: ValueError if a review, or now, lies before its request.
    """
    n_timely = n_late = n_excluded = 0
    for applied_at, reviewed_at in requests:
        in_time = is_timely(applied_at, reviewed_at or now, rules)
        n_late += not in_time
        n_timely += in_time and reviewed_at is not None
        n_excluded += in_time and reviewed_at is None
    return ResponseCount(n_timely, n_late, n_excluded)
