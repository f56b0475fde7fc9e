"""`backup`, `restore`, `close-day`, `purge`, `replay`: keeping an installation and its days in order."""

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.recorded import Recorded, decode_recorded, read_recorded
from bot.ingress.wire import Rejected
from monitor.clock import system_clock
from monitor.errors import InboundError, SchemaVersionError, StateError
from monitor.events import InboundEvent
from monitor.store.database import Database
from monitor.store.migrate import require_current_schema
from monitor.store.operations.audit import insert_audit
from monitor.store.operations.kept_input import drop_kept_input, load_kept_input
from monitor.usecases.days.close_day import close_day
from monitor.usecases.operations.backup import back_up
from monitor.usecases.operations.backup import restore as put_back
from monitor.usecases.operations.operations import BACKED_UP
from monitor.usecases.operations.purge import purge as remove_old

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_file
@click.pass_obj
def backup(context: Context, file: Path) -> None:
    """把数据库备份到新文件；服务可以照常运行。"""
    n_bytes = back_up(context.settings.database.url, file)
    _record_backup(context, n_bytes)
    click.echo(f"已备份并校验：{file}（{n_bytes / (1 << 20):.1f} MB）")


def _record_backup(context: Context, n_bytes: int) -> None:
    """Note the backup for 系统; one of an older version is a good backup all the same."""
    database, now = Database(context.settings.database.url), system_clock()
    detail: dict[str, object] = {"bytes": n_bytes}
    try:
        require_current_schema(database)
        database.write(lambda c: insert_audit(c, "cli:backup", BACKED_UP, "database", detail, now))
    except SchemaVersionError:
        return
    finally:
        database.close()


@click.command()
@_file
@click.pass_obj
def restore(context: Context, file: Path) -> None:
    """用备份文件恢复数据库；须先停止服务，现有数据库另存为 .before-restore。"""
    aside = put_back(context.settings.database.url, file)
    click.echo(f"已从 {file} 恢复" + (f"，原数据库保存在 {aside}" if aside else ""))
    click.echo("如备份来自旧版本，请再运行 python -m bot init")


@click.command("close-day")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.pass_obj
def close_day_command(context: Context, day: datetime) -> None:
    """（重新）日结一天；重复运行结果相同。"""
    services = context.services()
    report = close_day(services.database, services.rules, services.clock, day.date())
    click.echo(f"{day:%Y-%m-%d} 已日结：{report}")


@click.command()
@click.pass_obj
def purge(context: Context) -> None:
    """按保留期限清空发布文本、删除过期记录；条数与等次不变。"""
    from bot.services import retention_of

    services = context.services()
    retention = retention_of(context.settings)
    click.echo(str(remove_old(services.database, services.clock, retention)))


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--kept", "is_kept", is_flag=True, help="重放系统出错时留存的输入（编号 E-…），成功的随即删除")
@click.pass_obj
def replay(context: Context, file: Path | None, is_kept: bool) -> None:
    """重放回调请求；重复运行不会重复计数。

    文件每行一个 JSON：{"path","body"}，body 为 base64 的原始请求体，其余字段忽略。只补记发布与图文，
    不回复聊天、不执行其中的指令。至少一条成功时退出码为 0。
    """
    if (file is None) is not is_kept:
        raise click.UsageError("请给出文件，或用 --kept 重放留存的输入")
    services = context.services()
    if file is not None:
        wanted = read_recorded(file, services.clock())
    else:
        with services.database.reading() as connection:
            found = load_kept_input(connection)
        wanted = [Recorded(kept.path, kept.body, kept.received_at, kept.number) for kept in found]
    n_done = n_bad = 0
    for request in wanted:
        reason = _replay(context, request)
        if reason:
            n_bad += 1
            click.echo(f"  {request.number}：{reason}")
            continue
        n_done += 1
        if is_kept:
            services.database.write(partial(drop_kept_input, number=request.number))
    click.echo(f"重放 {n_done} 个请求，失败 {n_bad} 个")
    if n_bad and not n_done:
        raise SystemExit(1)


def _replay(context: Context, request: Recorded) -> str:
    """Receive what one request holds; returns why it could not be, or ""."""
    services = context.services()
    if request.refused:
        return request.refused
    try:
        results = decode_recorded(context.settings, context.secrets, request, services.clock)
    except (InboundError, StateError) as error:
        return str(error.args[0])
    services.receiver.receive([result for result in results if isinstance(result, InboundEvent)])
    rejected = [result for result in results if isinstance(result, Rejected)]
    return f"其中 {len(rejected)} 条被拒：{rejected[0].reason}" if rejected else ""
