"""Calls with an access token, and turns what comes back into a receipt or a `DeliveryError`."""

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.channels.codes import Action, CodeRule, rule_for
from bot.channels.http import ApiClient, CallFailed, Json, NamedFile, describe, errcode_of
from bot.token import STALE_CODES, TokenError
from monitor.delivery.outbox import ChannelKind
from monitor.errors import DeliveryError
from monitor.ports import DeliveryReceipt

NOTHING: Mapping[str, str] = {}
"""The query of a call that takes none beside the token."""


class Tokens(Protocol):
    """Hands out the access token of one account."""

    def token(self) -> str:
        """Return a token that is valid as far as we know. Raises: TokenError."""
        ...

    def replace(self, rejected: str) -> str:
        """Return another token than the one the platform refused. Raises: TokenError."""
        ...


class AuthorizedApi:
    """Posts for one account; a refused token is replaced once, never twice."""

    def __init__(self, client: ApiClient, tokens: Tokens) -> None:
        """Take the way to call and the source of tokens."""
        self._client = client
        self._tokens = tokens

    def post(self, path: str, payload: Json, query: Mapping[str, str] = NOTHING) -> Json:
        """Post with a token. Raises: CallFailed, TokenError."""
        token = self._tokens.token()
        answer = self._post(path, payload, query, token)
        if errcode_of(answer) not in STALE_CODES:
            return answer
        return self._post(path, payload, query, self._tokens.replace(token))

    def download(self, path: str, query: Mapping[str, str]) -> bytes | Json:
        """Get a file with a token. Raises: CallFailed, TokenError."""
        token = self._tokens.token()
        answer = self._client.download(path, {**query, "access_token": token})
        if isinstance(answer, bytes) or errcode_of(answer) not in STALE_CODES:
            return answer
        return self._client.download(path, {**query, "access_token": self._tokens.replace(token)})

    def upload(self, path: str, query: Mapping[str, str], file: NamedFile) -> Json:
        """Upload a file with a token. Raises: CallFailed, TokenError."""
        token = self._tokens.token()
        answer = self._client.upload(path, {**query, "access_token": token}, file)
        if errcode_of(answer) not in STALE_CODES:
            return answer
        return self._client.upload(path, {**query, "access_token": self._tokens.replace(token)}, file)

    def _post(self, path: str, payload: Json, query: Mapping[str, str], token: str) -> Json:
        return self._client.post(path, payload, {**query, "access_token": token})


def deliver(
    kind: ChannelKind, call: Callable[[], Json], table: Mapping[int, CodeRule]
) -> tuple[Json, DeliveryReceipt]:
    """Make the call of a channel and judge the answer.

    Raises: DeliveryError, without a cause: what libraries say about a call may carry its token.
    """
    failure, answer = None, {}
    try:
        answer = dict(call())
    except CallFailed as failed:
        failure = DeliveryError(failed.reason, channel=kind, ambiguous=failed.ambiguous)
    except TokenError as failed:
        failure = DeliveryError(
            str(failed), channel=kind, permanent=failed.permanent, retry_after=failed.retry_after
        )
    if failure is None and "errcode" not in answer:
        failure = DeliveryError("the answer has no errcode", channel=kind, ambiguous=True)
    if failure is None:
        failure = _refusal(kind, answer, table)
    if failure is not None:
        raise failure
    platform_id = str(answer.get("msgid", ""))
    return answer, DeliveryReceipt(kind, platform_id)


def _refusal(kind: ChannelKind, answer: Json, table: Mapping[int, CodeRule]) -> DeliveryError | None:
    code = errcode_of(answer)
    if code == 0:
        return None
    rule = rule_for(code, table)
    if rule.action is Action.SENT:
        return None
    text = f"{rule.reason} ({describe(answer)})"
    return DeliveryError(text, channel=kind, permanent=rule.is_permanent, retry_after=rule.wait)
