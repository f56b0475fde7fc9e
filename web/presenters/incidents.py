"""Incidents (不良信息事件): from the board and the card to what the templates lay out. Pure.

Key types: `BoardPage`, `IncidentLine`, `CardPage`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.incidents.course import IncidentAct, IncidentState, IncidentStateRefused, may_act, plan_act
from monitor.incidents.readings import BoardColumn, IncidentCard, IncidentReading
from monitor.units import Role
from web.wording import NONE, Badge, moment_words

BADGES = {
    IncidentState.REVIEW: Badge("none", "?", IncidentState.REVIEW.value),
    IncidentState.FOUND: Badge("unmet", "!", IncidentState.FOUND.value),
    IncidentState.CONFIRMED: Badge("unmet", "✕", IncidentState.CONFIRMED.value),
    IncidentState.DISPOSED: Badge("topic", "…", IncidentState.DISPOSED.value),
    IncidentState.GUIDED: Badge("info", "→", IncidentState.GUIDED.value),
    IncidentState.CLOSED: Badge("met", "✓", IncidentState.CLOSED.value),
    IncidentState.FALSE_ALARM: Badge("none", "–", IncidentState.FALSE_ALARM.value),
    IncidentState.WITHDRAWN: Badge("none", "–", IncidentState.WITHDRAWN.value),
}
STEPS = (
    IncidentState.FOUND,
    IncidentState.CONFIRMED,
    IncidentState.DISPOSED,
    IncidentState.GUIDED,
    IncidentState.CLOSED,
)
OFFERED = (  # in the order of a case; what does not fit the state is not offered
    IncidentAct.CONFIRM,
    IncidentAct.DELETE,
    IncidentAct.WARN,
    IncidentAct.GUIDE,
    IncidentAct.CLOSE,
    IncidentAct.FALSE_ALARM,
    IncidentAct.REOPEN,
)
NO_BODY = "（正文不显示）"
_NEARLY_CERTAIN = 0.995  # would be rounded to 100 %


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident of a list."""

    incident_id: int
    badge: Badge
    excerpt: str
    categories: str
    places: str
    age: str
    due: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A state of the board with how many incidents are in it."""

    state: str
    n_incidents: int


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The board: tabs by state, and the incidents of the chosen one."""

    tabs: tuple[Tab, ...]
    chosen: str
    lines: tuple[IncidentLine, ...]
    n_late: int
    n_open: int


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """Where the same text was found."""

    group_code: str
    label: str
    unit: str
    sender: str
    badge: Badge
    n_posts: int
    action: str
    holder: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of the history."""

    at: str
    act: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class CardPage:
    """One incident in full."""

    line: IncidentLine
    steps: tuple[tuple[str, str], ...]  # word, look
    origin: str
    found_at: str
    reasons: tuple[str, ...]
    hits: str
    harm: str
    targets: str
    places: tuple[PlaceLine, ...]
    history: tuple[HistoryLine, ...]
    pictures: tuple[int, ...]
    acts: tuple[str, ...]
    may_reveal: bool


def present_board(columns: Sequence[BoardColumn], chosen: str, now: datetime) -> BoardPage:
    """Lay out the board; without a choice the first state that has incidents is shown."""
    by_state = {column.state: column.incidents for column in columns}
    order = (*STEPS[:4], IncidentState.REVIEW, IncidentState.CLOSED, IncidentState.FALSE_ALARM)
    states = [state for state in order if state in by_state]
    wanted = next((state for state in states if state.value == chosen), None)
    state = wanted or next((one for one in states if by_state[one]), states[0])
    running = [incident for one in STEPS[:4] for incident in by_state.get(one, ())]
    return BoardPage(
        tabs=tuple(Tab(one.value, len(by_state[one])) for one in states),
        chosen=state.value,
        lines=tuple(present_incident(incident, now) for incident in by_state[state]),
        n_late=sum(1 for incident in running if incident.n_missed(now)),
        n_open=len(running),
    )


def present_incident(incident: IncidentReading, now: datetime) -> IncidentLine:
    """Lay out one incident of a list."""
    due = incident.next_due
    first, *others = incident.places
    return IncidentLine(
        incident_id=incident.incident_id,
        badge=BADGES[incident.state],
        excerpt=incident.excerpt or NO_BODY,
        categories="、".join(incident.categories) or NONE,
        places=f"{first.label} 等 {len(incident.places)} 处" if others else first.label,
        age=_span_words(now - incident.found_at),
        due=_due_words(due[0].value, due[1], now) if due else NONE,
        is_late=incident.n_missed(now) > 0,
    )


def present_card(card: IncidentCard, role: Role, now: datetime, today: date) -> CardPage:
    """Lay out one incident with what the role may do now."""
    incident = card.incident
    first = incident.places[0].targets
    spans = "、".join(
        f"{word} {_span_words(span)}"
        for word, span in (("确认", first.acknowledge), ("处置", first.dispose), ("引导", first.follow_up))
    )
    return CardPage(
        line=present_incident(incident, now),
        steps=_steps(incident.state),
        origin=incident.origin.value,
        found_at=moment_words(incident.found_at, today),
        reasons=incident.reasons,
        hits="、".join(incident.hits),
        harm="" if incident.harm is None else _chance(incident.harm),
        targets=f"时限：{spans}内"
        + ("（默认，方案未载明时限，D-03）" if first.is_default else "（本单位设定）"),
        places=tuple(
            PlaceLine(
                group_code=place.group_code,
                label=place.label,
                unit=place.unit_name,
                sender=place.sender,
                badge=BADGES[place.state],
                n_posts=place.n_posts,
                action=place.action,
                holder=place.holder,
            )
            for place in incident.places
        ),
        history=tuple(
            HistoryLine(moment_words(line.at, today), line.act, line.actor_name, line.note)
            for line in card.history
        ),
        pictures=tuple(picture.picture_id for picture in card.pictures if picture.sha256),
        acts=tuple(act.value for act in OFFERED if _fits(act, role, incident)),
        may_reveal=role is not Role.LEADER and bool(incident.text),
    )


def _fits(act: IncidentAct, role: Role, incident: IncidentReading) -> bool:
    """Tell whether an act would be taken now, so that nothing is offered that will be refused."""
    if not may_act(role, act):
        return False
    try:
        plan_act(role, act, [place.place for place in incident.places], "有说明")
    except IncidentStateRefused:
        return False
    return True


def _chance(probability: float) -> str:
    """Return a probability in words; a model is never certain, so it never says 100 %."""
    return "99% 以上" if probability >= _NEARLY_CERTAIN else f"{probability:.0%}"


def _steps(state: IncidentState) -> tuple[tuple[str, str], ...]:
    if state not in STEPS:
        return ((state.value, "is-now"),)
    now = STEPS.index(state)
    looks = ("is-done" if n < now else "is-now" if n == now else "" for n in range(len(STEPS)))
    return tuple((step.value, look) for step, look in zip(STEPS, looks, strict=True))


def _due_words(step: str, at: datetime, now: datetime) -> str:
    return f"{step}已超时 {_span_words(now - at)}" if at <= now else f"{step}还剩 {_span_words(at - now)}"


def _span_words(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} 分钟"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} 小时" + (f" {minutes} 分" if minutes and hours < 10 else "")
    return f"{hours // 24} 天"
