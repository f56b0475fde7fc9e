"""Pictures that people sent to an account, fetched from the platform by their media id (media/get)."""

from collections.abc import Mapping

from bot.channels.authorized import AuthorizedApi
from bot.channels.codes import rule_for
from bot.channels.http import AnswerTooLarge, CallFailed, Json, describe, errcode_of
from bot.token import TokenError
from monitor.assessment.evidence import TOO_LARGE, EvidenceRefused
from monitor.errors import DeliveryError

CHANNEL = "media"
LARGEST_FILE = 4 * 1024 * 1024
"""More than a picture may have, so that one that is too large is told as such."""
READ_SECONDS = 15.0
_GONE = frozenset((40007, 40004))  # no such media id: it is older than three days, or of another account


class MediaSource:
    """Implements `monitor.ports.PictureSource` for the accounts and applications that have a secret."""

    def __init__(self, by_account: Mapping[str, AuthorizedApi]) -> None:
        """Take the way to each account's API, by the account's key."""
        self._by_account = dict(by_account)

    def fetch(self, account: str, media_id: str) -> bytes:
        """Return a picture's content.

        Raises: DeliveryError, permanent when it will never come; EvidenceRefused if it is far too large.
        """
        api = self._by_account.get(account)
        if api is None:
            raise DeliveryError(f"no secret of {account}", channel=CHANNEL)
        failure: DeliveryError | EvidenceRefused | None = None
        answer = b""
        try:
            answer = self._get(api, media_id)
        except CallFailed as failed:
            if failed.reason == AnswerTooLarge.__name__:
                failure = EvidenceRefused("larger than the client takes", user_text=TOO_LARGE)
            else:
                failure = DeliveryError(failed.reason, channel=CHANNEL)
        except TokenError as failed:
            # a wrong secret is put right by the operator: the picture is tried until it is forgotten
            failure = DeliveryError(str(failed), channel=CHANNEL, retry_after=failed.retry_after)
        if failure is not None:  # raised here: what libraries say about a call may carry its token
            raise failure
        return answer

    def _get(self, api: AuthorizedApi, media_id: str) -> bytes:
        answer = api.download("cgi-bin/media/get", {"media_id": media_id})
        if isinstance(answer, bytes):
            return answer
        raise _refusal(answer)


def _refusal(answer: Json) -> DeliveryError:
    code = errcode_of(answer)
    rule = rule_for(code, {})
    return DeliveryError(describe(answer), channel=CHANNEL, permanent=code in _GONE, retry_after=rule.wait)
