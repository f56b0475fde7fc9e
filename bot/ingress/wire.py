"""Strict readings of single wire values, shared by every ingress.

JSON through orjson (refuses NaN, infinities and lone surrogates), ids as bounded text, times as aware
UTC. Everything that does not fit raises `BadPayload` with a reason in Chinese that may be shown to a
collector's operator; it never quotes the value.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

import orjson

from monitor.clock import from_epoch
from monitor.errors import BadPayload, BadSignature
from monitor.events import EventKind, InboundEvent, stable_key

MAX_ID_CHARS = 128
"""Longest id of any known platform is under 70 characters."""
MAX_DEPTH = 24
"""Deepest nesting taken over; the deepest documented payload has 7 levels."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_EPOCH = 16


@dataclass(frozen=True, slots=True)
class Rejected:
    """One item of a delivery that cannot be taken, as a value."""

    index: int  # place in the delivery: 0-based for arrays, 1-based row number for files
    reason: str  # 中文, shown to the operator of the collector


def load_json(body: bytes) -> Any:
    """Return the value a JSON body holds.

    Raises: BadPayload for anything that is not plain JSON of bounded depth.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadPayload("不是有效的 JSON") from error
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        _refuse_depth(value)
    if b"\\u0000" in body:
        value = _without_nul(value)
    return value


def load_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object a body holds.

    Raises: BadPayload if it is no JSON or no object.
    """
    value = load_json(body)
    if type(value) is not dict:
        raise BadPayload("应为一个 JSON 对象")
    return value


def _refuse_depth(value: Any) -> None:
    """Walk level by level, so that hostile depth costs no stack."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            if type(node) is dict:
                below.extend(node.values())
            elif type(node) is list:
                below.extend(node)
        if not below:
            return
        level = below
    raise BadPayload("JSON 嵌套过深")


def _without_nul(value: Any) -> Any:
    """Return the value with NUL taken out of every text; no store can hold one."""
    if type(value) is str:
        return value.replace("\x00", "")
    if type(value) is list:
        return [_without_nul(item) for item in value]
    if type(value) is dict:
        return {key.replace("\x00", ""): _without_nul(item) for key, item in value.items()}
    return value


def wire_id(value: object, name: str) -> str:
    """Return an id as text; bridges send numbers, hashes and text.

    Raises: BadPayload if it is neither text nor a whole number, empty, too long or has control characters.
    """
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        raise BadPayload(f"{name} 应为文本或整数")
    if not value or len(value) > MAX_ID_CHARS or _CONTROL.search(value):
        raise BadPayload(f"{name} 为空、过长或含控制字符")
    return value


def optional_id(value: object, name: str) -> str:
    """Return an id as text, empty text if it is absent.

    Raises: BadPayload as `wire_id` does.
    """
    return "" if value is None or value == "" else wire_id(value, name)


def wire_text(value: object, name: str) -> str:
    """Return a text, empty if it is absent; strings only, nothing is converted.

    Raises: BadPayload if it is not text.
    """
    if value is None:
        return ""
    if type(value) is not str:
        raise BadPayload(f"{name} 应为文本")
    return value


def instant_of(value: object, name: str, per_second: int = 1) -> datetime:
    """Return the UTC instant of an epoch number or its decimal digits.

    Args:
        value: seconds, or smaller units when `per_second` says so.
        name: wire name for the message.
        per_second: 1 for seconds, 1000 for milliseconds.
    Raises: BadPayload if it is no number or lies outside years 2000 to 2199.
    """
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= _LONGEST_EPOCH:
        value = int(value)
    if type(value) is not int and type(value) is not float:
        raise BadPayload(f"{name} 不是有效的时间")
    try:
        return from_epoch(value if per_second == 1 else value / per_second)
    except (ValueError, OverflowError) as error:
        raise BadPayload(f"{name} 超出可接受的时间范围") from error


def canonical(value: object) -> str:
    """Return any wire value as the text that identifies it, whatever the order of its names."""
    if value is None or type(value) is str:
        return value or ""
    return json.dumps(value, sort_keys=True)


def objects_of(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a value that is one, several, or none, as XML-born lists are."""
    items = value if type(value) is list else [value]
    return [item for item in items if type(item) is dict]


def same_secret(given: str, expected: str) -> bool:
    """Compare two secrets in constant time, whatever characters came in."""
    return compare_digest(given.encode("utf-8", "replace"), expected.encode())


def verify_secret(given: str, secrets: Sequence[str]) -> None:
    """Accept one of the configured secrets, for sources that sign nothing and show it in header or URL.

    Raises: BadSignature otherwise, also when none is configured.
    """
    if not any([same_secret(given, secret) for secret in secrets if secret]):
        raise BadSignature("the secret is not one of the configured ones")


def verify_bearer(authorization: str, tokens: Sequence[str]) -> None:
    """Accept `Bearer <token>` if the token is one of the configured ones.

    Raises: BadSignature otherwise, also when none is configured.
    """
    scheme, _, given = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise BadSignature("the Authorization header shows no bearer token")
    verify_secret(given.strip(), tokens)


def ignored(source: str, received_at: datetime) -> InboundEvent:
    """Return the event of something that is acknowledged and dropped, unread."""
    return InboundEvent(EventKind.IGNORED, source, 0, received_at)


def post_key(source: str, group_id: str, message_id: str) -> int:
    """Return the key of a message whose id is unique in its group, whichever way it arrives."""
    return stable_key(source, group_id, message_id)


def recall_key(source: str, group_id: str, message_id: str) -> int:
    """Return the key of the recall (撤回) of a message."""
    return stable_key(source, group_id, message_id, "recall")


def reason_of(error: BadPayload) -> str:
    """Return the Chinese reason of a refusal, without the library's words behind it."""
    return str(error.args[0])
