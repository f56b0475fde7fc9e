"""Reminder policies (提醒策略) per duty: when, how firmly, whether the parent is told, quiet hours. Pure.

The defaults are those of requirement D.8; what a person changes is a row of the database. The global quiet
hours and 确认 always hold. Key types: `ReminderPolicy`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from monitor.clock import as_shanghai
from monitor.delivery.outbox import QuietHours
from monitor.errors import BadParameter, NotFound
from monitor.reminders.duty import Tone
from monitor.schedule import REMINDERS, Job

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_MOST_TIMES = 6


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """How people are reminded of one duty.

    Attributes:
        job: name of the job whose slots these are.
        times: of Shanghai's wall clock, in order.
        month_days: days of the month; empty for every day on which the duty is looked at.
        escalates: at the last time of a day the parent unit is told as well.
        changed_by: who changed it; empty for the default of D.8.
    """

    job: str
    title: str
    clause: str
    recipients: str
    times: tuple[time, ...]
    month_days: tuple[int, ...] = ()
    escalates: bool = False
    quiet: QuietHours = field(default_factory=QuietHours)
    is_on: bool = True
    changed_at: datetime | None = None
    changed_by: str = ""

    def tone_at(self, at: time) -> Tone:
        """Return how firmly a slot speaks: the first gently, the last to the parent too, the rest firmly."""
        if self.escalates and at == self.times[-1]:
            return Tone.ESCALATED
        return Tone.GENTLE if at == self.times[0] else Tone.FIRM

    def tells_above(self, slot: datetime) -> bool:
        """Tell whether the layer above is told as well: at the last time of the last day, where it is on."""
        at = as_shanghai(slot)
        is_last_day = not self.month_days or at.day == self.month_days[-1]
        return self.escalates and is_last_day and at.time() == self.times[-1]

    def adapt(self, job: Job) -> Job | None:
        """Return the job with this policy's times, or None if the duty is not reminded of."""
        return replace(job, times=self.times, month_days=self.month_days) if self.is_on else None


DEFAULTS: tuple[ReminderPolicy, ...] = (
    ReminderPolicy(
        REMINDERS.name,
        "每日发布",
        "HN-2.1.3",
        "群管理员",
        REMINDERS.times,
        escalates=True,
    ),
    ReminderPolicy("weekly_due", "微信周报", "HN-4.1a", "市县、高校管理员（截止日）", (time(9, 0),)),
    ReminderPolicy("video_due", "视听产品投稿", "GD-3.3a", "高校管理员", (time(9, 0),), (15,)),
    ReminderPolicy("self_assessment_due", "年度自评", "HN-4.2", "单位管理员", (time(9, 0),), (1, 15, 25)),
    ReminderPolicy(
        "site_visit_due",
        "现场督导",
        "HN-4.1f",
        "督导检查、交叉检查单位的管理员（12-31 前，推定）",
        (time(9, 0),),
        (1, 15, 25),
    ),
)


def default_policy(job: str) -> ReminderPolicy:
    """Return the default of a duty, by its job's name or its Chinese title.

    Raises: NotFound with the known ones.
    """
    found = next((one for one in DEFAULTS if job in (one.job, one.title)), None)
    if found is None:
        known = "、".join(f"{one.title}（{one.job}）" for one in DEFAULTS)
        raise NotFound(f"no policy {job!r}", user_text=f"没有该事项的提醒策略，可选：{known}")
    return found


def has_policy(job: str) -> bool:
    """Tell whether a job's times are a reminder policy."""
    return any(one.job == job for one in DEFAULTS)


def read_times(text: str) -> tuple[time, ...]:
    """Read 「12:00,18:00」.

    Raises: BadParameter.
    """
    found = [_CLOCK.fullmatch(word) for word in re.split(r"[\s,，、;；]+", text.strip())]
    times = sorted({time(int(one[1]), int(one[2])) for one in found if one})
    if not times or None in found or len(times) > _MOST_TIMES:
        raise BadParameter(
            f"times {text!r}", user_text=f"时间应为 1–{_MOST_TIMES} 个时刻，如 12:00,18:00,21:00"
        )
    return tuple(times)


def read_quiet(text: str) -> QuietHours:
    """Read 「22:00-07:30」.

    Raises: BadParameter.
    """
    begins, _, ends = text.replace("—", "-").replace("–", "-").partition("-")
    return QuietHours(read_times(begins)[0], read_times(ends)[0])


def read_month_days(text: str) -> tuple[int, ...]:
    """Read 「1,15,25」; empty text is every day.

    Raises: BadParameter.
    """
    words = [word for word in re.split(r"[\s,，、]+", text.strip()) if word]
    days = sorted({int(word) for word in words if word.isdecimal() and 1 <= int(word) <= 28})
    if len(days) != len(set(words)):
        raise BadParameter(f"month days {text!r}", user_text="日期应为 1–28 的整数，如 1,15,25")
    return tuple(days)


def require_sensible(policy: ReminderPolicy) -> ReminderPolicy:
    """Return a policy none of whose times is quiet.

    Raises: BadParameter.
    """
    silent = [at for at in policy.times if _is_quiet(policy.quiet, at)]
    if silent:
        words = "、".join(f"{at:%H:%M}" for at in silent)
        raise BadParameter("quiet times", user_text=f"{words} 在静默时段内，提醒不会发出，请改时间或静默时段")
    return policy


def _is_quiet(quiet: QuietHours, at: time) -> bool:
    if quiet.begins <= quiet.ends:
        return quiet.begins <= at < quiet.ends
    return at >= quiet.begins or at < quiet.ends


def show_times(times: Sequence[time]) -> str:
    """Return 「12:00、18:00」."""
    return "、".join(f"{at:%H:%M}" for at in times)
