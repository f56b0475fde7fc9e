"""Chat answers about alerts and reminders: the open ones (提醒), one acknowledged (确认). Pure.

Every alert is shown with its 编号, which is what 确认 takes; what holds no more is said as such.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.replies.phrases import Answer, Row, compose, fits, mark_duty, on_day, show_day, show_instant
from monitor.days.readings import GroupDay
from monitor.delivery.alerts import AlertKind
from monitor.units import Role, Viewer
from monitor.usecases.delivery.notifications import Acknowledgement, AlertReading, OpenCount
from scoring.duty import DutyState

_HOW_TO_PICK = "回复行首的数字查看详情"
_CLAUSES: Mapping[str, str] = {
    AlertKind.GROUP_UNMET: "每日职责 HN-2.1.3b",
    AlertKind.TODAY_UNMET: "每日职责 HN-2.1.3b",
    AlertKind.NO_TOPIC: "每日职责 HN-2.1.3b",
    AlertKind.ACCOUNT_UNMET: "公众号 HN-2.1.3a",
    AlertKind.GROUP_POOR: "活跃度 HN-4.1d",
    AlertKind.POOR_STREAK: "连续差 HN-4.1e",
}
_MARKS: Mapping[str, str] = {AlertKind.NO_DATA: "❔", AlertKind.NO_TOPIC: "⚠️"}
_MOST_NAME_CHARS = 40


def tell_reminders(
    viewer: Viewer,
    about: str,
    alerts: Sequence[AlertReading],
    count: OpenCount,
    today: Mapping[str, GroupDay],
    now: datetime,
) -> Answer:
    """Answer 提醒: what is open, what nobody has acknowledged first.

    Args:
        viewer: leaders read only and open no group.
        about: name of the one group asked about, or "".
        alerts: the first of them, in order.
        count: of all.
        today: the present state of groups by code, for the reminders of today.
        now: the present instant.
    """
    subject = f"{about}：" if about else ""
    if not count.n_open:
        return compose(
            f"{subject}没有未办结的预警和提醒 ✅", _data_line(now), [], suggestion=_own_page(viewer)
        )
    acknowledged = f"，其中已确认 {count.n_acknowledged} 条" if count.n_acknowledged else ""
    ordered = sorted(alerts, key=lambda alert: _is_settled(alert, today))
    to_confirm = [alert for alert in ordered if not _is_settled(alert, today)]
    may_confirm = bool(to_confirm) and viewer.role is not Role.LEADER
    clauses = dict.fromkeys(_CLAUSES[alert.kind] for alert in ordered if alert.kind in _CLAUSES)
    return compose(
        f"{subject}未办结的预警和提醒 {count.n_open} 条{acknowledged}",
        _data_line(now),
        [_row(alert, viewer, today, now) for alert in ordered],
        n_more=count.n_open - len(alerts),
        basis=f"依据：{'、'.join(clauses)}" if clauses else "",
        suggestion=f"确认 {to_confirm[0].alert_id}" if may_confirm else _own_page(viewer),
        how_to_pick=_HOW_TO_PICK,
    )


def with_waiting(answer: Answer, waiting: Sequence[str]) -> Answer:
    """Put messages that could not be pushed (待拉取) before an answer, as far as they fit."""
    for n_shown in range(len(waiting), 0, -1):
        text = "\n".join((f"未推送到您的消息 {len(waiting)} 条：", *waiting[:n_shown], answer.text))
        if fits(text):
            return Answer(text, answer.choices, answer.step)
    return answer


def confirm_acknowledgement(done: Acknowledgement, now: datetime) -> Answer:
    """Answer 确认: what is stored now, under which number, and how to take it back."""
    alert = done.alert
    what = f"{_short(alert.title)}（{show_day(alert.business_day, now)}）"
    if done.is_new:
        lines = [
            f"✅ 已确认编号 {alert.alert_id}：{what}",
            "此项不再重复提醒。确认不等于办结，办结后自动结束",
            f"登记时间 {show_instant(now, now)}，记录编号 {done.number}",
            f"回复 撤销 {done.number} 可恢复原状（10分钟内）",
        ]
    elif alert.acknowledged_at is not None:
        lines = [
            f"已确认(编号 {alert.alert_id})，未重复登记",
            what,
            f"登记时间 {show_instant(alert.acknowledged_at, now)}",
        ]
    else:
        ended = show_instant(alert.resolved_at, now) if alert.resolved_at else ""
        lines = [f"编号 {alert.alert_id} 已于 {ended} 结束，无需确认", what]
    return Answer("\n".join((*lines, "可回复：提醒")))


def confirm_undone(alert: AlertReading, undone: int, number: int, now: datetime) -> Answer:
    """Answer 撤销 of an acknowledgement."""
    lines = (
        f"✅ 已撤销编号 {undone}。提醒 {alert.alert_id} 恢复为未确认",
        _short(alert.title),
        f"登记时间 {show_instant(now, now)}，编号 {number}",
        "可回复：提醒",
    )
    return Answer("\n".join(lines))


def _row(alert: AlertReading, viewer: Viewer, today: Mapping[str, GroupDay], now: datetime) -> Row:
    day = show_day(alert.business_day, now)
    seen = "，已确认" if alert.acknowledged_at else ""
    text = f"{_state(alert, today, now)}（{day}，编号 {alert.alert_id}{seen}）"
    if viewer.role is Role.LEADER:
        return Row(text)
    page = f"群 {alert.group_code}" if alert.group_code else f"未达标 {alert.unit_code}"
    if alert.kind == AlertKind.POOR_STREAK:
        return Row(text, f"状态 {alert.unit_code}")
    return Row(text, on_day(page, alert.business_day, now))


def _state(alert: AlertReading, today: Mapping[str, GroupDay], now: datetime) -> str:
    """Return the alert's words; a reminder of today says how things stand now, not when it was sent."""
    group_day = today.get(alert.group_code or "") if alert.kind == AlertKind.TODAY_UNMET else None
    if group_day is None:
        return f"{_MARKS.get(alert.kind, '❌')}{_short(alert.title)}"
    words = "今日已完成" if group_day.duty is DutyState.MET else f"今日{group_day.duty.value}"
    if group_day.duty is DutyState.NOT_MET:
        words = AlertKind.TODAY_UNMET.value
    mark = mark_duty(group_day.duty, group_day.day, now)
    return f"{mark}{_short(f'{group_day.group.code} {group_day.group.name}')} {words}"


def _is_settled(alert: AlertReading, today: Mapping[str, GroupDay]) -> bool:
    """Tell whether nothing is left to acknowledge: somebody has, or today's duty is done by now."""
    if alert.acknowledged_at is not None:
        return True
    group_day = today.get(alert.group_code or "") if alert.kind == AlertKind.TODAY_UNMET else None
    return group_day is not None and group_day.duty is DutyState.MET


def _own_page(viewer: Viewer) -> str:
    return "今日" if viewer.role is Role.GROUP_MANAGER else "状态"


def _data_line(now: datetime) -> str:
    return f"数据截至 {show_instant(now, now)}"


def _short(title: str) -> str:
    """Return a title that fits a row; its last word, which says what is wrong, stays."""
    if len(title) <= _MOST_NAME_CHARS:
        return title
    head, _, word = title.rpartition(" ")
    return f"{head[: _MOST_NAME_CHARS - len(word) - 2]}… {word}"
