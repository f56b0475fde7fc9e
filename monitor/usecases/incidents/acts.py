"""What people do with an incident: confirm, dispose, guide, close, false alarm, hand over, object, look.

Functions of a docket, in the caller's transaction; each touches only the places in the person's scope,
writes history and audit, and lets the counts of posts follow (D-07). Key type: `Acted`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import business_day
from monitor.delivery.alerts import Watcher
from monitor.delivery.outbox import MessageKind, NewMessage, identity_recipient
from monitor.errors import BadParameter, NotFound, OutOfScope
from monitor.incidents.course import (
    HARMFUL,
    SETTLED,
    ActRefused,
    IncidentAct,
    IncidentState,
    IncidentStateRefused,
    Targets,
    merge_key,
    plan_act,
    step_times,
)
from monitor.incidents.readings import IncidentReading, PlaceReading
from monitor.incidents.watch import Layers
from monitor.store.days.posts import count_again
from monitor.store.delivery.alerts import load_watchers
from monitor.store.delivery.outbox import enqueue
from monitor.store.incidents import queries as incident_queries
from monitor.store.incidents import rows as incidents
from monitor.store.incidents.rows import HistoryEntry
from monitor.store.learning.examples import ANY_GROUP, Question, find_label
from monitor.store.operations.audit import insert_audit
from monitor.store.people.pictures import Connection, DuePicture
from monitor.texts.incidents import hand_over_text, objection_text
from monitor.units import Role
from monitor.usecases import scope
from monitor.usecases.incidents.alerts import tell_of_places
from monitor.usecases.incidents.desk import Docket, clean_note, require_writer
from monitor.usecases.learning.learn import learn_from_incident

_ACTORS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN, Role.GROUP_MANAGER))
_MOST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Acted:
    """An incident after an act: as the person sees it now, how many places it moved, the audit's number."""

    incident: IncidentReading
    act: IncidentAct
    n_moved: int
    number: int
    n_posts: int = 0  # posts that left the count, or came back into it


def act_on(docket: Docket, incident_id: int, act: IncidentAct, note: str = "") -> Acted:
    """Do one of the acts that change states to all places in scope that it can move.

    Confirmed posts leave the count of 发布信息 and closed days are closed again; 误报 brings them back.
    Source: HN-2.2.1c, D-07.
    Raises: IncidentNotFound, ReadOnlyRole, ActRefused, IncidentStateRefused.
    """
    incident = docket.find_to_change(incident_id)
    remark = clean_note(note)
    moved, after = plan_act(docket.viewer.role, act, [one.place for one in incident.places], remark)
    before = keep_before(docket, incident, [place.place_id for place in moved])
    for place in moved:
        incidents.move_place(docket.connection, place.place_id, after, step_times(place, act, docket.now))
    ids = [place.place_id for place in moved]
    n_posts = let_counts_follow(docket, ids, after)
    _, number = docket.record(incident, act, remark, ids, before)
    incidents.settle_incident(docket.connection, incident_id, docket.now)
    learn_from_incident(docket, incident, after)
    if act is IncidentAct.CONFIRM:
        tell_of_places(docket.connection, docket.setting, docket.now, docket.quiet, [incident_id])
    return Acted(docket.find(incident_id), act, len(ids), number, n_posts)


def acknowledge_incident(docket: Docket, incident_id: int) -> Acted:
    """Note that a person has seen an incident (知悉); it stops repeating, and stays as it is.

    Source: D-03. Again changes nothing: `number` is then 0.
    Raises: IncidentNotFound, ReadOnlyRole, IncidentStateRefused once it is settled.
    """
    incident = docket.find_to_change(incident_id)
    if incident.state in SETTLED:
        raise IncidentStateRefused("settled", user_text=f"事件已为“{incident.state}”，无需确认")
    unseen = [one.place.place_id for one in incident.places if one.place.acknowledged_at is None]
    if not unseen:
        return Acted(incident, IncidentAct.ACKNOWLEDGE, 0, 0)
    before = keep_before(docket, incident, unseen)
    incidents.change_places(docket.connection, unseen, acknowledged_at=docket.now)
    _, number = docket.record(incident, IncidentAct.ACKNOWLEDGE, "", unseen, before)
    return Acted(docket.find(incident_id), IncidentAct.ACKNOWLEDGE, len(unseen), number)


def object_to_incident(docket: Docket, incident_id: int, reason: str) -> Acted:
    """Object to an incident (申诉): the layers above are told; it stays as it is until they answer.

    They answer with 误报, or by going on. Source: requirement D.3.
    Raises: IncidentNotFound, ReadOnlyRole, BadParameter without a reason, IncidentStateRefused.
    """
    if docket.find(incident_id).state in (IncidentState.FALSE_ALARM, IncidentState.WITHDRAWN):
        raise IncidentStateRefused("nothing to object to", user_text="事件已为误报或撤回，无需申诉")
    acted = add_note(docket, incident_id, reason, IncidentAct.OBJECT)
    layers = Layers(load_watchers(docket.connection, business_day(docket.now)))
    told = [name for place in acted.incident.places for name in layers.find_recipients(place, 2)]
    own = docket.viewer.identity.replace("chat:", "identity:")
    title, text = objection_text(acted.incident, docket.viewer.signature, clean_note(reason))
    key = f"incident:{incident_id}:objection:{acted.number}"
    messages = [
        NewMessage(f"{key}:{name}", MessageKind.INCIDENT, name, title, text)
        for name in dict.fromkeys(told)
        if name != own and layers.roles.get(name) != Role.GROUP_MANAGER
    ]
    enqueue(docket.connection, messages, docket.now, docket.quiet)
    return acted


def add_note(docket: Docket, incident_id: int, note: str, act: IncidentAct = IncidentAct.NOTE) -> Acted:
    """Add a note (备注) to the history; states stay.

    Source: D-03 (follow-up note).
    Raises: IncidentNotFound, ReadOnlyRole, BadParameter without words.
    """
    incident = docket.find_to_change(incident_id)
    remark = clean_note(note)
    if not remark:
        what = "申诉理由" if act is IncidentAct.OBJECT else "内容"
        raise BadParameter("no note", user_text=f"请写明{what}")
    ids = [one.place.place_id for one in incident.places]
    _, number = docket.record(incident, act, remark, ids)
    return Acted(docket.find(incident_id), act, 0, number)


def note_picture(docket: Docket, incident_id: int, picture_id: int) -> IncidentReading:
    """Write into the history that a picture was handed in.

    Raises: IncidentNotFound, ReadOnlyRole.
    """
    incident = docket.find_to_change(incident_id)
    ids = [one.place.place_id for one in incident.places]
    viewer = docket.viewer
    entry = HistoryEntry(
        IncidentAct.PICTURE, viewer.identity, viewer.signature, "", ids, {"picture": picture_id}
    )
    incidents.write_history(docket.connection, incident_id, entry, docket.now)
    return incident


def note_same_picture(connection: Connection, picture: DuePicture, same_as: int, now: datetime) -> None:
    """Write into the history that a screenshot is the same as an earlier one (D.5)."""
    places = incident_queries.load_places_of_picture(connection, picture.subject_id, picture.picture_id)
    remark = f"截图（第{picture.picture_id}号）与此前第{same_as}号相同，请核实"
    entry = HistoryEntry(IncidentAct.NOTE, "job:pictures", "系统", remark, places)
    incidents.write_history(connection, picture.subject_id, entry, now)


def hand_over(docket: Docket, incident_id: int, identity_id: int, note: str = "") -> Acted:
    """Put a bound person of the scope in charge of an incident (移交) and tell them.

    Source: none (design): the next steps are theirs, reminders reach them as well.
    Raises: IncidentNotFound, ReadOnlyRole, ActRefused for managers, NotFound for who cannot act on it.
    """
    incident = docket.find_to_change(incident_id)
    if docket.viewer.role is Role.GROUP_MANAGER:
        raise ActRefused("a manager hands over", user_text="群管理员不能移交事件，请联系上级管理员")
    recipient = identity_recipient(identity_id)
    person = _find_person(docket, recipient)
    if person is None or not all(_answers_for(person, one) for one in incident.places):
        raise NotFound(f"person {identity_id}", user_text="未找到该人员，或其范围不含该事件")
    ids = [one.place.place_id for one in incident.places]
    incidents.change_places(docket.connection, ids, holder=recipient)
    remark = clean_note(note)
    _, number = docket.record(incident, IncidentAct.HAND_OVER, remark, ids)
    title, text = hand_over_text(incident, docket.viewer.signature, remark)
    key = f"incident:{incident_id}:held:{number}"
    message = NewMessage(key, MessageKind.INCIDENT, recipient, title, text)
    enqueue(docket.connection, [message], docket.now, docket.quiet)
    return Acted(docket.find(incident_id), IncidentAct.HAND_OVER, len(ids), number)


def reveal_text(docket: Docket, incident_id: int) -> str:
    """Return the whole text of an incident and write down who looked.

    Source: none (PIPL; D.6: leadership sees no bodies).
    Raises: IncidentNotFound, ReadOnlyRole; IncidentStateRefused when its retention is over.
    """
    incident = docket.find_to_change(incident_id)
    if not incident.text:
        raise IncidentStateRefused("emptied", user_text="原文已超过保存期限，不再保留")
    ids = [one.place.place_id for one in incident.places]
    docket.record(incident, IncidentAct.REVEAL, "", ids)
    return incident.text


def set_unit_targets(
    docket: Docket, unit_code: str, acknowledge_minutes: int, dispose_minutes: int, follow_up_minutes: int
) -> Targets:
    """Set the time targets of a unit's subtree; they hold while D-03 is 各单位自定.

    Source: D-03 per unit.
    Raises: ReadOnlyRole, ActRefused (only inspectors and unit admins), NotFound, BadParameter.
    """
    require_writer(docket.viewer)
    if docket.viewer.role not in (Role.INSPECTOR, Role.UNIT_ADMIN):
        raise ActRefused("targets", user_text="只有督导检查人员和单位管理员可以设定处置时限")
    try:
        unit = scope.find_unit(docket.connection, docket.viewer, unit_code)
    except OutOfScope as error:
        text = "未找到该单位，可回复 状态 查看本单位"
        raise NotFound(f"unit {unit_code!r}", user_text=text) from error
    minutes = (acknowledge_minutes, dispose_minutes, follow_up_minutes)
    if not 0 < acknowledge_minutes <= dispose_minutes <= follow_up_minutes <= _MOST_MINUTES:
        text = "时限应为正整数分钟，确认≤处置≤引导，最长7天"
        raise BadParameter(f"targets {minutes}", user_text=text)
    acknowledge, dispose, follow_up = (timedelta(minutes=each) for each in minutes)
    targets = Targets(acknowledge, dispose, follow_up, is_default=False)
    actor, at = docket.viewer.identity, docket.now
    incident_queries.save_unit_targets(docket.connection, unit.unit_id, targets, actor, at)
    detail: dict[str, object] = {"minutes": list(minutes)}
    insert_audit(docket.connection, actor, "incident.targets", f"unit:{unit.unit_id}", detail, at)
    return targets


def _find_person(docket: Docket, recipient: str) -> Watcher | None:
    """Return a bound person below the viewer who may act on incidents."""
    watchers = load_watchers(docket.connection, business_day(docket.now))
    person = next((one for one in watchers if one.recipient == recipient), None)
    if person is None or person.role not in _ACTORS:
        return None
    return person if person.unit_path.startswith(docket.viewer.unit_path) else None


def _answers_for(person: Watcher, place: PlaceReading) -> bool:
    if person.role == Role.GROUP_MANAGER:
        return place.group_id in person.group_ids
    return place.unit_path.startswith(person.unit_path)


def keep_before(docket: Docket, incident: IncidentReading, place_ids: list[int]) -> dict[str, object]:
    """Return what 撤销 of an act needs: the places as they are, and what the text has taught so far."""
    key = merge_key(incident.text) if incident.text else 0
    label = find_label(docket.connection, Question.HARM, ANY_GROUP, key) if key else ""
    return {"before": incidents.load_places_as_kept(docket.connection, place_ids), "label": label}


def let_counts_follow(docket: Docket, place_ids: list[int], after: IncidentState) -> int:
    """Take confirmed posts out of the count, or bring back those that were no 不良信息; return how many.

    Source: D-07.
    """
    is_out = after in HARMFUL
    keys = incidents.load_posts_to_change(docket.connection, place_ids, excluded=is_out)
    changed = count_again(docket.connection, keys, counted=not is_out, now=docket.now)
    incidents.mark_posts(docket.connection, changed, excluded=is_out)
    return len(changed)
