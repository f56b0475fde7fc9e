"""WeCom group robot (群机器人, 消息推送): posts into one group chat per key."""

from collections.abc import Mapping
from datetime import timedelta

from bot.channels.authorized import deliver
from bot.channels.codes import WECOM
from bot.channels.http import ApiClient, Json
from bot.channels.texts import whole_text
from monitor.delivery.outbox import ChannelKind, SendLimit
from monitor.errors import DeliveryError
from monitor.ports import DeliveryReceipt, OutboundMessage

TEXT_BYTES = 2048


class WecomRobot:
    """Posts to groups by the configured name of their robot.

    Args:
        client: calls WeCom.
        keys: webhook key by robot name; the key is the only secret.
    """

    kind = ChannelKind.WECOM_ROBOT
    limits: tuple[SendLimit, ...] = (SendLimit(20, timedelta(minutes=1)),)
    duplicate_window = timedelta(0)

    def __init__(self, client: ApiClient, keys: Mapping[str, str]) -> None:
        """Take the robots."""
        self._client, self._keys = client, keys

    def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Post one text. Raises: DeliveryError."""
        if message.target not in self._keys:
            raise DeliveryError("no robot of that name is configured", channel=self.kind, permanent=True)
        _, receipt = deliver(self.kind, lambda: self._post(message), WECOM)
        return receipt

    def _post(self, message: OutboundMessage) -> Json:
        key = self._keys[message.target]
        payload = {"msgtype": "text", "text": {"content": whole_text(message, TEXT_BYTES)}}
        return self._client.post("cgi-bin/webhook/send", payload, {"key": key})
