"""撤销 of what was done with an incident: at most ten minutes old, by its author, if nothing came after it.

The history keeps the act and its taking back; the places return to where they were, and so do the counts.
Key type: `TakenBack`.
"""

from dataclasses import dataclass
from datetime import timedelta

from monitor.errors import StateError
from monitor.incidents.course import IncidentAct, IncidentState, merge_key
from monitor.incidents.readings import IncidentReading
from monitor.store.assessment import sheets as assessments
from monitor.store.incidents import rows as incidents
from monitor.store.learning.examples import ANY_GROUP, NewExample, Question, forget_example, save_example
from monitor.usecases.incidents.acts import let_counts_follow
from monitor.usecases.incidents.desk import Docket

UNDO_WITHIN = timedelta(minutes=10)
_TAKEN_BACK = frozenset(
    f"incident.{act.name.lower()}"
    for act in (
        IncidentAct.CONFIRM,
        IncidentAct.DELETE,
        IncidentAct.WARN,
        IncidentAct.HANDLE,
        IncidentAct.GUIDE,
        IncidentAct.CLOSE,
        IncidentAct.FALSE_ALARM,
        IncidentAct.REOPEN,
        IncidentAct.ACKNOWLEDGE,
    )
)


class ActedOnSince(StateError):
    """Somebody has gone on with the incident since; the text says how."""

    code = "acted_on_since"
    user_text = "事件此后已有新的登记，不能撤销"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An act that was taken back: the incident as it is now, and the number of the new record."""

    incident: IncidentReading
    act: IncidentAct
    number: int
    n_posts: int


def undo_act(docket: Docket, number: int) -> TakenBack | None:
    """Take back one's own act by the number of its record; None if the number is not that of one.

    Source: requirement D.0; D-07 (posts follow).
    Raises: ActedOnSince naming what came after; IncidentNotFound; ReadOnlyRole.
    """
    found = assessments.load_record(docket.connection, number)
    if found is None or found.actor != docket.viewer.identity or found.action not in _TAKEN_BACK:
        return None
    kept = found.detail.get("before")
    if docket.now - found.at > UNDO_WITHIN or not isinstance(kept, dict):
        return None
    incident = docket.find_to_change(int(found.subject.partition(":")[2]))
    act = IncidentAct[found.action.partition(".")[2].upper()]
    _refuse_if_followed(docket, incident.incident_id, int(found.detail["event"]), list(kept))
    incidents.restore_places(docket.connection, kept)
    n_posts = _let_counts_return(docket, kept)
    ids = [int(place_id) for place_id in kept]
    _, record = docket.record(incident, IncidentAct.UNDO, f"撤销编号 {number}“{act}”", ids)
    incidents.settle_incident(docket.connection, incident.incident_id, docket.now)
    _unlearn(docket, incident, str(found.detail.get("label", "")), act)
    return TakenBack(docket.find(incident.incident_id), act, record, n_posts)


def _refuse_if_followed(docket: Docket, incident_id: int, event_id: int, places: list[str]) -> None:
    later = incidents.find_later_act(docket.connection, incident_id, event_id, [int(one) for one in places])
    if later:
        text = f"事件{incident_id} 此后已登记“{later}”，不能撤销。可回复：事件 {incident_id}"
        raise ActedOnSince(f"incident {incident_id}: {later} came after", user_text=text)


def _let_counts_return(docket: Docket, kept: dict[str, dict[str, str]]) -> int:
    by_state: dict[IncidentState, list[int]] = {}
    for place_id, columns in kept.items():
        by_state.setdefault(IncidentState(columns["state"]), []).append(int(place_id))
    return sum(let_counts_follow(docket, ids, state) for state, ids in sorted(by_state.items()))


def _unlearn(docket: Docket, incident: IncidentReading, label: str, act: IncidentAct) -> None:
    """Let the text teach what it taught before the act, or nothing."""
    if not incident.text or act is IncidentAct.ACKNOWLEDGE:
        return
    key, source = merge_key(incident.text), f"incident:{incident.incident_id}"
    if label:
        by, now = docket.viewer.identity, docket.now
        example = NewExample(Question.HARM, ANY_GROUP, key, incident.text, label, source, by, now)
        save_example(docket.connection, example)
    else:
        forget_example(docket.connection, Question.HARM, ANY_GROUP, key, source)
