"""What a reminder says: the groups, their numbers to acknowledge, and what to do."""

from collections.abc import Mapping
from datetime import time

from monitor.delivery.alerts import Finding
from monitor.reminders.duty import Reminder, Tone
from monitor.texts.folding import MOST_BYTES, name_codes

_MOST_LINES = 8
_MARGIN = 25  # bytes that the count of those that cannot be named takes
_MANAGER_ASKS = {
    Tone.GENTLE: "请今天围绕微话题发布至少 1 条",
    Tone.FIRM: "请在今天 24:00 前完成，逾期按未达标计",
    Tone.ESCALATED: "今天即将结束，请尽快完成；已同时提醒上级管理员",
}
_ADMIN_ASKS = "请督促群管理员在 24:00 前完成"


def reminder_text(reminder: Reminder, tone: Tone, alert_ids: Mapping[str, int], at: time) -> tuple[str, str]:
    """Return title and text of a reminder; each group carries the number that acknowledges it."""
    found = sorted(reminder.findings, key=lambda finding: finding.code)
    title = f"{_sign(tone)}今日尚有 {len(found)} 个群未完成每日发布"
    asks = _MANAGER_ASKS[tone] if reminder.is_manager else _ADMIN_ASKS
    head = [title, f"数据截至 {at:%H:%M}", *(_line(finding, alert_ids) for finding in found[:_MOST_LINES])]
    tail = [asks, f"回复“确认 {alert_ids[found[0].key]}”不再提醒该群"]
    rest = found[_MOST_LINES:]
    if rest:
        more = f"另有 {len(rest)} 个，编号可回复“提醒 群编号”查询："
        room = MOST_BYTES - sum(len(line.encode()) + 1 for line in (*head, *tail, more)) - _MARGIN
        head.append(more + name_codes([finding.code for finding in rest], room))
    return title, "\n".join((*head, *tail))


def _sign(tone: Tone) -> str:
    return "" if tone is Tone.GENTLE else "⚠️"


def _line(finding: Finding, alert_ids: Mapping[str, int]) -> str:
    return f"编号 {alert_ids[finding.key]}：{finding.code} {finding.name}，{finding.detail}"
