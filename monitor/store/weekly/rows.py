"""Weekly reports (微信周报) in the store: calls, changed figures, versions. Functions of a connection."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, func, insert, select, update

from monitor.store.tables import table_of
from monitor.store.upsert import upserting
from monitor.store.weekly.tables import WeeklyCallRow, WeeklyChangeRow, WeeklyReportRow, WeeklyVersionRow
from monitor.store.work_tables import AlertRow
from monitor.weekly import PersonsFigure, SentVersion, Week, WeeklyFigure

_call = table_of(WeeklyCallRow)
_report = table_of(WeeklyReportRow)
_change = table_of(WeeklyChangeRow)
_version = table_of(WeeklyVersionRow)
_alert = table_of(AlertRow)
_COUNTS = _version.c.voided_at.is_(None)
UnitWeekKey = tuple[int, date]


class NewVersion(NamedTuple):
    """What is submitted: figures and what the ledger says, by the word of the figure."""

    figures: Mapping[str, int]
    ledger: Mapping[str, int]
    reasons: Mapping[str, str]
    submitted_at: datetime
    submitted_by: str
    submitted_by_name: str


def save_call(connection: Connection, week: Week, due_at: datetime, now: datetime) -> None:
    """Note that a week's reports were asked for; a call that is there stays as it was."""
    values = {"first_day": week.first_day, "due_at": due_at, "called_at": now}
    connection.execute(upserting(connection)(_call).values(**values).on_conflict_do_nothing())


def load_calls(connection: Connection, weeks: Collection[Week]) -> dict[Week, datetime]:
    """Return the due instants of those weeks that were called, as they were called."""
    days = [week.first_day for week in weeks]
    query = select(_call.c.first_day, _call.c.due_at).where(_call.c.first_day.in_(days))
    return {Week(row.first_day): row.due_at for row in connection.execute(query)}


def load_last_call(connection: Connection) -> Week | None:
    """Return the latest week that was called, None before the first."""
    found: date | None = connection.execute(select(func.max(_call.c.first_day))).scalar()
    return Week(found) if found else None


def lock_report(connection: Connection, unit_id: int, week: Week) -> int:
    """Return the number of a unit's report, begun if need be, and keep others from changing it."""
    values = {"unit_id": unit_id, "first_day": week.first_day}
    connection.execute(upserting(connection)(_report).values(**values).on_conflict_do_nothing())
    here = (_report.c.unit_id == unit_id, _report.c.first_day == week.first_day)
    return int(connection.execute(select(_report.c.id).where(*here).with_for_update()).scalar_one())


def insert_change(
    connection: Connection, report_id: int, figure: WeeklyFigure, change: PersonsFigure, by: str
) -> int:
    """Write a figure that a person puts in; returns its number."""
    values = {
        "report_id": report_id,
        "figure": figure.value,
        "number": change.number,
        "reason": change.reason,
        "changed_at": change.at,
        "changed_by": by,
        "changed_by_name": change.by_name,
    }
    return int(connection.execute(insert(_change).values(**values).returning(_change.c.id)).scalar_one())


def load_changes(connection: Connection, unit_id: int, week: Week) -> dict[WeeklyFigure, PersonsFigure]:
    """Return the figures that people put in, the latest of each."""
    query = (
        select(_change)
        .join(_report, _report.c.id == _change.c.report_id)
        .where(_report.c.unit_id == unit_id, _report.c.first_day == week.first_day)
        .where(_change.c.voided_at.is_(None))
        .order_by(_change.c.id)
    )
    return {
        WeeklyFigure(row.figure): PersonsFigure(row.number, row.reason, row.changed_by_name, row.changed_at)
        for row in connection.execute(query)
    }


def void_change(connection: Connection, change_id: int, now: datetime) -> bool:
    """Take a changed figure back; False if it was before."""
    here = (_change.c.id == change_id, _change.c.voided_at.is_(None))
    return connection.execute(update(_change).where(*here).values(voided_at=now)).rowcount > 0


def insert_version(connection: Connection, report_id: int, sent: NewVersion) -> tuple[int, int]:
    """Write a version under the next number; returns the row's number and the version's."""
    latest = select(func.max(_version.c.version)).where(_version.c.report_id == report_id)
    version = (connection.execute(latest).scalar() or 0) + 1
    values = {**sent._asdict(), "report_id": report_id, "version": version}
    adding = insert(_version).values(**values).returning(_version.c.id)
    return int(connection.execute(adding).scalar_one()), version


def void_version(connection: Connection, version_id: int, now: datetime) -> bool:
    """Take a submission back; False if it was before."""
    here = (_version.c.id == version_id, _COUNTS)
    return connection.execute(update(_version).where(*here).values(voided_at=now)).rowcount > 0


def load_versions(
    connection: Connection, unit_ids: Sequence[int], first: Week, last: Week
) -> dict[UnitWeekKey, tuple[SentVersion, ...]]:
    """Return what units submitted for some weeks, oldest version first; without any a week is absent."""
    query = (
        select(_report.c.unit_id, _report.c.first_day, _version)
        .join(_report, _report.c.id == _version.c.report_id)
        .where(
            _COUNTS,
            _report.c.unit_id.in_(unit_ids),
            _report.c.first_day.between(first.first_day, last.first_day),
        )
        .order_by(_version.c.report_id, _version.c.version)
    )
    found: dict[UnitWeekKey, tuple[SentVersion, ...]] = {}
    for row in connection.execute(query):
        key = (row.unit_id, row.first_day)
        found[key] = (*found.get(key, ()), _to_version(row))
    return found


def load_previous(connection: Connection, unit_id: int, week: Week) -> SentVersion | None:
    """Return the latest version of the nearest earlier week that a unit reported on."""
    query = (
        select(_version)
        .join(_report, _report.c.id == _version.c.report_id)
        .where(_COUNTS, _report.c.unit_id == unit_id, _report.c.first_day < week.first_day)
        .order_by(_report.c.first_day.desc(), _version.c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return _to_version(row) if row else None


def set_alert_over(connection: Connection, key: str, at: datetime | None) -> None:
    """End the alert of a key, or let it be open again (None)."""
    connection.execute(update(_alert).where(_alert.c.alert_key == key).values(resolved_at=at))


def _to_version(row: Row[Any]) -> SentVersion:
    return SentVersion(row.version, row.figures, row.reasons, row.submitted_at, row.submitted_by_name)
