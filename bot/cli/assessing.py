"""`assess`: the year's assessment on the command line; `assess YEAR UNIT` shows a sheet.

The acts are in `assess_input`, `assess_acting` and `assess_results`.
"""

import json

import click

from bot.cli import assess_acting, assess_input, assess_results
from bot.cli.context import Context
from bot.cli.desk import look
from monitor.assessment.dossier import short_name
from monitor.assessment.sheet import YearSheet
from monitor.assessment.view import explain_year_sheet, sheet_as_json
from monitor.usecases.assessment.sheets import view_sheet
from scoring.rubric import format_points


class _YearFirst(click.Group):
    """A group that shows a sheet when a year comes where a command is expected."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `show` before a year."""
        first = next((arg for arg in args if not arg.startswith("-")), "")
        return super().parse_args(ctx, ["show", *args] if first.isdigit() else args)


@click.group(cls=_YearFirst, subcommand_metavar="年份 单位 | COMMAND …")
def assess() -> None:
    """年度考评：写 年份 单位 列出考评表（同 show），或用以下子命令登记。

    登记都写明由谁录入（--by）并给出记录编号；提出、理由、依据与数字一起留存，原数不覆盖。
    """


@click.command()
@click.argument("year", type=int)
@click.argument("unit")
@click.option("--explain", is_flag=True, help="每项列出算式、条款、数据来源和时间")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.pass_obj
def show(context: Context, year: int, unit: str, explain: bool, as_json: bool) -> None:
    """列出一个单位一年的考评表；只读，未开始的按现有登记试填。"""
    sheet = look(context, lambda sitting: view_sheet(sitting, year, unit))
    if as_json:
        click.echo(json.dumps(sheet_as_json(sheet), ensure_ascii=False, indent=2))
        return
    for line in explain_year_sheet(sheet) if explain else list_points(sheet):
        click.echo(line)


def list_points(sheet: YearSheet) -> list[str]:
    """Return the sheet as short lines: points of every item, the total and the grade."""
    held = sheet.dossier.assessment
    shown = [f"{held.unit.name} {held.year} 年：{sheet.sheet.headline}，{sheet.state.value}"]
    for line in sheet.lines:
        points = "—" if line.line.points is None else format_points(line.line.points)
        number = short_name(line.item) if line.item else line.line.item
        most = f"/{format_points(line.line.max_points)}" if line.item else ""
        shown.append(f"  {number} {line.line.title}：{points}{most}（{line.line.state.value}）")
    grade = sheet.result.grade.outcome.value if sheet.result else "待补充"
    return [*shown, f"  合计 {format_points(sheet.sheet.scored)}，等次 {grade}"]


for _command in (show, *assess_input.COMMANDS, *assess_acting.COMMANDS, *assess_results.COMMANDS):
    assess.add_command(_command)
