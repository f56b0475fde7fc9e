"""Rows of exports (导出): asked for, claimed, finished, expired. Functions of a connection."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import func, select, update

from monitor.exports import Export, ExportFormat, ExportKind, ExportOrder, ExportState
from monitor.store.operations.export_tables import ExportRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting
from monitor.units import GroupId, Role, UnitId, Viewer

_export = table_of(ExportRow)
_WIDEST = 2_147_483_647
_UNFINISHED = (ExportState.WAITING.value, ExportState.MAKING.value)


def insert_export(
    connection: Connection,
    request_key: str,
    viewer: Viewer,
    order: ExportOrder,
    title: str,
    now: datetime,
    expires_at: datetime,
) -> tuple[int, bool]:
    """Insert an export and return its id, and whether it is new: a request key is inserted once."""
    values = {
        **_order_values(order),
        "request_key": request_key,
        "owner": viewer.identity,
        "viewer": asdict(viewer) | {"group_ids": sorted(viewer.group_ids)},
        "title": title,
        "state": ExportState.WAITING.value,
        "progress": 0,
        "file_name": "",
        "sha256": "",
        "n_bytes": 0,
        "asked_at": now,
        "run_at": now,
        "attempts": 0,
        "expires_at": expires_at,
        "error": "",
        "n_opened": 0,
        "opened_by": "",
    }
    written = upserting(connection)(_export).values(**values).on_conflict_do_nothing().returning(_export.c.id)
    made = connection.execute(written).scalar()
    if made is not None:
        return int(made), True
    known = select(_export.c.id).where(_export.c.request_key == request_key)
    return int(connection.execute(known).scalar_one()), False


def find_same(connection: Connection, owner: str, order: ExportOrder, since: datetime) -> int | None:
    """Return the id of the latest export of the same order that its owner asked for since an instant."""
    same = [_export.c[name] == value for name, value in _order_values(order).items()]
    wanted = (
        _export.c.owner == owner,
        _export.c.asked_at > since,
        _export.c.state != ExportState.FAILED.value,
    )
    query = select(_export.c.id).where(*wanted, *same).order_by(_export.c.id.desc()).limit(1)
    found = connection.execute(query).scalar()
    return None if found is None else int(found)


def count_since(connection: Connection, owner: str, since: datetime) -> tuple[int, datetime | None]:
    """Return how many exports a person has asked for since an instant, and when the first of these was."""
    wanted = (_export.c.owner == owner, _export.c.asked_at > since)
    query = select(func.count(), func.min(_export.c.asked_at, type_=_export.c.asked_at.type)).where(*wanted)
    n_exports, first_at = connection.execute(query).one()
    return int(n_exports), first_at


def load_of_owner(connection: Connection, owner: str, limit: int) -> list[Export]:
    """Return a person's exports, newest first."""
    query = select(_export).where(_export.c.owner == owner).order_by(_export.c.id.desc()).limit(limit)
    return [_to_export(row) for row in connection.execute(query)]


def find_export(connection: Connection, export_id: int) -> Export | None:
    """Return one export, or None."""
    if not 0 < export_id <= _WIDEST:
        return None
    row = connection.execute(select(_export).where(_export.c.id == export_id)).one_or_none()
    return _to_export(row) if row else None


def has_due(connection: Connection, now: datetime) -> bool:
    """Tell whether `claim_due` would find anything."""
    due = (_export.c.state.in_(_UNFINISHED), _export.c.run_at <= now)
    return connection.execute(select(_export.c.id).where(*due).limit(1)).first() is not None


def claim_due(connection: Connection, now: datetime, until: datetime) -> tuple[Export, int] | None:
    """Return the next export to make with the number of this attempt, and keep it from others for a while."""
    due = (_export.c.state.in_(_UNFINISHED), _export.c.run_at <= now)
    query = select(_export).where(*due).order_by(_export.c.run_at, _export.c.id).limit(1)
    row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    values = {"state": ExportState.MAKING.value, "run_at": until, "attempts": row.attempts + 1}
    connection.execute(update(_export).where(_export.c.id == row.id).values(**values))
    return _to_export(row), row.attempts + 1


def note_progress(connection: Connection, export_id: int, percent: int) -> None:
    """Note how far an export is."""
    _change(connection, export_id, progress=percent)


def finish_done(
    connection: Connection, export_id: int, file_name: str, sha256: str, n_bytes: int, expires_at: datetime
) -> None:
    """Note that the file is in the folder."""
    state = ExportState.DONE.value
    _change(connection, export_id, state=state, progress=100, file_name=file_name, sha256=sha256,
            n_bytes=n_bytes, expires_at=expires_at, error="")  # fmt: skip


def finish_failed(connection: Connection, export_id: int, error: str) -> None:
    """Note why there will be no file."""
    _change(connection, export_id, state=ExportState.FAILED.value, error=error)


def note_opened(connection: Connection, export_id: int, by: str, now: datetime) -> None:
    """Note that a file was downloaded."""
    values = {"n_opened": _export.c.n_opened + 1, "opened_at": now, "opened_by": by}
    connection.execute(update(_export).where(_export.c.id == export_id).values(**values))


def load_expired(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Return the exports whose file may be kept no longer."""
    gone = (_export.c.state == ExportState.DONE.value, _export.c.expires_at <= now)
    return list(connection.execute(select(_export.c.id).where(*gone).limit(limit)).scalars())


def finish_expired(connection: Connection, export_id: int) -> None:
    """Note that a file was deleted."""
    values = {"state": ExportState.EXPIRED.value, "sha256": ""}
    connection.execute(update(_export).where(_export.c.id == export_id).values(**values))


def _change(connection: Connection, export_id: int, **values: Any) -> None:
    """Write what became of an export, unless it was finished before."""
    here = (_export.c.id == export_id, _export.c.state.in_(_UNFINISHED))
    connection.execute(update(_export).where(*here).values(**values))


def _order_values(order: ExportOrder) -> dict[str, str]:
    return {
        "kind": order.kind.value,
        "subject": order.subject,
        "period": order.period,
        "form": order.form.value,
    }


def _to_export(row: Any) -> Export:
    return Export(
        export_id=row.id,
        order=ExportOrder(ExportKind(row.kind), row.subject, row.period, ExportFormat(row.form)),
        viewer=_to_viewer(row.viewer),
        title=row.title,
        state=ExportState(row.state),
        progress=row.progress,
        file_name=row.file_name,
        sha256=row.sha256,
        n_bytes=row.n_bytes,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        error=row.error,
        n_opened=row.n_opened,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
    )


def _to_viewer(kept: dict[str, Any]) -> Viewer:
    return Viewer(
        identity=kept["identity"],
        role=Role(kept["role"]),
        unit_id=UnitId(kept["unit_id"]),
        unit_path=kept["unit_path"],
        display_name=kept["display_name"],
        group_ids=frozenset(GroupId(each) for each in kept["group_ids"]),
    )
