"""规则: the rule settings as chat answers, read only. Made from `RulesReading`."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.replies.phrases import Answer, Row, compose, show_instant
from monitor.rules.readings import BY_DEFAULT, ParameterReading, RulesReading, SwitchReading
from scoring.source import SourceStatus

_MOST_CLAUSES = 6
_NO_FIGURES = ("id", "section", "is_placeholder", "panel_may_replace", "kind", "key", "number")


def tell_rules(reading: RulesReading, now: datetime) -> Answer:
    """List what is selected otherwise than by default, and what nobody has confirmed."""
    changed = [switch for switch in reading.switches if switch.chosen_by != BY_DEFAULT]
    n_open = sum(not switch.is_confirmed for switch in reading.switches)
    rows = [_switch_row(switch) for switch in changed]
    rows += [_switch_row(switch) for switch in reading.switches if switch not in changed]
    clauses = reading.unconfirmed_clauses
    named = "、".join(clauses[:_MOST_CLAUSES]) + ("等" if len(clauses) > _MOST_CLAUSES else "")
    basis = f"未确认的推定、残缺条款 {len(clauses)} 处：{named}" if clauses else "推定、残缺条款均已确认"
    return compose(
        f"默认读法 {len(reading.switches)} 项：改选 {len(changed)}，未确认 {n_open}",
        _as_of(now),
        rows,
        basis=basis,
        suggestion="规则 D-07",
    )


def tell_switch(switch: SwitchReading, now: datetime) -> Answer:
    """Tell one switch: what is selected since when, what could be, its status and its last changes."""
    return compose(
        f"{switch.id} {switch.title}：{switch.label}（{switch.chosen}）",
        _as_of(now),
        [Row(line) for line in _switch_lines(switch)],
        suggestion="规则",
    )


def tell_clause(clause: str, parameters: Sequence[ParameterReading], now: datetime) -> Answer:
    """Tell the figures of one clause with their status."""
    n_open = sum(each.is_confirmable and not each.is_confirmed for each in parameters)
    word = f"未确认 {n_open}" if n_open else "无待确认"
    rows = [Row(_parameter_line(each)) for each in parameters]
    return compose(f"{clause}：{len(parameters)} 个参数，{word}", _as_of(now), rows, suggestion="规则")


def show_badge(switch: SwitchReading) -> str:
    """Return the status of a switch: 默认·未确认, 默认·已确认."""
    return f"{switch.status.value}·{'已确认' if switch.is_confirmed else '未确认'}"


def _switch_row(switch: SwitchReading) -> Row:
    mark = "" if switch.chosen_by == BY_DEFAULT else f"〔{switch.chosen_by}〕"
    text = f"{switch.id} {switch.title}：{switch.label}{mark}（{show_badge(switch)}）"
    return Row(text, f"规则 {switch.id}")


def _switch_lines(switch: SwitchReading) -> Iterator[str]:
    yield f"依据 {switch.clause}，{show_badge(switch)}；{switch.chosen_by}，自 {switch.in_force_since} 起"
    yield switch.note
    for choice in switch.choices:
        if not choice.is_chosen:
            why = f"，不可选：{choice.why_not}" if choice.why_not else ""
            yield f"另一读法 {choice.label}（{choice.word}）{why}"
    if switch.figures:
        yield "参数 " + "，".join(f"{name} = {figure}" for name, figure in switch.figures.items())
    if switch.confirmation:
        yield f"确认依据 {switch.confirmation.reference}"
    for change in reversed(switch.history[-2:]):
        yield f"{change.effective_from} 起{change.kind} {change.value}：{change.reason}"


def show_values(parameter: ParameterReading) -> str:
    """Return the figures of a parameter; what the source lost is 原文未载明."""
    if parameter.status is SourceStatus.MISSING:
        return "原文未载明"
    shown = (f"{name} {value}" for name, value in parameter.values.items() if name not in _NO_FIGURES)
    return "，".join(shown) or "无数值"


def _parameter_line(parameter: ParameterReading) -> str:
    values = show_values(parameter)
    confirmed = "·已确认" if parameter.is_confirmed else "·未确认" if parameter.is_confirmable else ""
    return f"{parameter.name}：{values}（{parameter.status.value}{confirmed}）"


def _as_of(now: datetime) -> str:
    return f"数据截至 {show_instant(now, now)}"
