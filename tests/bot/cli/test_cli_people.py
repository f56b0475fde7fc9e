"""`invite` and `add-user`: what is printed works once, and only its hash is stored."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.clock import system_clock
from monitor.ledger.registration import NewGroup, NewUnit
from monitor.store.database import Database
from monitor.store.people import bindings
from monitor.store.tables import ConsoleUserRow, InvitationRow
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.ledger import register
from monitor.usecases.people.bind import ChatAddress, CodeRefused, bind, invitation_hash
from monitor.usecases.people.sign_in import SignIn, SignInRefused
from tests.bot.cli.test_cli import refusal, run
from tests.monitor.days.test_receive import rows


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Iterator[Database]:
    """A database with 团省委 QS, its city LC with the group LC0001, and the city YS."""
    file = tmp_path / "qingxun.db"
    file.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("QINGXUN_DATABASE_URL", f"sqlite:///{file}")
    opened = Database(f"sqlite:///{file}")
    units = [NewUnit("QS", "青屿团省委", "团省委"), NewUnit("LC", "鹭川团市委", "市县", "QS")]
    units.append(NewUnit("YS", "云杉团市委", "市县", "QS"))
    opened.write(lambda c: register.add_units(c, units))
    group = NewGroup("LC0001", "鹭川团干群", "LC", managers=("林舟",))
    opened.write(lambda c: register.add_group(c, group, date(2026, 1, 1)))
    yield opened
    opened.close()


def invited(*arguments: str) -> tuple[str, str]:
    """Return the code that was printed, and everything that was."""
    said = run("invite", *arguments).output
    found = re.search("：([0-9A-F]{10})\n", said)
    assert found is not None
    return found[1], said


@pytest.mark.parametrize("role", ["单位管理员", "unit-admin", "UNIT_ADMIN"])
def test_an_invitation_binds_once_and_is_stored_as_hash_only(database: Database, role: str) -> None:
    code, said = invited(role, "lc", "--name", "苏禾")
    assert said.splitlines()[0] == f"邀请码（72 小时内有效，一次性）：{code}"
    assert said.splitlines()[1].startswith("角色：单位管理员 · 鹭川团市委（LC） 苏禾。")
    assert code not in f"{rows(database, InvitationRow)}{rows(database, AuditRow)}"
    now = system_clock()
    first = database.write(lambda c: bind(c, ChatAddress("demo", "one"), code, now))
    assert not isinstance(first, CodeRefused)
    assert first.bound is not None
    assert (first.bound.viewer.role, first.bound.unit_name) == (Role.UNIT_ADMIN, "鹭川团市委")
    assert first.bound.viewer.display_name == "苏禾"
    second = database.write(lambda c: bind(c, ChatAddress("demo", "two"), code, now))
    assert isinstance(second, CodeRefused)


def test_a_reusable_invitation_of_some_hours_binds_many_until_it_expires(database: Database) -> None:
    code, said = invited("领导", "QS", "--hours", "2", "--reusable")
    assert "（2 小时内有效，可多人使用）" in said
    now = system_clock()
    for person, later, is_good in (("one", 0, True), ("two", 1, True), ("three", 3, False)):
        who, at = ChatAddress("demo", person), now + timedelta(hours=later)
        outcome = database.write(lambda c, who=who, at=at: bind(c, who, code, at))  # type: ignore[misc]
        assert isinstance(outcome, CodeRefused) is not is_good, person


def test_a_group_manager_is_invited_for_a_group_of_the_unit(database: Database) -> None:
    code, said = invited("群管理员", "LC", "--group", "lc0001", "--name", "林舟")
    assert "角色：群管理员 · 鹭川团干群（LC0001） 林舟" in said
    with database.reading() as connection:
        invitation = bindings.load_invitation(connection, invitation_hash(code))
    assert invitation is not None
    assert invitation.holding.group_id == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("团长", "LC"), "角色应为：督导检查（inspector）、单位管理员（unit-admin）"),
        (("单位管理员", "ZZ"), "没有编号为 ZZ 的单位"),
        (("群管理员", "LC"), "群管理员的邀请码须指明群"),
        (("单位管理员", "LC", "--group", "LC0001"), "其他角色不指明"),
        (("群管理员", "LC", "--group", "LC9999"), "没有编号为 LC9999 的群"),
        (("群管理员", "YS", "--group", "LC0001"), "群 LC0001 属于鹭川团市委，不在云杉团市委（YS）"),
    ],
)
def test_what_cannot_be_invited_is_refused_and_nothing_is_stored(
    database: Database, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refusal("invite", *arguments)
    assert rows(database, InvitationRow) == []


def test_hours_are_at_least_one(database: Database) -> None:
    assert database
    run("invite", "领导", "QS", "--hours", "0", exit_code=2)


def added(*arguments: str) -> str:
    """Return the password that was printed."""
    found = re.search("密码：(\\S+)\n", run("add-user", *arguments).output)
    assert found is not None
    return found[1]


def test_a_new_user_signs_in_with_the_password_that_is_nowhere_else(database: Database) -> None:
    password = added("chenyu", "单位管理员", "lc")
    sign_in = SignIn(database, system_clock)
    visitor = sign_in.resume(sign_in.enter("chenyu", password).token)
    assert visitor is not None
    assert (visitor.viewer.role, visitor.unit_name) == (Role.UNIT_ADMIN, "鹭川团市委")
    assert password not in f"{rows(database, ConsoleUserRow)}{rows(database, AuditRow)}"
    assert "console.user_saved" in {row.action for row in rows(database, AuditRow)}


def test_an_existing_user_is_replaced_only_when_asked_to(database: Database) -> None:
    first = added("chenyu", "leader", "QS")
    assert "已有用户 chenyu" in refusal("add-user", "chenyu", "leader", "QS")
    sign_in = SignIn(database, system_clock)
    token = sign_in.enter("chenyu", first).token
    second = added("chenyu", "inspector", "QS", "--replace")
    assert sign_in.resume(token) is None, "the sessions of before have ended"
    with pytest.raises(SignInRefused):
        sign_in.enter("chenyu", first)
    assert sign_in.enter("chenyu", second).token


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("li", "群管理员", "LC"), "群管理员通过聊天使用，不设控制台账号"),
        (("li", "boss", "LC"), "角色应为："),
        (("li", "leader", "ZZ"), "没有编号为 ZZ 的单位"),
        ((" ", "leader", "QS"), "用户名应为 1–64 个字符"),
    ],
)
def test_what_cannot_be_a_user_is_refused(database: Database, arguments: tuple[str, ...], said: str) -> None:
    assert said in refusal("add-user", *arguments)
    assert rows(database, ConsoleUserRow) == []
