"""Access tokens: one refresher per account, renewed early, replaced once when the platform refuses one.

Official accounts use `stable_token`, so that several processes get the same token instead of ending
each other's; WeCom's `gettoken` behaves so by itself. Key types: `TokenService`, `TokenStore`, `TokenSource`.
"""

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.codes import OFFICIAL, WECOM, Action, CodeRule, rule_for
from bot.channels.http import ApiClient, CallFailed, Json, describe, errcode_of
from monitor.clock import Clock

RENEW_BEFORE = timedelta(minutes=5)
FORCED_GAP = timedelta(minutes=5)  # the platform allows 30 s, but only 20 a day
RENEWAL_PAUSE = timedelta(minutes=1)  # WeCom gives the old token again until it ends
TRANSIENT_PAUSE = timedelta(seconds=10)
REFUSED_PAUSE = timedelta(minutes=5)
STALE_CODES = frozenset({40001, 40014, 42001})

_log = logging.getLogger(__name__)


class TokenError(Exception):
    """No usable token; the message that needed it was not sent.

    Attributes:
        permanent: True when the account's configuration is wrong.
        retry_after: when another try makes sense.
    """

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: timedelta | None = None
    ) -> None:
        """Keep what a channel passes on."""
        super().__init__(message)
        self.permanent, self.retry_after = permanent, retry_after


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token with its end, and when it was last demanded anew by force."""

    value: str = field(repr=False)
    expires_at: datetime
    forced_at: datetime | None = None


class TokenStore(Protocol):
    """Keeps the token of each account; shared by all processes when it lies in the database."""

    def load(self, account: str) -> StoredToken | None:
        """Return the account's token, None if there is none."""
        ...

    def save(self, account: str, token: StoredToken) -> None:
        """Keep a token in place of the former one."""
        ...


class MemoryTokenStore:
    """A store for one process."""

    def __init__(self) -> None:
        """Start empty."""
        self._tokens: dict[str, StoredToken] = {}

    def load(self, account: str) -> StoredToken | None:
        """Return the account's token, None if there is none."""
        return self._tokens.get(account)

    def save(self, account: str, token: StoredToken) -> None:
        """Keep a token in place of the former one."""
        self._tokens[account] = token


class TokenSource(Protocol):
    """Fetches tokens of one account."""

    account: str

    def fetch(self, *, force: bool) -> tuple[str, timedelta]:
        """Return a token and its remaining life; `force` demands another one. Raises: TokenError."""
        ...


class OfficialTokenSource:
    """`stable_token` of an official account (公众号)."""

    def __init__(self, client: ApiClient, app_id: str, secret: str) -> None:
        """Take the account's credentials."""
        self.account = f"official:{app_id}"
        self._client, self._app_id, self._secret = client, app_id, secret

    def fetch(self, *, force: bool) -> tuple[str, timedelta]:
        """Return a token and its remaining life; `force` ends the former token. Raises: TokenError."""
        payload = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        answer, failure = None, None
        try:
            answer = self._client.post("cgi-bin/stable_token", payload)
        except CallFailed as failed:
            failure = failed
        return _read_token(answer, failure, _OFFICIAL_FETCH)


class WecomTokenSource:
    """`gettoken` of a WeCom application (企业微信应用); there is no force, the platform decides."""

    def __init__(self, client: ApiClient, corp_id: str, secret: str, agent_id: int) -> None:
        """Take the application's credentials."""
        self.account = f"wecom:{corp_id}:{agent_id}"
        self._client, self._corp_id, self._secret = client, corp_id, secret

    def fetch(self, *, force: bool) -> tuple[str, timedelta]:
        """Return a token and its remaining life. Raises: TokenError."""
        query = {"corpid": self._corp_id, "corpsecret": self._secret}
        answer, failure = None, None
        try:
            answer = self._client.get("cgi-bin/gettoken", query)
        except CallFailed as failed:
            failure = failed
        return _read_token(answer, failure, _WECOM_FETCH)


class TokenService:
    """Hands out one account's token to any number of threads.

    Args:
        source: fetches tokens.
        store: keeps them.
        clock: present instant.
    """

    def __init__(self, source: TokenSource, store: TokenStore, clock: Clock) -> None:
        """Get ready; nothing is fetched before the first call."""
        self._source, self._store, self._clock = source, store, clock
        self._lock = threading.Lock()
        self._failure: TokenError | None = None
        self._failed_until: datetime | None = None
        self._renewed_at: datetime | None = None

    @property
    def account(self) -> str:
        """What the account is called in the store."""
        return self._source.account

    def token(self) -> str:
        """Return a valid token, renewed five minutes before its end. Raises: TokenError."""
        with self._lock:
            stored, now = self._store.load(self._source.account), self._clock()
            if stored is not None and not self._is_due(stored, now):
                return stored.value
            try:
                return self._fetch(now, stored, force=False).value
            except TokenError:
                if stored is None or stored.expires_at <= now:
                    raise
                return stored.value  # still good for some minutes

    def replace(self, rejected: str) -> str:
        """Return another token than the refused one, or fail.

        Of many threads with the same refused token one fetches; the others get what it fetched. At most
        one token is demanded by force in five minutes. Raises: TokenError.
        """
        with self._lock:
            stored, now = self._store.load(self._source.account), self._clock()
            if stored is not None and stored.value != rejected and stored.expires_at > now:
                return stored.value
            if stored is not None and stored.forced_at is not None and now - stored.forced_at < FORCED_GAP:
                wait = FORCED_GAP - (now - stored.forced_at)
                raise TokenError("a new token was refused, too", retry_after=wait)
            fresh = self._fetch(now, stored, force=True)
            if fresh.value == rejected:
                raise TokenError("the platform gives out the token it refuses", retry_after=FORCED_GAP)
            return fresh.value

    def _is_due(self, stored: StoredToken, now: datetime) -> bool:
        """Tell whether a token is to be renewed: near its end, and not asked about a moment ago."""
        if stored.expires_at <= now:
            return True
        is_fresh = self._renewed_at is not None and now - self._renewed_at < RENEWAL_PAUSE
        return stored.expires_at - now <= RENEW_BEFORE and not is_fresh

    def _fetch(self, now: datetime, stored: StoredToken | None, *, force: bool) -> StoredToken:
        """Fetch and keep a token; after a failure nobody asks again for a while."""
        if self._failure is not None and self._failed_until is not None and now < self._failed_until:
            raise _again(self._failure, self._failed_until - now)
        try:
            value, life = self._source.fetch(force=force)
        except TokenError as failure:
            self._failure = failure
            self._failed_until = now + (failure.retry_after or TRANSIENT_PAUSE)
            _log.warning("token of %s not renewed: %s", self._source.account, failure)
            raise
        self._failure = self._failed_until = None
        self._renewed_at = now
        forced_at = now if force else (stored.forced_at if stored else None)
        fresh = StoredToken(value, now + life, forced_at)
        self._store.save(self._source.account, fresh)
        _log.info("token of %s renewed, force=%s", self._source.account, force)
        return fresh


_WRONG_SECRET = CodeRule(Action.OPERATOR, "secret is wrong")
_OFFICIAL_FETCH = {**OFFICIAL, 40001: _WRONG_SECRET}
_WECOM_FETCH = {**WECOM, 40001: _WRONG_SECRET}


def _again(failure: TokenError, wait: timedelta) -> TokenError:
    return TokenError(str(failure), permanent=failure.permanent, retry_after=wait)


def _read_token(
    answer: Json | None, failure: CallFailed | None, table: dict[int, CodeRule]
) -> tuple[str, timedelta]:
    """Read a token answer; raises outside any handler, so that no context carries the secret."""
    if answer is None:
        reason = failure.reason if failure else "no answer"
        raise TokenError(f"token not fetched: {reason}", retry_after=TRANSIENT_PAUSE)
    code = errcode_of(answer)
    if code != 0:
        rule = rule_for(code, table)
        wait = rule.wait or (REFUSED_PAUSE if rule.is_permanent else TRANSIENT_PAUSE)
        text = f"token not fetched: {rule.reason} ({describe(answer)})"
        raise TokenError(text, permanent=rule.is_permanent, retry_after=wait)
    value, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(value, str) or not value or type(seconds) is not int or seconds <= 0:
        raise TokenError("token not fetched: answer without a token", retry_after=TRANSIENT_PAUSE)
    return value, timedelta(seconds=seconds)
