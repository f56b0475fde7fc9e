"""Chat answers about incidents (不良信息事件): lists, cards, what was stored, and open alerts (预警). Pure.

Whether a body may be shown is decided before: what leadership gets holds none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.replies.notices import FINAL, UNDO
from bot.replies.phrases import Answer, Row, compose, show_instant
from monitor.incidents.course import (
    CLAUSE,
    SETTLED,
    IncidentAct,
    IncidentState,
    list_possible_acts,
    missed_target,
)
from monitor.incidents.readings import HistoryReading, IncidentCard, IncidentReading
from monitor.people.steps import PictureState
from monitor.units import Role, Viewer
from monitor.usecases.delivery.notifications import AlertReading, OpenCount
from monitor.usecases.incidents.acts import Acted
from monitor.usecases.incidents.report import Reported
from monitor.usecases.incidents.undo import TakenBack

_N_PLACES = 3
_N_HISTORY = 3
_N_INCIDENTS_AMONG_ALERTS = 4
_URGENT_LEVEL = 2  # of four; 1 is the most urgent
_NEXT = {
    IncidentState.REVIEW: "处置 {} 确认",
    IncidentState.FOUND: "处置 {} 删除 说明",
    IncidentState.CONFIRMED: "处置 {} 删除 说明",
    IncidentState.DISPOSED: "处置 {} 引导 说明",
    IncidentState.GUIDED: "处置 {} 办结",
}


def tell_report(reported: Reported, now: datetime) -> Answer:
    """Answer 举报: number of the incident, who was told, and to keep the evidence (D.5)."""
    number = reported.incident_id
    if not reported.is_new:
        return Answer(f"已收到（事件{number}），未重复登记\n{reported.place_label}\n可回复：事件 {number}")
    told = "、".join(f"{role} {n_people} 人" for role, n_people in reported.told)
    lines = [
        f"✅ 已登记 事件{number}：{reported.place_label}",
        f"登记时间 {show_instant(now, now)}，编号 {reported.number}",
        f"已通知：{told}" if told else "⚠️暂无已绑定的责任人可通知，请电话联系上级团组织",
        "请先保留证据再撤回",
        UNDO.format(reported.number),
    ]
    return Answer("\n".join(lines))


def confirm_withdrawal(incident_id: int, number: int, now: datetime) -> Answer:
    """Answer 撤销 of a report."""
    first = f"✅ 已撤销编号 {number}：事件{incident_id} 的举报"
    return Answer(f"{first}\n登记时间 {show_instant(now, now)}\n可回复：事件")


def tell_acted(acted: Acted, viewer: Viewer, now: datetime) -> Answer:
    """Answer an act: what was stored, for how many places, what is next."""
    incident, number = acted.incident, acted.incident.incident_id
    if not acted.number:
        return Answer(f"已收到（事件{number}），未重复登记\n{_head(incident)}\n可回复：事件 {number}")
    places = f"（{acted.n_moved} 处）" if acted.n_moved > 1 else ""
    lines = [
        f"✅ 事件{number} 已登记“{acted.act}”{places}，当前“{incident.state}”",
        f"登记时间 {show_instant(now, now)}，编号 {acted.number}",
        _name(incident),
    ]
    if acted.n_posts:
        is_back = acted.act is IncidentAct.FALSE_ALARM
        what = "恢复计入条数" if is_back else "不再计入条数"
        lines.append(f"{acted.n_posts} 条发布信息{what}（D-07），已日结的当天将重新结算")
    lines.append(UNDO.format(acted.number))
    suggestion = _suggestion(incident, viewer)
    lines.append(f"可回复：{suggestion}" if suggestion else "")
    return Answer("\n".join(line for line in lines if line))


def tell_act_taken_back(taken: TakenBack, number: int, now: datetime) -> Answer:
    """Answer 撤销 of an act: where the incident stands again, and that its history keeps both."""
    incident = taken.incident
    follows = f"{taken.n_posts} 条发布信息的计数随之恢复，已日结的当天将重新结算" if taken.n_posts else ""
    lines = (
        f"✅ 已撤销编号 {number}：事件{incident.incident_id} 的“{taken.act}”，当前“{incident.state}”",
        f"登记时间 {show_instant(now, now)}，编号 {taken.number}；两次登记均留存",
        follows,
        f"可回复：事件 {incident.incident_id}",
    )
    return Answer("\n".join(line for line in lines if line))


def tell_card(card: IncidentCard, viewer: Viewer, now: datetime) -> Answer:
    """Answer 事件 12: state and timer, excerpt, places, the latest steps."""
    incident = card.incident
    body = [f"“{incident.excerpt}”"] if incident.text else []
    reasons = [f"理由：{'；'.join(incident.reasons)}"] if incident.reasons and incident.text else []
    places = [Row(_place_line(incident, index)) for index in range(min(len(incident.places), _N_PLACES))]
    if len(incident.places) > _N_PLACES:
        places.append(Row(f"…… 共 {len(incident.places)} 处"))
    kept = sum(picture.state in (PictureState.KEPT, PictureState.WAITING) for picture in card.pictures)
    shown = [Row(_history_line(line, now)) for line in card.history[-_N_HISTORY:]]
    rows = [Row(line) for line in (*body, *reasons)] + places + shown
    if kept:
        rows.append(Row(f"截图 {kept} 张"))
    default = "，时限 D-03 默认" if incident.places[0].targets.is_default else "，时限 本单位设定"
    found = f"{show_instant(incident.found_at, now)} {incident.origin}"
    return compose(
        f"{_mark(incident, now)}事件{incident.incident_id} {_head(incident)}",
        f"{found}{_categories(incident)}{_timer(incident, now)}",
        rows[:7],
        basis=f"依据 {CLAUSE}{default}",
        suggestion=_suggestion(incident, viewer),
    )


def tell_list(incidents: Sequence[IncidentReading], n_open: int, viewer: Viewer, now: datetime) -> Answer:
    """Answer 事件: the open ones, those furthest behind first."""
    data_line = f"数据截至 {show_instant(now, now)}"
    if not incidents:
        return compose("没有未办结的不良信息事件 ✅", data_line, [])
    rows = [Row(_list_line(one, now), f"事件 {one.incident_id}") for one in incidents]
    n_late = sum(one.n_missed(now) > 0 for one in incidents)
    late = f"，超时 {n_late} 件" if n_late else ""
    first = incidents[0]
    return compose(
        f"未办结的不良信息事件 {n_open} 件{late}",
        data_line,
        rows,
        n_more=n_open - len(incidents),
        suggestion=_suggestion(first, viewer),
    )


def ask_act(incident: IncidentReading, acts: Sequence[IncidentAct]) -> Answer:
    """Ask what to do with an incident; every answer can be chosen by number."""
    number = incident.incident_id
    rows = [Row(act.value, f"处置 {number} {act}") for act in acts]
    return compose(
        f"事件{number} {_head(incident)}，请选择动作",
        "",
        rows,
        suggestion=f"事件 {number}",
        how_to_pick="回复编号选择",
    )


def ask_incident(incidents: Sequence[IncidentReading], command: str, now: datetime) -> Answer:
    """Ask which incident is meant."""
    if not incidents:
        return Answer("没有未办结的不良信息事件 ✅")
    rows = [Row(_list_line(one, now), f"{command} {one.incident_id}") for one in incidents]
    return compose("请选择事件", "", rows, suggestion="事件", how_to_pick="回复编号选择")


def ask_whether(incident: IncidentReading, act: IncidentAct) -> str:
    """Ask before an act that touches several places at once."""
    return f"“{act}”将登记到事件{incident.incident_id} 的 {len(incident.places)} 处：{_name(incident)}"


def tell_picture(incident: IncidentReading, now: datetime) -> Answer:
    """Answer a screenshot that belongs to an incident."""
    number = incident.incident_id
    return Answer(f"✅ 截图已收到，关联事件{number}\n{show_instant(now, now)} {_head(incident)}")


def tell_objected(acted: Acted, now: datetime) -> Answer:
    """Answer 申诉 about an incident."""
    number = acted.incident.incident_id
    lines = (
        f"✅ 已登记对事件{number} 的申诉",
        f"登记时间 {show_instant(now, now)}，编号 {acted.number}",
        "上级已收到通知；事件在答复前保持原状",
        FINAL.format("申诉已送达上级"),
        f"可回复：事件 {number}",
    )
    return Answer("\n".join(lines))


def tell_objection_row(incident: IncidentReading, now: datetime) -> Row:
    """Return the row of 申诉 查询 for an incident that was objected to."""
    return Row(f"事件{incident.incident_id} {_head(incident)}，申诉待答复", f"事件 {incident.incident_id}")


def tell_alerts(
    incidents: Sequence[IncidentReading],
    n_incidents: int,
    alerts: Sequence[AlertReading],
    count: OpenCount,
    now: datetime,
) -> Answer:
    """Answer 预警: what is open by level, incidents first; each with number, unit and age (D.2)."""
    data_line = f"数据截至 {show_instant(now, now)}"
    if not n_incidents and not count.n_open:
        return compose("没有未办结的预警 ✅", data_line, [], suggestion="未达标")
    shown = incidents[:_N_INCIDENTS_AMONG_ALERTS]
    rows = [Row(f"1级 {_list_line(one, now)}", f"事件 {one.incident_id}") for one in shown]
    rows += [Row(_alert_line(alert, now)) for alert in alerts]
    return compose(
        f"未办结：不良信息事件 {n_incidents} 件，预警 {count.n_open} 条（已确认 {count.n_acknowledged} 条）",
        data_line,
        rows,
        n_more=n_incidents - len(shown) + count.n_open - len(alerts),
        suggestion="事件" if n_incidents else "未达标",
        how_to_pick="回复行首的数字查看事件",
    )


def offered_acts(incident: IncidentReading, viewer: Viewer) -> list[IncidentAct]:
    """Return the acts that can be chosen; 已处置 is the managers' own word."""
    states = [place.state for place in incident.places]
    possible = list_possible_acts(viewer.role, states)
    return [act for act in possible if act is not IncidentAct.HANDLE]


def _head(incident: IncidentReading) -> str:
    return f"{incident.state}：{_name(incident)}"


def _name(incident: IncidentReading) -> str:
    more = f" 等 {len(incident.places)} 处" if len(incident.places) > 1 else ""
    return f"{incident.places[0].label}{more}"


def _mark(incident: IncidentReading, now: datetime) -> str:
    if incident.state in SETTLED:
        return "✅"
    return "❌" if incident.n_missed(now) else "⚠️"


def _categories(incident: IncidentReading) -> str:
    return f"，{'、'.join(incident.categories)}" if incident.categories else ""


def _timer(incident: IncidentReading, now: datetime) -> str:
    n_missed, due = incident.n_missed(now), incident.next_due
    if n_missed:
        return f"，超时未{missed_target(n_missed)}"
    return f"，{show_instant(due[1], now)} 前{due[0]}" if due else ""


def _list_line(incident: IncidentReading, now: datetime) -> str:
    age = _age(now - incident.found_at)
    return f"{_mark(incident, now)}事件{incident.incident_id} {_head(incident)}，{age}{_timer(incident, now)}"


def _alert_line(alert: AlertReading, now: datetime) -> str:
    seen = "，已确认" if alert.acknowledged_at else ""
    age = _age(now - alert.created_at)
    mark = "❌" if alert.level <= _URGENT_LEVEL else "⚠️"
    return f"{mark}{alert.level}级 编号 {alert.alert_id} {alert.title}（{alert.unit_name}，{age}{seen}）"


def _age(span: timedelta) -> str:
    n_minutes = max(0, int(span.total_seconds()) // 60)
    if n_minutes < 120:
        return f"{n_minutes} 分钟"
    return f"{n_minutes // 60} 小时" if n_minutes < 48 * 60 else f"{n_minutes // 1440} 天"


def _place_line(incident: IncidentReading, index: int) -> str:
    place = incident.places[index]
    sender = f"，发布人 {place.sender}" if place.sender else ""
    n_posts = f"，{place.n_posts} 条" if place.n_posts else ""
    return f"{place.label}：{place.action or place.state}{sender}{n_posts}"


def _history_line(line: HistoryReading, now: datetime) -> str:
    note = f"：{line.note}" if line.note else ""
    return f"{show_instant(line.at, now)} {line.act} {line.actor_name}{note}"[:60]


def _suggestion(incident: IncidentReading, viewer: Viewer) -> str:
    if viewer.role is Role.LEADER or incident.state not in _NEXT:
        return ""
    if viewer.role is Role.GROUP_MANAGER:
        is_due = incident.state in (IncidentState.FOUND, IncidentState.CONFIRMED)
        return f"已处置 {incident.incident_id}" if is_due else ""
    return _NEXT[incident.state].format(incident.incident_id)
