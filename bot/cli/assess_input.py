"""`assess …`: what a sheet rests on: bases, corrections, files, meetings, lost items, readings, points."""

from datetime import datetime
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.desk import act, act_at_desk, by, look, reason
from monitor.assessment.dossier import BaseKind, EntryKind
from monitor.units import Viewer
from monitor.usecases.assessment.entries import enter
from monitor.usecases.assessment.evidence import hand_in, register_meeting, take_out, void_meeting
from monitor.usecases.assessment.records import (
    confirm_reading,
    confirmable_readings,
    correct_fact,
    set_base,
    supply_item,
)
from monitor.usecases.assessment.sheets import Assessments
from scoring.rubric import format_points

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_year = click.argument("year", type=int)
_reference = click.option(
    "--reference", required=True, metavar="文件", help="文件依据，如 琼团办字〔2026〕9号"
)
_BASES = {kind.value: kind for kind in BaseKind} | {kind.name.lower(): kind for kind in BaseKind}
_KINDS = {EntryKind.PANEL.value: EntryKind.PANEL, EntryKind.SITE.value: EntryKind.SITE}


@click.command("set-base", context_settings={"ignore_unknown_options": True})  # a negative value
@click.argument("unit")
@click.argument("kind", type=click.Choice(list(_BASES)))
@click.argument("value", type=int)
@click.option("--year", type=int, required=True, help="哪一年的考评")
@click.option("--source", required=True, metavar="来源", help="基数的来源，如 团统〔2026〕1号")
@by
@click.pass_obj
def set_base_command(
    context: Context, unit: str, kind: str, value: int, year: int, source: str, by: str
) -> None:
    """登记一个单位的基数（团员青年数、前期上报数、团组织数）及来源；0 为无基数，原数留存。"""
    act(context, by, lambda sitting: set_base(sitting, year, unit, _BASES[kind], value, source))
    click.echo(f"✅ 已登记 {unit} {year} 年{_BASES[kind].value} {value}，来源：{source}")


@click.command()
@_year
@click.argument("unit")
@click.argument("item")
@click.argument("key")
@click.argument("number", type=int, required=False)
@reason
@by
@click.pass_obj
def correct(
    context: Context, year: int, unit: str, item: str, key: str, number: int | None, reason: str, by: str
) -> None:
    """核定一项数据。

    数据名如 records、accounts、covered、document；不写数字为取消核定，按登记计。
    """
    act(context, by, lambda sitting: correct_fact(sitting, year, unit, item, key, number, reason))
    word = f"核定为 {number}" if number is not None else "取消核定，按登记计"
    click.echo(f"✅ {unit} {year} 年 {item} {key}：{word}；理由：{reason}")


@click.command("add-evidence")
@_year
@click.argument("unit")
@click.argument("item")
@_file
@click.option("--slot", default="", metavar="类别", help="证明哪一份文件（document……）；不写为整项的材料")
@by
@click.pass_obj
def add_evidence(context: Context, year: int, unit: str, item: str, file: Path, slot: str, by: str) -> None:
    """交一份佐证材料（pdf、jpg、png、docx、xlsx，至多 10 MB）；同一文件同一用途只登记一次。"""
    content = file.read_bytes()

    def work(desk: Assessments, viewer: Viewer) -> None:
        link, _ = hand_in(desk, viewer, year, unit, item, slot, file.name, content)
        click.echo(f"✅ {unit} {year} 年 {link.item} {link.slot or '整项'}：{link.name}")
        click.echo(f"   材料编号 {link.link_id}，sha256 {link.sha256}")

    act_at_desk(context, by, work)


@click.command("remove-evidence")
@click.argument("number", type=int)
@by
@click.pass_obj
def remove_evidence(context: Context, number: int, by: str) -> None:
    """按材料编号把一份佐证材料移出考评表；文件留存。"""
    file = act(context, by, lambda sitting: take_out(sitting, number))
    click.echo(f"✅ 已移出 {file.item} {file.name}")


@click.command("add-meeting")
@click.argument("unit")
@click.argument("held_on", type=click.DateTime(["%Y-%m-%d"]), metavar="日期")
@click.argument("title")
@_file
@by
@click.pass_obj
def add_meeting(context: Context, unit: str, held_on: datetime, title: str, file: Path, by: str) -> None:
    """登记一次专题会议及其记录（HN-A1.3）；一份记录只计一次。"""
    content = file.read_bytes()

    def work(desk: Assessments, viewer: Viewer) -> None:
        day = held_on.date()
        number, _ = register_meeting(desk, viewer, unit, day, title, file.name, content)
        click.echo(f"✅ {unit} {day} {title}：会议编号 {number}")

    act_at_desk(context, by, work)


@click.command("void-meeting")
@click.argument("number", type=int)
@reason
@by
@click.pass_obj
def void_meeting_command(context: Context, number: int, reason: str, by: str) -> None:
    """按会议编号作废一次会议记录，须写理由；记录留存。"""
    meeting = act(context, by, lambda sitting: void_meeting(sitting, number, reason))
    click.echo(f"✅ 已作废会议 {number}：{meeting.held_on} {meeting.title}；理由：{reason}")


@click.command()
@_year
@click.argument("item")
@click.argument("points", metavar="分值")
@_reference
@by
@click.pass_obj
def supply(context: Context, year: int, item: str, points: str, reference: str, by: str) -> None:
    """补充原文缺失的项目（HN-A3.3、HN-A4）：全年各单位适用，须有文件依据。"""
    made = act(context, by, lambda sitting: supply_item(sitting, year, item, points, reference))
    click.echo(
        f"✅ {year} 年 {made.item} 分值 {format_points(made.max_points)}（第 {made.version} 版），"
        f"依据：{made.reference}"
    )


@click.command()
@_year
@click.argument("clause", required=False)
@click.option("--reference", default="", metavar="文件", help="文件依据；确认时必填")
@by
@click.pass_obj
def confirm(context: Context, year: int, clause: str | None, reference: str, by: str) -> None:
    """确认一年的一个读法（推定、残缺、默认），写条款或 D-01 这样的编号；不写则列出可确认的。"""
    if clause is None:
        for each in sorted(look(context, confirmable_readings)):
            click.echo(each)
        return
    wanted = clause
    is_new = act(context, by, lambda sitting: confirm_reading(sitting, year, wanted, reference))
    click.echo(f"✅ {year} 年 {clause} {'已确认' if is_new else '此前已确认'}，依据：{reference}")


@click.command()
@_year
@click.argument("unit")
@click.argument("item")
@click.argument("points", metavar="分")
@click.option("--kind", type=click.Choice(list(_KINDS)), default="考评", show_default=True, help="谁的评分")
@click.option(
    "--seen", type=int, default=None, metavar="版次", help="看到的版次；他人已改则不写入，列出两个值"
)
@reason
@by
@click.pass_obj
def score(
    context: Context, year: int, unit: str, item: str, points: str, kind: str, seen: int | None,
    reason: str, by: str,
) -> None:  # fmt: skip
    """录入考评分，或考察分（--kind 考察，只作参考，不加分）。"""
    entered = act(
        context, by,
        lambda sitting: enter(sitting, year, unit, _KINDS[kind], item, points, reason, expected_version=seen),
    )  # fmt: skip
    before, entry = entered.before, entered.entry
    was = f"（原 {format_points(before.points)} 分，已留存）" if before and before.points is not None else ""
    assert entry.points is not None  # noqa: S101 - just entered
    click.echo(
        f"✅ {unit} {year} 年{kind} {entered.item.id} {entered.item.title} {format_points(entry.points)} 分"
        f"{was if entered.number else ''}，第 {entry.version} 版；{entered.sheet.sheet.headline}"
    )


COMMANDS = (
    set_base_command,
    correct,
    add_evidence,
    remove_evidence,
    add_meeting,
    void_meeting_command,
    supply,
    confirm,
    score,
)
