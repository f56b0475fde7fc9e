"""`import-facts`, `run-index`, `wci-board`, `index-board`: the Guangdong assessment of schools."""

from datetime import date
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.desk import operator
from bot.cli.importing import BadRows, refused
from monitor.clock import business_day
from monitor.errors import BadParameter, InboundError
from monitor.index.account_wci import MediaRules
from monitor.index.periods import (
    RunKind,
    RunPeriod,
    first_day_of,
    month_period,
    read_month,
    read_year,
    week_period,
    year_period,
)
from monitor.index.video_counters import NO_FORMULA
from monitor.usecases.index.boards import read_board, read_indicator_board
from monitor.usecases.index.count_videos import counter_words, list_counted
from monitor.usecases.index.import_facts import import_facts, read_fact_table
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.index.run import IndexRuns, RunReport

_ACTOR = "cli:index"
_publish = click.option("--publish", "is_publish", is_flag=True, help="运行后发布：结果不再变，该期数据锁定")
_withdraw = click.option("--withdraw", default="", metavar="原因", help="撤回该期的发布，解除锁定")


@click.command("import-facts")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", "is_check", is_flag=True, help="只检查，不写入")
@click.pass_obj
def import_facts_command(context: Context, file: Path, is_check: bool) -> None:
    """导入高校考核数据（xlsx、csv）：指标、评分、业务申请、活动、公众号文章，按首行的列辨认。

    重复导入同一格会替换旧值并保留历史；已发布的一期不能再改。
    """
    services = context.services()
    try:
        layout, rows = read_fact_table(file)
    except InboundError as error:
        raise refused(file, error) from None
    rules = _media_on(context, business_day(services.clock())).rules
    found = import_facts(services.database, services.clock, rules, layout, rows, _ACTOR, is_check=is_check)
    names = list(
        dict.fromkeys(name for row in found.bad for name in row.cells if name not in ("行号", "原因"))
    )
    with BadRows(file, ("行号", "原因", *names), is_check) as bad:
        for row in found.bad:
            bad.add([str(row.number), row.reason, *(row.cells.get(name, "") for name in names)])
    word = "检查" if is_check else "导入"
    click.echo(
        f"{layout.name}表{word}：共 {len(rows)} 行，新增 {found.n_added}，替换 {found.n_changed}，"
        f"未变 {found.n_unchanged}，拒收 {len(found.bad)}"
        + (f"；其中无基数 {found.n_without_base}" if found.n_without_base else "")
    )
    bad.report()
    if not found.n_good:
        raise SystemExit(1)


@click.command("run-index")
@click.argument("period")
@_publish
@_withdraw
@click.pass_obj
def run_index(context: Context, period: str, is_publish: bool, withdraw: str) -> None:
    """运行月度（2019-03）或年度（2019）考核，数据相同则结果相同。"""
    wanted = _sheet_period(period)
    report = _run(context, wanted, is_publish=is_publish, withdraw=withdraw)
    if report is not None:
        n_barred = sum(result.is_barred for result in report.results)
        click.echo(
            f"{wanted.kind.value} {wanted.label}：{len(report.results)} 个结果，不评“好” {n_barred} 个"
        )
        click.echo(read_board(context.services().database, wanted).as_text())


@click.command("wci-board")
@click.argument("day")
@_publish
@_withdraw
@click.pass_obj
def wci_board(context: Context, day: str, is_publish: bool, withdraw: str) -> None:
    """生成公众号周榜（周内任一天，2019-03-05）或月榜（2019-03），输出可直接复制。"""
    report = _run(context, _board_period(context, day), is_publish=is_publish, withdraw=withdraw)
    if report is not None:
        click.echo(read_board(context.services().database, report.period).as_text())


@click.command("index-board")
@click.argument("period")
@click.argument("indicator", default="")
@click.pass_obj
def index_board(context: Context, period: str, indicator: str) -> None:
    """列出已运行的榜，输出可直接复制：月（2019-03）或年（2019）按总分，或按一个指标（编号或名称）。"""
    wanted, database = _sheet_period(period), context.services().database
    board = read_indicator_board(database, wanted, indicator) if indicator else read_board(database, wanted)
    click.echo(board.as_text())
    month = read_month(period)
    if month and not indicator:
        _list_videos(context, month)


def _list_videos(context: Context, month: str) -> None:
    """List the month's videos with their 7-day counters below the board; nothing is computed from them."""
    viewer = operator(context)
    with context.services().database.reading() as connection:
        found = list_counted(connection, viewer, month, shipped_media().rules)
    if found:
        click.echo(NO_FORMULA)
    for one in found:
        click.echo(f"{one.video.school_name}《{one.video.title}》{counter_words(one.counters)}")


def _sheet_period(text: str) -> RunPeriod:
    """Return a month or a year. Raises: BadParameter."""
    month, year = read_month(text), read_year(text)
    if month is None and year is None:
        raise BadParameter("period", user_text="期间应写作 2019-03（月）或 2019（年）")
    return month_period(first_day_of(month)) if month else year_period(int(year or 0))


def _media_on(context: Context, day: date) -> MediaRules:
    """Return what the Guangdong assessment is judged by on a day."""
    services = context.services()
    with services.database.reading() as connection:
        return services.rules.at(connection).media_on(day)


def _board_period(context: Context, text: str) -> RunPeriod:
    """Return the week of a day, as D-16 is in force on it, or a month. Raises: BadParameter."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        month = read_month(text)
    else:
        return week_period(day, starts_on=_media_on(context, day).week_starts_on)
    if month is None:
        raise BadParameter("day", user_text="日期应写作 2019-03-05（周榜）或 2019-03（月榜）")
    return month_period(first_day_of(month), RunKind.WCI_MONTH)


def _run(context: Context, period: RunPeriod, *, is_publish: bool, withdraw: str) -> RunReport | None:
    """Run a period and publish it where asked; with a reason to withdraw, only do that."""
    services = context.services()
    media = _media_on(context, period.last_day)
    runs = IndexRuns(services.database, services.clock, media, services.audience)
    if withdraw:
        runs.withdraw(period, _ACTOR, withdraw)
        click.echo(f"{period.kind.value} {period.label} 已撤回发布，数据可以更正")
        return None
    report = runs.run(period, _ACTOR)
    if is_publish:
        runs.publish(report.run_id, _ACTOR)
    return report
