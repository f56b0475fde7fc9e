"""`rules`: the organisation's rule settings (细则设置): list, select, set a figure, confirm, withdraw."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from bot.cli.context import Context
from bot.replies.rules import show_badge, show_values
from monitor.clock import business_day
from monitor.rules.readings import BY_DEFAULT, ParameterReading, RulesReading, SwitchReading
from monitor.rules.settings import RuleChange
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.rules.changes import Ground, Recorded
from scoring.source import plain

OPERATOR = Viewer("cli:rules", Role.INSPECTOR, UnitId(0), "/", "运维命令")

_reason = click.option("--reason", required=True, help="理由（必填，留存）")
_reference = click.option("--reference", default="", help="文件依据，如 团琼字〔2026〕1号")
_from = click.option(
    "--from", "since", type=click.DateTime(["%Y-%m-%d"]), default=None, help="生效日，默认今天"
)
_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON")


@click.group("rules")
def rules() -> None:
    """查看、调整默认读法 D-01 至 D-18 和推定条款的确认；每次调整都留存，按生效日起用。"""


@rules.command("list")
@click.argument("subject", required=False, default="")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="哪一天的规则，默认今天")
@_json
@click.pass_obj
def list_rules(context: Context, subject: str, day: datetime | None, as_json: bool) -> None:
    """列出某日在用的读法和参数；可只列一个开关（D-07）或条款（HN-4.1d）。"""
    services = context.services()
    on = day.date() if day else business_day(services.clock())
    with services.database.reading() as connection:
        reading = services.rules.read(connection, on)
    if as_json:
        click.echo(json.dumps(reading_as_json(reading), ensure_ascii=False, indent=2))
        return
    wanted = subject.strip().upper()
    switches = [each for each in reading.switches if wanted in ("", each.id)]
    parameters = [each for each in reading.parameters if wanted in ("", each.clause.upper())]
    if not switches and not parameters:
        raise click.BadParameter(f"没有开关或条款 {subject}")
    for switch in switches:
        _echo_switch(switch, in_full=bool(wanted))
    for parameter in parameters:
        if wanted or parameter.is_confirmable:
            _echo_parameter(parameter)


@rules.command("select")
@click.argument("choice")
@_reason
@_reference
@_from
@_json
@click.pass_obj
def select_reading(
    context: Context, choice: str, reason: str, reference: str, since: datetime | None, as_json: bool
) -> None:
    """选用一种读法（D-07=relevant）或设定其参数（D-03.dispose_minutes=90）。"""
    subject, mark, word = choice.partition("=")
    if not mark:
        raise click.BadParameter("应写作 D-07=relevant 或 D-03.dispose_minutes=90")
    changes = context.services().desks.rule_changes
    act: Callable[..., Recorded] = changes.set_figure if "." in subject else changes.select
    _tell(act(OPERATOR, subject, word, _ground(reason, reference, since)), as_json)


@rules.command("confirm")
@click.argument("subject")
@_reason
@_reference
@_from
@_json
@click.pass_obj
def confirm_reading(
    context: Context, subject: str, reason: str, reference: str, since: datetime | None, as_json: bool
) -> None:
    """确认一个条款（HN-4.1d）或开关（D-07）的读法，须有文件依据；结果由“暂定”转为“正式”。"""
    changes = context.services().desks.rule_changes
    _tell(changes.confirm(OPERATOR, subject, _ground(reason, reference, since)), as_json)


@rules.command("withdraw")
@click.argument("subject")
@_reason
@_reference
@_from
@_json
@click.pass_obj
def withdraw_reading(
    context: Context, subject: str, reason: str, reference: str, since: datetime | None, as_json: bool
) -> None:
    """撤销一项确认，自生效日起。"""
    changes = context.services().desks.rule_changes
    _tell(changes.withdraw(OPERATOR, subject, _ground(reason, reference, since)), as_json)


def reading_as_json(reading: RulesReading) -> dict[str, Any]:
    """Return a reading as JSON values: exact decimals as text, enums as 中文."""
    return {
        "day": reading.day.isoformat(),
        "unconfirmed": list(reading.unconfirmed_clauses),
        "switches": [_switch_as_json(switch) for switch in reading.switches],
        "parameters": [
            {
                "rulebook": each.rulebook,
                "key": each.key_path,
                "name": each.name,
                "values": dict(each.values),
                "clause": each.clause,
                "status": each.status.value,
                "is_confirmed": each.is_confirmed,
                "in_force_since": each.in_force_since.isoformat(),
                "note": each.note,
            }
            for each in reading.parameters
        ],
        "history": [change_as_json(change) for change in reading.history],
    }


def change_as_json(change: RuleChange) -> dict[str, Any]:
    """Return a change as JSON values."""
    return {
        "number": change.number,
        "kind": change.kind.value,
        "subject": change.subject,
        "value": change.value,
        "reason": change.reason,
        "reference": change.reference,
        "actor": change.actor,
        "actor_name": change.actor_name,
        "at": change.at.isoformat(),
        "effective_from": change.effective_from.isoformat(),
    }


def _switch_as_json(switch: SwitchReading) -> dict[str, Any]:
    return {
        "id": switch.id,
        "title": switch.title,
        "clause": switch.clause,
        "status": switch.status.value,
        "note": switch.note,
        "chosen": switch.chosen,
        "chosen_by": switch.chosen_by,
        "in_force_since": switch.in_force_since.isoformat(),
        "is_confirmed": switch.is_confirmed,
        "figures": plain(switch.figures),
        "choices": [
            {"word": each.word, "label": each.label, "why_not": each.why_not} for each in switch.choices
        ],
    }


def _ground(reason: str, reference: str, since: datetime | None) -> Ground:
    return Ground(reason, reference, since.date() if since else None)


def _tell(recorded: Recorded, as_json: bool) -> None:
    change = recorded.change
    if as_json:
        said = {"is_new": recorded.is_new, "n_closed_days": recorded.n_closed_days}
        click.echo(json.dumps(change_as_json(change) | said, ensure_ascii=False, indent=2))
        return
    value = f" {change.value}" if change.value else ""
    if not recorded.is_new:
        click.echo(f"{change.subject}{value} 已在用，未作改动")
        return
    click.echo(
        f"已{change.kind} {change.subject}{value}，自 {change.effective_from} 起生效（记录 {change.number}）"
    )
    if recorded.n_closed_days:
        click.echo(
            f"其中 {recorded.n_closed_days} 天已日结，等次不自动改判；需要时逐日运行 close-day，改动留痕"
        )


def _echo_switch(switch: SwitchReading, *, in_full: bool) -> None:
    mark = "" if switch.chosen_by == BY_DEFAULT else f"〔{switch.chosen_by}，自 {switch.in_force_since}〕"
    click.echo(
        f"{switch.id} {switch.title}：{switch.label}（{switch.chosen}）{mark}"
        f"  {switch.clause} {show_badge(switch)}"
    )
    if not in_full:
        return
    click.echo(f"  {switch.note}")
    for choice in switch.choices:
        why = f"  不可选：{choice.why_not}" if choice.why_not else ""
        click.echo(f"  {'*' if choice.is_chosen else ' '} {choice.word}（{choice.label}）{why}")
    for name, figure in switch.figures.items():
        click.echo(f"    {switch.id}.{name} = {figure}")
    for change in switch.history:
        _echo_change(change)


def _echo_parameter(parameter: ParameterReading) -> None:
    values = show_values(parameter)
    confirmed = "·已确认" if parameter.is_confirmed else "·未确认" if parameter.is_confirmable else ""
    click.echo(f"{parameter.clause} {parameter.name}：{values}  {parameter.status.value}{confirmed}")
    if parameter.confirmation:
        _echo_change(parameter.confirmation)


def _echo_change(change: RuleChange) -> None:
    reference = f"；依据 {change.reference}" if change.reference else ""
    click.echo(
        f"    {change.effective_from} 起{change.kind} {change.value}（{change.actor_name}）："
        f"{change.reason}{reference}"
    )
