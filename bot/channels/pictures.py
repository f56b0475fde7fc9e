"""Pictures that are sent: uploaded as temporary media (临时素材), then named by their media id.

A media id lives three days; a message that is tried again uses the one that its first try got. Key type:
`PictureMessages`.
"""

import time
from collections.abc import Mapping

from bot.channels.authorized import AuthorizedApi, deliver
from bot.channels.codes import CodeRule
from bot.channels.http import CallFailed, Json, describe, errcode_of
from bot.token import TokenError
from monitor.delivery.outbox import ChannelKind
from monitor.errors import DeliveryError
from monitor.ports import DeliveryReceipt, OutboundMessage

MEDIA_LIFE_SECONDS = 3 * 24 * 3600 - 3600
"""An hour less than the platform promises."""
GONE = 40007
_UPLOAD = "cgi-bin/media/upload"
_MOST_KEPT = 500


class PictureMessages:
    """Uploads and sends pictures for one account or application.

    Args:
        api: of the account.
        kind: channel in whose name failures are told.
        path: where messages are sent.
        codes: what the platform's error codes mean.
    """

    def __init__(
        self, api: AuthorizedApi, kind: ChannelKind, path: str, codes: Mapping[int, CodeRule]
    ) -> None:
        """Start with no media."""
        self._api, self._kind, self._path, self._codes = api, kind, path, codes
        self._kept: dict[str, tuple[str, float]] = {}

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
            self._kept.pop(message.idempotency_key, None)
            return post()

        return deliver(self._kind, post_fresh, self._codes)

    def _media_id(self, message: OutboundMessage) -> str:
        now = time.monotonic()
        media_id, until = self._kept.get(message.idempotency_key, ("", 0.0))
        if media_id and now < until:
            return media_id
        media_id = self._upload(message.picture)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[message.idempotency_key] = (media_id, now + MEDIA_LIFE_SECONDS)
        return media_id

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
