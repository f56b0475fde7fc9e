"""What people are told of an incident (不良信息事件): the alert card, and that a target was missed."""

from collections.abc import Sequence
from datetime import datetime

from monitor.clock import as_shanghai
from monitor.incidents.course import IncidentOrigin, IncidentState, missed_target
from monitor.incidents.readings import IncidentReading, PlaceReading
from monitor.masking import shorten
from monitor.units import Role

_MOST_PLACES = 5
_MOST_REASON = 60
_DEFAULT = "（默认时限）"


def alert_card(incident: IncidentReading, places: Sequence[PlaceReading], role: str) -> tuple[str, str]:
    """Return title and text of the card for one recipient.

    Args:
        incident: what was found.
        places: those of its places that concern the recipient, at least one.
        role: of the recipient; managers are told to keep the evidence.
    """
    number = incident.incident_id
    title = f"⚠️不良信息 事件{number}：{_name_places(places)}"
    lines = [
        title,
        f"{_time(places[0].place.found_at)} {_origin(incident, places)}{_categories(incident)}",
        f"{_senders(places)}“{incident.excerpt}”",
        _reasons(incident),
        _name_all(places),
        _due(places[0]),
        *_asks(number, role),
    ]
    return title, "\n".join(line for line in lines if line)


def escalation_text(
    incident: IncidentReading, places: Sequence[PlaceReading], n_missed: int, role: str, now: datetime
) -> tuple[str, str]:
    """Return title and text when a target was missed.

    Args:
        incident: what was found.
        places: those that fell behind and concern the recipient.
        n_missed: which target; see `count_missed`.
        role: of the recipient.
        now: the present instant.
    """
    number, target = incident.incident_id, missed_target(n_missed)
    title = f"⚠️超时未{target} 事件{number}：{_name_places(places)}"
    first = places[0]
    n_minutes = int((now - first.place.found_at).total_seconds()) // 60
    lines = [
        title,
        f"{_time(first.place.found_at)} 发现，已过 {_span(n_minutes)}，当前“{first.state}”",
        f"“{incident.excerpt}”",
        _name_all(places),
        *_asks(number, role),
    ]
    return title, "\n".join(line for line in lines if line)


def hand_over_text(incident: IncidentReading, by: str, note: str) -> tuple[str, str]:
    """Return title and text for the person who was put in charge."""
    title = f"事件{incident.incident_id} 已移交给您：{_name_places(incident.places)}"
    lines = (title, f"移交人：{by}", f"说明：{note}" if note else "", f"“{incident.excerpt}”")
    return title, "\n".join(line for line in (*lines, f"回复“事件 {incident.incident_id}”查看") if line)


def objection_text(incident: IncidentReading, by: str, reason: str) -> tuple[str, str]:
    """Return title and text for those who answer an objection."""
    number = incident.incident_id
    title = f"申诉 事件{number}：{_name_places(incident.places)}"
    asks = f"属实回复“误报 {number} 原因”，不属实请在事件中备注答复"
    lines = (title, f"申诉人：{by}", f"理由：{reason}", f"“{incident.excerpt}”", asks)
    return title, "\n".join(lines)


def _name_places(places: Sequence[PlaceReading]) -> str:
    more = f" 等 {len(places)} 处" if len(places) > 1 else ""
    return f"{places[0].label}{more}"


def _name_all(places: Sequence[PlaceReading]) -> str:
    if len(places) == 1:
        return ""
    codes = "、".join(place.group_code or place.unit_name for place in places[:_MOST_PLACES])
    more = f" 等 {len(places)} 处" if len(places) > _MOST_PLACES else ""
    return f"涉及：{codes}{more}"


def _origin(incident: IncidentReading, places: Sequence[PlaceReading]) -> str:
    is_reported = incident.origin is not IncidentOrigin.DETECTED or any(one.reported_by for one in places)
    return "收到举报" if is_reported else "系统识别"


def _categories(incident: IncidentReading) -> str:
    return f"，类别：{'、'.join(incident.categories)}" if incident.categories else ""


def _senders(places: Sequence[PlaceReading]) -> str:
    names = "、".join(dict.fromkeys(place.sender for place in places[:_MOST_PLACES] if place.sender))
    return f"发布人 {names}：" if names else ""


def _reasons(incident: IncidentReading) -> str:
    words = "；".join(incident.reasons) or "、".join(incident.hits)
    return f"理由：{shorten(words, _MOST_REASON)}" if words else ""


def _due(place: PlaceReading) -> str:
    if place.state is IncidentState.REVIEW:
        return ""
    found_at, targets = place.place.found_at, place.targets
    default = _DEFAULT if targets.is_default else ""
    by = f"请在 {_clock(found_at + targets.acknowledge)} 前确认、{_clock(found_at + targets.dispose)} 前处置"
    return by + default


def _asks(number: int, role: str) -> list[str]:
    if role == Role.GROUP_MANAGER:
        return ["请先截图保留证据，再撤回或删除", f"处置后回复“已处置 {number}”"]
    return [f"回复“处置 {number} 删除 说明”；不是不良信息回复“误报 {number} 原因”"]


def _span(n_minutes: int) -> str:
    return f"{n_minutes} 分钟" if n_minutes < 120 else f"{n_minutes // 60} 小时"


def _time(at: datetime) -> str:
    return f"{as_shanghai(at):%m-%d %H:%M}"


def _clock(at: datetime) -> str:
    return f"{as_shanghai(at):%H:%M}"
