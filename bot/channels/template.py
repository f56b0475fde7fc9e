"""Template message (模板消息): a service notice of a verified 服务号, without a reply window."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from bot.channels.authorized import AuthorizedApi, Tokens, deliver
from bot.channels.codes import OFFICIAL
from bot.channels.http import ApiClient
from bot.channels.texts import one_line
from monitor.delivery.outbox import ChannelKind, SendLimit
from monitor.errors import DeliveryError
from monitor.ports import DeliveryReceipt, OutboundMessage


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """One approved template and where title and text go.

    Args:
        template_id: id given by the platform.
        title_field: field for the title, e.g. `thing1`.
        text_field: field for the first line of the text.
        longest_characters: longest value; `thing` fields take 20 characters.
    """

    template_id: str
    title_field: str = "thing1"
    text_field: str = "thing2"
    longest_characters: int = 20


class Template:
    """Sends to followers by openid.

    Args:
        client: calls the official-account API.
        tokens: token of the account.
        form: the template.
    """

    kind = ChannelKind.TEMPLATE
    limits: tuple[SendLimit, ...] = ()  # 100,000 a day for the account, none per person
    duplicate_window = timedelta(minutes=10)

    def __init__(self, client: ApiClient, tokens: Tokens, form: TemplateForm) -> None:
        """Take the account and its template."""
        self._api, self._form = AuthorizedApi(client, tokens), form

    def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Send one notice; the platform drops a repeat within ten minutes. Raises: DeliveryError."""
        if message.picture:
            raise DeliveryError("a template carries no picture", channel=self.kind, permanent=True)
        payload = {
            "touser": message.target,
            "template_id": self._form.template_id,
            "client_msg_id": hashlib.sha256(message.idempotency_key.encode()).hexdigest()[:32],
            "data": self._fields(message),
        }
        if message.url:
            payload["url"] = message.url
        _, receipt = deliver(
            self.kind, lambda: self._api.post("cgi-bin/message/template/send", payload), OFFICIAL
        )
        return receipt

    def _fields(self, message: OutboundMessage) -> dict[str, dict[str, str]]:
        conclusion = next((line for line in message.text.splitlines() if line.strip()), "")
        values = {self._form.title_field: message.title or conclusion, self._form.text_field: conclusion}
        longest = self._form.longest_characters
        return {name: {"value": one_line(value, longest)} for name, value in values.items()}
