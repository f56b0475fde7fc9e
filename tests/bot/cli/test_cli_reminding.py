"""`reminder-policy`, `import-workdays`, `menu` as an operator types them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.authorized import AuthorizedApi
from bot.channels.http import ApiClient
from bot.cli.menu import MenuRefused, apply_menu
from bot.commands import COMMANDS
from bot.menu import LAYOUT, MOST_BELOW, MOST_BUTTONS, build_menu
from bot.permissions import may_use
from bot.token import MemoryTokenStore, OfficialTokenSource, TokenService
from monitor.clock import system_clock
from monitor.ledger.registration import NewUnit
from monitor.store.database import Database
from monitor.store.oversight.tables import ReminderPolicyRow, WorkdayExceptionRow
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.ledger import register
from tests.bot.cli.test_cli import refusal, run
from tests.fake_wechat import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    Accounts,
    FakeClock,
    FakeWeChat,
    Limits,
    OfficialApp,
)
from tests.monitor.days.test_receive import rows


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Iterator[Database]:
    file = tmp_path / "qingxun.db"
    file.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("QINGXUN_DATABASE_URL", f"sqlite:///{file}")
    opened = Database(f"sqlite:///{file}")
    opened.write(lambda connection: register.add_units(connection, [NewUnit("QS", "青屿团省委", "团省委")]))
    yield opened
    opened.close()


def test_policies_are_listed_changed_and_reset(database: Database) -> None:
    listed = run("reminder-policy").output.splitlines()
    assert listed[0] == (
        "每日发布（reminders，HN-2.1.3），启用，时间 12:00、18:00、21:00，发给群管理员，"
        "末次加报上级，静默 22:00-07:30，默认"
    )
    assert [line.partition("（")[0] for line in listed] == [
        "每日发布", "微信周报", "视听产品投稿", "年度自评", "现场督导"
    ]  # fmt: skip
    said = run("reminder-policy", "每日发布", "--times", "11:30,17:00", "--no-escalate").output
    assert "时间 11:30、17:00" in said
    assert "已调整" in said
    assert rows(database, ReminderPolicyRow)[0].changed_by == "cli:命令行"
    assert "默认" in run("reminder-policy", "reminders", "--default").output
    assert rows(database, ReminderPolicyRow) == []


@pytest.mark.usefixtures("database")
def test_wrong_policies_are_refused_in_words() -> None:
    assert "没有该事项的提醒策略，可选：每日发布（reminders）" in refusal("reminder-policy", "吃饭", "--off")
    assert "23:30 在静默时段内" in refusal("reminder-policy", "reminders", "--times", "23:30")


def test_working_days_are_imported_whole_or_not_at_all(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text("日期,类别,说明\n2027-02-06,班,春节调休\n2027-02-08,休\n", "utf-8")
    assert run("import-workdays", str(file)).output == "共 2 天，新增或更改 2 天\n"
    assert run("import-workdays", str(file)).output == "共 2 天，新增或更改 0 天\n"
    file.write_text("2027-03-01,班\n2027-02-30,休\n", "utf-8")
    assert "第 2 行有误" in refusal("import-workdays", str(file))
    assert len(rows(database, WorkdayExceptionRow)) == 2


def test_the_menu_fits_the_platform_and_offers_everybody_something() -> None:
    buttons = build_menu(COMMANDS)["button"]
    assert len(buttons) <= MOST_BUTTONS
    assert all(0 < len(button["sub_button"]) <= MOST_BELOW for button in buttons)
    by_key = {command.key: command for command in COMMANDS}
    for role in Role:
        offered = [key for _, keys in LAYOUT for key in keys if may_use(by_key[key], role)]
        assert offered, role


def test_the_menu_is_shown_and_only_put_when_asked(database: Database) -> None:
    said = run("menu").output
    assert said.splitlines()[-1] == "以上为预览；加 --apply 提交到平台"
    assert "没有可提交的公众号" in refusal("menu", "--apply", "--account", "nobody")
    assert database is not None


def test_the_platform_takes_the_menu_or_says_why_not() -> None:
    app = OfficialApp(DEMO_APP_SECRET, template_ids=frozenset({"t1"}))
    limits = Limits(menu_changes_per_day=1)
    with FakeWeChat(
        FakeClock(1_767_225_600.0, rate=0), Accounts(official={DEMO_APP_ID: app}), limits
    ) as fake:
        client = ApiClient(fake.url)
        source = OfficialTokenSource(client, DEMO_APP_ID, DEMO_APP_SECRET)
        api = AuthorizedApi(client, TokenService(source, MemoryTokenStore(), system_clock))
        made = build_menu(COMMANDS)
        apply_menu(api, made)
        assert fake.platform.official.menus[DEMO_APP_ID] == made
        with pytest.raises(MenuRefused, match="45009"):
            apply_menu(api, made)


def test_the_same_menu_is_put_onto_official_accounts_and_wecom_applications(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build_menu(COMMANDS)
    with FakeWeChat(FakeClock(1_767_225_600.0, rate=0)) as fake:
        for name in ("WECHAT_API", "WECOM_API"):
            monkeypatch.setenv(f"QINGXUN_PLATFORM_{name}", fake.url)
        said = run("menu", "--apply").output
        assert fake.platform.official.menus == {DEMO_APP_ID: made}
        assert list(fake.platform.wecom.menus.values()) == [made]
        assert "✅ demo 菜单已更新" in said
        assert "✅ wecom:demo 菜单已更新" in said
    assert {row.action for row in rows(database, AuditRow)} >= {"menu.applied"}
