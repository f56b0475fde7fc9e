"""Whom to remind of today's duty, and how firmly (催办). Pure.

Key types: `Tone`, `Reminder`. 12:00 gentle and 18:00 firm to the group's managers, 21:00 to the admins
of its unit as well. What has been acknowledged today is not repeated.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from enum import Enum
from typing import NamedTuple

from monitor.days.closing import OpenGroup
from monitor.days.counting import DayVerdict
from monitor.delivery.alerts import (
    AlertKind,
    Finding,
    Watcher,
    admins_by_path,
    managers_by_group,
    nearest_admins,
)
from scoring.duty import DutyState


class Tone(Enum):
    """How firmly a reminder speaks; the value is its time of day."""

    GENTLE = time(12, 0)
    FIRM = time(18, 0)
    ESCALATED = time(21, 0)


class Reminder(NamedTuple):
    """Everything one person is reminded of at one time."""

    recipient: str
    is_manager: bool  # of these groups; otherwise admin of their unit
    findings: list[Finding]


def find_unmet(groups: Iterable[OpenGroup], verdicts: Mapping[int, DayVerdict], day: date) -> list[Finding]:
    """Return the groups whose duty of the day is not met so far; 无数据 is said as such.

    Source: HN-2.1.3b.
    """
    found = []
    for group in groups:
        verdict = verdicts[group.group_id]
        if verdict.duty is not DutyState.MET:
            key = f"{AlertKind.TODAY_UNMET.name.lower()}:{group.group_id}:{day}"
            found.append(
                Finding(
                    AlertKind.TODAY_UNMET, key, day, group.unit_id, group.unit_path, group.group_id,
                    group.code, group.name, _detail(verdict),
                )
            )  # fmt: skip
    return found


def address_reminders(
    findings: Iterable[Finding], watchers: Sequence[Watcher], tone: Tone, acknowledged: frozenset[str]
) -> list[Reminder]:
    """Return one reminder per person.

    Args:
        findings: groups whose duty is not met.
        watchers: all bound people.
        tone: decides whether admins are told.
        acknowledged: keys of findings that somebody has acknowledged (确认).
    """
    managers, admins = managers_by_group(watchers), admins_by_path(watchers)
    by_manager: dict[str, list[Finding]] = {}
    by_admin: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.key in acknowledged or finding.group_id is None:
            continue
        for recipient in managers.get(finding.group_id, ()):
            by_manager.setdefault(recipient, []).append(finding)
        if tone is Tone.ESCALATED:
            for recipient in nearest_admins(finding.unit_path, admins):
                by_admin.setdefault(recipient, []).append(finding)
    return [Reminder(recipient, True, found) for recipient, found in by_manager.items()] + [
        Reminder(recipient, False, found) for recipient, found in by_admin.items()
    ]


def _detail(verdict: DayVerdict) -> str:
    if verdict.duty is DutyState.NO_TOPIC:
        return "⚠️尚无已开设的微话题"
    if verdict.duty is DutyState.NO_DATA:
        return "❔今日尚无数据"
    return f"今日 {verdict.n_posts} 条，话题相关 {verdict.n_relevant} 条"
