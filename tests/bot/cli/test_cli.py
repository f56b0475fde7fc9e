"""Operator commands on a SQLite file: set-up, demonstration, doctor, backup, days."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.cli import FAMILIES
from bot.demonstration import CONSOLE_PASSWORD, CONSOLE_USER
from monitor.clock import business_day, system_clock
from monitor.errors import ConfigError
from monitor.ledger.registration import NewUnit
from monitor.store.database import Database
from monitor.store.people import bindings
from monitor.store.tables import ConsoleUserRow, InvitationRow, UnitRow
from monitor.units import Role
from monitor.usecases.demo.fill import Demonstration
from monitor.usecases.ledger import register
from monitor.usecases.people.bind import invitation_hash
from monitor.usecases.people.sign_in import SignIn
from scoring.errors import AppError
from tests.monitor.days.test_receive import rows

PRODUCTION = """
mode = "production"
[database]
url = "sqlite:///{file}"
"""


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database file that does not exist yet; the committed configuration uses it."""
    address = f"sqlite:///{tmp_path / 'qingxun.db'}"
    monkeypatch.setenv("QINGXUN_DATABASE_URL", address)
    return address


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    run("init")
    opened = Database(url)
    yield opened
    opened.close()


def run(*arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == exit_code, result.output
    return result


def refusal(*arguments: str) -> str:
    with pytest.raises(AppError) as caught:
        run(*arguments)
    return caught.value.user_text


def test_every_command_explains_itself_in_chinese() -> None:
    names = [name for family in FAMILIES.values() for name in family]
    assert len(set(names)) == len(names) > 15
    context = click.Context(main)
    for name in names:
        command = main.get_command(context, name)
        assert command is not None
        assert re.search("[一-鿿]", command.help or ""), name


def test_init_can_be_repeated(url: str) -> None:
    for _ in range(2):
        assert "数据库结构已是当前版本" in run("init").output
    database = Database(url)
    assert rows(database, UnitRow) == []
    database.close()


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QINGXUN_SECRET_KEY", "a-secret-of-our-own")
    monkeypatch.delenv("QINGXUN_DATABASE_URL", raising=False)
    file = tmp_path / "production.toml"
    file.write_text(PRODUCTION.format(file=tmp_path / "real.db"), "utf-8")
    return str(file)


def test_the_first_init_in_production_prints_code_and_password_once(production: str, tmp_path: Path) -> None:
    assert "首次初始化" in run("--config", production, "init", exit_code=2).output
    said = run("--config", production, "init", "--code", "qy", "--name", "共青团青屿省委").output
    code = re.search("邀请码.*：([0-9A-F]{10})\n", said)
    password = re.search("密码：(\\S+)\n", said)
    assert code is not None
    assert password is not None
    assert "邀请码" not in run("--config", production, "init").output
    database = Database(f"sqlite:///{tmp_path / 'real.db'}")
    with database.reading() as connection:
        invitation = bindings.load_invitation(connection, invitation_hash(code[1]))
    assert invitation is not None
    assert (invitation.holding.role, invitation.is_reusable) == (Role.INSPECTOR, False)
    assert invitation.expires_at is not None
    assert SignIn(database, system_clock).enter("inspector", password[1]).token
    stored = f"{rows(database, InvitationRow)}{rows(database, ConsoleUserRow)}"
    assert code[1] not in stored
    assert password[1] not in stored
    database.close()


def test_production_refuses_the_demonstration(production: str, tmp_path: Path) -> None:
    run("--config", production, "init", "--code", "QY", "--name", "共青团青屿省委")
    assert refusal("--config", production, "demo") == "正式环境不能写入演示数据"


@pytest.mark.slow
def test_the_demonstration_is_written_once_and_the_committed_configuration_fits_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Demonstration.__init__, "__kwdefaults__", two_days())
    assert "单位 257 个" in run("demo").output
    assert "演示数据已存在，未作改动" in run("demo").output
    sign_in = SignIn(database, system_clock)
    assert sign_in.enter(CONSOLE_USER, CONSOLE_PASSWORD).token
    yesterday = business_day(system_clock()) - timedelta(days=1)
    assert "已日结：256 个群，写入 0" in run("close-day", yesterday.isoformat()).output


def two_days() -> dict[str, Any]:
    return {**(Demonstration.__init__.__kwdefaults__ or {}), "history_days": 2}


def test_the_demonstration_leaves_other_units_alone(database: Database) -> None:
    database.write(lambda c: register.add_unit(c, NewUnit("HN", "另一个省", "团省委")))
    assert "只能写入空数据库" in refusal("demo")


def test_check_config_names_file_key_and_what_was_found(tmp_path: Path, url: str) -> None:
    assert url
    assert "✓ 配置有效（演示）" in run("check-config").output
    bad = tmp_path / "bad.toml"
    bad.write_text('mode = "demonstration"\n[database]\nurl = "sqlite:///x.db"\nport = 3\n', "utf-8")
    with pytest.raises(ConfigError, match=r"bad\.toml: database\.port: expected one of url"):
        run("--config", str(bad), "check-config")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'mode = "demo"\n',
            "bad.toml: mode: expected Input should be 'demonstration' or 'production', got 'demo'",
        ),
        ("mode = \n", "bad.toml: (file): expected TOML, got Invalid value"),
        (None, "bad.toml: (file): expected a readable file, got FileNotFoundError"),
    ],
)
def test_a_broken_configuration_ends_with_its_place_and_code_2_and_no_traceback(
    tmp_path: Path, text: str | None, said: str
) -> None:
    bad = tmp_path / "bad.toml"
    if text is not None:
        bad.write_text(text, "utf-8")
    command = [sys.executable, "-m", "bot", "--config", str(bad), "check-config"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    first, second = ended.stderr.splitlines()
    assert first == "配置有误，系统未启动"
    assert said in second


def test_check_config_prints_no_secret(url: str) -> None:
    assert url
    said = run("check-config").output
    assert "qingxun-demo" not in said
    assert "abcdefghijklmnopqrstuvwxyz" not in said


def test_doctor_is_content_with_a_fresh_installation(database: Database) -> None:
    assert database
    said = run("doctor").output
    assert "✗" not in said
    for word in (
        "配置",
        "SQLite",
        "结构为当前版本",
        "磁盘剩余",
        "fsync",
        "文件系统",
        "词典",
        "细则",
        "可推送",
    ):
        assert f"{word}" in said


def test_doctor_names_everything_that_is_wrong(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QINGXUN_RULES_RULEBOOK", "no-such-rulebook")
    said = run("doctor", exit_code=1).output
    assert "✗ 数据库" in said
    assert "请运行 python -m bot init" in said
    assert "✗ 细则 no-such-rulebook 无法加载" in said
    assert not Path(url.removeprefix("sqlite:///")).exists()
    said = run("--config", str(tmp_path / "none.toml"), "doctor", exit_code=1).output
    assert said.startswith("✗ 配置有误")


def test_a_backup_brings_the_database_back(database: Database, tmp_path: Path) -> None:
    database.write(lambda c: register.add_unit(c, NewUnit("QY", "共青团青屿省委", "团省委")))
    file = tmp_path / "one.backup"
    assert "已备份并校验" in run("backup", str(file)).output
    database.write(lambda c: register.add_unit(c, NewUnit("LC", "鹭川团市委", "市县", "QY")))
    assert "请先停止服务" in refusal("restore", str(file))
    database.close()
    assert "before-restore" in run("restore", str(file)).output
    assert [row.code for row in rows(database, UnitRow)] == ["QY"]


def test_close_day_refuses_a_day_that_is_not_over_or_no_day(database: Database) -> None:
    assert database
    today = business_day(system_clock())
    assert refusal("close-day", today.isoformat())
    run("close-day", "2026-02-30", exit_code=2)


def test_purge_says_what_it_removed(database: Database) -> None:
    assert database
    assert "清空发布文本 0" in run("purge").output
