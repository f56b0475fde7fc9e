"""`lexicon`: words that units add: import and export lists, try a text."""

import sys
from pathlib import Path

import click

from bot.cli.context import Context
from monitor.classify.verdicts import Category
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.learning.lexicons import ImportRefused, ImportReport, JudgedText

OPERATOR = Viewer("cli:lexicon", Role.INSPECTOR, UnitId(0), "/", "运维命令")
_MOST_LINES = 20
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("lexicon")
def lexicon() -> None:
    """导入、导出单位自己的词，用一段文字试判。"""


@lexicon.command("import")
@click.argument("unit")
@click.argument("file", type=_file)
@click.option(
    "--category", type=click.Choice([one.value for one in Category]), default=Category.ILLEGAL.value,
    show_default=True, help="词表没有写类别时归入哪一类",
)  # fmt: skip
@click.pass_obj
def import_list(context: Context, unit: str, file: Path, category: str) -> None:
    """把词表（本系统格式、每行一词、CSV、词|级别）导入单位的词库，对其下级都生效。"""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(str(file), user_text=f"{file.name} 不是 UTF-8 文本，未导入") from error
    report = context.services().desks.lexicons.import_list(OPERATOR, unit, text, Category(category))
    for line in report_lines(report):
        click.echo(line)


@lexicon.command("export")
@click.argument("unit")
@click.option("--csv", "as_table", is_flag=True, help="输出 CSV（不含放行词）")
@click.pass_obj
def export_list(context: Context, unit: str, as_table: bool) -> None:
    """把单位在用的词写到标准输出，可再导入。"""
    text = context.services().desks.lexicons.export_list(OPERATOR, unit, as_table=as_table)
    sys.stdout.write(text)


@lexicon.command("test")
@click.argument("text")
@click.option("--unit", default="", help="按哪个单位的群来判，默认只用系统词库")
@click.pass_obj
def test_text(context: Context, text: str, unit: str) -> None:
    """试判一段文字：结论、命中的词和所在词库、模型看重的片段；文字不保存。"""
    for line in judged_lines(context.services().desks.lexicons.test(OPERATOR, text, unit)):
        click.echo(line)


def report_lines(report: ImportReport) -> list[str]:
    """Say what an import did, with the first lines that are odd."""
    lines = [
        f"{report.unit_name}：新增 {report.n_added} 个，更新 {report.n_renewed} 个"
        f"（其中放行词 {report.n_allowed} 个），未用 {len(report.problems)} 行，编号 {report.number}"
    ]
    for title, problems in (("未用", report.problems), ("请核对", report.remarks)):
        lines += [f"{title} 第 {one.line} 行：{one.text}" for one in problems[:_MOST_LINES]]
        if len(problems) > _MOST_LINES:
            lines.append(f"{title} 共 {len(problems)} 行")
    return lines


def judged_lines(judged: JudgedText) -> list[str]:
    """Say what a text was judged to be, and why."""
    harm = judged.harm
    verdict = "不良信息，预警" if harm.is_harmful else "待审" if harm.needs_review else "正常"
    categories = "、".join(category.value for category in harm.categories)
    lines = [f"{verdict} {harm.harm:.0%} {categories}".strip(), *harm.reasons]
    for hit, lists in judged.hits:
        where = "、".join(lists)
        lines.append(
            f"命中 {hit.word}（{hit.category}，级别 {int(hit.severity)}），"
            f"第 {hit.start + 1}–{hit.end} 字，{where}"
        )
    for category, pieces in judged.contributions.items():
        words = "、".join(f"{one.piece} +{one.weight:.2f}" for one in pieces)
        lines.append(f"模型看重（{category}）：{words}")
    relevance = "有关" if judged.is_relevant else "无关"
    return [*lines, f"话题：{relevance}，{judged.relevance_reason}"]
