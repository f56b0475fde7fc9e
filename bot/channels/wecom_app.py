"""WeCom application message (企业微信应用消息): reaches members without a consent window."""

import hashlib
from datetime import timedelta

from bot.channels.authorized import AuthorizedApi, Tokens, deliver
from bot.channels.codes import WECOM
from bot.channels.http import ApiClient
from bot.channels.pictures import PictureMessages, Uploads
from bot.channels.texts import whole_text
from monitor.delivery.outbox import ChannelKind, SendLimit
from monitor.errors import DeliveryError
from monitor.ports import DeliveryReceipt, OutboundMessage

TEXT_BYTES = 2048
DUPLICATE_SECONDS = 1800
_SEND = "cgi-bin/message/send"


class WecomApp:
    """Sends to members by user id.

    The platform drops what goes over the limits without an error: keeping them is up to the sender.

    Args:
        client: calls WeCom.
        tokens: token of the application.
        agent_id: the application.
        uploads: media ids of the application.
    """

    kind = ChannelKind.WECOM_APP
    limits: tuple[SendLimit, ...] = (
        SendLimit(30, timedelta(minutes=1)),
        SendLimit(1000, timedelta(hours=1)),
    )
    duplicate_window = timedelta(seconds=DUPLICATE_SECONDS)

    def __init__(self, client: ApiClient, tokens: Tokens, agent_id: int, uploads: Uploads) -> None:
        """Take the application."""
        self._api, self._agent_id = AuthorizedApi(client, tokens), agent_id
        self._pictures = PictureMessages(self._api, self.kind, _SEND, WECOM, uploads, drops_repeats=True)

    def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Send a text or picture; the platform drops a repeat within half an hour. Raises: DeliveryError."""
        envelope = {
            "touser": message.target,
            "agentid": self._agent_id,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_SECONDS,
        }
        if message.picture:
            answer, receipt = self._pictures.send(message, envelope)
        else:
            text = whole_text(message, TEXT_BYTES, _reference(message.idempotency_key))
            payload = {**envelope, "msgtype": "text", "text": {"content": text}}
            answer, receipt = deliver(self.kind, lambda: self._api.post(_SEND, payload), WECOM)
        if message.target.lower() in str(answer.get("invaliduser", "")).lower().split("|"):
            raise DeliveryError("member is unknown to the application", channel=self.kind, permanent=True)
        return receipt


def _reference(idempotency_key: str) -> str:
    """Give the line that tells equal texts of different messages apart.

    The platform compares whole requests, and a reminder may well repeat the words of the last one.
    """
    digest = hashlib.sha256(idempotency_key.encode()).hexdigest()
    return f"编号 {digest[:6]}"
