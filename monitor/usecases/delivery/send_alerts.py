"""Send what waits in the outbox: claim in a short transaction, call outside it, finish with the lease.

Any number of processes may run a sender on one database. A worker that dies leaves its rows to the
next one after the lease; what it may have handed over already is only repeated where the platform
drops repeats. Key types: `AlertSender`.
"""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from random import random

import structlog

from monitor.clock import Clock, as_shanghai
from monitor.delivery.addresses import AddressBook
from monitor.delivery.outbox import ChannelKind, MessageKind, NewMessage, OutboxState, QuietHours
from monitor.delivery.sending import Plan, Policy, Result, Sending, plan_sendings, settle_try
from monitor.errors import DeliveryError
from monitor.ports import Channel, OutboundMessage
from monitor.store.database import Database
from monitor.store.delivery import outbox as outbox_rows
from monitor.store.delivery.outbox import Connection
from monitor.store.operations import operations
from monitor.texts.notices import undelivered_notice
from monitor.usecases.delivery.channel_health import ChannelHealth
from monitor.usecases.operations.keep_errors import ErrorKeeper

_PROBE_EVERY = timedelta(minutes=5)  # a channel that came back is noticed after this time at the latest
_log = structlog.get_logger(__name__)


class AlertSender:
    """Delivers outbox rows by the channels that exist. Thread-safe; one per process."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[ChannelKind, Channel],
        address_book: AddressBook,
        clock: Clock,
        *,
        quiet: QuietHours | None = None,
        load_picture: Callable[[str], bytes] = lambda _key: b"",
    ) -> None:
        """Keep the collaborators.

        Args:
            channels: the channels of this installation, maybe none.
            address_book: which accounts and robots they serve.
            quiet: hours in which only incidents go out.
            load_picture: gives the picture of a chart's key; without one its text is sent.
        """
        self._database = database
        self._load_picture = load_picture
        self._channels = dict(channels)
        self._policies = {
            kind: Policy(tuple(channel.limits), channel.duplicate_window)
            for kind, channel in self._channels.items()
        }
        self._address_book = address_book
        self._clock = clock
        self._quiet = quiet or QuietHours()
        self._longest_window = max(
            (limit.window for policy in self._policies.values() for limit in policy.limits),
            default=timedelta(),
        )
        self._health = ChannelHealth()
        self._next_probe_at: datetime | None = None
        self._draining = threading.Lock()

    def drain(self, max_rows: int = 100) -> int:
        """Claim and send rows that are due; returns how many the platforms accepted.

        Channels work side by side, so that a slow one holds up none of the others.
        """
        with self._draining:
            self._probe()
            if not self._is_anything_due():
                return 0
            token = secrets.token_hex(16)
            sendings = self._database.write(lambda connection: self._claim(connection, token, max_rows))
            by_channel: dict[ChannelKind, list[Sending]] = {}
            for sending in sendings:
                by_channel.setdefault(sending.channel, []).append(sending)
            if len(by_channel) <= 1:
                return sum(self._send_all(batch, token) for batch in by_channel.values())
            with ThreadPoolExecutor(len(by_channel), "outbox") as pool:
                return sum(pool.map(lambda batch: self._send_all(batch, token), by_channel.values()))

    def _is_anything_due(self) -> bool:
        """Look before claiming, so that an idle worker never takes the writer's time."""
        now = self._clock()
        with self._database.reading() as connection:
            return outbox_rows.has_due(connection, now, is_quiet=self._is_quiet(connection, now))

    def _is_quiet(self, connection: Connection, now: datetime) -> bool:
        """Tell whether only urgent messages go out: by the hour, or because an operator says so (静默)."""
        return self._quiet.holds(now) or operations.load_silence_end(connection, now) is not None

    def _claim(self, connection: Connection, token: str, max_rows: int) -> list[Sending]:
        outbox_rows.queue_claims(connection)
        now = self._clock()
        rows = outbox_rows.load_due(connection, now, max_rows, is_quiet=self._is_quiet(connection, now))
        if not rows:
            return []
        recipients = {row.recipient for row in rows}
        known = outbox_rows.load_addresses(connection, recipients)
        targets = {name: self._address_book.find_targets(name, known, now) for name in recipients}
        used = outbox_rows.load_used(connection, recipients, now - self._longest_window, now)
        plan = plan_sendings(rows, targets, self._policies, used, now, self._health.resting(now))
        return _save_plan(connection, plan, token, now, max_rows)

    def _send_all(self, batch: Sequence[Sending], token: str) -> int:
        """Send one channel's rows in order; after failures in a row give the rest back."""
        kind = batch[0].channel
        n_sent = n_failures = 0
        for place, sending in enumerate(batch):
            is_sent = self._send(sending, token)
            if is_sent:
                n_sent += 1
                self._health.recover(kind)
            n_failures = n_failures + 1 if is_sent is False else 0
            if n_failures >= self._health.most_failures(kind):
                self._release(batch[place + 1 :], token, self._health.rest(kind, self._clock()))
                break
        return n_sent

    def _send(self, sending: Sending, token: str) -> bool | None:
        """Send one row: True accepted, False the channel is in trouble, None only this row is."""
        row = sending.row
        now = self._clock()
        if not self._database.write(lambda c: outbox_rows.begin_try(c, row.row_id, token, now)):
            return None
        picture = self._load_picture(row.key) if row.kind == MessageKind.CHART else b""
        message = OutboundMessage(sending.target, row.title, row.text, row.key, row.url, picture)
        try:
            self._channels[sending.channel].send(message)
        except DeliveryError as error:
            return self._fail(sending, token, error)
        except Exception as error:  # noqa: BLE001  kept and logged with its number
            error_id = ErrorKeeper(self._database, self._clock).keep(f"channel {sending.channel}", error)
            _log.exception("channel failed unexpectedly", error_id=error_id, row=row.row_id)
            # what happened on the wire is unknown, so it is treated like a lost answer
            return self._fail(
                sending, token, DeliveryError(error_id, channel=sending.channel, ambiguous=True)
            )
        done_at = self._clock()
        self._database.write(lambda c: self._finish_sent(c, sending, token, done_at))
        return True

    def _finish_sent(self, connection: Connection, sending: Sending, token: str, now: datetime) -> None:
        if not outbox_rows.finish_sent(connection, sending.row.row_id, token, now):
            _log.warning("lease lost while sending", row=sending.row.row_id)
        if sending.row.attempts > 1:
            outbox_rows.hasten(connection, sending.channel, now, n_rows=None)

    def _fail(self, sending: Sending, token: str, error: DeliveryError) -> bool | None:
        now = self._clock()
        result = settle_try(sending, error, self._policies[sending.channel], now, random())  # noqa: S311
        _log.info("not delivered", row=sending.row.row_id, channel=sending.channel, state=result.state)

        def save(connection: Connection) -> None:
            outbox_rows.finish_failed(connection, sending.row.row_id, token, result, now)
            self._notify_operators(connection, sending, result, now)

        self._database.write(save)
        return None if error.permanent else False

    def _notify_operators(
        self, connection: Connection, sending: Sending, result: Result, now: datetime
    ) -> None:
        """Tell the operators, at most once an hour, that messages are not getting through."""
        if result.state is not OutboxState.DEAD or sending.row.kind == MessageKind.OPERATOR:
            return
        hour = as_shanghai(now).strftime("%Y-%m-%dT%H")
        title, text = undelivered_notice(sending.row.row_id, sending.row.title, result.last_error)
        messages = [
            NewMessage(f"undelivered:{hour}:{operator}", MessageKind.OPERATOR, operator, title, text)
            for operator in outbox_rows.load_operators(connection)
        ]
        if not messages:
            _log.error("message given up and no operator is bound", row=sending.row.row_id)
        outbox_rows.enqueue(connection, messages, now, self._quiet)

    def _release(self, batch: Sequence[Sending], token: str, until: datetime) -> None:
        def give_back(connection: Connection) -> None:
            for sending in batch:
                outbox_rows.release(connection, sending.row.row_id, token, until)

        if batch:
            self._database.write(give_back)

    def _probe(self) -> None:
        """Try one failed row of each channel from time to time, although its own turn is far off."""
        now = self._clock()
        if self._next_probe_at is not None and now < self._next_probe_at:
            return
        self._next_probe_at = now + _PROBE_EVERY

        def hasten_one_each(connection: Connection) -> None:
            for kind in self._channels:
                outbox_rows.hasten(connection, kind, now, n_rows=1)

        self._database.write(hasten_one_each)


def _save_plan(connection: Connection, plan: Plan, token: str, now: datetime, max_rows: int) -> list[Sending]:
    """Write what the plan says and return what is to be sent now."""
    by_state: dict[OutboxState, list[int]] = {}
    for row_id, state in plan.settled:
        by_state.setdefault(state, []).append(row_id)
    for state, row_ids in by_state.items():
        outbox_rows.settle(connection, row_ids, state, now)
    for row_id, until in plan.postponed:
        outbox_rows.postpone(connection, row_id, until)
    sendings = [_with_this_try(sending) for sending in plan.sendings[:max_rows]]
    outbox_rows.take(connection, {sending.row.row_id: sending.channel for sending in sendings}, token, now)
    folds = [
        Sending(outbox_rows.insert_fold(connection, fold, token, now), fold.channel, fold.target)
        for fold in plan.folds
    ]
    return sendings + folds


def _with_this_try(sending: Sending) -> Sending:
    return replace(sending, row=replace(sending.row, attempts=sending.row.attempts + 1))
