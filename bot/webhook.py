"""Callbacks and collectors' posts: one function from request to answer, without Flask in it.

Flask's views and the WSGI fast lane call the same `Webhooks.answer`. Order of every endpoint: size,
verification, decoding, receiving; the answer goes out after the commit. A broken request gets 400,
403 or 413 without detail; a failure on our side is kept with its number (编号 E-…) for replay.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

import orjson
import structlog

from bot.chat_platforms import wecom_source
from bot.ingress import (
    fact_items,
    gewe,
    official_account,
    onebot_v11,
    onebot_v12,
    posts_api,
    wechatbot_webhook,
    wecom_aibot,
    wecom_callback,
)
from bot.ingress.wire import Rejected, same_secret, verify_bearer
from bot.wechat_codec import WeChatCodec
from monitor.clock import Clock
from monitor.errors import BadPayload, BadSignature, InboundError, StorageError, TooLarge
from monitor.events import EventKind, InboundEvent
from monitor.usecases.days.receive import Receipt, Receiver
from monitor.usecases.index.receive_facts import FactDesk, FactReceipt
from monitor.usecases.operations.keep_input import InputKeeper

MAX_CALLBACK_BYTES = 64 * 1024
MAX_BATCH_BYTES = 8 * 1024 * 1024
_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json; charset=utf-8"
_XML = "application/xml; charset=utf-8"
_REASONS = {Receipt.FROM_THE_FUTURE: "sent_at 在未来"}
_log = structlog.get_logger(__name__)


class Request(NamedTuple):
    """What an endpoint may look at. `header` takes a header's name in lower case."""

    query: str
    header: Callable[[str], str]
    body: bytes


class Answer(NamedTuple):
    """Status, content type and body; an empty body has no type."""

    status: int
    body: bytes = b""
    content_type: str = _TEXT


class Conversation(Protocol):
    """Answers people: implemented by `bot.dispatch.Dispatcher`."""

    def reply(self, event: InboundEvent) -> str:
        """Return the text that answers a private message or account event, or ""."""
        ...


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A program that may post for some sources."""

    key: str
    token: str
    sources: frozenset[str]
    unit: str = ""  # code of the unit whose subtree it sees
    may_write_facts: bool = False


Endpoint = Callable[[Request], Answer]
Decode = Callable[[str, Mapping[str, Any], datetime], InboundEvent]
_SUCCESS = Answer(200, b"success")
_NO_CONTENT = Answer(204)


class Webhooks:
    """Finds and runs the endpoint of a path."""

    def __init__(
        self, receiver: Receiver, conversation: Conversation, keeper: InputKeeper, clock: Clock
    ) -> None:
        """Start without endpoints; `add_…` installs them."""
        self._receiver = receiver
        self._conversation = conversation
        self._keeper = keeper
        self._clock = clock
        self._posts: dict[str, tuple[Endpoint, int]] = {}
        self._checks: dict[str, Endpoint] = {}

    def add_official_account(self, key: str, codec: WeChatCodec) -> None:
        """Serve the callback of an official account (公众号) at /wechat/<key>."""
        self._add_callback(f"/wechat/{key}", key, codec, official_account.decode)

    def add_wecom(self, key: str, codec: WeChatCodec) -> None:
        """Serve the callback of a WeCom application, or its AI bot, at /wecom/<key>."""
        self._add_callback(f"/wecom/{key}", wecom_source(key), codec, _decode_wecom)

    def _add_callback(self, path: str, source: str, codec: WeChatCodec, decode: Decode) -> None:
        def receive(request: Request) -> Answer:
            opened = codec.open(_parameters(request), request.body)
            event = decode(source, opened.fields, self._clock())
            self._receiver.receive([event])
            text = self._reply(path, request, event)
            if not text:
                return _SUCCESS
            content_type = _JSON if opened.is_json else _XML
            return Answer(200, codec.seal_reply(opened, text).encode(), content_type)

        def check(request: Request) -> Answer:
            return Answer(200, codec.verify_url(_parameters(request)).encode())

        self._posts[path] = (receive, MAX_CALLBACK_BYTES)
        self._checks[path] = check

    def add_onebot(self, key: str, secret: str) -> None:
        """Serve a OneBot v11 or v12 source at /onebot/<key>; its headers tell which."""

        def endpoint(request: Request) -> Answer:
            authorization = request.header("authorization")
            if authorization or request.header("x-onebot-version"):
                token = _parameters(request).get("access_token", "")
                onebot_v12.verify(authorization, token, secret)
                event = onebot_v12.decode(key, request.body, self._clock())
            else:
                onebot_v11.verify(request.body, request.header("x-signature"), secret)
                event = onebot_v11.decode(key, request.body, self._clock())
            return self._take(event)

        self._posts[f"/onebot/{key}"] = (endpoint, MAX_CALLBACK_BYTES)

    def add_bridge(self, key: str, secret: str, protocol: str) -> None:
        """Serve a personal-account bridge, which can only keep a secret in its address: /bridge/<key>."""

        def endpoint(request: Request) -> Answer:
            given = _parameters(request).get("secret", "")
            if not same_secret(given, secret):
                raise BadSignature("the bridge's secret does not match")
            now = self._clock()
            if protocol == "gewe":
                return self._take(gewe.decode(key, request.body, now))
            fields = wechatbot_webhook.form_fields(request.header("content-type"), request.body)
            return self._take(wechatbot_webhook.decode(key, fields, now))

        self._posts[f"/bridge/{key}"] = (endpoint, MAX_CALLBACK_BYTES)

    def add_posts_api(self, clients: list[ApiClient]) -> None:
        """Serve POST /api/v1/posts for programs with a token."""
        self._posts["/api/v1/posts"] = (lambda request: self._take_batch(clients, request), MAX_BATCH_BYTES)

    def add_facts_api(self, clients: list[ApiClient], desk: FactDesk) -> None:
        """Serve POST /api/v1/facts for programs with a token that may write facts (考核数据)."""

        def endpoint(request: Request) -> Answer:
            client = _authenticate(clients, request, self._clock)
            if not client.may_write_facts:
                return Answer(403, "该客户端未获准写入考核数据".encode())
            items = fact_items.decode_many(request.body, request.header("content-type"))
            receipts = desk.receive(client.unit, f"api:{client.key}", items)
            results = [_fact_result(index, receipt) for index, receipt in enumerate(receipts)]
            return Answer(200, orjson.dumps({"results": results}), _JSON)

        self._posts["/api/v1/facts"] = (endpoint, MAX_BATCH_BYTES)

    def limit(self, path: str) -> int | None:
        """Return how many bytes a POST to a path may have, or None if there is no such endpoint."""
        found = self._posts.get(path)
        return found[1] if found else None

    def answer(self, method: str, path: str, request: Request) -> Answer:
        """Return the answer to a request; never raises."""
        try:
            if method == "GET":
                check = self._checks.get(path)
                return check(request) if check else Answer(404)
            found = self._posts.get(path)
            if found is None:
                return Answer(404)
            endpoint, limit = found
            if len(request.body) > limit:
                raise TooLarge(f"{len(request.body)} bytes")
            return endpoint(request)
        except InboundError as error:
            return _refusal(path, error)
        except StorageError as error:
            _log.error("not stored", path=path, error=str(error))
            return Answer(503, "系统忙，请稍后重试".encode())
        except Exception as error:  # noqa: BLE001  the border: kept under a number, and answered
            return Answer(500, self._keep(path, request, error).encode())

    def _reply(self, path: str, request: Request, event: InboundEvent) -> str:
        """Return the answer to a person; a failure on our side is told with its number (D.1)."""
        if event.kind is EventKind.ARTICLES:
            return ""
        try:
            return self._conversation.reply(event)
        except StorageError:
            raise  # answered 503: the platform delivers again
        except Exception as error:  # noqa: BLE001  as above, but in words that reach the person
            return self._keep(path, request, error)

    def _keep(self, path: str, request: Request, error: Exception) -> str:
        number = self._keeper.keep(path, request.body, type(error).__name__)
        _log.error("input kept", path=path, number=number, exc_info=error)
        return f"系统忙，编号 {number}，请稍后"

    def _take(self, event: InboundEvent) -> Answer:
        """Receive one event of a bridge; 204 whatever became of it, since a JSON answer would be obeyed."""
        self._receiver.receive([event])
        return _NO_CONTENT

    def _take_batch(self, clients: list[ApiClient], request: Request) -> Answer:
        client = _authenticate(clients, request, self._clock)
        default_source = min(client.sources, default="")
        content_type = request.header("content-type")
        decoded = posts_api.decode_many(default_source, request.body, self._clock(), content_type)
        items = [_permitted(client, index, item) for index, item in enumerate(decoded)]
        events = [item for item in items if isinstance(item, InboundEvent)]
        receipts = iter(self._receiver.receive(events))
        results = [
            _item_result(index, item if isinstance(item, Rejected) else next(receipts))
            for index, item in enumerate(items)
        ]
        return Answer(200, orjson.dumps({"results": results}), _JSON)


def _parameters(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.query, keep_blank_values=True))


def _decode_wecom(source: str, fields: Mapping[str, Any], received_at: datetime) -> InboundEvent:
    decode = wecom_aibot.decode if "aibotid" in fields else wecom_callback.decode
    return decode(source, fields, received_at)


def _authenticate(clients: list[ApiClient], request: Request, clock: Clock) -> ApiClient:
    """Return the client whose signature or bearer token the request carries."""
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = {name: request.header(name) for name in names}
    for client in clients:
        try:
            if headers["webhook-signature"]:
                posts_api.verify(headers, request.body, [client.token], clock())
            else:
                verify_bearer(request.header("authorization"), [client.token])
            return client
        except BadSignature:
            continue
    raise BadSignature("no client has this token or signature")


def _permitted(client: ApiClient, index: int, item: InboundEvent | Rejected) -> InboundEvent | Rejected:
    if isinstance(item, InboundEvent) and item.source not in client.sources:
        return Rejected(index, "无权代该来源上报")
    return item


def _item_result(index: int, outcome: Receipt | Rejected) -> dict[str, Any]:
    if isinstance(outcome, Rejected):
        return {"index": index, "status": "rejected", "reason": outcome.reason}
    result: dict[str, Any] = {"index": index, "status": outcome.value}
    if reason := _REASONS.get(outcome):
        result["reason"] = reason
    return result


def _fact_result(index: int, receipt: FactReceipt) -> dict[str, Any]:
    result: dict[str, Any] = {"index": index, "status": receipt.outcome.value}
    if receipt.reason:
        result["reason"] = receipt.reason
    if receipt.has_replaced:
        result["replaced"] = True
    return result


def _refusal(path: str, error: InboundError) -> Answer:
    """Answer a refused request without detail; the log says why, never with what."""
    _log.info("refused", path=path, code=error.code, reason=str(error.args[0])[:200])
    if isinstance(error, BadSignature):
        return Answer(403, "签名无效".encode())
    if isinstance(error, TooLarge):
        return Answer(413, "请求内容过大".encode())
    if isinstance(error, BadPayload):
        return Answer(400, "请求内容无法解析".encode())
    return Answer(400, error.user_text.encode())
