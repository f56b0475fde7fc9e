"""`model`: versions of the harmful-text model: list with figures, promote, roll back, retrain now."""

import click

from bot.cli.context import Context
from bot.replies.phrases import show_ratio
from monitor.clock import as_shanghai
from monitor.learning.candidates import SHIPPED
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.learning.versions import ModelOverview

OPERATOR = Viewer("cli:model", Role.OPERATOR, UnitId(0), "/", "运维命令")
_reason = click.option("--reason", default="", help="理由（留存）")


@click.group("model")
def model() -> None:
    """查看不良信息模型的版本和运行情况，启用一个版本，或一步回退。"""


@model.command("list")
@click.pass_obj
def list_versions(context: Context) -> None:
    """列出版本、冻结集上的指标、近 30 天的标记比例和准确率。"""
    services = context.services()
    overview = services.desks.models.overview(OPERATOR)
    click.echo(
        f"在用：{name_version(overview.in_use)}；样本 {overview.n_examples} 条，"
        f"其中未训练 {overview.n_new_examples} 条"
    )
    if services.settings.classify.dry_run:
        click.echo("试运行：只标记待审，不发预警")
    click.echo(drift_words(overview))
    for version in overview.versions:
        made = f"{as_shanghai(version.made_at):%Y-%m-%d %H:%M}"
        click.echo(
            f"{name_version(version.version_id)}  {made}  样本 {version.n_examples}  {version.judgement}"
        )


@model.command("promote")
@click.argument("version", type=click.IntRange(1))
@_reason
@click.pass_obj
def promote(context: Context, version: int, reason: str) -> None:
    """启用一个版本；在冻结集上变差的版本不能启用。"""
    number = context.services().desks.models.promote(OPERATOR, version, reason)
    click.echo(f"已启用 {name_version(version)}，一分钟内各进程生效，编号 {number}")


@model.command("rollback")
@_reason
@click.pass_obj
def roll_back(context: Context, reason: str) -> None:
    """回退到此前在用的版本。"""
    version, number = context.services().desks.models.roll_back(OPERATOR, reason)
    click.echo(f"已回退到 {name_version(version)}，一分钟内各进程生效，编号 {number}")


def name_version(version_id: int) -> str:
    """Return how a version is called."""
    return "出厂版本" if version_id == SHIPPED else f"版本 {version_id}"


def drift_words(overview: ModelOverview) -> str:
    """Say in one line what was flagged and what people found of it."""
    drift = overview.drift
    n_posts = sum(day.n_posts for day in drift.days)
    n_flagged = sum(day.n_suspected for day in drift.days)
    share = show_ratio(n_flagged / n_posts if n_posts else None)
    decided = f"（确认 {drift.n_confirmed}，误报 {drift.n_false}）"
    flagged = f"近 30 天：采集 {n_posts} 条，标记 {n_flagged} 条，占 {share}"
    return f"{flagged}；准确率 {show_ratio(drift.precision)}{decided}"
