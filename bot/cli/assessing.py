"""`assess`: the sheet of one unit and year, as text or JSON."""

import json

import click

from bot.cli.context import Context
from monitor.assessment import short_name
from monitor.assessment_sheet import YearSheet
from monitor.assessment_view import explain_year_sheet, sheet_as_json
from monitor.errors import OutOfScope, UnitNotFound
from monitor.units import Role, UnitId, Viewer
from scoring.rubric import format_points

_OPERATOR = Viewer("cli:assess", Role.INSPECTOR, UnitId(0), "/")  # who has the database sees everything


@click.command()
@click.argument("year", type=int)
@click.argument("unit")
@click.option("--explain", is_flag=True, help="每项列出算式、条款、数据来源和时间")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.pass_obj
def assess(context: Context, year: int, unit: str, explain: bool, as_json: bool) -> None:
    """列出一个单位一年的考评表；只读，未开始的按现有登记试填。"""
    try:
        sheet = context.services().assessments.sheet(_OPERATOR, year, unit)
    except OutOfScope as error:  # nothing lies outside this scope
        raise UnitNotFound(f"no unit {unit!r}") from error
    if as_json:
        click.echo(json.dumps(sheet_as_json(sheet), ensure_ascii=False, indent=2))
        return
    for line in explain_year_sheet(sheet) if explain else _list_points(sheet):
        click.echo(line)


def _list_points(sheet: YearSheet) -> list[str]:
    held = sheet.dossier.assessment
    shown = [f"{held.unit.name} {held.year} 年：{sheet.sheet.headline}，{sheet.state.value}"]
    for line in sheet.lines:
        points = "—" if line.line.points is None else format_points(line.line.points)
        number = short_name(line.item) if line.item else line.line.item
        most = f"/{format_points(line.line.max_points)}" if line.item else ""
        shown.append(f"  {number} {line.line.title}：{points}{most}（{line.line.state.value}）")
    grade = sheet.result.grade.outcome.value if sheet.result else "待补充"
    return [*shown, f"  合计 {format_points(sheet.sheet.scored)}，等次 {grade}"]
