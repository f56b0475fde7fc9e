"""WeCom (企业微信): application messages and group robots."""

import json
from collections.abc import Mapping
from typing import Any

from .accounts import Accounts, Corp, Limits
from .answers import ApiError, Json, Request, accepted
from .counters import Clock, Memory, SlidingCounter
from .media import MediaShelf, show_picture
from .people import People
from .tokens import WecomTokens

APP_CHANNEL = "企业微信应用"
ROBOT_CHANNEL = "企业微信群机器人"
LONGEST_INTERVAL = 4 * 3600
TEXT_BYTES = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}


class WecomPlatform:
    """`message/send` with its silent drops, and `webhook/send`."""

    def __init__(
        self, clock: Clock, accounts: Accounts, limits: Limits, tokens: WecomTokens, people: People
    ) -> None:
        """Serve the given corporations and robots."""
        self._accounts = accounts
        self._limits = limits
        self._tokens = tokens
        self.shelf: MediaShelf | None = None
        self._people = people
        self._seen = Memory(clock)
        self._per_minute = SlidingCounter(clock, limits.member_per_minute, 60, 60)
        self._per_hour = SlidingCounter(clock, limits.member_per_hour, 3600, 3600)
        block = 600 if limits.robot_over_limit_code == 130101 else 0
        self._per_robot = SlidingCounter(clock, limits.robot_per_minute, 60, block)
        self._last_msg_id = 0
        self.menus: dict[str, Json] = {}

    def message_send(self, request: Request) -> Json:
        """Send an application message (应用消息); too many for one member vanish with errcode 0."""
        owner = self._tokens.owner_of(request.query)
        payload = request.payload
        corp = self._accounts.corps[owner.partition(":")[0]]
        if str(payload.get("agentid", "")) != owner.partition(":")[2]:
            raise ApiError(40056)
        is_picture = payload.get("msgtype") == "image"
        text = show_picture(payload, self.shelf) if is_picture else _text_of(payload)
        users, invalid = _recipients(payload, corp)
        answer = accepted(invaliduser="|".join(invalid), invalidparty="", invalidtag="")
        key = (owner, json.dumps(payload, sort_keys=True))
        earlier = self._seen.recall(key) if payload.get("enable_duplicate_check") == 1 else None
        if earlier is not None:
            return answer | {"msgid": earlier}
        self._last_msg_id += 1
        msg_id = f"msg-{self._last_msg_id}"
        interval = min(float(payload.get("duplicate_check_interval", 1800)), LONGEST_INTERVAL)
        self._seen.remember(key, msg_id, interval)
        for user in users:
            self._show(owner, user, text)
        return answer | {"msgid": msg_id}

    def menu_create(self, request: Request) -> Json:
        """Set an application's menu: one to three buttons, up to five below each of at most 40 bytes."""
        owner = self._tokens.owner_of(request.query)
        if request.query["agentid"] != owner.partition(":")[2]:
            raise ApiError(40056)
        buttons = request.payload.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise ApiError(40016)
        below = [one for button in buttons for one in button.get("sub_button", [])]
        if any(len(str(one.get("name", "")).encode()) > 40 for one in below):
            raise ApiError(40018)
        self.menus[owner] = dict(request.payload)
        return accepted()

    def webhook_send(self, request: Request) -> Json:
        """Send through a group robot (群机器人): at most 20 a minute, size limits enforced."""
        key = request.query.get("key", "")
        name = self._accounts.robots.get(key)
        if name is None:
            raise ApiError(93000)
        text = _text_of(request.payload, is_strict=True)
        if not self._per_robot.admits(key):
            raise ApiError(self._limits.robot_over_limit_code)
        mentioned = _mentions(request.payload)
        self._people.receive(name, ROBOT_CHANNEL, f"{text}{mentioned}")
        return accepted()

    def _show(self, owner: str, user: str, text: str) -> None:
        is_within = self._per_minute.admits((owner, user)) and self._per_hour.admits((owner, user))
        show = self._people.receive if is_within else self._people.drop
        show(user, APP_CHANNEL, text)


def _recipients(payload: Mapping[str, Any], corp: Corp) -> tuple[list[str], list[str]]:
    """Split the addressed members into known and unknown ones; refuse a message to nobody."""
    asked = [user for user in str(payload.get("touser", "")).split("|") if user]
    others = [f"{kind}:{payload[kind]}" for kind in ("toparty", "totag") if payload.get(kind)]
    known = [user for user in asked if user == "@all" or corp.members is None or user in corp.members]
    invalid = [user.lower() for user in asked if user not in known]
    if not known and not others:
        raise ApiError(81013)
    return known + others, invalid


def _text_of(payload: Mapping[str, Any], is_strict: bool = False) -> str:
    kind = str(payload.get("msgtype", ""))
    if kind == "textcard":
        card = payload.get("textcard")
        if not isinstance(card, Mapping):
            raise ApiError(40058)
        return f"{card.get('title', '')}\n{card.get('description', '')}"
    if kind not in TEXT_BYTES:
        raise ApiError(40008)
    inner = payload.get(kind)
    content = inner.get("content") if isinstance(inner, Mapping) else None
    if not isinstance(content, str) or not content:
        raise ApiError(44004)
    limit, raw = TEXT_BYTES[kind], content.encode()
    if len(raw) > limit and is_strict:
        raise ApiError(40058, f"{kind}.content exceed max length {limit}. invalid Request Parameter")
    return raw[:limit].decode(errors="ignore")


def _mentions(payload: Mapping[str, Any]) -> str:
    inner = payload.get("text")
    names = inner.get("mentioned_list") if isinstance(inner, Mapping) else None
    return "".join(f" @{name}" for name in names) if isinstance(names, list) else ""
