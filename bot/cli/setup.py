"""`init`, `demo`, `check-config`, `doctor`: from nothing to an installation that is known to work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from typing import Any

import click

from bot.chat_platforms import wecom_source
from bot.cli.context import Context
from bot.cli.people import INVITATION_HOURS, ONLY_ONCE, new_code, new_password
from bot.demonstration import CONSOLE_PASSWORD, CONSOLE_USER
from bot.settings import Mode, Secrets, Settings
from monitor.clock import system_clock
from monitor.errors import ConfigError, StateError
from monitor.ledger.registration import NewUnit
from monitor.store.database import Database
from monitor.store.ledger import registry
from monitor.store.migrate import upgrade_schema
from monitor.units import Role
from monitor.usecases.ledger import register
from monitor.usecases.operations.doctor import Finding, examine
from monitor.usecases.people.sign_in import SignIn

_FIRST_USER = "inspector"


@click.command()
@click.option("--code", default="", help="最上级单位的编号（正式环境首次初始化时）")
@click.option("--name", default="", help="最上级单位的名称（正式环境首次初始化时）")
@click.pass_obj
def init(context: Context, code: str, name: str) -> None:
    """建立或升级数据库结构，可重复运行。

    正式环境首次运行时，用 --code 和 --name 登记最上级单位，并给出首个督导邀请码和控制台密码，只显示一次。
    """
    settings = context.settings
    upgrade_schema(settings.database.url)
    click.echo("数据库结构已是当前版本")
    if settings.mode is not Mode.PRODUCTION:
        return
    database = Database(settings.database.url)
    try:
        with database.reading() as connection:
            if registry.has_units(connection):
                return
        if not (code and name):
            raise click.UsageError("首次初始化请给出最上级单位，例：init --code QY --name 共青团某省委")
        _begin_production(database, code, name)
    finally:
        database.close()


def _begin_production(database: Database, code: str, name: str) -> None:
    """Register the root with a first inspector; what is printed here is stored only as hashes."""
    invitation, password = new_code(), new_password()
    now = system_clock()
    expires_at = now + timedelta(hours=INVITATION_HOURS)

    def settle(connection: registry.Connection) -> str:
        root = register.add_unit(connection, NewUnit(code, name, "团省委"))
        register.add_invitation(connection, invitation, Role.INSPECTOR, root.code, expires_at=expires_at)
        registry.write_audit(connection, now, "cli:init", "registry.init", root.code, {})
        return root.code

    root_code = database.write(settle)
    SignIn(database, system_clock).save_user(_FIRST_USER, password, Role.INSPECTOR, root_code)
    click.echo(f"首个督导邀请码（{INVITATION_HOURS} 小时内有效，一次性）：{invitation}")
    click.echo(f"控制台用户 {_FIRST_USER}，密码：{password}")
    click.echo(ONLY_ONCE)


@click.command()
@click.pass_obj
def demo(context: Context) -> None:
    """写入演示省份和 60 天历史；已写入则什么也不做。"""
    from bot.services import retention_of
    from monitor.usecases.demo.fill import Demonstration

    settings = context.settings
    if settings.mode is not Mode.DEMONSTRATION:
        raise StateError("not a demonstration", user_text="正式环境不能写入演示数据")
    services = context.services()
    demonstration = Demonstration(
        services.database,
        services.judge,
        services.rules,
        services.clock,
        pepper=services.secret_key,
        wecom_source=wecom_source(settings.wecom[0].key) if settings.wecom else "",
        retention=retention_of(settings),
        harm_judge=services.classifier,
    )
    started = perf_counter()
    with _progress("写入演示数据") as advance:
        report = demonstration.fill(services.sign_in, CONSOLE_USER, CONSOLE_PASSWORD, advance)
    if report is None:
        click.echo("演示数据已存在，未作改动")
        return
    click.echo(
        f"演示省份已写入：单位 {report.n_units} 个，群 {report.n_groups} 个，{report.n_days} 天，"
        f"记录 {report.n_stored} 条，用时 {perf_counter() - started:.1f} 秒"
    )


@click.command("check-config")
@click.pass_obj
def check_config(context: Context) -> None:
    """检查配置文件与密钥，不连接任何服务。"""
    settings = context.settings
    for line in _describe(settings, context.secrets):
        click.echo(line)


@click.command()
@click.pass_obj
def doctor(context: Context) -> None:
    """自检：配置、数据库、磁盘、词典、细则、时钟、推送渠道；有 ✗ 时退出码为 1。"""
    from monitor.classify.relevance import shared_relevance

    try:
        settings = context.settings
    except ConfigError as error:
        click.echo(Finding(False, f"配置有误：{error}"))
        raise SystemExit(1) from None
    is_well = True
    for finding in (
        Finding(True, f"配置 {context.config}（{_mode_word(settings)}）"),
        *examine(settings.database.url, settings.rules.rulebook, system_clock, shared_relevance),
        *_examine_channels(settings, context.secrets),
    ):
        click.echo(finding)
        is_well = is_well and finding.is_good
    if not is_well:
        raise SystemExit(1)


def _examine_channels(settings: Settings, known: Secrets) -> Iterator[Finding]:
    """Say by which channels people can be reached; an account without AppSecret can only listen."""
    n_channels = 0
    for kind, word, entries in (
        ("account", "公众号", settings.accounts),
        ("wecom", "企业微信应用", settings.wecom),
    ):
        for entry in entries:
            has_secret = bool(known.get(kind, entry.key, "app_secret"))
            n_channels += has_secret
            name = f"QINGXUN_{kind}_{entry.key}_APP_SECRET".upper()
            yield Finding(
                has_secret, f"{word} {entry.key} " + ("可推送" if has_secret else f"不能推送：未设 {name}")
            )
    for robot in settings.robots:
        n_channels += 1
        yield Finding(True, f"群机器人 {robot.key} 可推送")
    if not n_channels:
        yield Finding(False, "没有任何推送渠道：提醒只能由各人自行查询")


def _describe(settings: Settings, known: Secrets) -> Iterator[str]:
    yield f"✓ 配置有效（{_mode_word(settings)}）"
    yield f"  数据库 {'SQLite' if settings.database.url.startswith('sqlite') else 'PostgreSQL'}"
    yield f"  细则 {settings.rules.rulebook}，发布文本保留 {settings.privacy.text_retention_days} 天"
    for word, entries in (
        ("公众号", settings.accounts),
        ("企业微信应用", settings.wecom),
        ("来源", settings.sources),
        ("接口调用方", settings.api_clients),
        ("群机器人", settings.robots),
    ):
        keys: list[str] = [entry.key for entry in entries]
        yield f"  {word} {'、'.join(keys) or '无'}"
    plain = [a.key for a in settings.accounts if not a.require_encryption]
    if plain and settings.mode is Mode.PRODUCTION:
        yield f"⚠ 公众号 {'、'.join(plain)} 接受明文回调，建议改用安全模式并设 require_encryption = true"
    for finding in _examine_channels(settings, known):
        if not finding.is_good:
            yield f"⚠ {finding.text}"


def _mode_word(settings: Settings) -> str:
    return "演示" if settings.mode is Mode.DEMONSTRATION else "正式"


@contextmanager
def _progress(title: str) -> Iterator[Any]:
    """Show a bar on a terminal; yields a function of (done, of)."""
    import sys

    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
