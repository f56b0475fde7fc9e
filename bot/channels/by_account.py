"""One channel for several accounts: the target says whose follower or member it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from monitor.delivery.outbox import ChannelKind, SendLimit
from monitor.errors import DeliveryError
from monitor.ports import Channel, DeliveryReceipt, OutboundMessage


class ByAccount:
    """Hands a message to the channel of the account that its target names, as `account/address`."""

    def __init__(self, kind: ChannelKind, by_account: Mapping[str, Channel]) -> None:
        """Route between channels of one kind, at least one; they keep the same limits."""
        first = next(iter(by_account.values()))
        self.kind = kind
        self.limits: tuple[SendLimit, ...] = first.limits
        self.duplicate_window: timedelta = first.duplicate_window
        self._by_account = by_account

    def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Send one message.

        Raises: DeliveryError, permanent also if the account is not configured any more.
        """
        account, _, address = message.target.partition("/")
        channel = self._by_account.get(account)
        if channel is None:
            raise DeliveryError("the account is not configured", channel=self.kind, permanent=True)
        return channel.send(replace(message, target=address))
