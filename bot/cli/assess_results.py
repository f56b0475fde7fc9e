"""`assess results`, `assess awards`, `assess export`: the published year as lists and files."""

import csv
import json
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.desk import look
from bot.cli.importing import FORMULA
from monitor.clock import as_shanghai
from monitor.errors import BadParameter
from monitor.usecases.assessment.publish import list_award_candidates
from monitor.usecases.assessment.results import ResultRow, list_results
from scoring.rubric import format_points

_COLUMNS = (
    "年份", "单位编号", "单位", "类别", "参照执行", "得分（不折算）", "满分", "结果状态", "等次",
    "计算等次", "优秀封顶", "评优资格", "取消资格理由", "后果", "党组会决定", "待答复申诉", "公布编号",
    "公布时间", "公布人", "细则", "细则版本",
)  # fmt: skip
_year = click.argument("year", type=int)


@click.command()
@_year
@click.pass_obj
def results(context: Context, year: int) -> None:
    """列出一年已公布的结果。"""
    rows = look(context, lambda sitting: list_results(sitting, year))
    for row in rows:
        eligibility = "" if row.eligibility == "具备" else f"，评优资格{row.eligibility}"
        click.echo(f"{row.unit.code} {row.unit.name}：{row.sheet['scored']}，{row.grade}"
                   f"（{row.sheet['state']}）{eligibility}")  # fmt: skip
    click.echo(f"{year} 年已公布 {len(rows)} 个单位")


@click.command()
@_year
@click.pass_obj
def awards(context: Context, year: int) -> None:
    """列出可评先进的单位（HN-4.4b）：已公布、等次优秀、具备资格；由人决定，不自动评选。"""
    rows = look(context, lambda sitting: list_award_candidates(sitting, year))
    for row in rows:
        decided = f"（依党组会决定 {row.decision.minutes_no}）" if row.decision else ""
        click.echo(f"{row.unit.code} {row.unit.name}：{format_points(row.sheet.sheet.scored)}{decided}")
    click.echo(f"{year} 年可评先进 {len(rows)} 个单位")


@click.command()
@_year
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def export(context: Context, year: int, file: Path) -> None:
    """把已公布的结果写成新文件：.csv 每单位一行，.json 连同整张表和算式。"""
    if file.suffix.lower() not in (".csv", ".json"):
        raise BadParameter(f"suffix {file.suffix!r}", user_text="文件名应以 .csv 或 .json 结尾")
    if file.exists():
        raise BadParameter(f"{file} exists", user_text=f"{file} 已存在，请换一个文件名")
    rows = look(context, lambda sitting: list_results(sitting, year))
    if not rows:
        click.echo(f"{year} 年没有已公布的结果，未写文件", err=True)
        raise SystemExit(1)
    if file.suffix.lower() == ".csv":
        with file.open("x", encoding="utf-8-sig", newline="") as wire:
            csv.writer(wire).writerows([_COLUMNS, *([_plain(cell) for cell in _cells(row)] for row in rows)])
    else:
        found = [_as_json(row) for row in rows]
        file.write_text(json.dumps(found, ensure_ascii=False, indent=2), "utf-8")
    click.echo(f"已导出 {year} 年 {len(rows)} 个单位：{file}")


def _cells(row: ResultRow) -> list[object]:
    sheet, decision = row.sheet, row.decision
    decided = f"{decision.minutes_no} {decision.decided_on}：{decision.text}" if decision else ""
    return [
        sheet["year"], row.unit.code, row.unit.name, row.unit.kind, "是" if sheet["is_reference"] else "否",
        sheet["scored"], sheet["full"], sheet["state"], row.grade, sheet["computed_grade"] or "",
        "是" if sheet["excellence_cap"] else "否", row.eligibility, sheet["disqualified"] or "",
        "、".join(sheet["consequences"]), decided, row.n_open_objections, row.publication.number,
        f"{as_shanghai(row.publication.published_at):%Y-%m-%d %H:%M}", row.publication.published_by,
        sheet["rulebook"], sheet["rules_hash"],
    ]  # fmt: skip


def _plain(cell: object) -> str:
    """Return a cell that no spreadsheet calculates."""
    text = str(cell)
    return "'" + text if text.startswith(FORMULA) else text


def _as_json(row: ResultRow) -> dict[str, object]:
    decision = row.decision
    return {
        **row.sheet,
        "grade_in_force": row.grade,
        "eligibility_in_force": row.eligibility,
        "decided_since": decision.text if decision else None,
        "open_objections": row.n_open_objections,
        "publication": row.publication.number,
        "published_at": row.publication.published_at.isoformat(),
        "published_by": row.publication.published_by,
    }


COMMANDS = (results, awards, export)
