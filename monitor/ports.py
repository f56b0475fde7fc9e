"""What the use cases need from outside, named by them and implemented elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from monitor.classify.verdicts import PostVerdict, Relevance
from monitor.days.topics import Topic
from monitor.delivery.outbox import ChannelKind, SendLimit


class RelevanceJudge(Protocol):
    """Decides whether a post is about League work or the group's open topics (HN-2.1.3)."""

    def judge(self, text: str, topics: Sequence[Topic]) -> Relevance:
        """Judge one post's text against the topics open on its day. Fast: on the hot path."""
        ...


class HarmJudge(Protocol):
    """Decides whether a post is 不良信息 or should be looked at by a person."""

    def suspect(self, text: str, unit_path: str) -> PostVerdict | None:
        """Judge one post's text; None for an ordinary one. Fast: on the hot path.

        Args:
            unit_path: of the group's unit, whose own words and those of the units above it count too.
        """
        ...

    def foresee(self, posts: Sequence[tuple[str, str]]) -> None:
        """Judge many posts (text, path of the unit) at once, so that `suspect` knows them; cheaper."""
        ...


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to one target by one channel.

    `target` is an openid (客服消息, 模板消息), a WeCom user id (app message) or the configured name of a
    group robot. `idempotency_key` is the same for every attempt, so that a platform which remembers
    keys drops the repeat. `text` is plain Chinese text; its first line is the conclusion. A `picture` (PNG)
    is sent in place of the text; a channel that cannot carry one refuses it for good.
    """

    target: str
    title: str
    text: str
    idempotency_key: str
    url: str = ""
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """The platform's acceptance of a message; not yet proof that a person has read it."""

    channel: ChannelKind
    platform_id: str = ""


class Channel(Protocol):
    """A way to reach people.

    `limits` are kept by the sender of the outbox; `duplicate_window` is how long the platform drops
    a repeat with the same idempotency key, zero if it does not remember keys.
    """

    kind: ChannelKind
    limits: tuple[SendLimit, ...]
    duplicate_window: timedelta

    def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Send one message.

        Raises: DeliveryError. `permanent` says that this channel will never reach the target,
            `ambiguous` that the platform may have accepted it, `retry_after` when to try again.
        """
        ...


class PictureSource(Protocol):
    """Where pictures that people sent by chat are fetched from."""

    def fetch(self, account: str, media_id: str) -> bytes:
        """Return the content of a picture.

        Args:
            account: key of the account or application that received it.
            media_id: what the platform calls it, for three days.

        Raises: DeliveryError, `permanent` when the platform does not have it any more; EvidenceRefused.
        """
        ...
