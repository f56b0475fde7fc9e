"""Users of the console (用户管理): operators create, change, switch off and reset those of their subtree.

Nobody gives a role or a scope wider than their own, and nobody is taken over by a reset of what they hold
beyond it (`granting`). Key types: `Administration`.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from monitor.clock import Clock
from monitor.errors import BadParameter, NotFound, OutOfScope
from monitor.people.granting import may_grant
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.operations.audit import insert_audit
from monitor.store.people import console, user_queries
from monitor.store.people.console import Connection
from monitor.store.people.user_queries import UserLine as UserLine
from monitor.units import Role, Unit, Viewer
from monitor.usecases.people.second_factor import drop_factor, user_id_of
from monitor.usecases.people.sign_in import SignIn

R = TypeVar("R")
_MOST_NAME_CHARS = 64
_FORBIDDEN = frozenset(":/<>\"'&")


class UserNotFound(NotFound):
    """No such user in the operator's subtree."""

    code = "user_not_found"
    user_text = "没有这个用户"


class NameTaken(BadParameter):
    """There is a user of that name, perhaps elsewhere."""

    code = "name_taken"
    user_text = "用户名已被使用，请换一个"


class NotGrantable(BadParameter):
    """The role or the unit is more than the operator may give."""

    code = "not_grantable"
    user_text = "只能授予本单位及下级范围内、不高于本人权限的角色；督导检查只能由最上级单位的系统运维授予"


@dataclass(frozen=True, slots=True)
class NewUser:
    """What an operator fills in."""

    name: str
    role: Role
    unit_code: str
    display_name: str = ""


class Administration:
    """Administers users. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, sign_in: SignIn) -> None:
        """Keep the collaborators."""
        self._database = database
        self._clock = clock
        self._sign_in = sign_in

    def users(self, operator: Viewer, text: str = "") -> list[UserLine]:
        """Return the users of the operator's subtree, switched-off ones included.

        Raises: OutOfScope for who is no operator.
        """
        _require_operator(operator)
        with self._database.reading() as connection:
            return user_queries.load_users(connection, operator.unit_path, text.strip())

    def user(self, operator: Viewer, user_id: int) -> UserLine:
        """Return one user.

        Raises: UserNotFound outside the subtree and for who does not exist.
        """
        _require_operator(operator)
        with self._database.reading() as connection:
            return _require(connection, operator, user_id)

    def create(self, operator: Viewer, new: NewUser) -> tuple[int, str]:
        """Create a user; returns the id and the first password, which is stored nowhere.

        Raises: BadParameter, NameTaken, NotGrantable.
        """
        _require_operator(operator)
        name, password = _read_name(new.name), _new_password()
        password_hash = self._sign_in.hash_password(password)

        def write(connection: Connection) -> int:
            unit = _grantable_unit(connection, operator, new.role, new.unit_code)
            if console.has_user(connection, name):
                raise NameTaken(f"user {name!r} exists")
            values = {"password_hash": password_hash, "role": new.role.value, "unit_id": unit.unit_id}
            values["display_name"] = new.display_name.strip()[:_MOST_NAME_CHARS] or name
            user_id = user_queries.insert_user(connection, name, values)
            self._note(connection, operator, "user_created", name, role=new.role.value, unit=unit.code)
            return user_id

        return self._database.write(write), password

    def change(self, operator: Viewer, user_id: int, role: Role, unit_code: str) -> bool:
        """Give a user another role or unit, which ends their sessions; False if nothing changes.

        Raises: UserNotFound, NotGrantable.
        """

        def write(connection: Connection, user: UserLine) -> bool:
            unit = _grantable_unit(connection, operator, role, unit_code)
            if (user.role, user.unit_code) == (role.value, unit.code):
                return False
            user_queries.update_user(connection, user_id, role=role.value, unit_id=unit.unit_id)
            console.delete_sessions_of(connection, user_id)
            change = {"before": f"{user.role} {user.unit_code}", "after": f"{role.value} {unit.code}"}
            self._note(connection, operator, "user_changed", user.name, **change)
            return True

        return self._write(operator, user_id, write)

    def switch(self, operator: Viewer, user_id: int, *, is_active: bool) -> bool:
        """Switch a user off, which ends their sessions, or on again; False if nothing changes.

        Raises: UserNotFound, NotGrantable.
        """

        def write(connection: Connection, user: UserLine) -> bool:
            if user.is_active == is_active:
                return False
            user_queries.update_user(connection, user_id, is_active=is_active)
            console.delete_sessions_of(connection, user_id)
            self._note(connection, operator, "user_on" if is_active else "user_off", user.name)
            return True

        return self._write(operator, user_id, write)

    def reset_password(self, operator: Viewer, user_id: int) -> str:
        """Return a new password, shown once; ends sessions and lock.

        Raises: UserNotFound, NotGrantable.
        """
        password = _new_password()
        password_hash = self._sign_in.hash_password(password)

        def write(connection: Connection, user: UserLine) -> None:
            values = {"password_hash": password_hash, "n_failures": 0, "locked_until": None}
            user_queries.update_user(connection, user_id, **values)
            console.delete_sessions_of(connection, user_id)
            self._note(connection, operator, "password_reset", user.name)

        self._write(operator, user_id, write)
        return password

    def reset_second_factor(self, operator: Viewer, user_id: int) -> bool:
        """Take a user's second factor away, for who has lost phone and recovery codes; ends the sessions.

        Raises: UserNotFound, NotGrantable.
        """

        def write(connection: Connection, user: UserLine) -> bool:
            if not user.has_second_factor:
                return False
            drop_factor(connection, user_id, operator, self._clock)
            console.delete_sessions_of(connection, user_id)
            return True

        return self._write(operator, user_id, write)

    def _write(self, operator: Viewer, user_id: int, change: Callable[[Connection, UserLine], R]) -> R:
        """Change a user whom the operator may administer; never oneself, lest nobody is left to help."""
        _require_operator(operator)

        def write(connection: Connection) -> R:
            user = _require(connection, operator, user_id)
            if user_id == user_id_of(operator):
                raise NotGrantable("oneself", user_text="不能更改自己的账号，请由其他系统运维办理")
            if not may_grant(operator, Role(user.role), user.unit_path):
                raise NotGrantable(f"user {user_id} holds more than {operator.identity} may give")
            return change(connection, user)

        return self._database.write(write)

    def _note(self, connection: Connection, operator: Viewer, action: str, name: str, **detail: Any) -> None:
        insert_audit(connection, operator.identity, f"console.{action}", name, detail, self._clock())


def _require_operator(operator: Viewer) -> None:
    if operator.role is not Role.OPERATOR:
        raise OutOfScope(f"{operator.identity} is no operator")


def _require(connection: Connection, operator: Viewer, user_id: int) -> UserLine:
    user = user_queries.load_user(connection, operator.unit_path, user_id)
    if user is None:
        raise UserNotFound(f"no user {user_id} for {operator.identity}")
    return user


def _grantable_unit(connection: Connection, operator: Viewer, role: Role, unit_code: str) -> Unit:
    """Return the unit; one outside the subtree looks like one that is missing."""
    unit = directory.load_unit_by_code(connection, unit_code.strip())
    if unit is None or not unit.path.startswith(operator.unit_path):
        raise BadParameter(f"no unit {unit_code!r}", user_text="没有这个单位，请从列表中选择")
    if not may_grant(operator, role, unit.path):
        raise NotGrantable(f"{operator.identity} may not give {role.name}")
    return unit


def _read_name(text: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= _MOST_NAME_CHARS or not name.isprintable() or _FORBIDDEN & set(name):
        raise BadParameter("user name", user_text="用户名应为 1–64 个字符，不含标点符号 : / < > & 和引号")
    return name


def _new_password() -> str:
    return secrets.token_urlsafe(12)
