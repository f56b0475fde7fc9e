"""Access tokens of official accounts and of WeCom applications, with real life times."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from .accounts import Accounts, Limits
from .answers import ApiError, Json, Request
from .counters import Clock, DailyQuota

LIFE_SECONDS = 7200
OVERLAP_SECONDS = 300


@dataclass
class IssuedToken:
    """One token: whose it is, until when it works, and what is answered afterwards."""

    value: str
    owner: str
    expires_at: float
    code_when_dead: int = 42001

    def ends(self, at: float, code: int) -> None:
        """End this token at an instant, unless it ends sooner by itself."""
        if at < self.expires_at:
            self.expires_at, self.code_when_dead = at, code


class TokenShelf:
    """All tokens of one kind of account; one of them is current per owner."""

    def __init__(self, clock: Clock) -> None:
        """Start without tokens."""
        self._clock = clock
        self._by_value: dict[str, IssuedToken] = {}
        self._current: dict[str, IssuedToken] = {}

    def current(self, slot: str, at_least_seconds: float = 0) -> IssuedToken | None:
        """Give the slot's newest token if it still lives longer than asked."""
        token = self._current.get(slot)
        if token is None or token.expires_at - self._clock() <= at_least_seconds:
            return None
        return token

    def issue(self, slot: str, owner: str, overlap_seconds: float) -> IssuedToken:
        """Make a new current token; the former one ends after the overlap."""
        now = self._clock()
        if slot in self._current:
            self._current[slot].ends(now + overlap_seconds, 40001)
        token = IssuedToken(
            f"{secrets.randbelow(100)}_{secrets.token_urlsafe(90)}", owner, now + LIFE_SECONDS
        )
        self._by_value[token.value] = self._current[slot] = token
        return token

    def owner_of(self, query: Mapping[str, str]) -> str:
        """Answer whose token a call carries, or refuse the call."""
        value = query.get("access_token", "")
        if not value:
            raise ApiError(41001)
        token = self._by_value.get(value)
        if token is None:
            raise ApiError(40014)
        if token.expires_at <= self._clock():
            raise ApiError(token.code_when_dead)
        return token.owner

    def invalidate(self, code: int = 40001) -> None:
        """End every token now, as the platform does when a secret is reset."""
        for token in self._by_value.values():
            token.ends(self._clock(), code)

    def answer(self, token: IssuedToken) -> Json:
        """Give the JSON that hands out a token."""
        return {"access_token": token.value, "expires_in": int(token.expires_at - self._clock())}


class OfficialTokens(TokenShelf):
    """`cgi-bin/token` and `cgi-bin/stable_token`: two mechanisms that do not disturb each other."""

    def __init__(self, clock: Clock, accounts: Accounts, limits: Limits, quota: DailyQuota) -> None:
        """Serve the given official accounts."""
        super().__init__(clock)
        self._accounts = accounts
        self._limits = limits
        self._quota = quota
        self._forced_at: dict[str, float] = {}

    def token(self, request: Request) -> Json:
        """Hand out a new token; the former one works for five more minutes."""
        app_id = self._identify(request.query)
        self._quota.use(app_id, "token", self._limits.token_fetches_per_day)
        return self.answer(self.issue(f"plain:{app_id}", app_id, OVERLAP_SECONDS))

    def stable_token(self, request: Request) -> Json:
        """Hand out the same token until five minutes before its end, or a forced new one."""
        app_id = self._identify(request.payload)
        slot = f"stable:{app_id}"
        if request.payload.get("force_refresh"):
            token = self._force(slot, app_id)
        else:
            token = self.current(slot, OVERLAP_SECONDS) or self.issue(slot, app_id, OVERLAP_SECONDS)
        return self.answer(token)

    def _force(self, slot: str, app_id: str) -> IssuedToken:
        """Renew at most 20 times a day; sooner than 30 s after the last time nothing changes."""
        now, current = self._clock(), self.current(slot)
        gap = now - self._forced_at.get(slot, float("-inf"))
        if current and gap < self._limits.forced_refresh_gap_seconds:
            return current
        self._quota.use(app_id, "force_refresh", self._limits.forced_refreshes_per_day)
        self._forced_at[slot] = now
        return self.issue(slot, app_id, 0)

    def _identify(self, given: Mapping[str, object]) -> str:
        if given.get("grant_type") != "client_credential":
            raise ApiError(40002)
        app_id = str(given.get("appid", ""))
        app = self._accounts.official.get(app_id)
        if app is None:
            raise ApiError(40013)
        if given.get("secret") != app.secret:
            raise ApiError(40125)
        return app_id


class WecomTokens(TokenShelf):
    """`cgi-bin/gettoken`: the same token for every fetch within its life."""

    def __init__(self, clock: Clock, accounts: Accounts) -> None:
        """Serve the given corporations."""
        super().__init__(clock)
        self._accounts = accounts

    def gettoken(self, request: Request) -> Json:
        """Hand out the application's token."""
        corp_id = request.query.get("corpid", "")
        corp = self._accounts.corps.get(corp_id)
        if corp is None:
            raise ApiError(40013, "invalid corpid")
        agent_id = corp.agents.get(request.query.get("corpsecret", ""))
        if agent_id is None:
            raise ApiError(40001, "invalid credential")
        owner = f"{corp_id}:{agent_id}"
        token = self.current(owner) or self.issue(owner, owner, 0)
        return {"errcode": 0, "errmsg": "ok", **self.answer(token)}
