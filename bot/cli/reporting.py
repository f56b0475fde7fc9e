"""`report`: one document written to a file, as the console's 报表 page makes it."""

from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.desk import operator
from monitor.errors import BadParameter, OutOfScope, UnitNotFound
from monitor.exports import ExportKind, clean_order, watermark

_KINDS = {
    "brief": ExportKind.BRIEF,
    "ranking": ExportKind.RANKING,
    "unmet": ExportKind.UNMET,
    "group-days": ExportKind.GROUP_DAYS,
    "assessment": ExportKind.ASSESSMENT,
    "spot-checks": ExportKind.SPOT_CHECKS,
    "ledger": ExportKind.LEDGER,
    "weekly": ExportKind.WEEKLY,
}


@click.command()
@click.argument("kind", type=click.Choice(list(_KINDS)))
@click.argument("unit")
@click.argument("period")
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="新文件，以 .pdf、.docx、.xlsx 结尾；简报和排名也可为 .png",
)
@click.pass_obj
def report(context: Context, kind: str, unit: str, period: str, file: Path) -> None:
    """写出一份简报、排名、名单、考评表、抽查记录、台账或周报汇总。

    UNIT 为单位编号（group-days 为群编号，spot-checks 也可为备案号）；
    PERIOD 如 2026-11-20、2026-W47、2026-11、2026。
    """
    order = clean_order(_KINDS[kind].value, unit, period, file.suffix.lower().lstrip("."))
    if file.exists():
        raise BadParameter(f"{file} exists", user_text=f"{file} 已存在，请换一个文件名")
    services, viewer = context.services(), operator(context)
    made_for = watermark(viewer, "全省", services.clock())
    try:
        made = services.desks.document_maker(viewer, order, made_for, lambda _percent: None)
    except OutOfScope as error:  # nothing lies outside this scope
        raise UnitNotFound("out of scope", user_text="没有这个单位或群，请核对编号") from error
    with file.open("xb") as wire:
        wire.write(made.content)
    click.echo(f"已写出 {file}（{len(made.content) / 1000:.0f} kB）")
