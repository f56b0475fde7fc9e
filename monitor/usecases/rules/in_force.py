"""The rules in force by day (细则设置), for everything that judges; kept per version of the settings.

One small statement per question tells whether the settings have changed, so a change holds at once, in
every process, without a restart. Key types: `RuleSource`, `RulesByDay`.
"""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

from monitor.assessment.frozen_rules import Selection, apply_selection
from monitor.index.account_wci import MediaRules
from monitor.rules.readings import RulesReading, compose_reading
from monitor.rules.settings import DayRules, RuleChange, settings_on
from monitor.store.rules import settings as rule_settings
from monitor.store.rules.settings import Connection, Version
from scoring.figures import Figure, list_figures
from scoring.index_rules import load_index_rulebook
from scoring.lost_text import LostText
from scoring.rulebook import Rulebook, load_rulebook
from scoring.strict import RULEBOOK_FOLDER
from scoring.switches import Switches, load_switches

INDEX_RULEBOOK = "gd-2019"
R = TypeVar("R")


class DatedRules(Protocol):
    """Rules by business day, as one version of the settings has them."""

    def on(self, day: date) -> DayRules:
        """Return what judges a day of groups and accounts."""
        ...

    def media_on(self, day: date) -> MediaRules:
        """Return what judges a period of the Guangdong assessment; `day` is its last day or today."""
        ...


class RulesByDay:
    """One version of the settings with what was read by it; days between two changes share their rules."""

    def __init__(self, source: "RuleSource", changes: tuple[RuleChange, ...]) -> None:
        """Keep the changes; nothing is read before it is asked for."""
        self.changes = changes
        self._source = source
        self._starts = sorted({*source.first_days, *(change.effective_from for change in changes)})
        self._kept: dict[tuple[str, int], Any] = {}

    @property
    def version(self) -> Version:
        """What `rule_settings.load_version` says of these changes."""
        return len(self.changes), max((change.number for change in self.changes), default=0)

    def on(self, day: date) -> DayRules:
        """Return what judges a day of groups and accounts."""
        return self._keep("day", day, self._read_day)

    def media_on(self, day: date) -> MediaRules:
        """Return what judges a period of the Guangdong assessment; `day` is its last day or today."""
        return self._keep("media", day, self._read_media)

    def switches_on(self, day: date) -> Switches:
        """Return the switches as selected and confirmed on a day."""
        return self._keep("switches", day, self._read_switches)

    def settings_on(self, day: date) -> Selection:
        """Return the settings in force on a day, the configured preset included."""
        source = self._source
        switches = load_switches(folder=source.folder)
        return self._keep("settings", day, lambda on: settings_on(source.preset, self.changes, switches, on))

    def _keep(self, what: str, day: date, read: Callable[[date], R]) -> R:
        key = (what, bisect_right(self._starts, day))
        if key not in self._kept:
            self._kept[key] = read(day)
        kept: R = self._kept[key]
        return kept

    def _read_switches(self, day: date) -> Switches:
        settings = self.settings_on(day)
        return apply_selection(load_switches(folder=self._source.folder), settings, settings.confirmed)

    def _read_day(self, day: date) -> DayRules:
        source, confirmed = self._source, self.settings_on(day).confirmed
        on = max(day, source.first_day)
        rulebook = load_rulebook(source.name, on=on, confirmed=confirmed, folder=source.folder)
        return DayRules(rulebook, self.switches_on(day))

    def _read_media(self, day: date) -> MediaRules:
        source, confirmed = self._source, self.settings_on(day).confirmed
        on = max(day, source.first_index_day)
        rules = load_index_rulebook(INDEX_RULEBOOK, on=on, confirmed=confirmed, folder=source.folder)
        return MediaRules(rules, self.switches_on(day))


class RuleSource:
    """Where rules come from: files, the configured preset, the recorded changes. Thread-safe."""

    def __init__(
        self, name: str = "hn-2013", preset: Selection | None = None, folder: Path = RULEBOOK_FOLDER
    ) -> None:
        """Read the files once, to know from which day on each figure applies.

        Args:
            name: file stem of the rulebook that judges groups and accounts.
            preset: what the configuration selects; recorded changes come before it.
            folder: where the rulebooks are.

        Raises: RulebookFormatError.
        """
        self.name, self.preset, self.folder = name, preset or Selection(), folder
        self.first_day = load_rulebook(name, folder=folder).head.effective_from
        self.first_index_day = load_index_rulebook(INDEX_RULEBOOK, folder=folder).head.effective_from
        figures = (*self.list_figures(), *list_figures("defaults", folder))
        self.first_days = frozenset(
            (self.first_day, self.first_index_day, *(figure.effective_from for figure in figures))
        )
        self._latest = RulesByDay(self, ())

    def with_preset(self, preset: Selection) -> "RuleSource":
        """Return a source of the same files with another preset, for a trial (试算)."""
        return RuleSource(self.name, preset, self.folder)

    def list_figures(self) -> tuple[Figure, ...]:
        """Return every sourced entry of the rulebooks that judge here, in the order of the files."""
        names = (self.name, INDEX_RULEBOOK)
        return tuple(figure for name in names for figure in list_figures(name, self.folder))

    def read(self, connection: Connection, day: date) -> RulesReading:
        """Return everything about the rules on a day (参数一览), for chat, command line and console.

        Source: none (design §4).
        """
        rules = self.at(connection)
        switches = rules.switches_on(day)
        return compose_reading(day, self.preset, rules.changes, switches, self.list_figures())

    def at(self, connection: Connection) -> RulesByDay:
        """Return the rules by day as a snapshot or transaction has them."""
        latest = self._latest
        if rule_settings.load_version(connection) != latest.version:
            latest = self._latest = RulesByDay(self, rule_settings.load_changes(connection))
        return latest


class FixedRules:
    """One rulebook for every day, with the switches as shipped: where no settings are kept."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the rulebook."""
        self._rules = DayRules(rulebook, load_switches())

    def at(self, _connection: Connection) -> "FixedRules":
        """Return itself."""
        return self

    def on(self, _day: date) -> DayRules:
        """Return the one rulebook."""
        return self._rules

    def media_on(self, _day: date) -> MediaRules:
        """Return the Guangdong rulebook as shipped."""
        return MediaRules(load_index_rulebook(INDEX_RULEBOOK), self._rules.switches)


def dated_selection(
    connection: Connection, preset: Selection, day: date, folder: Path = RULEBOOK_FOLDER
) -> Selection:
    """Return the settings in force on a day, to be frozen with what is begun now.

    Source: none (design §4, a rulebook is frozen per assessment).
    """
    return settings_on(preset, rule_settings.load_changes(connection), load_switches(folder=folder), day)


AnyRules = Rulebook | RuleSource | FixedRules
"""What a use case is given: a rulebook stands for itself on every day."""


def dated(rules: AnyRules, connection: Connection) -> DatedRules:
    """Return the rules by day as a snapshot or transaction has them.

    Source: none (design §4).
    """
    source = FixedRules(rules) if isinstance(rules, Rulebook) else rules
    return source.at(connection)


def list_lost_text(folder: Path = RULEBOOK_FOLDER) -> dict[str, tuple[LostText, ...]]:
    """Return the register of lost text (原文残缺清单) of every shipped rulebook that has one, by file stem.

    Source: requirement A.4.
    """
    hainan, guangdong = load_rulebook(folder=folder), load_index_rulebook(folder=folder)
    return {"hn-2013": hainan.lost_text, INDEX_RULEBOOK: guangdong.lost_text}
