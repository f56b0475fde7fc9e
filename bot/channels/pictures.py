"""Pictures that are sent: uploaded as temporary media (临时素材), then named by their media id.

A media id lives three days; a message that is tried again, by whichever process, uses the one that its
first try got, so that the platform sees the same request again. Key types: `PictureMessages`, `Uploads`.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from bot.channels.authorized import AuthorizedApi, deliver
from bot.channels.codes import CodeRule
from bot.channels.http import CallFailed, Json, describe, errcode_of
from bot.token import TokenError
from monitor.delivery.outbox import ChannelKind
from monitor.errors import DeliveryError
from monitor.ports import DeliveryReceipt, OutboundMessage

MEDIA_LIFE = timedelta(days=3) - timedelta(hours=1)
"""An hour less than the platform promises."""
GONE = 40007
_UPLOAD = "cgi-bin/media/upload"


class Uploads(Protocol):
    """Where the media ids of one account are kept while the platform knows them."""

    def load(self, digest: str) -> str:
        """Return the media id of a picture, "" without one that the platform still knows."""
        ...

    def save(self, digest: str, media_id: str) -> None:
        """Keep the media id of a fresh upload."""
        ...

    def forget(self, digest: str) -> None:
        """Forget a media id that the platform does not know any more."""
        ...


class PictureMessages:
    """Uploads and sends pictures for one account or application.

    Args:
        api: of the account.
        kind: channel in whose name failures are told.
        path: where messages are sent.
        codes: what the platform's error codes mean.
        uploads: the account's media ids.
        drops_repeats: the platform drops equal requests for a while: another message with the same picture
            is then uploaded on its own, or it would never be shown.
    """

    def __init__(
        self,
        api: AuthorizedApi,
        kind: ChannelKind,
        path: str,
        codes: Mapping[int, CodeRule],
        uploads: Uploads,
        *,
        drops_repeats: bool,
    ) -> None:
        """Take the account."""
        self._api, self._kind, self._path, self._codes = api, kind, path, codes
        self._uploads, self._drops_repeats = uploads, drops_repeats

    def send(self, message: OutboundMessage, envelope: Json) -> tuple[Json, DeliveryReceipt]:
        """Send a message's picture in an envelope; media that the platform has forgotten is uploaded again.

        Raises: DeliveryError.
        """

        def post() -> Json:
            payload = {**envelope, "msgtype": "image", "image": {"media_id": self._media_id(message)}}
            return self._api.post(self._path, payload)

        def post_fresh() -> Json:
            answer = post()
            if errcode_of(answer) != GONE:
                return answer
            self._uploads.forget(self._digest(message))
            return post()

        return deliver(self._kind, post_fresh, self._codes)

    def _media_id(self, message: OutboundMessage) -> str:
        digest = self._digest(message)
        media_id = self._uploads.load(digest)
        if not media_id:
            media_id = self._upload(message.picture)
            self._uploads.save(digest, media_id)
        return media_id

    def _digest(self, message: OutboundMessage) -> str:
        """Return what a picture is kept under: its content, where repeats are dropped with its message."""
        found = hashlib.sha256(message.picture)
        if self._drops_repeats:
            found.update(message.idempotency_key.encode())
        return found.hexdigest()

    def _upload(self, picture: bytes) -> str:
        """Return the media id of a fresh upload. A failed upload has sent nothing: it is never doubtful."""
        failure: DeliveryError | None = None
        answer: Json = {}
        try:
            answer = self._api.upload(_UPLOAD, {"type": "image"}, ("chart.png", picture, "image/png"))
        except CallFailed as failed:
            failure = DeliveryError(failed.reason, channel=self._kind)
        except TokenError as failed:
            failure = DeliveryError(
                str(failed), channel=self._kind, permanent=failed.permanent, retry_after=failed.retry_after
            )
        media_id = answer.get("media_id")
        if failure is None and not (isinstance(media_id, str) and media_id):
            rule = self._codes.get(errcode_of(answer))
            failure = DeliveryError(
                f"upload refused ({describe(answer)})",
                channel=self._kind,
                permanent=bool(rule and rule.is_permanent),
                retry_after=rule.wait if rule else None,
            )
        if failure is not None:  # raised here: what libraries say about a call may carry its token
            raise failure
        return str(media_id)
