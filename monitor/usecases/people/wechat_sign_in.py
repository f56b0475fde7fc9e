"""Signing in inside WeChat (微信内登录): the platform says whose browser it is; only bound people enter.

Knows nothing of HTTP; `WeChatGate` is what the platform offers. Key types: `WeChatSignIn`, `WeChatGate`.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from monitor.clock import Clock, business_day
from monitor.errors import DeliveryError, NotFound
from monitor.store.database import Database
from monitor.store.people import bindings, desk_rows
from monitor.store.people.bindings import Connection
from monitor.usecases.people.sign_in import Entry, Whence, hash_token, open_bound_session
from scoring.errors import AppError

STATE_LIFE = timedelta(minutes=5)


class WeChatGate(Protocol):
    """The web authorisation of one official account (网页授权, snsapi_base)."""

    def address(self, return_to: str, state: str) -> str:
        """Return where the person's browser is sent."""

    def openid(self, code: str) -> str:
        """Return whose code it is. Raises: DeliveryError if the platform does not say."""


class WeChatSignInRefused(AppError):
    """State over or used, code not taken by the platform, or nobody bound: the same text for all."""

    code = "wechat_sign_in_refused"
    user_text = (
        "微信登录未成功：请求已过期，或您尚未绑定角色。请重试；尚未绑定的，先在公众号回复：绑定 邀请码"
    )


class WeChatSignIn:
    """Lets bound people in who open the console inside WeChat. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, gates: Mapping[str, WeChatGate]) -> None:
        """Keep the collaborators; `gates` by key of the official account."""
        self._database = database
        self._clock = clock
        self._gates = gates

    @property
    def accounts(self) -> tuple[str, ...]:
        """Keys of the accounts that can be signed in with."""
        return tuple(self._gates)

    def begin(self, account: str, target: str, return_to: str) -> tuple[str, str]:
        """Return a fresh state, good once and for five minutes, and where to send the browser with it.

        Raises: NotFound for an account that is not set up.
        """
        gate, state, now = self._gate(account), secrets.token_urlsafe(24), self._clock()

        def write(connection: Connection) -> None:
            desk_rows.delete_over(connection, now)
            desk_rows.insert_state(connection, hash_token(state), account, target, now + STATE_LIFE)

        self._database.write(write)
        return state, gate.address(return_to, state)

    def finish(
        self, account: str, code: str, state: str, *, user_agent: str = "", address: str = ""
    ) -> tuple[Entry, str]:
        """Begin the session of the person whose code it is; returns it and where they wanted to go.

        The state is used up first, whatever comes of it.

        Raises: NotFound; WeChatSignInRefused.
        """
        gate, now = self._gate(account), self._clock()
        target = self._database.write(lambda c: desk_rows.take_state(c, hash_token(state), account, now))
        if target is None or not code:
            raise WeChatSignInRefused("state unknown, used or over")
        try:
            openid = gate.openid(code)
        except DeliveryError as failed:
            raise WeChatSignInRefused(str(failed)) from None
        whence = Whence(user_agent[:200], address)
        entry = self._database.write(lambda c: self._enter(c, account, openid, whence))
        if entry is None:
            raise WeChatSignInRefused("not bound")
        return entry, target

    def _enter(self, connection: Connection, account: str, openid: str, whence: Whence) -> Entry | None:
        now = self._clock()
        bound = bindings.load_bound(connection, account, openid, business_day(now))
        if bound is None:
            return None
        return open_bound_session(connection, int(bound.identity_id), now, whence, "wechat")

    def _gate(self, account: str) -> WeChatGate:
        if account not in self._gates:
            raise NotFound(f"no sign-in with {account!r}")
        return self._gates[account]
