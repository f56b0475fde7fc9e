"""Customer-service message (客服消息): five answers within 48 hours of a person's own message."""

from datetime import timedelta

from bot.channels.authorized import AuthorizedApi, Tokens, deliver
from bot.channels.codes import OFFICIAL
from bot.channels.http import ApiClient
from bot.channels.pictures import PictureMessages, Uploads
from bot.channels.texts import whole_text
from monitor.delivery.outbox import ChannelKind, SendLimit
from monitor.ports import DeliveryReceipt, OutboundMessage

TEXT_BYTES = 2048
_SEND = "cgi-bin/message/custom/send"


class CustomerService:
    """Sends to people by openid.

    Args:
        client: calls the official-account API.
        tokens: token of the account.
        uploads: media ids of the account.
    """

    kind = ChannelKind.CUSTOMER_SERVICE
    limits: tuple[SendLimit, ...] = (SendLimit(5, timedelta(hours=48)),)
    duplicate_window = timedelta(0)

    def __init__(self, client: ApiClient, tokens: Tokens, uploads: Uploads) -> None:
        """Take the account."""
        self._api = AuthorizedApi(client, tokens)
        self._pictures = PictureMessages(self._api, self.kind, _SEND, OFFICIAL, uploads, drops_repeats=False)

    def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Send one text, or one picture. Raises: DeliveryError."""
        if message.picture:
            return self._pictures.send(message, {"touser": message.target})[1]
        payload = {
            "touser": message.target,
            "msgtype": "text",
            "text": {"content": whole_text(message, TEXT_BYTES)},
        }
        _, receipt = deliver(self.kind, lambda: self._api.post(_SEND, payload), OFFICIAL)
        return receipt
