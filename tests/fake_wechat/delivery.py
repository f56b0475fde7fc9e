"""The platform calling the project: signed pushes, five seconds, three tries, and what was answered."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

import requests

from .messages import Fields, Push, Subscriber, read_xml, to_xml
from .official import OfficialPlatform
from .people import People
from .signing import Envelope, new_nonce, signature

Verdict = Literal["success", "reply", "unavailable", "timeout", "refused", "bad_status"]
REPLY_TYPES = {"text", "image", "voice", "video", "music", "news", "transfer_customer_service"}


@dataclass(frozen=True)
class Try:
    """One of the calls of one push: what came back and what the platform makes of it."""

    verdict: Verdict
    status: int
    body: str
    real_seconds: float
    reply: dict[str, str] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        """Tell whether the platform stops here; it does after a silly answer, too."""
        return self.verdict in ("success", "reply", "unavailable")


@dataclass(frozen=True)
class Delivered:
    """One push with all its tries, at least one."""

    push: Push
    tries: tuple[Try, ...]

    @property
    def last(self) -> Try:
        """Give the try that decided."""
        return self.tries[-1]

    @property
    def reply_text(self) -> str:
        """Give the text of the passive reply, empty if there was none."""
        return self.last.reply.get("Content", "")


class DeliveryEngine:
    """Pushes messages and events to callbacks and records the answers.

    Args:
        clock: the stand-in's clock, for timestamps.
        official: told when a person's action opens a reply window.
        people: shown the passive replies.
        answer_seconds: real seconds a callback has to answer.
        n_tries: how often a push is tried.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        official: OfficialPlatform,
        people: People,
        answer_seconds: float = 5.0,
        n_tries: int = 3,
    ) -> None:
        """Get ready; no thread is started."""
        self._clock = clock
        self._official = official
        self._people = people
        self.answer_seconds = answer_seconds
        self._n_tries = n_tries
        self._lock = threading.Lock()
        self._log: list[Delivered] = []

    def delivered(self) -> list[Delivered]:
        """List all finished pushes, oldest first."""
        with self._lock:
            return list(self._log)

    def deliver(self, subscriber: Subscriber, push: Push) -> Delivered:
        """Push with retries as the platform does: anew signed each time, until a final answer."""
        self._open_window(subscriber, push)
        tries: list[Try] = []
        for _ in range(self._n_tries):
            tries.append(self.try_once(subscriber, push))
            if tries[-1].is_final:
                break
        result = Delivered(push, tuple(tries))
        self._show(push, result.last)
        with self._lock:
            self._log.append(result)
        return result

    def try_once(self, subscriber: Subscriber, push: Push) -> Try:
        """Make a single call, freshly signed. For overlapping tries, call it from several threads."""
        url, body = self.signed(subscriber, push)
        started = time.monotonic()
        try:
            answer = requests.post(
                url,
                data=body.encode(),
                headers={"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"},
                timeout=self.answer_seconds,
                allow_redirects=False,
            )
            text = answer.content.decode()
        except requests.Timeout:
            return Try("timeout", 0, "", time.monotonic() - started)
        except (requests.RequestException, UnicodeDecodeError):
            return Try("refused", 0, "", time.monotonic() - started)
        seconds = time.monotonic() - started
        if answer.status_code != 200:
            return Try("bad_status", answer.status_code, text, seconds)
        return self._judge(subscriber, push, text, seconds)

    def signed(self, subscriber: Subscriber, push: Push) -> tuple[str, str]:
        """Give the address with its signature, and the body, of one call at the present fake time."""
        timestamp, nonce = str(int(self._clock())), new_nonce()
        query = {"timestamp": timestamp, "nonce": nonce}
        if not subscriber.is_wecom:
            query = {"signature": signature(subscriber.token, timestamp, nonce), **query}
            query["openid"] = push.sender
        if subscriber.mode == "plain" and not subscriber.is_wecom:
            return f"{subscriber.url}?{urlencode(query)}", push.xml()
        sealed = Envelope(subscriber.aes_key, subscriber.receive_id).encrypt(push.xml())
        if not subscriber.is_wecom:
            query["encrypt_type"] = "aes"
        query["msg_signature"] = signature(subscriber.token, timestamp, nonce, sealed)
        return f"{subscriber.url}?{urlencode(query)}", to_xml(_outer_fields(subscriber, push, sealed))

    def verify_url(self, subscriber: Subscriber, echo: str = "5927782489442352469") -> bool:
        """Make the access check (接入验证) and tell whether the callback passed it."""
        timestamp, nonce = str(int(self._clock())), new_nonce()
        query = {"timestamp": timestamp, "nonce": nonce}
        if subscriber.is_wecom:
            sealed = Envelope(subscriber.aes_key, subscriber.receive_id).encrypt(echo)
            query |= {"echostr": sealed}
            query["msg_signature"] = signature(subscriber.token, timestamp, nonce, sealed)
        else:
            query |= {"echostr": echo, "signature": signature(subscriber.token, timestamp, nonce)}
        try:
            answer = requests.get(subscriber.url, params=query, timeout=self.answer_seconds)
        except requests.RequestException:
            return False
        return answer.status_code == 200 and answer.content == echo.encode()

    def _open_window(self, subscriber: Subscriber, push: Push) -> None:
        if subscriber.is_wecom:
            return
        kind = {"": "message", "click": "click", "subscribe": "follow", "scan": "scan"}.get(push.event)
        if kind:
            self._official.open_window(push.sender, kind)

    def _judge(self, subscriber: Subscriber, push: Push, text: str, seconds: float) -> Try:
        """Read a 200 answer: `success`, nothing, a valid reply, or else 暂时无法提供服务."""
        if text.strip() in ("", "success"):
            return Try("success", 200, text, seconds)
        try:
            reply = _opened(subscriber, text)
            is_fine = reply["MsgType"] in REPLY_TYPES and reply["ToUserName"] == push.sender
        except (KeyError, ValueError, SyntaxError):
            return Try("unavailable", 200, text, seconds)
        return Try("reply" if is_fine else "unavailable", 200, text, seconds, reply)

    def _show(self, push: Push, last: Try) -> None:
        if last.verdict == "reply":
            content = last.reply.get("Content") or f"[{last.reply['MsgType']}]"
            self._people.receive(push.sender, "被动回复", content)
        elif last.verdict != "success" and not push.event:
            self._people.receive(push.sender, "系统提示", "该公众号暂时无法提供服务，请稍后再试")


def _outer_fields(subscriber: Subscriber, push: Push, sealed: str) -> Fields:
    if subscriber.is_wecom:
        agent = "" if subscriber.agent_id is None else str(subscriber.agent_id)
        return {"ToUserName": subscriber.account_id, "Encrypt": sealed, "AgentID": agent}
    if subscriber.mode == "compatible":
        return push.fields | {"Encrypt": sealed}
    return {"ToUserName": subscriber.account_id, "Encrypt": sealed}


def _opened(subscriber: Subscriber, text: str) -> dict[str, str]:
    """Read a passive reply; an encrypted one must carry a right signature."""
    outer = read_xml(text)
    sealed = outer.get("Encrypt")
    if sealed is None:
        if subscriber.mode == "safe":
            raise ValueError("safe mode needs an encrypted reply")
        return outer
    expected = signature(subscriber.token, outer["TimeStamp"], outer["Nonce"], sealed)
    if outer["MsgSignature"] != expected:
        raise ValueError("signature of the reply is wrong")
    return read_xml(Envelope(subscriber.aes_key, subscriber.receive_id).decrypt(sealed))
