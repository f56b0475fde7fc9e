"""What a worker of the outbox does with the rows that are due, and with an answer. Pure.

Key types: `DueRow`, `Plan`, `Result`. The order is priority, then age. A row whose last try is doubtful
keeps its channel and key; a channel's limit turns the rest into one digest that names all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.delivery.outbox import (
    PERISHABLE,
    URGENT_PRIORITY,
    ChannelKind,
    MessageKind,
    NewMessage,
    OutboxState,
    SendLimit,
    count_free,
    has_expired,
    may_repeat,
    next_channel,
    next_free_at,
    retry_at,
)
from monitor.errors import DeliveryError
from monitor.texts.folding import fold_titles

LONGEST_WAIT = timedelta(hours=1)
"""A message that a limit would hold back for longer waits to be asked for (待拉取)."""


@dataclass(frozen=True, slots=True)
class DueRow:
    """One outbox row that is due. `tried_at` is the first try that the platform may have accepted."""

    row_id: int
    key: str
    kind: str
    priority: int
    recipient: str
    title: str
    text: str
    url: str
    channel: str
    exhausted: tuple[str, ...]
    attempts: int
    created_at: datetime
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a channel's platform demands of its sender."""

    limits: tuple[SendLimit, ...]
    duplicate_window: timedelta


@dataclass(frozen=True, slots=True)
class Sending:
    """A row to be sent by a channel to a target."""

    row: DueRow
    channel: ChannelKind
    target: str


@dataclass(frozen=True, slots=True)
class Fold:
    """A digest to be written in place of rows that the limit holds back."""

    message: NewMessage
    channel: ChannelKind
    target: str
    row_ids: tuple[int, ...]
    priority: int


@dataclass(slots=True)
class Plan:
    """What happens to the rows that are due; rows in no list stay as they are."""

    sendings: list[Sending] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    postponed: list[tuple[int, datetime]] = field(default_factory=list)
    settled: list[tuple[int, OutboxState]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Result:
    """State of a row after a try, field for field what is stored."""

    state: OutboxState
    run_at: datetime
    tried_at: datetime | None
    exhausted: tuple[str, ...]
    last_error: str = ""

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing more happens by itself."""
        return self.state is not OutboxState.WAITING


Lane = tuple[str, ChannelKind]
"""A recipient by a channel: the unit that limits count."""


def plan_sendings(
    rows: Sequence[DueRow],
    targets: Mapping[str, Mapping[ChannelKind, str]],
    policies: Mapping[ChannelKind, Policy],
    used: Mapping[Lane, Sequence[datetime]],
    now: datetime,
    resting: Mapping[ChannelKind, datetime] | None = None,
) -> Plan:
    """Decide about all rows that are due.

    Source: none (design §6).

    Args:
        rows: of any number of recipients; of each recipient all that are due.
        targets: where each recipient can be reached now, by channel.
        policies: of the channels that exist.
        used: instants of messages by lane that count against limits, those under way included.
        now: the present instant.
        resting: channels in trouble and until when they are left alone.
    """
    plan = Plan()
    rests = resting or {}
    lanes: dict[Lane, list[DueRow]] = {}
    for row in sorted(rows, key=lambda row: (row.priority, row.row_id)):
        available = {k: t for k, t in targets.get(row.recipient, {}).items() if k in policies}
        if row.tried_at is not None:
            _plan_doubtful(plan, row, available, policies, now, rests)
        elif row.kind in PERISHABLE and now - row.created_at >= PERISHABLE[MessageKind(row.kind)]:
            plan.settled.append((row.row_id, OutboxState.PULL_ONLY))
        else:
            kind = next_channel(tuple(available), frozenset(ChannelKind(word) for word in row.exhausted))
            if kind is None:
                plan.settled.append((row.row_id, OutboxState.PULL_ONLY))
            else:
                lanes.setdefault((row.recipient, kind), []).append(row)
    for lane, waiting in lanes.items():
        if lane[1] in rests:
            plan.postponed += [(row.row_id, rests[lane[1]]) for row in waiting]
            continue
        target = targets[lane[0]][lane[1]]
        _plan_lane(plan, lane, target, waiting, policies[lane[1]].limits, used.get(lane, ()), now)
    plan.sendings.sort(key=lambda sending: (sending.row.priority, sending.row.row_id))
    return plan


def _plan_doubtful(
    plan: Plan,
    row: DueRow,
    available: Mapping[ChannelKind, str],
    policies: Mapping[ChannelKind, Policy],
    now: datetime,
    rests: Mapping[ChannelKind, datetime],
) -> None:
    """Repeat a doubtful row by its own channel while the platform remembers it; it holds a slot already."""
    kind = next((kind for kind in available if kind == row.channel), None)
    if kind is None or row.tried_at is None:
        plan.settled.append((row.row_id, OutboxState.UNKNOWN))
    elif kind in rests and may_repeat(row.tried_at, rests[kind], policies[kind].duplicate_window):
        plan.postponed.append((row.row_id, rests[kind]))
    elif may_repeat(row.tried_at, now, policies[kind].duplicate_window):
        plan.sendings.append(Sending(row, kind, available[kind]))
    else:
        plan.settled.append((row.row_id, OutboxState.UNKNOWN))


def _plan_lane(
    plan: Plan,
    lane: Lane,
    target: str,
    waiting: list[DueRow],
    limits: Sequence[SendLimit],
    used: Sequence[datetime],
    now: datetime,
) -> None:
    """Send what the limits allow; the last free place goes to a digest of what they do not."""
    recipient, kind = lane
    n_free = count_free(limits, used, now)
    if n_free is None or len(waiting) <= n_free:
        plan.sendings += [Sending(row, kind, target) for row in waiting]
        return
    if n_free == 0:
        _hold_back(plan, waiting, next_free_at(limits, used, now), now)
        return
    # a digest is never folded again; once the storm has begun, only incidents still go out alone
    alone = [row for row in waiting if row.kind == MessageKind.FOLD or row.priority <= URGENT_PRIORITY]
    others = [row for row in waiting if row not in alone]
    singles = alone + others
    n_alone = len(alone) if used else len(singles)
    n_single = min(n_alone, n_free - 1 if len(alone) < n_free else n_free)
    plan.sendings += [Sending(row, kind, target) for row in singles[:n_single]]
    rest = singles[n_single:]
    if n_single < n_free:
        fold = _fold(recipient, kind, target, rest, now)
        plan.folds.append(fold)
        rest = rest[len(fold.row_ids) :]
    _hold_back(plan, rest, now + min(limit.window for limit in limits), now)


def _hold_back(plan: Plan, rows: Sequence[DueRow], until: datetime, now: datetime) -> None:
    for row in rows:
        if until - now > LONGEST_WAIT:
            plan.settled.append((row.row_id, OutboxState.PULL_ONLY))
        else:
            plan.postponed.append((row.row_id, until))


def _fold(recipient: str, kind: ChannelKind, target: str, rows: Sequence[DueRow], now: datetime) -> Fold:
    """Write a digest of as many rows, from the first, as one message can name."""
    title, text, n_named = fold_titles([row.title for row in rows])
    key = f"fold:{recipient}:{rows[0].row_id}:{now.timestamp():.3f}"
    message = NewMessage(key, MessageKind.FOLD, recipient, title, text)
    row_ids = tuple(row.row_id for row in rows[:n_named])
    return Fold(message, kind, target, row_ids, min(row.priority for row in rows))


def settle_try(
    sending: Sending, error: DeliveryError, policy: Policy, now: datetime, jitter: float
) -> Result:
    """Decide what becomes of a row whose try failed.

    Source: none (design §6): permanent → next channel; doubtful → again only while the platform
    remembers the key, else 送达未知; definite → later, for a day, then 失败.

    Args:
        sending: what was tried; `row.tried_at` is from before this try.
        error: what the channel said.
        policy: of the channel tried.
        now: after the try.
        jitter: uniform in 0…1.
    """
    row = sending.row
    reason = str(error)[:300]
    if error.permanent:
        exhausted = (*row.exhausted, sending.channel.value)
        return Result(OutboxState.WAITING, now, None, exhausted, reason)
    first_try_at = row.tried_at or (now if error.ambiguous else None)
    again_at = retry_at(now, max(1, row.attempts), jitter, error.retry_after)
    if first_try_at is not None and not may_repeat(first_try_at, again_at, policy.duplicate_window):
        return Result(OutboxState.UNKNOWN, now, first_try_at, row.exhausted, reason)
    if first_try_at is None and has_expired(row.created_at, now):
        return Result(OutboxState.DEAD, now, None, row.exhausted, reason)
    return Result(OutboxState.WAITING, again_at, first_try_at, row.exhausted, reason)
