"""Tell people of runs of the Guangdong assessment (考核通报): a preview to inspectors, then by GD-4.1.

The province is told the first places of the board, a school or city only its own row (GD-1.2).
"""

from collections.abc import Sequence
from datetime import datetime

from monitor.clock import business_day
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.index.audience import Audience, Level, Place
from monitor.index.gaps import Gap, find_board_gaps, find_sheet_gaps
from monitor.store.delivery import alerts
from monitor.store.delivery.outbox import enqueue
from monitor.store.index import runs as index_runs
from monitor.store.index.runs import Connection, Result, Run
from monitor.texts.index_reports import own_account_text, own_sheet_text, preview_text, published_text
from monitor.units import Role, UnitId, ancestor_ids
from monitor.usecases.index.boards import make_board
from monitor.usecases.index.rows import CITY, PROVINCIAL

_INSPECTORS = Place(Level.PROVINCE, Role.INSPECTOR)
Readers = dict[str, tuple[Place, UnitId]]
"""Recipient → where they stand in a run, and their unit."""


def find_gaps(run: Run, results: Sequence[Result]) -> list[Gap]:
    """Return the facts that a run lacks: those of 省属 schools, on a board those of all accounts."""
    if run.period.is_board:
        return find_board_gaps((result.unit_code, result.detail) for result in results)
    sheets = [(result.unit_code, result.detail) for result in results if result.scope == PROVINCIAL]
    return find_sheet_gaps(sheets, run.frozen["indicators"])


def queue_preview(connection: Connection, run: Run, slot: datetime | None, now: datetime) -> int:
    """Tell the province's inspectors what a run says before it is published, and which facts are missing.

    Args:
        connection: of the transaction that ran it.
        run: stored.
        slot: when it was due; None for the one message that says its facts are complete.
        now: the present instant.

    Returns: how many messages are new.
    """
    results = index_runs.load_results(connection, run.run_id)
    title, text = preview_text(run.period, make_board(run, results).as_text(), find_gaps(run, results))
    occasion = slot.isoformat() if slot else "complete"
    readers = _load_readers(connection, results, now)
    messages = [
        _message(f"{occasion}:{run.run_id}", recipient, title, text)
        for recipient, (place, _) in readers.items()
        if place == _INSPECTORS
    ]
    return enqueue(connection, messages, now, QuietHours())


def queue_reports(connection: Connection, run: Run, audience: Audience, now: datetime) -> int:
    """Tell everybody who is to know of a published run; published again, they are told again.

    Source: GD-4.1, GD-4.3, GD-1.2.
    Returns: how many messages are new.
    """
    results = index_runs.load_results(connection, run.run_id)
    board = published_text(run.period, make_board(run, results).as_text())
    messages = []
    for recipient, (place, unit_id) in _load_readers(connection, results, now).items():
        if not audience.includes(run.period.kind, place):
            continue
        own = [result for result in results if result.unit_id == unit_id]
        title, text = board if place.level is Level.PROVINCE else _tell_own(run, own)
        messages.append(_message(f"published:{run.run_id}:{now.isoformat()}", recipient, title, text))
    return enqueue(connection, messages, now, QuietHours())


def _tell_own(run: Run, own: Sequence[Result]) -> tuple[str, str]:
    name = own[0].unit_name
    if run.period.is_board:
        accounts = [(row.account, f"WCI {row.value}" if row.value else row.state, row.rank) for row in own]
        return own_account_text(name, run.period, accounts)
    return own_sheet_text(name, run.period, own[0].value or own[0].state, own[0].detail)


def _load_readers(connection: Connection, results: Sequence[Result], now: datetime) -> Readers:
    levels = {result.unit_id: Level.CITY if result.scope == CITY else Level.SCHOOL for result in results}
    readers: Readers = {}
    for watcher in alerts.load_watchers(connection, business_day(now)):
        *above, unit_id = ancestor_ids(watcher.unit_path)
        level = levels.get(unit_id) if above else Level.PROVINCE
        if level is not None:
            readers[watcher.recipient] = (Place(level, Role(watcher.role)), unit_id)
    return readers


def _message(occasion: str, recipient: str, title: str, text: str) -> NewMessage:
    return NewMessage(f"index_report:{occasion}:{recipient}", MessageKind.REPORT, recipient, title, text)
