"""Temporary media (临时素材): what people sent, given out for three days by its media id."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .answers import Answer, ApiError, Json, Request
from .tokens import OfficialTokens, WecomTokens

LIFE_SECONDS = 3 * 24 * 3600


@dataclass(frozen=True)
class Media:
    """One thing that somebody sent."""

    content: bytes
    content_type: str
    expires_at: float


def show_picture(payload: Mapping[str, Any], shelf: "MediaShelf | None") -> str:
    """Give what a screen shows of an image message: its size and media id."""
    image = payload.get("image")
    media_id = str(image.get("media_id", "")) if isinstance(image, Mapping) else ""
    if shelf is None or not media_id:
        raise ApiError(40007)
    return f"[image] {len(shelf.holds(media_id))} {media_id}"


class MediaShelf:
    """Keeps what people sent; official accounts and WeCom ask for it alike."""

    def __init__(self, clock: Callable[[], float], official: OfficialTokens, wecom: WecomTokens) -> None:
        """Start empty."""
        self._clock = clock
        self._official, self._wecom = official, wecom
        self._media: dict[str, Media] = {}

    def put(self, content: bytes, content_type: str = "image/jpeg") -> str:
        """Keep what somebody sends; returns its media id."""
        media_id = secrets.token_urlsafe(24)
        self._media[media_id] = Media(content, content_type, self._clock() + LIFE_SECONDS)
        return media_id

    def upload(self, request: Request) -> Answer | Json:
        """Take a picture as a form with one file `media`; at most 10 MB of PNG or JPEG."""
        self._authorize(request)
        head, _, rest = request.body.partition(b"\r\n\r\n")
        boundary = head.partition(b"\r\n")[0]
        content = rest.partition(b"\r\n" + boundary)[0]
        if request.query.get("type") != "image" or b'name="media"' not in head or b"filename=" not in head:
            raise ApiError(40004)
        if not content.startswith((b"\x89PNG", b"\xff\xd8")) or len(content) > 10 << 20:
            raise ApiError(40009)
        return {"type": "image", "media_id": self.put(content, "image/png"), "created_at": int(self._clock())}

    def holds(self, media_id: str) -> bytes:
        """Give what a media id stands for; 40007 if nothing."""
        media = self._media.get(media_id)
        if media is None or media.expires_at <= self._clock():
            raise ApiError(40007)
        return media.content

    def forget(self) -> None:
        """Lose everything, as the platform does after three days."""
        self._media.clear()

    def get(self, request: Request) -> Answer:
        """Give a file out; an unknown or forgotten id is 40007."""
        self._authorize(request)
        media_id = request.query.get("media_id", "")
        content = self.holds(media_id)
        return Answer(200, self._media[media_id].content_type, content)

    def _authorize(self, request: Request) -> None:
        try:
            self._official.owner_of(request.query)
        except ApiError as refusal:
            if refusal.errcode != 40014:
                raise
            self._wecom.owner_of(request.query)
