"""Signing in to the console: passwords, lock-out, sessions.

A wrong name, a wrong password and a locked user are told apart nowhere outside: same text, same work.
Whoever has a second factor gets a session that waits for it (`second_factor`). Sessions of people bound in
chat begin in `chat_sign_in` and `wechat_sign_in`. Knows nothing of HTTP.
Key types: `SignIn`, `Visitor`, `SignInRefused`.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter, UnitNotFound
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.people import bindings, console, sessions
from monitor.store.people.console import Connection, ConsoleUser, Credentials
from monitor.store.people.sessions import Session
from monitor.units import Role, Viewer
from scoring.errors import AppError

MAX_FAILURES = 5
LOCK = timedelta(minutes=15)
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
MIN_PASSWORD_CHARS = 10
_MAX_PASSWORD_CHARS = 256
_MAX_NAME_CHARS = 64
_TOUCH_EVERY = timedelta(minutes=1)  # a page view writes at most this often
_PARALLEL_HASHES = 2
_WAIT_FOR_HASH = 10.0  # seconds; a longer queue is refused instead of holding server threads
_MAX_WAITING = 16


class SignInRefused(AppError):
    """Name or password are wrong, or the user is locked: the same text for all three."""

    code = "sign_in_refused"
    user_text = "用户名或密码不正确，或账号已被锁定。连续输错 5 次后锁定 15 分钟。"


class SignInBusy(AppError):
    """More people sign in at this moment than passwords can be verified."""

    code = "sign_in_busy"
    user_text = "正在登录的人数较多，请稍后再试"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person: their scope for the queries, and their unit's name."""

    viewer: Viewer
    unit_name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A fresh session. `token` goes into the cookie and is stored nowhere."""

    token: str
    last_sign_in_at: datetime | None
    n_failures: int  # wrong passwords since then
    needs_code: bool = False  # the password was right, the second step is to come


class SignIn:
    """Lets users of the console in and out. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        """Keep the collaborators; passwords are hashed two at a time.

        Args:
            hasher: other costs than the usual ones; a stored hash follows at its user's next sign-in.
        """
        self._database = database
        self._clock = clock
        self._hasher = hasher or make_hasher()
        self._hashing = threading.Semaphore(_PARALLEL_HASHES)
        self._waiting = threading.BoundedSemaphore(_MAX_WAITING)
        self._hash_of_nobody = self._hasher.hash(secrets.token_urlsafe())

    def enter(self, name: str, password: str, *, user_agent: str = "", address: str = "") -> Entry:
        """Begin a session for a name and password; every attempt is written to the audit.

        Source: none (等保 lock-out, five failures → 15 minutes).

        Raises: SignInRefused without saying why; SignInBusy if too many passwords wait for verification.
        """
        name = name.strip()[:_MAX_NAME_CHARS]
        with self._database.reading() as connection:
            known = console.load_credentials(connection, name)
        is_right = self._is_right(known, password)
        from_where = Whence(user_agent[:200], address)
        entry = self._database.write(lambda connection: self._settle(connection, name, is_right, from_where))
        if entry is None:
            raise SignInRefused(f"sign-in refused for {name!r}")
        if known and self._hasher.check_needs_rehash(known.password_hash):
            self._rehash(known.user.user_id, password)
        return entry

    def resume(self, token: str) -> Visitor | None:
        """Return whose session this is, with the role and scope of this moment, or None when it is over.

        Source: none (30 minutes idle, 12 hours absolute).
        """
        now, token_hash = self._clock(), hash_token(token)
        with self._database.reading() as connection:
            session = sessions.load_session(connection, token_hash)
            visitor = _find_visitor(connection, session, now) if session else None
        if session is None or visitor is None:
            return None
        if now - session.last_seen_at >= IDLE or now - session.created_at >= ABSOLUTE:
            return None
        if now - session.last_seen_at >= _TOUCH_EVERY:
            self._database.write(lambda connection: sessions.touch_session(connection, token_hash, now))
        return visitor

    def leave(self, token: str) -> None:
        """End a session."""
        self._database.write(lambda connection: sessions.delete_session(connection, hash_token(token)))

    def save_user(
        self, name: str, password: str, role: Role, unit_code: str, *, display_name: str = ""
    ) -> None:
        """Create a user of the console, or replace one of that name, whose sessions then end.

        Raises: BadParameter for a short password, an empty name or a role without pages; UnitNotFound.
        """
        name = name.strip()
        if not 0 < len(name) <= _MAX_NAME_CHARS:
            raise BadParameter("user name", user_text=f"用户名应为 1–{_MAX_NAME_CHARS} 个字符")
        if not MIN_PASSWORD_CHARS <= len(password) <= _MAX_PASSWORD_CHARS:
            raise BadParameter("password", user_text=f"密码至少 {MIN_PASSWORD_CHARS} 个字符")
        if role is Role.GROUP_MANAGER:
            raise BadParameter("role", user_text="群管理员通过聊天使用，不设控制台账号")
        password_hash = self.hash_password(password)
        with self._database.reading() as connection:
            unit = directory.load_unit_by_code(connection, unit_code)
        if unit is None:
            raise UnitNotFound(f"no unit {unit_code!r}")
        values = {"password_hash": password_hash, "role": role.value, "unit_id": unit.unit_id}
        values["display_name"] = display_name or name
        self._database.write(lambda connection: console.save_user(connection, name, values))

    def hash_password(self, password: str) -> str:
        """Return the hash under which a password is stored. Raises: SignInBusy."""
        with self._hash_slot():
            return self._hasher.hash(password)

    def has_user(self, name: str) -> bool:
        """Tell whether a user of that name exists, switched off or not."""
        with self._database.reading() as connection:
            return console.has_user(connection, name.strip())

    def require_password(self, user_id: int, password: str) -> None:
        """Let a signed-in user prove that it is still them; wrong ones count towards the lock.

        Raises: SignInRefused.
        """
        with self._database.reading() as connection:
            known = console.load_credentials_by_id(connection, user_id)
        is_right = self._is_right(known, password)

        def settle(connection: Connection) -> bool:
            now, fresh = self._clock(), console.load_credentials_by_id(connection, user_id)
            if fresh is None or is_locked(fresh, now) or not is_right:
                note_failure(connection, fresh, now)
                return False
            return True

        if not self._database.write(settle):
            raise SignInRefused(f"password of user {user_id} refused")

    def _settle(
        self, connection: Connection, name: str, is_right: bool, from_where: "Whence"
    ) -> Entry | None:
        """Write the outcome of an attempt, reading the lock again: parallel guesses do not outrun it."""
        now = self._clock()
        known = console.load_credentials(connection, name)
        if known is None or is_locked(known, now) or not is_right:
            note_failure(connection, known, now)
            console.log_attempt(connection, name, console.REFUSED, now, from_where.address)
            return None
        if known.code_key:
            token = secrets.token_urlsafe(32)
            whose = {"user_id": known.user.user_id, "awaits_code": True}
            sessions.save_session(connection, hash_token(token), now, **whose)
            return Entry(token, None, known.n_failures, needs_code=True)
        return open_session(connection, known, now, from_where)

    def _is_right(self, known: Credentials | None, password: str) -> bool:
        """Verify a password; for an unknown name the same work is done on a hash of nobody's."""
        stored = known.password_hash if known else self._hash_of_nobody
        with self._hash_slot():
            try:
                self._hasher.verify(stored, password[:_MAX_PASSWORD_CHARS])
            except (VerificationError, InvalidHashError):
                return False
        return known is not None

    def _rehash(self, user_id: int, password: str) -> None:
        with self._hash_slot():
            fresh = self._hasher.hash(password)
        self._database.write(lambda connection: console.save_password_hash(connection, user_id, fresh))

    @contextmanager
    def _hash_slot(self) -> Iterator[None]:
        if not self._waiting.acquire(blocking=False):
            raise SignInBusy("too many sign-ins wait")
        try:
            if not self._hashing.acquire(timeout=_WAIT_FOR_HASH):
                raise SignInBusy("no hashing slot became free")
            try:
                yield
            finally:
                self._hashing.release()
        finally:
            self._waiting.release()


def make_hasher() -> PasswordHasher:
    """Return argon2id with 32 MiB: two at once stay well inside the memory budget of the process."""
    return PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a session begins: the browser's own words, and its address."""

    user_agent: str
    address: str


def is_locked(known: Credentials, now: datetime) -> bool:
    """Tell whether a user is locked after wrong passwords or codes."""
    return known.locked_until is not None and now < known.locked_until


def note_failure(connection: Connection, known: Credentials | None, now: datetime) -> None:
    """Count a wrong password or code of a user who is not locked already."""
    if known is not None and not is_locked(known, now):
        console.save_failures(connection, known.user.user_id, *_after_failure(known, now))


def open_session(connection: Connection, known: Credentials, now: datetime, from_where: Whence) -> Entry:
    """Begin a session of a user who has proved everything there is to prove."""
    token, name = secrets.token_urlsafe(32), known.user.name
    last = console.load_last_sign_in(connection, name)
    console.save_failures(connection, known.user.user_id, 0, None)
    forget_stale_sessions(connection, now)
    sessions.save_session(
        connection,
        hash_token(token),
        now,
        user_id=known.user.user_id,
        user_agent=from_where.user_agent,
        address=from_where.address,
    )
    console.log_attempt(connection, name, console.SIGNED_IN, now, from_where.address)
    return Entry(token, last, known.n_failures)


def open_bound_session(
    connection: Connection, identity_id: int, now: datetime, from_where: Whence, way: str
) -> Entry:
    """Begin a session of a person bound in chat, with the role and scope of the binding.

    Args:
        way: how they proved who they are, for the audit: "chat" or "wechat".
    """
    token, actor = secrets.token_urlsafe(32), f"chat:{identity_id}"
    last = console.load_last_sign_in(connection, actor)
    forget_stale_sessions(connection, now)
    sessions.save_session(
        connection,
        hash_token(token),
        now,
        identity_id=identity_id,
        user_agent=from_where.user_agent,
        address=from_where.address,
    )
    console.log_attempt(connection, actor, console.SIGNED_IN, now, from_where.address, way=way)
    return Entry(token, last, 0)


def forget_stale_sessions(connection: Connection, now: datetime) -> None:
    """Forget what can no longer be resumed."""
    sessions.delete_stale_sessions(connection, seen_before=now - IDLE, created_before=now - ABSOLUTE)


def _find_visitor(connection: Connection, session: Session, now: datetime) -> Visitor | None:
    """Return whose session it is, with the role and scope of this moment."""
    if session.user is not None:
        return _as_visitor(session.user)
    bound = bindings.load_bound(connection, session.account, session.address, business_day(now))
    return Visitor(bound.viewer, bound.unit_name) if bound else None


def _as_visitor(user: ConsoleUser) -> Visitor:
    viewer = Viewer(
        identity=f"console:{user.user_id}",
        role=Role(user.role),
        unit_id=user.unit_id,
        unit_path=user.unit_path,
        display_name=user.display_name or user.name,
    )
    return Visitor(viewer, user.unit_name)


def _after_failure(known: Credentials, now: datetime) -> tuple[int, datetime | None]:
    """Return the new count of failures and the lock it brings; a lock that is over starts from one."""
    n_failures = 1 if known.locked_until is not None else known.n_failures + 1
    return n_failures, now + LOCK if n_failures >= MAX_FAILURES else None


def hash_token(token: str) -> str:
    """Return the hash under which a token is stored."""
    return sha256(token.encode()).hexdigest()
