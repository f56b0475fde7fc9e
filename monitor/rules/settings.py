"""The organisation's rule settings (细则设置): what is selected and confirmed, since when. Pure.

Every change is a dated value: the settings of a day are those of the latest effective day up to it, and
of two changes with the same effective day the later one counts. Nothing is ever overwritten.
Imports no store and no clock. Key types: `RuleChange`, `DayRules`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from monitor.assessment.frozen_rules import Selection
from monitor.days.counting import PostMeasure
from monitor.errors import BadParameter
from scoring.figures import Figure
from scoring.rulebook import Rulebook
from scoring.source import SourceStatus
from scoring.switches import ParameterValue, Switch, Switches

CONFIRMABLE = (SourceStatus.INFERRED, SourceStatus.DEFAULT, SourceStatus.DAMAGED)

NOT_OFFERED: Mapping[tuple[str, str], str] = {
    ("D-07", "manager"): "采集到的发送人只存不可还原的标识，未与登记的群管理员对应，无法只计管理员发布的信息",
    ("D-17", "pushes"): "公众号发布回执按文章登记，未登记推送次数，无法按推送计",
}
"""Readings of the switches that the stored facts cannot answer: (switch, word) → why, for people."""


class ChangeKind(StrEnum):
    """What a change of the settings did."""

    SELECTED = "选用"
    FIGURE = "参数"
    CONFIRMED = "确认"
    WITHDRAWN = "撤销确认"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change of the rule settings.

    Attributes:
        number: running number, 0 before it is stored.
        kind: what it did.
        subject: "D-07", "D-03.dispose_minutes" (FIGURE) or the clause id "HN-4.1d".
        value: the selected word, the figure as text; of a switch's confirmation the word that is confirmed.
        reason: why, a person's words.
        reference: the document (文件依据) it rests on.
        actor, actor_name: who.
        at: UTC instant of the change.
        effective_from: first business day on which it applies.
    """

    number: int
    kind: ChangeKind
    subject: str
    value: str
    reason: str
    reference: str
    actor: str
    actor_name: str
    at: datetime
    effective_from: date

    @property
    def slot(self) -> tuple[str, str, str]:
        """What this change sets; of several changes to one slot the latest in force counts."""
        if self.kind in (ChangeKind.CONFIRMED, ChangeKind.WITHDRAWN):
            return ChangeKind.CONFIRMED.value, self.subject, self.value
        return self.kind.value, self.subject, ""


@dataclass(frozen=True, slots=True)
class DayRules:
    """The rules in force on a business day: the rulebook and the switches, as selected and confirmed."""

    rulebook: Rulebook
    switches: Switches

    @property
    def measure(self) -> PostMeasure:
        """What counts as 发布信息 for the activity of a day (D-07)."""
        return PostMeasure(self.switches["D-07"].chosen)


def find_in_force(changes: Iterable[RuleChange], day: date) -> dict[tuple[str, str, str], RuleChange]:
    """Return the change in force on a day for every slot that has one.

    Source: none (design §4, rules are data).
    """
    dated = sorted(
        (change for change in changes if change.effective_from <= day),
        key=lambda change: (change.effective_from, change.number),
    )
    return {change.slot: change for change in dated}


def settings_on(preset: Selection, changes: Iterable[RuleChange], switches: Switches, day: date) -> Selection:
    """Return the settings (细则设置) in force on a day; recorded changes come before the preset.

    A confirmation of a switch holds for the word it confirmed: it lapses while another word is selected,
    and when a figure of the reading is set after it.

    Source: none (design §4).

    Args:
        preset: what the configuration file selects.
        changes: every recorded change, in any order.
        switches: the defaults as shipped.
        day: business day.
    """
    current = find_in_force(changes, day)
    choices, figures = dict(preset.choices), {(row[0], row[1]): row[2] for row in preset.figures}
    for (kind, subject, _), change in current.items():
        if kind == ChangeKind.SELECTED:
            choices[subject] = change.value
        elif kind == ChangeKind.FIGURE:
            switch_id, _, name = subject.partition(".")
            figures[switch_id, name] = read_figure(switches, subject, change.value)
    confirmed = set(preset.confirmed)
    for change in current.values():
        if change.kind is ChangeKind.CONFIRMED and _still_holds(change, current, choices, switches):
            confirmed.add(change.subject)
    return Selection(
        choices=tuple(sorted(choices.items())),
        figures=tuple(sorted((*key, figure) for key, figure in figures.items())),
        confirmed=tuple(sorted(confirmed)),
    )


def _still_holds(
    confirmation: RuleChange,
    current: Mapping[tuple[str, str, str], RuleChange],
    choices: Mapping[str, str],
    switches: Switches,
) -> bool:
    switch = switches.by_id.get(confirmation.subject)
    if switch is None:
        return True
    later_figures = [
        change
        for change in current.values()
        if change.kind is ChangeKind.FIGURE
        and change.subject.startswith(f"{switch.id}.")
        and change.number > confirmation.number
    ]
    return confirmation.value == choices.get(switch.id, switch.default) and not later_figures


def find_word(switches: Switches, switch_id: str, word: str) -> str:
    """Return the selectable word of a switch that a person means: exact, or the only one it begins.

    Source: none (design §4).
    Raises: BadParameter naming what is allowed; or why a word of the switch is not offered.
    """
    switch = find_switch(switches, switch_id)
    folded = word.strip().replace("-", "_")
    found = [each for each in switch.labels if each == folded]
    found = found or [each for each in switch.labels if folded and each.startswith(folded)]
    if len(found) != 1:
        raise BadParameter(
            f"no such choice of {switch.id}: {word!r}",
            user_text=f"{switch.id} {switch.title} 没有选项 {word.strip()}，可选：{list_words(switch)}",
        )
    why_not = NOT_OFFERED.get((switch.id, found[0]))
    if why_not:
        text = f"{switch.id} 不能选用 {found[0]}（{switch.labels[found[0]]}）：{why_not}"
        raise BadParameter(f"{switch.id} {found[0]} is not offered", user_text=text)
    return found[0]


def find_switch(switches: Switches, switch_id: str) -> Switch:
    """Return a switch by its id.

    Raises: BadParameter naming every id.
    """
    switch = switches.by_id.get(switch_id.strip().upper())
    if switch is None:
        ids = "、".join(each.id for each in switches)
        raise BadParameter(f"no switch {switch_id!r}", user_text=f"没有开关 {switch_id.strip()}，可选：{ids}")
    return switch


def list_words(switch: Switch) -> str:
    """Name the words that can be selected, with their labels."""
    return "、".join(
        f"{word}（{label}）" for word, label in switch.labels.items() if (switch.id, word) not in NOT_OFFERED
    )


def read_figure(switches: Switches, subject: str, text: str) -> ParameterValue:
    """Read a figure of a switch, as "D-03.dispose_minutes" and "90", of the kind of its default.

    Source: none (design §4).
    Raises: BadParameter.
    """
    switch_id, _, name = subject.partition(".")
    switch = find_switch(switches, switch_id)
    if name not in switch.parameters:
        allowed = "、".join(f"{switch.id}.{each}" for each in switch.parameters) or "无"
        raise BadParameter(f"no figure {subject!r}", user_text=f"没有参数 {subject}，可选：{allowed}")
    default = switch.parameters[name]
    if isinstance(default, str):
        return text.strip()
    try:
        figure = Decimal(text.strip())
        if not figure.is_finite() or figure < 0:
            raise InvalidOperation
        if isinstance(default, int) and figure != int(figure):
            raise InvalidOperation
    except InvalidOperation:
        text = f"{subject} 应为{'非负整数' if isinstance(default, int) else '非负数'}，如 {default}"
        raise BadParameter(f"figure {subject}", user_text=text) from None
    return int(figure) if isinstance(default, int) else figure


def validate_preset(switches: Switches, choices: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (key, what is expected) for every entry of a configured preset that cannot be selected.

    Source: none (design §4). Words stand in a configuration file exactly as in `defaults.toml`.
    """
    for switch_id, word in choices.items():
        switch = switches.by_id.get(switch_id)
        if switch is None:
            yield switch_id, "one of " + ", ".join(each.id for each in switches)
        elif word not in switch.labels or (switch_id, word) in NOT_OFFERED:
            offered = [each for each in switch.labels if (switch_id, each) not in NOT_OFFERED]
            yield switch_id, "one of " + ", ".join(offered)


def list_confirmable(figures: Iterable[Figure], switches: Switches) -> dict[str, SourceStatus]:
    """Return what a confirmation can make 正式: clause or switch id → status, the first named.

    A 缺失 cannot be confirmed: there is nothing to confirm.

    Source: none (design §4; requirements A).
    """
    found = {figure.clause: figure.status for figure in figures if figure.status in CONFIRMABLE}
    return found | {switch.id: switch.source.status for switch in switches}


def find_confirmable(subject: str, confirmable: Collection[str]) -> str:
    """Return the clause or switch id that a person means.

    Raises: BadParameter naming what can be confirmed.
    """
    folded = {each.upper(): each for each in confirmable}
    found = folded.get(subject.strip().upper())
    if found is None:
        text = f"{subject.strip()} 没有可确认的读法，可确认：{'、'.join(sorted(confirmable))}"
        raise BadParameter(f"nothing to confirm in {subject!r}", user_text=text)
    return found


def is_in_force(change: RuleChange, changes: Iterable[RuleChange]) -> bool:
    """Tell whether a change would only repeat what is in force on its effective day, reference included."""
    before = find_in_force(changes, change.effective_from).get(change.slot)
    if before is None:
        return change.kind is ChangeKind.WITHDRAWN
    return (change.kind, change.value, change.reference) == (before.kind, before.value, before.reference)
