"""`assess …`: from the panel to the published year: begin, publish, withdraw, eligibility, decisions."""

from datetime import datetime
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.desk import act, act_at_desk, by, look, reason
from monitor.units import Viewer
from monitor.usecases.assessment.acts import (
    ObjectionOutcome,
    answer_objection,
    close_task,
    disqualify,
    record_decision,
    requalify,
)
from monitor.usecases.assessment.evidence import keep_file
from monitor.usecases.assessment.objections import list_objections
from monitor.usecases.assessment.publish import publish, start_panel, withdraw
from monitor.usecases.assessment.sheets import Assessments
from scoring.year import Eligibility, YearGrade

_year = click.argument("year", type=int)
_unit = click.argument("unit")


@click.command()
@_year
@_unit
@reason
@by
@click.pass_obj
def begin(context: Context, year: int, unit: str, reason: str, by: str) -> None:
    """开始考评，本单位不能再改；尚未提交自评的须写理由。"""
    sheet = act(context, by, lambda sitting: start_panel(sitting, year, unit, reason))
    click.echo(f"✅ {sheet.unit.name} {year} 年：{sheet.state.value}")


@click.command("publish")
@_year
@_unit
@click.option("--accept-open", is_flag=True, help="有待补充的项目也公布（没有等次）")
@by
@click.pass_obj
def publish_command(context: Context, year: int, unit: str, accept_open: bool, by: str) -> None:
    """公布一个单位一年的结果：整张表原样留存，不再变动。"""
    made = act(context, by, lambda sitting: publish(sitting, year, unit, accept_open=accept_open))
    result = made.sheet.result
    grade = f"等次 {result.grade.outcome.value}（{made.sheet.state.value}）" if result else "等次待补充"
    name = made.sheet.dossier.assessment.unit.name
    click.echo(f"✅ 已公布 {name} {year} 年：{made.sheet.sheet.headline}，{grade}；公布编号 {made.number}")
    for item in made.open_items:
        click.echo(f"  待补充：{item}")
    for task in made.sheet.dossier.tasks:
        click.echo(f"  {task.word}：{task.state}（{task.clause}）")


@click.command("withdraw")
@_year
@_unit
@reason
@by
@click.pass_obj
def withdraw_command(context: Context, year: int, unit: str, reason: str, by: str) -> None:
    """撤回公布，须写理由；公布过的表留存。"""
    sheet = act(context, by, lambda sitting: withdraw(sitting, year, unit, reason))
    click.echo(f"✅ 已撤回 {sheet.unit.name} {year} 年的公布，现为{sheet.state.value}；理由：{reason}")


@click.command("disqualify")
@_year
@_unit
@click.option("--ground", required=True, metavar="情形", help="原文的情形，可只写其中一部分")
@click.option("--file", "files", type=click.Path(path_type=Path, exists=True, dir_okay=False), multiple=True,
              required=True, help="依据材料，可写几次")  # fmt: skip
@reason
@by
@click.pass_obj
def disqualify_command(
    context: Context, year: int, unit: str, ground: str, files: tuple[Path, ...], reason: str, by: str
) -> None:
    """取消一个单位当年的评优资格（HN-4.4d）；得分和等次不变。"""

    def work(desk: Assessments, viewer: Viewer) -> int:
        kept = [keep_file(desk, file.name, file.read_bytes()) for file in files]
        return desk.write(viewer, lambda sitting: disqualify(sitting, year, unit, ground, reason, kept))

    act_at_desk(context, by, work)
    click.echo(f"✅ 已取消 {unit} {year} 年评优资格：{ground}；理由：{reason}；材料 {len(files)} 份")


@click.command("requalify")
@_year
@_unit
@reason
@by
@click.pass_obj
def requalify_command(context: Context, year: int, unit: str, reason: str, by: str) -> None:
    """恢复评优资格，须写理由；取消的记录留存。"""
    act(context, by, lambda sitting: requalify(sitting, year, unit, reason))
    click.echo(f"✅ 已恢复 {unit} {year} 年评优资格；理由：{reason}")


@click.command()
@_year
@_unit
@click.option("--minutes", required=True, metavar="编号", help="会议纪要编号")
@click.option("--on", "decided_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="决定日期")
@click.option("--text", required=True, metavar="内容", help="决定的内容")
@click.option("--grade", type=click.Choice([each.value for each in YearGrade]), help="等次定为")
@click.option("--eligibility", type=click.Choice([each.value for each in Eligibility]), help="评优资格定为")
@by
@click.pass_obj
def decide(
    context: Context, year: int, unit: str, minutes: str, decided_on: datetime, text: str,
    grade: str | None, eligibility: str | None, by: str,
) -> None:  # fmt: skip
    """登记党组会的决定（HN-4.4f）；计算的等次照样保留，两者并列。"""
    act(
        context, by,
        lambda sitting: record_decision(
            sitting, year, unit, minutes_no=minutes, decided_on=decided_on.date(), text=text,
            grade=grade or "", eligibility=eligibility or "",
        ),
    )  # fmt: skip
    decided = "，".join(word for word in (grade, eligibility) if word) or "不改变等次和资格"
    click.echo(f"✅ 已登记 {unit} {year} 年决定（{minutes}，{decided_on:%Y-%m-%d}）：{decided}；{text}")


@click.command("close-task")
@_year
@_unit
@click.argument("word", metavar="事项")
@click.argument("how", metavar="办理情况")
@by
@click.pass_obj
def close_task_command(context: Context, year: int, unit: str, word: str, how: str, by: str) -> None:
    """办结一项后果（HN-4.4c：通报批评、书面情况说明……），写明办理情况。"""
    act(context, by, lambda sitting: close_task(sitting, year, unit, word, how))
    click.echo(f"✅ 已办结 {unit} {year} 年“{word}”：{how}")


@click.command("objections")
@_year
@click.argument("unit", required=False)
@click.pass_obj
def objections_command(context: Context, year: int, unit: str | None) -> None:
    """列出申诉及答复期限，待答复的在前。"""
    filed = look(context, lambda sitting: list_objections(sitting, year, unit))
    today = look(context, lambda sitting: sitting.today)
    for each in filed:
        made = each.objection
        state = f"{made.outcome}：{made.reply}" if made.replied_at else f"须于 {made.due_on} 前答复"
        late = "（逾期）" if each.is_overdue(today) else ""
        click.echo(f"{made.number} {each.unit.code} {made.item or '整张表'}：{made.text}；{state}{late}")
    n_open = sum(each.objection.replied_at is None for each in filed)
    click.echo(f"{year} 年申诉 {len(filed)} 项，待答复 {n_open} 项")


@click.command("answer-objection")
@_year
@_unit
@click.argument("number", type=int)
@click.argument("outcome", type=click.Choice([each.value for each in ObjectionOutcome]))
@click.argument("reply", metavar="答复")
@by
@click.pass_obj
def answer_objection_command(
    context: Context, year: int, unit: str, number: int, outcome: str, reply: str, by: str
) -> None:
    """答复一项申诉（维持、调整）；要调整分数的，另行撤回公布、改正、再公布。"""
    word = ObjectionOutcome(outcome)
    made = act(context, by, lambda sitting: answer_objection(sitting, year, unit, number, word, reply))
    click.echo(f"✅ 已答复申诉 {made.number}：{made.outcome}，{made.reply}")


COMMANDS = (
    begin,
    publish_command,
    withdraw_command,
    disqualify_command,
    requalify_command,
    decide,
    close_task_command,
    objections_command,
    answer_objection_command,
)
