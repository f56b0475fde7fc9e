"""Exports (我的导出): ask for a document, have it made by a job, download it, delete it after seven days.

What makes documents is injected: this package knows nothing of file formats. Key types: `Exports`.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.clock import Clock, business_day
from monitor.delivery.outbox import MessageKind, NewMessage, identity_recipient
from monitor.errors import OutOfScope, StorageError
from monitor.exports import (
    LIFE,
    MOST_ATTEMPTS,
    MOST_PER_HOUR,
    SAME_WITHIN,
    Export,
    ExportFormat,
    ExportKind,
    ExportNotFound,
    ExportOrder,
    ExportState,
    MadeFile,
    Maker,
    TooManyExports,
    filing_number,
    may_fetch,
    read_order_period,
    title_of,
    watermark,
)
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.delivery.outbox import enqueue
from monitor.store.operations import exports as rows
from monitor.store.operations.audit import insert_audit
from monitor.store.operations.export_folder import ExportFolder
from monitor.store.operations.exports import Connection
from monitor.store.spot_checks.rows import find_check
from monitor.units import Role, Viewer
from monitor.usecases import scope
from scoring.errors import AppError

_HOUR = timedelta(hours=1)
_LEASE = timedelta(minutes=5)
_SHOWN = 50
_AT_ONCE = 5
_CHART_KEY = "chart:"
_GIVEN_UP = "多次未能生成，请缩小范围后重试，或联系系统运维"


class Exports:
    """Serves console and jobs. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, folder: ExportFolder) -> None:
        """Keep the collaborators."""
        self._database, self._clock, self._folder = database, clock, folder

    def order(self, viewer: Viewer, order: ExportOrder) -> tuple[int, bool]:
        """Ask for a document; return its number, and whether it is new.

        The same order within a minute is the same export. Scope is read when the document is made, and when
        it is asked for, so that a foreign unit is refused at once.
        Raises: OutOfScope, like a unit or group that does not exist; TooManyExports; BadParameter for a
        period that the kind does not know or that has not begun.
        """
        now = self._clock()
        return self._database.write(lambda connection: place_order(connection, viewer, order, now))

    def list_own(self, viewer: Viewer) -> list[Export]:
        """Return the newest exports of a person."""
        with self._database.reading() as connection:
            return [
                each
                for each in rows.load_of_owner(connection, viewer.identity, _SHOWN)
                if may_fetch(each, viewer)
            ]

    def fetch(self, viewer: Viewer, export_id: int) -> MadeFile:
        """Return a finished file to its owner, and note who opened it when.

        Raises: ExportNotFound for anything else; StorageError if the file was lost or changed.
        """
        now = self._clock()
        with self._database.reading() as connection:
            found = rows.find_export(connection, export_id)
        is_there = found is not None and found.state is ExportState.DONE and now < found.expires_at
        if found is None or not is_there or not may_fetch(found, viewer):
            raise ExportNotFound(f"export {export_id} asked by {viewer.identity}")
        content = self._folder.read(export_id, found.sha256)
        self._database.write(lambda c: _note_opened(c, export_id, viewer, now))
        return MadeFile(found.file_name, content)

    def make_due(self, maker: Maker) -> int:
        """Make what is asked for, at most five; return how many were finished, well or not."""
        n_made = 0
        while n_made < _AT_ONCE and self._make_next(maker):
            n_made += 1
        return n_made

    def load_chart(self, key: str) -> bytes:
        """Return the picture of a chart's message, b"" if it is gone."""
        export_id = int(key.removeprefix(_CHART_KEY))
        with self._database.reading() as connection:
            found = rows.find_export(connection, export_id)
        if found is None or found.state is not ExportState.DONE:
            return b""
        try:
            return self._folder.read(export_id, found.sha256)
        except StorageError:
            return b""

    def expire(self) -> int:
        """Delete the files whose seven days are over; return how many."""
        now = self._clock()
        with self._database.reading() as connection:
            gone = rows.load_expired(connection, now, _SHOWN)
        for export_id in gone:
            self._folder.remove(export_id)
            self._database.write(lambda c, one=export_id: rows.finish_expired(c, one))  # type: ignore[misc]
        return len(gone)

    def _make_next(self, maker: Maker) -> bool:
        now = self._clock()
        with self._database.reading() as connection:
            if not rows.has_due(connection, now):
                return False
        claimed = self._database.write(lambda c: rows.claim_due(c, now, now + _LEASE))
        if claimed is None:
            return False
        export, attempt = claimed
        if attempt > MOST_ATTEMPTS:
            self._database.write(lambda c: rows.finish_failed(c, export.export_id, _GIVEN_UP))
            return True
        self._make(maker, export, now)
        return True

    def _make(self, maker: Maker, export: Export, now: datetime) -> None:
        """Make one file. What nobody expected leaves it claimed: it is tried again after its lease."""
        export_id, viewer = export.export_id, export.viewer

        def tell(percent: int) -> None:
            self._database.write(lambda c: rows.note_progress(c, export_id, percent))

        try:
            made = maker(viewer, export.order, watermark(viewer, self._scope_of(viewer), now), tell)
            digest = self._folder.put(export_id, made.content)
        except AppError as error:
            text = error.user_text
            self._database.write(lambda c: rows.finish_failed(c, export_id, text))
            return
        until = self._clock() + LIFE
        self._database.write(lambda c: _finish(c, export, made, digest, until))

    def _scope_of(self, viewer: Viewer) -> str:
        with self._database.reading() as connection:
            unit = directory.load_unit(connection, viewer.unit_id)
        return f"{unit.name}及下级" if unit else "本单位"


def place_order(
    connection: Connection, viewer: Viewer, order: ExportOrder, now: datetime
) -> tuple[int, bool]:
    """Ask for a document in the caller's transaction; see `Exports.order`, also for what it raises."""
    order = _with_subject(connection, viewer, order)
    known = rows.find_same(connection, viewer.identity, order, now - SAME_WITHIN)
    if known is not None:
        return known, False
    n_exports, first_at = rows.count_since(connection, viewer.identity, now - _HOUR)
    if first_at is not None and n_exports >= MOST_PER_HOUR:
        raise TooManyExports(viewer.identity, first_at + _HOUR - now)
    period = read_order_period(order, business_day(now))
    subject, name = _find_subject(connection, viewer, order)
    title = f"{name} {title_of(order, period)}"
    key = f"{viewer.identity}|{order}|{now.timestamp() // SAME_WITHIN.total_seconds()}"
    digest = sha256(key.encode()).hexdigest()
    export_id, is_new = rows.insert_export(connection, digest, viewer, order, title, now, now + LIFE)
    if is_new:
        detail: dict[str, object] = {
            "kind": order.kind.value,
            "period": order.period,
            "form": order.form.value,
        }
        insert_audit(connection, viewer.identity, "export.order", subject, detail, now)
    return export_id, is_new


def _with_subject(connection: Connection, viewer: Viewer, order: ExportOrder) -> ExportOrder:
    """Return an order with its subject: nothing written means the person's own unit."""
    own = None if order.subject else directory.load_unit(connection, viewer.unit_id)
    return replace(order, subject=own.code) if own else order


def _find_subject(connection: Connection, viewer: Viewer, order: ExportOrder) -> tuple[str, str]:
    """Return the audit's subject and the title of an order. Raises: OutOfScope."""
    if order.kind is ExportKind.GROUP_DAYS:
        group = scope.find_group(connection, viewer, order.subject)
        return f"group:{group.code}", group.name
    filing_no = filing_number(order)
    if filing_no:
        if viewer.role is Role.GROUP_MANAGER or not find_check(connection, viewer.unit_path, filing_no):
            raise OutOfScope(f"filing {filing_no} asked by {viewer.identity}")
        return f"spot_check:{filing_no}", filing_no
    unit = scope.find_unit(connection, viewer, order.subject)
    return f"unit:{unit.code}", unit.name


def find_last(connection: Connection, viewer: Viewer) -> Export | None:
    """Return the newest export of a person, None without one."""
    return next(iter(rows.load_of_owner(connection, viewer.identity, 1)), None)


def _finish(connection: Connection, export: Export, made: MadeFile, digest: str, until: datetime) -> None:
    """Note that a file is made; a chart that was asked for in chat goes out in the same transaction."""
    rows.finish_done(connection, export.export_id, made.name, digest, len(made.content), until)
    scheme, _, number = export.viewer.identity.partition(":")
    if export.order.form is ExportFormat.PNG and scheme == "chat":
        key, title = f"{_CHART_KEY}{export.export_id}", made.words.partition("\n")[0]
        recipient = identity_recipient(int(number))
        message = NewMessage(key, MessageKind.CHART, recipient, title, made.words)
        enqueue(connection, [message], until - LIFE)


def _note_opened(connection: Connection, export_id: int, viewer: Viewer, now: datetime) -> None:
    rows.note_opened(connection, export_id, viewer.display_name or viewer.identity, now)
    insert_audit(connection, viewer.identity, "export.open", f"export:{export_id}", {}, now)
