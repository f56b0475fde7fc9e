"""The second factor (两步验证): a code of an authenticator app, or one of ten recovery codes.

Knows nothing of HTTP. Key types: `SecondFactor`, `SecondStepRefused`.
"""

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from monitor.clock import Clock
from monitor.errors import BadParameter, OutOfScope
from monitor.people.sealing import Sealer
from monitor.people.sign_in import find_step, key_address, new_key
from monitor.store.database import Database
from monitor.store.operations.audit import insert_audit
from monitor.store.people import console, second_factors, sessions
from monitor.store.people.console import Connection, Credentials
from monitor.units import Viewer
from monitor.usecases.people.sign_in import (
    Entry,
    SignIn,
    Whence,
    hash_token,
    is_locked,
    note_failure,
    open_session,
)
from scoring.errors import AppError

SECOND_STEP_LIFE = timedelta(minutes=5)
N_RECOVERY_CODES = 10
_RECOVERY_BYTES = 10  # 16 letters
_SUBJECT = "console"


class SecondStepRefused(AppError):
    """The code is wrong or used, the second step is over, or the user is locked: the same text for all."""

    code = "second_step_refused"
    user_text = (
        "验证码不正确或已用过，或本次登录已超时、账号已被锁定。连续输错 5 次（含密码）后锁定 15 分钟。"
    )


@dataclass(frozen=True, slots=True)
class FactorReading:
    """Whether a user has a second factor, how many recovery codes are left, and a key that waits."""

    has_password: bool  # people bound in chat have none, and no factor
    is_on: bool = False
    n_recovery_codes: int = 0
    key: str = ""
    address: str = ""


class SecondFactor:
    """Switches second factors on and off, and takes the second step. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, sign_in: SignIn, secret: str) -> None:
        """Keep the collaborators; keys are stored sealed with the secret of the installation."""
        self._database = database
        self._clock = clock
        self._sign_in = sign_in
        self._sealer = Sealer(secret, "second factor")

    def read(self, viewer: Viewer) -> FactorReading:
        """Return how a person's own second factor stands."""
        user_id = user_id_of(viewer)
        if user_id is None:
            return FactorReading(has_password=False)
        with self._database.reading() as connection:
            known = _require(connection, user_id)
            n_left = second_factors.count_recovery_codes(connection, user_id)
        key = self._sealer.open(known.new_code_key) or "" if known.new_code_key else ""
        address = key_address(key, known.user.name) if key else ""
        return FactorReading(True, bool(known.code_key), n_left if known.code_key else 0, key, address)

    def begin(self, viewer: Viewer) -> None:
        """Make a key that waits for its first code; a key that waits already stays.

        Raises: BadParameter if a factor is in use.
        """
        user_id, sealed = _require_user(viewer), self._sealer.seal(new_key())

        def write(connection: Connection) -> None:
            known = _require(connection, user_id)
            if known.code_key:
                raise BadParameter("factor in use", user_text="两步验证已开启；要更换，请先关闭")
            if not known.new_code_key or self._sealer.open(known.new_code_key) is None:
                second_factors.save_factor(connection, user_id, new_code_key=sealed)

        self._database.write(write)

    def finish(self, viewer: Viewer, code: str) -> list[str]:
        """Switch the factor on by its first code; returns the recovery codes, shown this once.

        Raises: BadParameter for a wrong code, or if nothing was begun.
        """
        user_id = _require_user(viewer)
        codes = [b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(N_RECOVERY_CODES)]

        def write(connection: Connection) -> None:
            now, known = self._clock(), _require(connection, user_id)
            key = self._sealer.open(known.new_code_key) if known.new_code_key else None
            step = find_step(key, code, now, known.code_step) if key else None
            if step is None:
                raise BadParameter("first code", user_text="验证码不正确，请核对手机时间后重试")
            values = {"code_key": known.new_code_key, "new_code_key": "", "code_step": step}
            second_factors.save_factor(connection, user_id, **values)
            second_factors.save_recovery_codes(connection, user_id, [_hash_recovery(one) for one in codes])
            insert_audit(connection, viewer.identity, "console.factor_on", known.user.name, {}, now)

        self._database.write(write)
        return codes

    def switch_off(self, viewer: Viewer, password: str) -> None:
        """Give the factor up; needs the password again.

        Raises: SignInRefused.
        """
        user_id = _require_user(viewer)
        self._sign_in.require_password(user_id, password)
        self._database.write(lambda connection: drop_factor(connection, user_id, viewer, self._clock))

    def enter(self, token: str, code: str, *, user_agent: str = "", address: str = "") -> Entry:
        """Take the second step: a code of the app, or a recovery code; every attempt is audited.

        Source: none (等保 two-factor authentication); wrong codes count like wrong passwords.

        Args:
            token: of the session that waits for the code; it is used up by the right one.

        Raises: SecondStepRefused without saying why.
        """
        from_where = Whence(user_agent[:200], address)
        entry = self._database.write(lambda c: self._settle(c, hash_token(token), code, from_where))
        if entry is None:
            raise SecondStepRefused("second step refused")
        return entry

    def _settle(self, connection: Connection, token_hash: str, code: str, from_where: Whence) -> Entry | None:
        now = self._clock()
        waiting = sessions.load_waiting(connection, token_hash)
        if waiting is None or now - waiting[1] >= SECOND_STEP_LIFE:
            return None
        known = console.load_credentials_by_id(connection, waiting[0].user_id)
        if known is None or is_locked(known, now) or not self._take(connection, known, code):
            note_failure(connection, known, now)
            console.log_attempt(connection, waiting[0].name, console.CODE_REFUSED, now, from_where.address)
            return None
        sessions.delete_session(connection, token_hash)
        return open_session(connection, known, now, from_where)

    def _take(self, connection: Connection, known: Credentials, code: str) -> bool:
        """Tell whether a code is good, and use it up."""
        key, user_id = self._sealer.open(known.code_key), known.user.user_id
        step = find_step(key, code, self._clock(), known.code_step) if key else None
        if step is not None:
            second_factors.save_factor(connection, user_id, code_step=step)
            return True
        return second_factors.use_recovery_code(connection, user_id, _hash_recovery(code), self._clock())


def drop_factor(connection: Connection, user_id: int, actor: Viewer, clock: Clock) -> None:
    """Take a factor away with its recovery codes; the last step stays, so that no code works twice."""
    name = second_factors.load_name(connection, user_id) or str(user_id)
    second_factors.save_factor(connection, user_id, code_key="", new_code_key="")
    second_factors.save_recovery_codes(connection, user_id, [])
    insert_audit(connection, actor.identity, "console.factor_off", name, {}, clock())


def user_id_of(viewer: Viewer) -> int | None:
    """Return the id of a console user, None for a person bound in chat."""
    kind, _, number = viewer.identity.partition(":")
    return int(number) if kind == "console" and number.isdecimal() else None


def _require_user(viewer: Viewer) -> int:
    user_id = user_id_of(viewer)
    if user_id is None:
        raise OutOfScope(f"{viewer.identity} has no password")
    return user_id


def _require(connection: Connection, user_id: int) -> Credentials:
    known = console.load_credentials_by_id(connection, user_id)
    if known is None:
        raise OutOfScope(f"user {user_id} is gone")
    return known


def _hash_recovery(code: str) -> str:
    return sha256("".join(code.split()).upper().encode("utf-8", "replace")).hexdigest()
