"""How each recipient can be reached (可达渠道). Pure.

Key types: `AddressBook`, `KnownAddress`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.outbox import ChannelKind

REPLY_WINDOW = timedelta(hours=48)
"""客服消息 reach a person this long after their own last message."""


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """A bound person's chat address: openid of an official account or user id of a WeCom app."""

    account: str
    address: str
    last_chat_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Which accounts and robots messages can go out by; keys as in the configuration."""

    official_accounts: frozenset[str] = frozenset()
    wecom_apps: frozenset[str] = frozenset()
    robots: frozenset[str] = frozenset()

    def find_targets(
        self, recipient: str, known: Mapping[str, KnownAddress], now: datetime
    ) -> dict[ChannelKind, str]:
        """Return the target of a recipient by each channel that can reach it now, maybe none.

        Args:
            recipient: "identity:7" or "robot:inspectors".
            known: addresses of bound people by recipient.
            now: decides whether the reply window (48 h) is open.
        """
        scheme, _, name = recipient.partition(":")
        if scheme == "robot":
            return {ChannelKind.WECOM_ROBOT: name} if name in self.robots else {}
        person = known.get(recipient)
        if person is None:
            return {}
        if person.account in self.wecom_apps:
            return {ChannelKind.WECOM_APP: person.address}
        if person.account not in self.official_accounts:
            return {}
        targets = {ChannelKind.TEMPLATE: person.address}
        if person.last_chat_at is not None and now - person.last_chat_at < REPLY_WINDOW:
            targets[ChannelKind.CUSTOMER_SERVICE] = person.address
        return targets
