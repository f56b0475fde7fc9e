"""The rule settings as people read them (参数一览): figures and switches, with status and history. Pure.

Key types: `RulesReading`, `SwitchReading`, `ParameterReading`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.assessment.frozen_rules import Selection
from monitor.rules.settings import CONFIRMABLE, NOT_OFFERED, ChangeKind, RuleChange, find_in_force
from scoring.figures import Figure
from scoring.source import SourceStatus
from scoring.switches import ParameterValue, Switch, Switches

BY_DEFAULT, BY_CONFIGURATION, BY_RECORD = "默认", "配置文件", "选用"


@dataclass(frozen=True, slots=True)
class ChoiceReading:
    """A word of a switch; `why_not` says why it cannot be selected, or is empty."""

    word: str
    label: str
    is_chosen: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class SwitchReading:
    """One switch (默认读法) on a day.

    Attributes:
        chosen_by: 默认, 配置文件 or 选用.
        in_force_since: first day of the present selection or, by default, of the switch itself.
        confirmation: the recorded confirmation that holds, or None.
        history: every change that concerns it, oldest first, those to come included.
    """

    id: str
    title: str
    clause: str
    status: SourceStatus
    note: str
    chosen: str
    choices: tuple[ChoiceReading, ...]
    figures: Mapping[str, ParameterValue]
    chosen_by: str
    in_force_since: date
    is_confirmed: bool
    confirmation: RuleChange | None
    history: tuple[RuleChange, ...]

    @property
    def label(self) -> str:
        """The Chinese label of the word in force."""
        return next(choice.label for choice in self.choices if choice.is_chosen)


@dataclass(frozen=True, slots=True)
class ParameterReading:
    """One sourced entry of a rulebook on a day; `values` as text, empty where the source lost them."""

    rulebook: str
    key_path: str
    name: str
    values: Mapping[str, str]
    clause: str
    status: SourceStatus
    note: str
    in_force_since: date
    is_confirmable: bool
    is_confirmed: bool
    confirmation: RuleChange | None
    history: tuple[RuleChange, ...]


@dataclass(frozen=True, slots=True)
class RulesReading:
    """Everything about the rules on a day."""

    day: date
    switches: tuple[SwitchReading, ...]
    parameters: tuple[ParameterReading, ...]
    history: tuple[RuleChange, ...]

    @property
    def unconfirmed_clauses(self) -> tuple[str, ...]:
        """The clauses with a 推定, 默认 or 残缺 figure that nobody has confirmed, in printed order."""
        open_ones = (each for each in self.parameters if each.is_confirmable and not each.is_confirmed)
        return tuple(dict.fromkeys(each.clause for each in open_ones))

    def find_switch(self, switch_id: str) -> SwitchReading | None:
        """Return a switch by its id."""
        return next((each for each in self.switches if each.id == switch_id.upper()), None)

    def find_parameters(self, clause: str) -> tuple[ParameterReading, ...]:
        """Return the figures of a clause."""
        return tuple(each for each in self.parameters if each.clause.upper() == clause.upper())


def compose_reading(
    day: date, preset: Selection, changes: Sequence[RuleChange], switches: Switches, figures: Sequence[Figure]
) -> RulesReading:
    """Put figures, switches and changes together as they stand on a day.

    Source: none (design §4, the page of rules).

    Args:
        day: business day.
        preset: what the configuration selects.
        changes: all recorded changes.
        switches: as in force on the day.
        figures: of every rulebook, all dated values.
    """
    current = find_in_force(changes, day)
    return RulesReading(
        day=day,
        switches=tuple(_read_switch(each, preset, changes, current) for each in switches),
        parameters=tuple(_read_parameters(day, figures, changes, current)),
        history=tuple(changes),
    )


def _read_switch(
    switch: Switch,
    preset: Selection,
    changes: Sequence[RuleChange],
    current: Mapping[tuple[str, str, str], RuleChange],
) -> SwitchReading:
    selected = current.get((ChangeKind.SELECTED.value, switch.id, ""))
    confirmation = current.get((ChangeKind.CONFIRMED.value, switch.id, switch.chosen))
    is_preset = switch.id in dict(preset.choices)
    return SwitchReading(
        id=switch.id,
        title=switch.title,
        clause=switch.source.clause,
        status=switch.source.status,
        note=switch.source.note,
        chosen=switch.chosen,
        choices=tuple(
            ChoiceReading(word, label, word == switch.chosen, NOT_OFFERED.get((switch.id, word), ""))
            for word, label in switch.labels.items()
        ),
        figures=switch.parameters,
        chosen_by=BY_RECORD if selected else BY_CONFIGURATION if is_preset else BY_DEFAULT,
        in_force_since=selected.effective_from if selected else switch.source.effective_from,
        is_confirmed=switch.source.is_confirmed,
        confirmation=confirmation if switch.source.is_confirmed else None,
        history=tuple(change for change in changes if change.subject.partition(".")[0] == switch.id),
    )


def _read_parameters(
    day: date,
    figures: Sequence[Figure],
    changes: Sequence[RuleChange],
    current: Mapping[tuple[str, str, str], RuleChange],
) -> Iterator[ParameterReading]:
    for figure in figures:
        if figure.effective_from > day:
            continue
        last = current.get((ChangeKind.CONFIRMED.value, figure.clause, ""))
        is_confirmed = last is not None and last.kind is ChangeKind.CONFIRMED
        is_confirmable = figure.status in CONFIRMABLE
        yield ParameterReading(
            rulebook=figure.rulebook,
            key_path=figure.key_path,
            name=figure.name,
            values=figure.values,
            clause=figure.clause,
            status=figure.status,
            note=figure.note,
            in_force_since=figure.effective_from,
            is_confirmable=is_confirmable,
            is_confirmed=is_confirmable and is_confirmed,
            confirmation=last if is_confirmable and is_confirmed else None,
            history=tuple(change for change in changes if change.subject == figure.clause),
        )
