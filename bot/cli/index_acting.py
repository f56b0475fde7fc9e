"""`index`: acts of the province in the Guangdong assessment: declarations, publication, review of videos."""

from datetime import date
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.desk import by, operator, reason
from bot.cli.importing import refused
from monitor.errors import BadParameter, InboundError, NotFound, OutOfScope, UnitNotFound
from monitor.index.declarations import Declaration, DeclarationKind
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
from monitor.store.index.facts import load_declarations_of
from monitor.store.index.runs import find_run
from monitor.usecases.index.count_videos import COLUMNS, counter_words, import_counters, list_counted
from monitor.usecases.index.declare import Declarations
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.index.review_video import VideoReview, review_video
from monitor.usecases.index.run import IndexRuns
from monitor.usecases.ledger.import_tables import read_table

_KINDS = {"incident": DeclarationKind.INCIDENT, "fraud": DeclarationKind.FAKING} | {
    kind.value: kind for kind in DeclarationKind
}
_board = click.option("--board", "is_board", is_flag=True, help="公众号周榜（写日期）或月榜（写月份）")


@click.group()
def index() -> None:
    """高校考核（GD）中由人作出的登记：认定、发布、撤回、作品评审。"""


@index.command()
@click.argument("school", metavar="高校")
@click.argument("kind", type=click.Choice(list(_KINDS)))
@click.argument("period", metavar="期间")
@click.option("--evidence", required=True, metavar="依据", help="依据材料")
@click.option("--decision", default="", metavar="决定", help="处理决定；造假必填")
@click.option("--bars-from-good", is_flag=True, help="造假情节，不评“好”（GD-3.1o）")
@reason
@by
@click.pass_obj
def declare(
    context: Context, school: str, kind: str, period: str, evidence: str, decision: str,
    bars_from_good: bool, reason: str, by: str,
) -> None:  # fmt: skip
    """认定重大舆情事故（incident，当月公众号计零分）或造假（fraud）。"""
    given = Declaration(_KINDS[kind], school, period, reason, evidence, decision, bars_from_good)
    try:
        number = _declarations(context).declare(operator(context, by), given)
    except OutOfScope as error:
        raise UnitNotFound(f"no school {school!r}", user_text=f"没有编号为 {school} 的高校") from error
    bars = "，不评“好”" if given.bars_from_good and given.kind is DeclarationKind.FAKING else ""
    click.echo(f"✅ 认定编号 {number}：{school} {period} {given.kind.value}{bars}")
    click.echo(f"   事由：{reason}；依据：{evidence}" + (f"；决定：{decision}" if decision else ""))


@index.command()
@click.argument("number", type=int)
@reason
@by
@click.pass_obj
def undeclare(context: Context, number: int, reason: str, by: str) -> None:
    """撤回一条认定，须写理由；记录留存。"""
    _declarations(context).withdraw(operator(context, by), number, reason)
    click.echo(f"✅ 已撤回认定 {number}；理由：{reason}")


@index.command()
@click.argument("year", type=int)
@click.pass_obj
def declarations(context: Context, year: int) -> None:
    """列出一年中有效的认定。"""
    with context.services().database.reading() as connection:
        rows = load_declarations_of(connection, year)
    for row in rows:
        click.echo(f"{row.id} {row.period} {row.kind}：{row.reason}；依据：{row.evidence}；{row.declared_by}")
    click.echo(f"{year} 年有效的认定 {len(rows)} 条")


@index.command()
@click.argument("period", metavar="期间")
@_board
@by
@click.pass_obj
def publish(context: Context, period: str, is_board: bool, by: str) -> None:
    """发布已运行的一期（2019-03、2019，或 --board 榜单）：结果不再变，该期数据锁定。"""
    services, wanted = context.services(), _period(period, is_board=is_board)
    with services.database.reading() as connection:
        known = find_run(connection, wanted)
    if known is None:
        text = f"{wanted.kind.value} {wanted.label} 尚未运行"
        raise NotFound(f"{wanted.label} was not run", user_text=text)
    _runs(context).publish(known.run_id, operator(context, by).identity)
    click.echo(f"✅ 已发布 {wanted.kind.value} {wanted.label}，运行编号 {known.run_id}")


@index.command()
@click.argument("period", metavar="期间")
@_board
@reason
@by
@click.pass_obj
def withdraw(context: Context, period: str, is_board: bool, reason: str, by: str) -> None:
    """撤回一期的发布，须写理由；数据解锁，可以更正后重新运行。"""
    wanted = _period(period, is_board=is_board)
    _runs(context).withdraw(wanted, operator(context, by).identity, reason)
    click.echo(f"✅ 已撤回发布 {wanted.kind.value} {wanted.label}；理由：{reason}")


@index.command()
@click.argument("month", metavar="月份")
@click.pass_obj
def videos(context: Context, month: str) -> None:
    """列出一个月的视听产品投稿及评审结论。"""
    wanted = read_month(month)
    if wanted is None:
        raise BadParameter("month", user_text="月份应写作 2019-03")
    viewer, rules = operator(context), shipped_media().rules
    with context.services().database.reading() as connection:
        found = list_counted(connection, viewer, wanted, rules)
    for one in found:
        each, time = one.video, "按时" if one.video.is_on_time else "逾期"
        click.echo(f"{each.number} {each.school_code}《{each.title}》{each.state}，{time}：{each.reason}")
        click.echo(f"   {counter_words(one.counters)}")
        if each.link:
            click.echo(f"   {each.link}")
    click.echo(f"{wanted} 投稿 {len(found)} 部；{NO_FORMULA}")


@index.command("video-counters")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", required=True, metavar="来源", help="数据从哪里取得，如 平台后台导出")
@by
@click.pass_obj
def video_counters(context: Context, file: Path, source: str, by: str) -> None:
    """导入视听产品 7 天周期的每日播放量、点赞数、采纳数（累计）；好的行保留，坏的行列出。

    首行：投稿编号、日期、播放量、点赞数、采纳数，可加 来源。空格为未提供，不是 0。
    """
    services, viewer = context.services(), operator(context, by)
    try:
        rows = list(read_table(file, COLUMNS))
    except InboundError as error:
        raise refused(file, error) from None
    done = services.database.write(
        lambda connection: import_counters(connection, viewer, rows, source, services.clock())
    )
    for bad in done.bad:
        click.echo(f"第{bad.number}行：{bad.reason}", err=True)
    told = (
        f"✅ 已登记 {done.n_stored} 行，未变 {done.n_unchanged} 行，未导入 {len(done.bad)} 行；{NO_FORMULA}"
    )
    click.echo(told)


@index.command("review-video")
@click.argument("number", type=int)
@click.option("--taboo", "taboos", multiple=True, metavar="禁忌", help="发现的作品禁忌，可写几次")
@click.option("--published-before", is_flag=True, help="曾在视频平台发布，不是首发")
@reason
@by
@click.pass_obj
def review_video_command(
    context: Context, number: int, taboos: tuple[str, ...], published_before: bool, reason: str, by: str
) -> None:
    """评审一部投稿（GD-3.3b），须写理由；结论以最近一次评审为准，前一次留存。"""
    services, viewer = context.services(), operator(context, by)
    review, now = VideoReview(taboos, published_before, reason), services.clock()
    rules = shipped_media().rules
    judged = services.database.write(
        lambda connection: review_video(connection, viewer, number, review, now, rules)
    )
    click.echo(f"✅ 投稿 {number}：{judged.state.value}；{judged.reason}；理由：{reason}")


def _declarations(context: Context) -> Declarations:
    services = context.services()
    return Declarations(services.database, services.clock, shipped_media().rules)


def _runs(context: Context) -> IndexRuns:
    services = context.services()
    return IndexRuns(services.database, services.clock, shipped_media(), services.audience)


def _period(text: str, *, is_board: bool) -> RunPeriod:
    """Return the period that a text names. Raises: BadParameter."""
    month, year = read_month(text), read_year(text)
    if month:
        return month_period(first_day_of(month), RunKind.WCI_MONTH if is_board else RunKind.MONTH)
    if year and not is_board:
        return year_period(int(year))
    try:
        if is_board:
            return week_period(date.fromisoformat(text), starts_on=shipped_media().week_starts_on)
    except ValueError:
        pass  # the same answer as for any other text
    known = "2019-03-05（周榜）或 2019-03（月榜）" if is_board else "2019-03（月）或 2019（年）"
    raise BadParameter("period", user_text=f"期间应写作 {known}")
