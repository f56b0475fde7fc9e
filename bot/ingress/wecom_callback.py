"""WeCom application callbacks (企业微信应用): chat messages to the application, and events.

Takes the fields that `bot.wechat_codec` opened. `msgaudit_notify` is a hint to pull the archive.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.ingress import official_account
from bot.ingress.wire import canonical
from monitor.events import EventKind, InboundEvent, stable_key


def decode(source: str, wire: Mapping[str, Any], received_at: datetime) -> InboundEvent:
    """Return the event of one opened callback.

    Args:
        source: configured key of the application.
        wire: opened fields.
        received_at: not used: every callback carries CreateTime.
    Returns: CHAT for a message, ACCOUNT for an event (its name in `fields["Event"]`); `place_id` is the
        CorpID.
    Raises: BadPayload.
    """
    event = official_account.decode(source, wire, received_at)
    if event.kind is EventKind.CHAT:
        return event
    # WeCom names what changed in fields of its own for each event (ChatId, UserID, ChangeType …), and
    # several such events come within one second: the whole push makes the key.
    key = stable_key(source, canonical(dict(wire)))
    return replace(event, kind=EventKind.ACCOUNT, event_key=key, message_key=key)
