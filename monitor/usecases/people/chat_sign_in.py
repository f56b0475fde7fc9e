"""Signing in at a desk by chat (用微信确认登录): the browser shows a code, the person sends it and confirms.

The session is that of the binding: role, unit, a manager's own groups. Key types: `ChatSignIn`, `Ticket`.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.clock import Clock
from monitor.errors import BadParameter, NotBound
from monitor.people.sign_in import SignInState
from monitor.store.database import Database
from monitor.store.operations.audit import insert_audit
from monitor.store.people import bindings, desk_rows
from monitor.store.people.bindings import Bound, Connection
from monitor.store.people.desk_rows import WaitingBrowser
from monitor.usecases.people.bind import LOCK, REFUSAL_WINDOW, ChatAddress, is_locked
from monitor.usecases.people.sign_in import Entry, Whence, hash_token, open_bound_session
from scoring.errors import AppError

CODE_LIFE = timedelta(minutes=3)
PICK_UP_WITHIN = timedelta(minutes=1)  # after the confirmation
MOST_WAITING = 10  # browsers of one address: an office behind one address has that many desks
HANDLE_CHARS = 16
CODE_REFUSED = "chat.sign_in_refused"
CONFIRMED = "chat.sign_in_confirmed"
DECLINED = "chat.sign_in_declined"
_SUBJECT = "console"


class TooManyDesks(AppError):
    """Too many browsers of one address wait for a confirmation."""

    code = "too_many_desks"
    user_text = "同一网络等待微信确认的登录过多，请 3 分钟后再试，或用密码登录"


class DeskCodeRefused(BadParameter):
    """The code is unknown, used, over or somebody else's: the same text for all."""

    code = "desk_code_refused"
    user_text = "登录验证码无效或已过期，请在登录页重新获取"


class TooManyDeskCodes(BadParameter):
    """Too many wrong codes; even a right one is refused for a while."""

    code = "too_many_desk_codes"
    user_text = "登录验证码错误次数过多，请10分钟后再试"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a waiting browser holds. `browser` goes into its cookie; both are stored as hashes only."""

    browser: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """What a person is asked to confirm. `handle` names the browser in the numbered choices."""

    handle: str
    user_agent: str
    address: str
    asked_at: datetime


class ChatSignIn:
    """Joins a browser and a person in chat. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, secret: str) -> None:
        """Keep the collaborators; six digits are hashed with the secret of the installation."""
        self._database = database
        self._clock = clock
        self._secret = f"chat sign-in\0{secret}".encode()

    def begin(self, *, user_agent: str = "", address: str = "") -> Ticket:
        """Let a browser wait for three minutes.

        Raises: TooManyDesks.
        """
        browser, now = secrets.token_urlsafe(32), self._clock()
        whence = {"user_agent": user_agent[:200], "address": address}

        def write(connection: Connection) -> str:
            desk_rows.delete_over(connection, now)
            if desk_rows.count_browsers(connection, address, now) >= MOST_WAITING:
                raise TooManyDesks("too many browsers wait")
            code = self._free_code(connection, now)
            times = {"created_at": now, "expires_at": now + CODE_LIFE}
            desk_rows.insert_browser(
                connection,
                hash_token(browser),
                self._hash_code(code),
                state=SignInState.WAITING.value,
                **times,
                **whence,
            )
            return code

        return Ticket(browser, self._database.write(write), now + CODE_LIFE)

    def look(self, browser: str) -> SignInState | None:
        """Return how far the sign-in of a browser is, None when it is over."""
        with self._database.reading() as connection:
            found = desk_rows.find_browser(connection, hash_token(browser), self._clock())
        return SignInState(found.state) if found else None

    def claim(self, browser: str, *, user_agent: str = "", address: str = "") -> Entry | None:
        """Begin the session that was confirmed for this browser; once, None before and afterwards."""
        now, browser_hash = self._clock(), hash_token(browser)

        def write(connection: Connection) -> Entry | None:
            found = desk_rows.find_browser(connection, browser_hash, now)
            confirmed = SignInState.CONFIRMED.value
            if found is None or found.identity_id is None:
                return None
            if not desk_rows.take_browser(connection, browser_hash, confirmed):
                return None
            whence = Whence(user_agent[:200], address)
            return open_bound_session(connection, found.identity_id, now, whence, "chat")

        return self._database.write(write)

    def ask(
        self, connection: Connection, who: ChatAddress, bound: Bound | None, code: str, now: datetime
    ) -> Request | DeskCodeRefused:
        """Take the code that a person sent and return what they are asked to confirm.

        The same code sent again by the same person asks again. A refusal is a value, because the attempt is
        written down: five within ten minutes lock for ten.

        Raises: TooManyDeskCodes; NotBound.
        """
        if bound is None:
            raise NotBound("a stranger sends a sign-in code")
        at = (who.account, who.address)
        since = now - REFUSAL_WINDOW - LOCK
        if is_locked(bindings.load_refusals(connection, *at, since, CODE_REFUSED), now):
            raise TooManyDeskCodes("locked after wrong codes")
        found = desk_rows.find_by_code(connection, self._hash_code(code), now)
        if found is None or not _is_asked(connection, found, bound):
            bindings.record(connection, CODE_REFUSED, *at, now)
            return DeskCodeRefused("unknown, used or expired code")
        return Request(found.browser_hash[:HANDLE_CHARS], found.user_agent, found.address, found.created_at)

    def decide(
        self, connection: Connection, bound: Bound | None, handle: str, now: datetime, *, is_mine: bool
    ) -> int:
        """Confirm or decline; returns the number of the record, 0 if it was decided so before.

        Raises: DeskCodeRefused if this person was not asked about that browser, or its time is over.
        """
        if bound is None:
            raise NotBound("a stranger confirms a sign-in")
        found = None
        if len(handle) == HANDLE_CHARS:
            found = desk_rows.find_by_handle(connection, handle, bound.identity_id, now)
        after = SignInState.CONFIRMED if is_mine else SignInState.REFUSED
        if found is None or found.state not in (SignInState.ASKED.value, after.value):
            raise DeskCodeRefused("nothing to decide")
        if found.state == after.value:
            return 0
        values = {"expires_at": now + PICK_UP_WITHIN} if is_mine else {}
        desk_rows.move_browser(connection, found.browser_hash, found.state, after.value, **values)
        action = CONFIRMED if is_mine else DECLINED
        detail = {"address": found.address}
        return insert_audit(connection, bound.viewer.identity, action, _SUBJECT, detail, now)

    def _free_code(self, connection: Connection, now: datetime) -> str:
        """Return six digits under which nobody waits."""
        while True:
            code = f"{secrets.randbelow(1_000_000):06}"
            if not desk_rows.is_code_taken(connection, self._hash_code(code), now):
                return code

    def _hash_code(self, code: str) -> str:
        return hmac.new(self._secret, code.encode("utf-8", "replace"), sha256).hexdigest()


def _is_asked(connection: Connection, found: WaitingBrowser, bound: Bound) -> bool:
    """Make a person the one who is asked; False if another one is, or it is decided."""
    if found.state == SignInState.ASKED.value:
        return found.identity_id == bound.identity_id
    waiting, asked = SignInState.WAITING.value, SignInState.ASKED.value
    return desk_rows.move_browser(
        connection, found.browser_hash, waiting, asked, identity_id=int(bound.identity_id)
    )
