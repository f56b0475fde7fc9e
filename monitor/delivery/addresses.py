"""How each recipient can be reached (可达渠道). Pure.

Key types: `AddressBook`, `KnownAddress`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.delivery.outbox import ChannelKind

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
    """Which accounts and robots messages can go out by; keys as in the configuration.

    Attributes:
        official_accounts: can send 客服消息.
        templates: official accounts with an approved template for 模板消息.
        wecom_apps: applications of 企业微信.
        robots: group robots by name.
    """

    official_accounts: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    wecom_apps: frozenset[str] = frozenset()
    robots: frozenset[str] = frozenset()

    def find_targets(
        self, recipient: str, known: Mapping[str, KnownAddress], now: datetime
    ) -> dict[ChannelKind, str]:
        """Return the target of a recipient by each channel that can reach it now, maybe none.

        A person's target is "account/address", a robot's its name.

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
        kinds = []
        if person.account in self.wecom_apps:
            kinds.append(ChannelKind.WECOM_APP)
        if person.account in self.templates:
            kinds.append(ChannelKind.TEMPLATE)
        wrote_lately = person.last_chat_at is not None and now - person.last_chat_at < REPLY_WINDOW
        if person.account in self.official_accounts and wrote_lately:
            kinds.append(ChannelKind.CUSTOMER_SERVICE)
        return dict.fromkeys(kinds, f"{person.account}/{person.address}")
