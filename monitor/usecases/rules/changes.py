"""Change the organisation's rule settings (细则设置): select a reading, set its figure, confirm, withdraw.

Every change is a row with person, reason, document, instant and effective day; nothing is overwritten, and
what is closed or frozen stays as it was judged. Key types: `RuleChanges`, `Recorded`.
"""

from dataclasses import dataclass, replace
from datetime import date

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter, CommandError, ReadOnlyRole
from monitor.rules.settings import (
    ChangeKind,
    RuleChange,
    find_confirmable,
    find_switch,
    find_word,
    is_in_force,
    list_confirmable,
    read_figure,
)
from monitor.store.database import Database
from monitor.store.ledger import registry
from monitor.store.rules import settings as rule_settings
from monitor.store.rules.settings import Connection
from monitor.units import Role, Viewer
from monitor.usecases.rules.in_force import RuleSource
from scoring.source import plain
from scoring.switches import Switches, load_switches

_MAX_TEXT = 500
_EARLIEST = date(2000, 1, 1)
_ONE_YEAR_AHEAD = 366
_ROOT_DEPTH = 2  # "/1/"; an operator on the machine has "/"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an order to change the settings.

    Attributes:
        change: as recorded, or as it would have been if it repeats what is in force.
        is_new: False if it only repeats what is in force; nothing was written.
        n_closed_days: days from the effective day on that are closed already. They keep their grades until
            each is closed again, which the audit then shows.
    """

    change: RuleChange
    is_new: bool
    n_closed_days: int


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a setting is changed, and from which day on: None is today."""

    reason: str
    reference: str = ""
    effective_from: date | None = None


class RuleChanges:
    """Changes the settings; one per process."""

    def __init__(self, database: Database, source: RuleSource, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database, self._source, self._clock = database, source, clock

    def select(self, viewer: Viewer, switch_id: str, word: str, ground: Ground) -> Recorded:
        """Select a reading (选用读法) of a switch; this does not confirm it.

        Source: requirements A.5.
        Raises: ReadOnlyRole, CommandError; BadParameter for an unknown switch or word, or without a reason.
        """
        require_province(viewer)
        switches = self._switches()
        switch = find_switch(switches, switch_id)
        subject, value = switch.id, find_word(switches, switch_id, word)
        return self._record(viewer, ChangeKind.SELECTED, subject, value, ground)

    def set_figure(self, viewer: Viewer, subject: str, figure: str, ground: Ground) -> Recorded:
        """Set a figure of a reading, as ("D-03.dispose_minutes", "90").

        Source: requirements A.5.
        Raises: ReadOnlyRole, CommandError; BadParameter.
        """
        require_province(viewer)
        switches = self._switches()
        switch_id, _, name = subject.strip().partition(".")
        key = f"{find_switch(switches, switch_id).id}.{name}"
        value = str(plain(read_figure(switches, key, figure)))
        return self._record(viewer, ChangeKind.FIGURE, key, value, ground)

    def confirm(self, viewer: Viewer, subject: str, ground: Ground) -> Recorded:
        """Confirm a reading (推定、残缺、默认) by clause or switch id: a status changes, no figure does.

        A switch is confirmed in the word that is selected on the effective day.

        Source: requirements A (确认是记录在案的行为).
        Raises: ReadOnlyRole, CommandError; BadParameter for nothing to confirm, or without a document.
        """
        require_province(viewer)
        _require(ground.reference, "文件依据")
        return self._confirm(viewer, ChangeKind.CONFIRMED, subject, ground)

    def withdraw(self, viewer: Viewer, subject: str, ground: Ground) -> Recorded:
        """Withdraw a confirmation (撤销确认) from the effective day on.

        Raises: ReadOnlyRole, CommandError; BadParameter.
        """
        require_province(viewer)
        return self._confirm(viewer, ChangeKind.WITHDRAWN, subject, ground)

    def _confirm(self, viewer: Viewer, kind: ChangeKind, subject: str, ground: Ground) -> Recorded:
        found = find_confirmable(subject, list_confirmable(self._source.list_figures(), self._switches()))
        return self._record(viewer, kind, found, "", ground)

    def _record(self, viewer: Viewer, kind: ChangeKind, subject: str, value: str, ground: Ground) -> Recorded:
        now = self._clock()
        today = business_day(now)
        effective_from = ground.effective_from or today
        if not effective_from >= _EARLIEST or (effective_from - today).days > _ONE_YEAR_AHEAD:
            text = f"生效日 {effective_from} 不在 {_EARLIEST} 至今后一年之内"
            raise BadParameter(f"effective from {effective_from}", user_text=text)
        asked = RuleChange(
            number=0,
            kind=kind,
            subject=subject,
            value=value,
            reason=_require(ground.reason, "理由"),
            reference=_clean(ground.reference, "文件依据"),
            actor=viewer.identity,
            actor_name=viewer.display_name or viewer.role.value,
            at=now,
            effective_from=effective_from,
        )

        def work(connection: Connection) -> Recorded:
            change = self._with_confirmed_word(connection, asked)
            n_closed = rule_settings.count_closed_days(connection, effective_from, today)
            if is_in_force(change, rule_settings.load_changes(connection)):
                return Recorded(change, False, n_closed)
            number = rule_settings.insert_change(connection, change)
            _audit(connection, change, number)
            return Recorded(replace(change, number=number), True, n_closed)

        return self._database.write(work)

    def _with_confirmed_word(self, connection: Connection, change: RuleChange) -> RuleChange:
        """Let a confirmation of a switch name the word that is in force on its effective day."""
        is_switch = change.subject in self._switches().by_id
        if change.kind not in (ChangeKind.CONFIRMED, ChangeKind.WITHDRAWN) or not is_switch:
            return change
        switches = self._source.at(connection).switches_on(change.effective_from)
        return replace(change, value=switches[change.subject].chosen)

    def _switches(self) -> Switches:
        return load_switches(folder=self._source.folder)


def require_province(viewer: Viewer) -> None:
    """Let only an inspector of 团省委 itself pass: rules hold for every unit.

    Source: requirements A.5.
    Raises: ReadOnlyRole for a leader; CommandError.
    """
    if viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{viewer.identity} is a leader")
    if viewer.role is not Role.INSPECTOR or viewer.unit_path.count("/") > _ROOT_DEPTH:
        raise CommandError("not of the province", user_text="只有团省委（督导检查）可以调整细则设置")


def _audit(connection: Connection, change: RuleChange, number: int) -> None:
    detail = {
        "number": number,
        "kind": change.kind.value,
        "value": change.value,
        "reason": change.reason,
        "reference": change.reference,
        "effective_from": change.effective_from.isoformat(),
    }
    registry.write_audit(connection, change.at, change.actor, "rules.change", change.subject, detail)


def _require(text: str, what: str) -> str:
    cleaned = _clean(text, what)
    if not cleaned:
        raise BadParameter(f"{what} is empty", user_text=f"请填写{what}")
    return cleaned


def _clean(text: str, what: str) -> str:
    cleaned = " ".join(text.split())
    if len(cleaned) > _MAX_TEXT:
        raise BadParameter(f"{what} is too long", user_text=f"{what}不能超过 {_MAX_TEXT} 个字")
    return cleaned
