"""Error codes of the platform and the shape of its answers."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ERROR_TEXTS: Mapping[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40009: "invalid image size",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40018: "invalid button name size",
    40029: "invalid code",
    40037: "invalid template_id",
    40056: "invalid agentid",
    40058: "exceed max length, invalid Request Parameter",
    40125: "invalid appsecret",
    40164: "invalid ip, not in whitelist",
    40066: "invalid url",
    41001: "access_token missing",
    42001: "access_token expired",
    42003: "code expired",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    44004: "empty text content",
    45009: "reach max api daily quota limit / api freq out of limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45002: "content size out of limit",
    45047: "out of response count limit",
    47001: "data format error",
    48001: "api unauthorized",
    48004: "api banned",
    50002: "user limited",
    81013: "user & party & tag all invalid",
    89503: "this ip needs the administrator's confirmation",
    93000: "invalid webhook url",
    130101: "robot is blocked for sending too fast",
}


class ApiError(Exception):
    """The platform refuses a call."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        """Refuse with a documented code."""
        self.errcode = errcode
        self.detail = detail
        super().__init__(f"errcode {errcode}")

    def answer(self) -> Json:
        """Give the JSON that the platform sends for this refusal."""
        text = self.detail or ERROR_TEXTS.get(self.errcode, "error")
        rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        return {"errcode": self.errcode, "errmsg": f"{text} rid: {rid}"}


def accepted(**more: Any) -> Json:
    """Give the JSON of an accepted call."""
    return {"errcode": 0, "errmsg": "ok", **more}


@dataclass(frozen=True)
class Request:
    """One call as the API functions see it."""

    method: str
    path: str
    query: Mapping[str, str]
    payload: Mapping[str, Any]
    body: bytes = b""  # of an upload, which is a form and no JSON


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    content_type: str
    body: bytes
    location: str = ""
