"""Incidents (不良信息事件) from detection to closure: states, who may do what, when it is late. Pure.

发现 → 确认 → 处置 → 引导 → 办结, and 误报, 撤回, 重开; what a person should look at first waits under 待审.
One text is one incident with many places; every place goes through the states by itself, because each unit
answers for its own groups. Source: HN-2.2.1c (杜绝不良信息；快速反应、迅速处理、及时引导); targets D-03 默认.
Key types: `IncidentState`, `IncidentAct`, `Place`, `Targets`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from monitor.classify.fold import fold
from monitor.errors import CommandError, StateError
from monitor.events import stable_key
from monitor.units import Role, ancestor_ids

CLAUSE = "HN-2.2.1c"
OLD_AFTER = timedelta(days=7)
"""A post that arrives later than this after it was written, as in imported history, raises no alarm."""
FALSE_ALARM_HOLDS = timedelta(days=30)
"""So long the same text in the same group is not reported again after it was found to be a false alarm."""


class IncidentState(StrEnum):
    """State of a place, and of an incident as a whole; the value is stored and shown."""

    REVIEW = "待审"
    FOUND = "发现"
    CONFIRMED = "确认"
    DISPOSED = "处置"
    GUIDED = "引导"
    CLOSED = "办结"
    FALSE_ALARM = "误报"
    WITHDRAWN = "撤回"


class IncidentAct(StrEnum):
    """What is written into the history; the first eight change the state of places."""

    CONFIRM = "确认"
    DELETE = "删除"
    WARN = "警示"
    HANDLE = "已处置"
    GUIDE = "引导"
    CLOSE = "办结"
    FALSE_ALARM = "误报"
    REOPEN = "重开"
    FIND = "发现"
    SPREAD = "扩散"
    ACKNOWLEDGE = "知悉"
    NOTE = "备注"
    PICTURE = "截图"
    HAND_OVER = "移交"
    OBJECT = "申诉"
    REVEAL = "查看全文"
    ESCALATE = "超时升级"
    WITHDRAW = "撤回举报"
    UNDO = "撤销登记"


class IncidentOrigin(StrEnum):
    """How it came to light."""

    DETECTED = "系统识别"
    REPORTED = "举报"
    SELF_REPORTED = "自报"


SETTLED = frozenset((IncidentState.CLOSED, IncidentState.FALSE_ALARM, IncidentState.WITHDRAWN))
HARMFUL = frozenset(
    (IncidentState.CONFIRMED, IncidentState.DISPOSED, IncidentState.GUIDED, IncidentState.CLOSED)
)
"""States in which the posts are confirmed 不良信息 and no 发布信息 (D-07)."""
TIMED = frozenset((IncidentState.FOUND, IncidentState.CONFIRMED, IncidentState.DISPOSED))
"""States in which a step is due."""
_LEAST_ADVANCED_FIRST = (
    IncidentState.FOUND,
    IncidentState.CONFIRMED,
    IncidentState.DISPOSED,
    IncidentState.GUIDED,
    IncidentState.REVIEW,
    IncidentState.CLOSED,
    IncidentState.FALSE_ALARM,
    IncidentState.WITHDRAWN,
)
_FRESH = frozenset((IncidentState.REVIEW, IncidentState.FOUND))
_UNDISPOSED = _FRESH | {IncidentState.CONFIRMED}
_MOVES: Mapping[IncidentAct, tuple[frozenset[IncidentState], IncidentState]] = {
    IncidentAct.CONFIRM: (_FRESH, IncidentState.CONFIRMED),
    IncidentAct.DELETE: (_UNDISPOSED, IncidentState.DISPOSED),
    IncidentAct.WARN: (_UNDISPOSED, IncidentState.DISPOSED),
    IncidentAct.HANDLE: (_UNDISPOSED, IncidentState.DISPOSED),
    IncidentAct.GUIDE: (_UNDISPOSED | {IncidentState.DISPOSED}, IncidentState.GUIDED),
    IncidentAct.CLOSE: (frozenset((IncidentState.DISPOSED, IncidentState.GUIDED)), IncidentState.CLOSED),
    IncidentAct.FALSE_ALARM: (
        _UNDISPOSED | {IncidentState.DISPOSED, IncidentState.GUIDED},
        IncidentState.FALSE_ALARM,
    ),
    IncidentAct.REOPEN: (
        frozenset((IncidentState.CLOSED, IncidentState.FALSE_ALARM)),
        IncidentState.CONFIRMED,
    ),
}
_ADMINS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN))
_MAY: Mapping[IncidentAct, frozenset[Role]] = {
    IncidentAct.HANDLE: _ADMINS | {Role.GROUP_MANAGER},
    IncidentAct.REOPEN: _ADMINS - {Role.BRANCH_ADMIN},
}
NOTE_NEEDED = frozenset((IncidentAct.REOPEN,))


class ActRefused(CommandError):
    """The role may not do this to an incident; the text says what and who."""

    code = "act_refused"
    user_text = "您的角色不能对事件作此操作"


class IncidentStateRefused(StateError):
    """The incident's state does not allow the act; the text names both."""

    code = "incident_state"
    user_text = "事件当前状态不允许此操作"


class Suspicion(NamedTuple):
    """Why a text is thought to be 不良信息. A person has not looked at it yet.

    `is_harmful` raises an alert; otherwise it waits under 待审 without one. `hits` are words as the lexicon
    writes them, `harm` a probability 0–1 or None where nobody computed one.
    """

    is_harmful: bool
    categories: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    harm: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What is needed of a place to decide: its state and when each step was taken (UTC).

    `found_at` is when the targets begin to count: at the finding, at a confirmation from 待审, at 重开.
    """

    place_id: int
    state: IncidentState
    found_at: datetime
    acknowledged_at: datetime | None = None
    confirmed_at: datetime | None = None
    disposed_at: datetime | None = None
    guided_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """Time targets (D-03) from the finding on; `is_default` while no regulation and no unit states them."""

    acknowledge: timedelta
    dispose: timedelta
    follow_up: timedelta
    is_default: bool = True


class Target(StrEnum):
    """A step that has a time target; the value is shown."""

    ACKNOWLEDGE = "确认"
    DISPOSE = "处置"
    FOLLOW_UP = "引导"


def read_targets(parameters: Mapping[str, object]) -> Targets:
    """Return the targets that the parameters of switch D-03 state, in minutes.

    Source: D-03 默认 (HN-2.2.1c states no time).
    """

    def minutes(name: str) -> timedelta:
        return timedelta(minutes=int(str(parameters[f"{name}_minutes"])))

    return Targets(minutes("acknowledge"), minutes("dispose"), minutes("follow_up"))


def pick_targets(unit_path: str, default: Targets, of_units: Mapping[int, Targets]) -> Targets:
    """Return the targets of the lowest unit on a path that has its own, else the default.

    Source: D-03 per unit.
    """
    own = (of_units[unit_id] for unit_id in reversed(ancestor_ids(unit_path)) if unit_id in of_units)
    return next(own, default)


def merge_key(text: str) -> int:
    """Return the key under which the same text in several groups becomes one incident.

    Width, case, traditional characters and blanks make no difference. Source: none (design).
    """
    return stable_key("text", "".join(fold(text).split()))


def report_key(text: str, place_key: str) -> int:
    """Return the key of a report in people's own words: the same words elsewhere mean something else."""
    return stable_key("report", "".join(fold(text).split()), place_key)


def combine_states(states: Iterable[IncidentState]) -> IncidentState:
    """Return the state of an incident: the least advanced of its places; open ones come before settled ones.

    Args:
        states: of at least one place.
    """
    present = set(states)
    return next(state for state in _LEAST_ADVANCED_FIRST if state in present)


def may_act(role: Role, act: IncidentAct) -> bool:
    """Tell whether a role may do something to the places in its scope."""
    return role in _MAY.get(act, _ADMINS)


def list_possible_acts(role: Role, states: Collection[IncidentState]) -> list[IncidentAct]:
    """Return the acts by which a role can move a place in one of the states, in the order of the way."""
    return [
        act for act, (sources, _) in _MOVES.items() if may_act(role, act) and not sources.isdisjoint(states)
    ]


def plan_act(
    role: Role, act: IncidentAct, places: Collection[Place], note: str
) -> tuple[list[Place], IncidentState]:
    """Return the places that an act moves, and the state that they come to.

    Source: HN-2.2.1c.

    Args:
        role: of the person; the places are those within their scope.
        act: one that changes states.
        places: at least one.
        note: what the person wrote.

    Raises: ActRefused; IncidentStateRefused if no place can be moved, or a needed note is missing.
    """
    if not may_act(role, act):
        raise ActRefused(f"{role.name} {act.name}", user_text=f"您的角色（{role.value}）不能对事件作“{act}”")
    sources, after = _MOVES[act]
    moved = [place for place in places if place.state in sources]
    if not moved:
        now = combine_states(place.state for place in places)
        raise IncidentStateRefused(f"{act.name} from {now.name}", user_text=f"事件当前为“{now}”，不能“{act}”")
    is_unguided = act is IncidentAct.CLOSE and any(place.guided_at is None for place in moved)
    if not note and (act in NOTE_NEEDED or is_unguided):
        why = "请写明原因" if act in NOTE_NEEDED else "尚未登记引导，办结请写明引导或后续情况"
        raise IncidentStateRefused(f"{act.name} without a note", user_text=why)
    return moved, after


def step_times(place: Place, act: IncidentAct, now: datetime) -> dict[str, datetime | int | str | None]:
    """Return what an act writes into a place besides its state: a step taken implies those before it."""
    if act is IncidentAct.REOPEN:
        cleared = {"disposed_at": None, "guided_at": None, "settled_at": None, "action": ""}
        return {
            "found_at": now,
            "acknowledged_at": now,
            "confirmed_at": now,
            "n_targets_missed": 0,
            **cleared,
        }
    values: dict[str, datetime | int | str | None] = {}
    if place.acknowledged_at is None:
        values["acknowledged_at"] = now
    if act is IncidentAct.FALSE_ALARM:
        return values | {"settled_at": now}
    if place.state is IncidentState.REVIEW:
        values["found_at"] = now
    if place.confirmed_at is None:
        values["confirmed_at"] = now
    if act is IncidentAct.CONFIRM:
        return values
    if act is IncidentAct.CLOSE:
        return values | {"settled_at": now}
    if place.disposed_at is None:
        values |= {"disposed_at": now, "action": act.value}
    if act is IncidentAct.GUIDE:
        values["guided_at"] = now
    return values


def due_target(place: Place, targets: Targets) -> tuple[Target, datetime] | None:
    """Return the next step that is due and by when; None for a place that waits for none."""
    return next(iter(_undone(place, targets)), None)


def count_missed(place: Place, targets: Targets, now: datetime) -> int:
    """Return how far a place has fallen behind: 0 in time, 1 确认, 2 处置, 3 引导 is late and not done."""
    late = [target for target, due_at in _undone(place, targets) if due_at <= now]
    return max((_ORDER.index(target) + 1 for target in late), default=0)


def missed_target(n_missed: int) -> Target:
    """Return the target that `count_missed` counted up to."""
    return _ORDER[n_missed - 1]


_ORDER = (Target.ACKNOWLEDGE, Target.DISPOSE, Target.FOLLOW_UP)
N_TARGETS = len(_ORDER)


def _undone(place: Place, targets: Targets) -> list[tuple[Target, datetime]]:
    if place.state is IncidentState.REVIEW or place.state in SETTLED:
        return []
    steps = (
        (Target.ACKNOWLEDGE, place.acknowledged_at, targets.acknowledge),
        (Target.DISPOSE, place.disposed_at, targets.dispose),
        (Target.FOLLOW_UP, place.guided_at, targets.follow_up),
    )
    return [(target, place.found_at + limit) for target, done_at, limit in steps if done_at is None]


def returned_state(state: IncidentState) -> IncidentState:
    """Return the state of a place where the same text is found once more.

    What was removed has come back and is to be disposed of again; what a person found harmless stays so.
    """
    return IncidentState.CONFIRMED if state in HARMFUL else state
