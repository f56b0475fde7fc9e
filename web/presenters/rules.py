"""规则: switches, figures and lost text with their source status, as the template lays them out. Pure.

Key types: `RulesPage`, `SwitchLine`, `FigureLine`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.rules.readings import BY_DEFAULT, ParameterReading, RulesReading, SwitchReading
from monitor.rules.settings import RuleChange
from scoring.lost_text import LostText
from scoring.source import SourceStatus
from web.wording import Badge

STATUS_BADGES = {
    SourceStatus.STATED: Badge("met", "✓", SourceStatus.STATED.value),
    SourceStatus.DAMAGED: Badge("topic", "!", SourceStatus.DAMAGED.value),
    SourceStatus.MISSING: Badge("nodata", "?", SourceStatus.MISSING.value),
    SourceStatus.INFERRED: Badge("due", "≈", SourceStatus.INFERRED.value),
    SourceStatus.DEFAULT: Badge("info", "·", SourceStatus.DEFAULT.value),
}
RULEBOOKS = {
    "hn-2013": "海南 2013",
    "gd-2019": "广东 2019",
    "gb-2019-19": "国办 2019〔19〕",
    "defaults": "默认读法",
}
_WORDS = {  # names of figures that people read
    "from_posts": "起（条）",
    "below_posts": "不满（条）",
    "from_ratio": "起（比例）",
    "below_ratio": "不满（比例）",
    "from_points": "起（分）",
    "min_posts": "至少（条）",
    "minimum": "至少",
    "part": "小项",
    "value": "取值",
    "weight_ratio": "权重",
    "printed_upper": "原文上限",
    "best_grade": "最高等次",
    "handling": "本系统的处理",
    "weighted_sum": "加权求和",
    "max_points": "分值",
    "max": "分值",
    "points": "得分",
    "lower": "下限",
    "upper": "上限",
    "weight": "权重",
    "bottom_line": "底线",
    "run_length": "连续次数",
    "grade": "等次",
    "below_points": "低于（分）",
    "per_record": "每次",
    "cap": "封顶",
    "unit": "单位",
    "formula": "公式",
}
_NAMES = {  # entries that the rulebooks do not name
    "account": "公众号每日职责",
    "group": "微信群每日职责",
    "full_marks": "满分",
    "excellence_cap": "等次封顶",
    "total": "总分",
}
_NOT_SHOWN = ("id", "section", "kind", "key", "number", "is_placeholder", "panel_may_replace")


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One switch: what is chosen, what could be, who chose it."""

    id: str
    title: str
    clause: str
    badge: Badge
    label: str
    chosen: str
    chosen_by: str
    since: str
    is_confirmed: bool
    note: str
    choices: tuple[tuple[str, str, str], ...]  # word, label, why not
    history: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One sourced figure of a rulebook."""

    name: str
    values: str
    clause: str
    badge: Badge
    is_confirmed: bool
    is_confirmable: bool
    note: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Everything about the rules on a day."""

    day: str
    n_changed: int
    n_unconfirmed: int
    switches: tuple[SwitchLine, ...]
    figures: Mapping[str, Sequence[FigureLine]]  # by name of the rulebook
    lost: Mapping[str, Sequence[LostText]]
    history: tuple[str, ...]


def present_rules(reading: RulesReading, lost: Mapping[str, Sequence[LostText]]) -> RulesPage:
    """Lay out the rules; figures of one rulebook stay in printed order."""
    figures: dict[str, list[FigureLine]] = {}
    labels = {(one.id, each.word): each.label for one in reading.switches for each in one.choices}
    names = {(one.rulebook, one.key_path): one.name for one in reading.parameters}
    for parameter in reading.parameters:
        figures.setdefault(RULEBOOKS.get(parameter.rulebook, parameter.rulebook), []).append(
            _figure_line(parameter, _name_words(parameter, names))
        )
    return RulesPage(
        day=reading.day.isoformat(),
        n_changed=sum(switch.chosen_by != BY_DEFAULT for switch in reading.switches),
        n_unconfirmed=len(reading.unconfirmed_clauses),
        switches=tuple(_switch_line(switch, labels) for switch in reading.switches),
        figures=figures,
        lost={RULEBOOKS.get(name, name): entries for name, entries in lost.items() if entries},
        history=tuple(_change_words(change, labels) for change in reversed(reading.history)),
    )


def _switch_line(switch: SwitchReading, labels: Mapping[tuple[str, str], str]) -> SwitchLine:
    return SwitchLine(
        id=switch.id,
        title=switch.title,
        clause=switch.clause,
        badge=STATUS_BADGES[switch.status],
        label=switch.label,
        chosen=switch.chosen,
        chosen_by=switch.chosen_by,
        since=switch.in_force_since.isoformat(),
        is_confirmed=switch.is_confirmed,
        note=switch.note,
        choices=tuple((choice.word, choice.label, choice.why_not) for choice in switch.choices),
        history=tuple(_change_words(change, labels) for change in switch.history),
    )


def _name_words(parameter: ParameterReading, names: Mapping[tuple[str, str], str]) -> str:
    """Return the name of an entry in Chinese; one without a name is a part of a named one."""
    whole, _, part = parameter.key_path.rpartition(".")
    if parameter.name == parameter.key_path and (parameter.rulebook, whole) in names:
        return f"{names[parameter.rulebook, whole]}：{_WORDS.get(part, part)}"
    return _NAMES.get(parameter.name, parameter.name)


def _figure_line(parameter: ParameterReading, name: str) -> FigureLine:
    shown = {key: text for key, text in parameter.values.items() if key not in _NOT_SHOWN}
    lost = "原文未载明" if parameter.status is SourceStatus.MISSING else "—"
    values = "，".join(f"{_WORDS.get(key, key)} {_WORDS.get(text, text)}" for key, text in shown.items())
    return FigureLine(
        name=name,
        values=values or lost,
        clause=parameter.clause,
        badge=STATUS_BADGES[parameter.status],
        is_confirmed=parameter.is_confirmed,
        is_confirmable=parameter.is_confirmable,
        note=parameter.note,
    )


def _change_words(change: RuleChange, labels: Mapping[tuple[str, str], str]) -> str:
    reference = f"，依据 {change.reference}" if change.reference else ""
    label = labels.get((change.subject, change.value), "")
    value = f" {label}（{change.value}）" if label else f" {change.value}" if change.value else ""
    who = change.actor_name or change.actor
    return (
        f"{change.effective_from} 起{change.kind} {change.subject}{value}：{change.reason}{reference}"
        f"（{who}，记录 {change.number}）"
    )
