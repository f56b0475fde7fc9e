"""Official account (公众号): customer-service messages, template messages and the menu."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .accounts import Accounts, Limits
from .answers import ApiError, Json, Request, accepted
from .counters import Clock, DailyQuota, Memory
from .media import MediaShelf, show_picture
from .people import People
from .tokens import OfficialTokens

DUPLICATE_SECONDS = 600
OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class ReplyWindow:
    """What a person's action allows: so many messages until an instant."""

    messages_left: int
    closes_at: float


class OfficialPlatform:
    """The outbound API of official accounts."""

    def __init__(
        self,
        clock: Clock,
        accounts: Accounts,
        limits: Limits,
        quota: DailyQuota,
        tokens: OfficialTokens,
        people: People,
    ) -> None:
        """Serve the given accounts."""
        self._clock = clock
        self._accounts = accounts
        self._limits = limits
        self._quota = quota
        self._tokens = tokens
        self.shelf: MediaShelf | None = None
        self._people = people
        self._windows: dict[tuple[str, str], ReplyWindow] = {}
        self._refused: dict[str, int] = {}
        self._sent = Memory(clock)
        self._last_msg_id = 1_000_000_000
        self.menus: dict[str, Json] = {}

    def open_window(
        self, openid: str, kind: str = "message", n_messages: int | None = None, seconds: float | None = None
    ) -> None:
        """Open a reply window: 5 messages in 48 h after a message, 3 in a minute after a click."""
        n_default, s_default = (self._limits.window_messages, self._limits.window_seconds)
        if kind != "message":
            n_default, s_default = 3, 60
        closes_at = self._clock() + (s_default if seconds is None else seconds)
        self._windows[openid, kind] = ReplyWindow(n_default if n_messages is None else n_messages, closes_at)

    def refuse_person(self, openid: str, errcode: int) -> None:
        """Make every send to this person fail, e.g. 40003 (unknown) or 43004 (not a follower)."""
        self._refused[openid] = errcode

    def custom_send(self, request: Request) -> Json:
        """Send a customer-service message (客服消息)."""
        app_id = self._authorize(request, "custom")
        openid = self._recipient(request.payload)
        text = _text_of(request.payload)
        if request.payload.get("msgtype") == "image":
            text = show_picture(request.payload, self.shelf)
        self._quota.use(app_id, "custom", self._limits.custom_sends_per_day)
        self._use_window(openid)
        self._people.receive(openid, "客服消息", text)
        return accepted()

    def template_send(self, request: Request) -> Json:
        """Send a template message (模板消息); a client_msg_id repeated within ten minutes shows nothing."""
        app_id = self._authorize(request, "template")
        openid = self._recipient(request.payload)
        template_id = str(request.payload.get("template_id", ""))
        owned = self._accounts.official[app_id].template_ids
        if not template_id or (owned is not None and template_id not in owned):
            raise ApiError(40037)
        self._quota.use(app_id, "template", self._limits.template_sends_per_day)
        client_id = str(request.payload.get("client_msg_id", ""))[:32]
        earlier = self._sent.recall((app_id, openid, client_id)) if client_id else None
        if earlier is not None:
            return accepted(msgid=earlier)
        self._last_msg_id += 1
        self._sent.remember((app_id, openid, client_id), self._last_msg_id, DUPLICATE_SECONDS)
        self._people.receive(openid, "模板消息", _template_text(request.payload), key=client_id)
        return accepted(msgid=self._last_msg_id)

    def menu_create(self, request: Request) -> Json:
        """Set the account's menu (自定义菜单): one to three buttons, up to five below each."""
        app_id = self._authorize(request, "menu")
        self._quota.use(app_id, "menu", self._limits.menu_changes_per_day)
        buttons = request.payload.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise ApiError(40016)
        for button in buttons:
            _validate_button(button)
        self.menus[app_id] = dict(request.payload)
        return accepted()

    def _authorize(self, request: Request, grant: str) -> str:
        app_id = self._tokens.owner_of(request.query)
        if grant not in self._accounts.official[app_id].grants:
            raise ApiError(48001)
        if not request.payload:
            raise ApiError(44002)
        return app_id

    def _recipient(self, payload: Mapping[str, Any]) -> str:
        openid = str(payload.get("touser", ""))
        if not OPENID.fullmatch(openid):
            raise ApiError(40003)
        if openid in self._refused:
            raise ApiError(self._refused[openid])
        return openid

    def _use_window(self, openid: str) -> None:
        """Take one message from the window that closes first."""
        if self._limits.is_every_window_open:
            return
        windows = (self._windows.get((openid, kind)) for kind in ("click", "follow", "scan", "message"))
        open_now = [window for window in windows if window and window.closes_at > self._clock()]
        if not open_now:
            raise ApiError(45015)
        usable = [window for window in open_now if window.messages_left > 0]
        if not usable:
            raise ApiError(45047)
        min(usable, key=lambda window: window.closes_at).messages_left -= 1


def _text_of(payload: Mapping[str, Any]) -> str:
    kind = payload.get("msgtype")
    if kind == "text":
        content = _inner(payload, "text").get("content")
        if not isinstance(content, str) or not content:
            raise ApiError(44004)
        if len(content.encode()) > 2048:
            raise ApiError(45002)
        return content
    if kind in {"image", "voice", "video", "music", "news", "mpnews", "msgmenu", "miniprogrampage"}:
        return f"[{kind}]"
    raise ApiError(40008)


def _template_text(payload: Mapping[str, Any]) -> str:
    lines = []
    for name, entry in _inner(payload, "data").items():
        value = entry.get("value", "") if isinstance(entry, Mapping) else entry
        lines.append(f"{name}：{value}")
    return "\n".join(lines)


def _inner(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = payload.get(name)
    if not isinstance(inner, Mapping):
        raise ApiError(47001)
    return inner


def _validate_button(button: object) -> None:
    name = button.get("name") if isinstance(button, Mapping) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= 60:
        raise ApiError(40018)
    below = button.get("sub_button", []) if isinstance(button, Mapping) else []
    if not isinstance(below, list) or len(below) > 5:
        raise ApiError(40016)
