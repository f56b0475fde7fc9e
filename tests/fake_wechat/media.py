"""Temporary media (临时素材): what people sent, given out for three days by its media id."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from .answers import Answer, ApiError, Request
from .tokens import OfficialTokens, WecomTokens

LIFE_SECONDS = 3 * 24 * 3600


@dataclass(frozen=True)
class Media:
    """One thing that somebody sent."""

    content: bytes
    content_type: str
    expires_at: float


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

    def get(self, request: Request) -> Answer:
        """Give a file out; an unknown or forgotten id is 40007."""
        self._authorize(request)
        media = self._media.get(request.query.get("media_id", ""))
        if media is None or media.expires_at <= self._clock():
            raise ApiError(40007)
        return Answer(200, media.content_type, media.content)

    def _authorize(self, request: Request) -> None:
        try:
            self._official.owner_of(request.query)
        except ApiError as refusal:
            if refusal.errcode != 40014:
                raise
            self._wecom.owner_of(request.query)
