"""What reaches us from outside, typed once at the border.

Every ingress turns wire bytes into `InboundEvent`; nothing behind it knows a platform. Ids of other
systems stay text, because bridges send numbers, hashes and 64-bit values. `stable_key` makes the
64-bit keys by which one thing is recognised however often it arrives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

MAX_TEXT_CHARS = 4000
"""A post's text is kept up to this length; a longer one is cut, never refused."""


class EventKind(StrEnum):
    """What an inbound event is, whatever platform it came by."""

    POST = "post"  # a member's message in a group (发布信息)
    RECALL = "recall"  # a member took a message back (撤回)
    NOTICE = "notice"  # a system notice in a group: proves that the collector works, counts nothing
    CHAT = "chat"  # a private message to an official account or WeCom app
    ARTICLES = "articles"  # a finished mass send or publication of an official account
    ACCOUNT = "account"  # any other account event: follow, menu click, template receipt …
    IGNORED = "ignored"  # heartbeats, private chats of a bridge: acknowledged and dropped


class PostKind(StrEnum):
    """Form of a post; the first six count as 发布信息 (D-07)."""

    TEXT = "text"
    IMAGE = "image"
    LINK = "link"
    FILE = "file"
    VOICE = "voice"
    VIDEO = "video"
    OTHER = "other"


class Provenance(StrEnum):
    """Where a count comes from (来源); shown beside every number."""

    COLLECTED = "采集"
    SELF_REPORTED = "自报"
    INSPECTED = "检查"
    IMPORTED = "导入"


@dataclass(frozen=True, slots=True)
class Article:
    """One article (图文) of an official account, as far as the finish event names it."""

    position: int  # 1-based place in the push
    url: str = ""


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """One event, the same shape for every source.

    `source` is the configured key of the official account, bridge or collector. `place_id` is the
    external group id, or the account's original id (gh_…); `sender_id` a member's id or an openid.
    `event_key` is the same for every delivery of one event. `message_key` names the message without
    its time, so that a recall finds what it takes back; it equals `event_key` where ids are unique.
    `fields` holds the remaining wire fields under their documented names.
    """

    kind: EventKind
    source: str
    event_key: int
    occurred_at: datetime  # aware UTC
    place_id: str = ""
    sender_id: str = ""
    sender_name: str = ""
    post_kind: PostKind = PostKind.TEXT
    text: str = ""
    message_key: int = 0
    is_own: bool = False  # sent by our own bot: never counted (D-07)
    articles: tuple[Article, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


def stable_key(*parts: str) -> int:
    """Return a signed 64-bit key of the parts, equal in every process and release.

    A collision inside one group or account is needed to confuse two events, because every table
    leads its key with the group or account: about 3e-12 for 10,000 posts of one group.
    """
    digest = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def clean_text(text: str) -> str:
    """Return text that every store and page can hold: no NUL, no lone surrogates, bounded length."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text[:MAX_TEXT_CHARS]
