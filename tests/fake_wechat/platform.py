"""The whole platform without HTTP: routes, faults, the log of calls."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from .accounts import Accounts, Limits
from .answers import Answer, ApiError, Json, Request
from .authorization import Authorization
from .clock import FakeClock
from .counters import DailyQuota
from .faults import FaultScript
from .media import MediaShelf
from .official import OfficialPlatform
from .people import People
from .tokens import OfficialTokens, WecomTokens
from .wecom import WecomPlatform

UPLOADS = frozenset(("cgi-bin/media/upload",))
Function = Callable[[Request], Json | Answer]


@dataclass(frozen=True)
class Call:
    """One API call as it arrived: no tokens, no bodies.

    Args:
        errcode: what was answered; None when a fault took the call before it was carried out.
        fault: kind of fault that struck, or empty.
    """

    path: str
    at: float
    errcode: int | None
    fault: str


class Platform:
    """Official accounts and WeCom behind one host, with scripted faults."""

    def __init__(self, clock: FakeClock, accounts: Accounts, limits: Limits) -> None:
        """Open for business."""
        self.clock = clock
        self.people = People(clock)
        self.faults = FaultScript(clock)
        quota = DailyQuota(clock)
        self.official_tokens = OfficialTokens(clock, accounts, limits, quota)
        self.wecom_tokens = WecomTokens(clock, accounts)
        self.official = OfficialPlatform(clock, accounts, limits, quota, self.official_tokens, self.people)
        self.wecom = WecomPlatform(clock, accounts, limits, self.wecom_tokens, self.people)
        self.media = MediaShelf(clock, self.official_tokens, self.wecom_tokens)
        self.official.shelf = self.wecom.shelf = self.media
        self.authorization = Authorization(clock, accounts)
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._routes: Mapping[tuple[str, str], Function] = {
            ("GET", "cgi-bin/token"): self.official_tokens.token,
            ("POST", "cgi-bin/stable_token"): self.official_tokens.stable_token,
            ("POST", "cgi-bin/message/custom/send"): self.official.custom_send,
            ("POST", "cgi-bin/message/template/send"): self.official.template_send,
            ("POST", "cgi-bin/menu/create"): self._menu_create,
            ("GET", "cgi-bin/media/get"): self.media.get,
            ("POST", "cgi-bin/media/upload"): self.media.upload,
            ("GET", "sns/oauth2/access_token"): self.authorization.access_token,
            ("GET", "cgi-bin/gettoken"): self.wecom_tokens.gettoken,
            ("POST", "cgi-bin/message/send"): self.wecom.message_send,
            ("POST", "cgi-bin/webhook/send"): self.wecom.webhook_send,
        }

    def _menu_create(self, request: Request) -> Json:
        """Both platforms have a menu at this path; WeCom's names the application."""
        serves = self.wecom if "agentid" in request.query else self.official
        return serves.menu_create(request)

    def calls(self, path: str | None = None) -> list[Call]:
        """List the API calls, oldest first, of one path or of all."""
        with self._lock:
            return [call for call in self._calls if path is None or call.path == path]

    def carry_out(self, method: str, target: str, body: bytes, fault: str = "") -> Answer:
        """Do what a call asks, one call at a time, and answer in JSON."""
        url = urlsplit(target)
        path = url.path.strip("/")
        with self._lock:
            answer: Json | Answer
            try:
                answer = self._run(method, path, dict(parse_qsl(url.query)), body)
            except ApiError as refusal:
                answer = refusal.answer()
            errcode = 0 if isinstance(answer, Answer) else int(answer.get("errcode", 0))
            self._calls.append(Call(path, self.clock(), errcode, fault))
        return answer if isinstance(answer, Answer) else json_answer(answer)

    def note_fault(self, target: str, fault: str, errcode: int | None = None) -> None:
        """Log a call that a fault took."""
        with self._lock:
            path = urlsplit(target).path.strip("/")
            self._calls.append(Call(path, self.clock(), errcode, fault))

    def _run(self, method: str, path: str, query: dict[str, str], body: bytes) -> Json | Answer:
        function = self._routes.get((method, path))
        if function is None:
            raise ApiError(43002 if any(known == path for _, known in self._routes) else 40066)
        if path in UPLOADS:
            return function(Request(method, path, query, {}, body))
        return function(Request(method, path, query, _payload(body)))


def json_answer(content: Json) -> Answer:
    """Wrap JSON in an answer, unescaped UTF-8 as the platform sends it."""
    body = json.dumps(content, ensure_ascii=False).encode()
    return Answer(200, "application/json; encoding=utf-8", body)


def _payload(body: bytes) -> Json:
    if not body:
        return {}
    try:
        payload = json.loads(body)
    except ValueError:
        raise ApiError(47001) from None
    if not isinstance(payload, dict):
        raise ApiError(47001)
    return payload
