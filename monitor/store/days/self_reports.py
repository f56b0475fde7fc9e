"""Self-reports (自报) in the store, and the day count they make. Functions of a connection."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, delete, func, insert, select, update

from monitor.days.self_reports import PICTURE, ReportState, SelfReport
from monitor.events import Provenance
from monitor.people.steps import AttachedPicture
from monitor.store.days import posts
from monitor.store.days.self_report_tables import SelfReportRow
from monitor.store.days.tables import DayCountRow
from monitor.store.people.pictures import load_pictures
from monitor.store.subtree import is_root, joined_in_subtree, unindexed
from monitor.store.tables import GroupRow, UnitRow, table_of
from monitor.store.upsert import upserting
from monitor.units import GroupId

_report = table_of(SelfReportRow)
_group = table_of(GroupRow)
_unit = table_of(UnitRow)
_count = table_of(DayCountRow)
_MOST_ID = 2_147_483_647
_NEWEST = _report.c.id.desc()


def lock_group(connection: Connection, group_id: int) -> None:
    """Keep others from reporting on the same group until the end of the transaction."""
    connection.execute(select(_group.c.id).where(_group.c.id == group_id).with_for_update())


def is_open_on(connection: Connection, group_id: int, day: date) -> bool:
    """Tell whether a group is open on a day."""
    row = connection.execute(
        select(_group.c.opened_on, _group.c.closed_on).where(_group.c.id == group_id)
    ).one()
    return bool(row.opened_on <= day and (row.closed_on is None or row.closed_on >= day))


def insert_report(connection: Connection, values: dict[str, Any]) -> None:
    """Write a report with the columns of `self_report`; the others are empty."""
    empty = {
        "decided_at": None,
        "decided_by": "",
        "decided_by_name": "",
        "reason": "",
        "replaced_by": None,
        "state_before": "",
    }
    connection.execute(insert(_report).values(**(empty | values)))


def change_report(connection: Connection, number: int, **values: Any) -> None:
    """Change columns of a report."""
    connection.execute(update(_report).where(_report.c.id == number).values(**values))


def replace_reports(connection: Connection, numbers: Collection[int], by: int) -> None:
    """Let a later report of the day stand in place of some."""
    values = {"state_before": _report.c.state, "state": ReportState.REPLACED.value, "replaced_by": by}
    connection.execute(update(_report).where(_report.c.id.in_(numbers)).values(**values))


def restore_reports(connection: Connection, by: int) -> None:
    """Let the reports that one replaced stand again as they were."""
    values = {"state": _report.c.state_before, "state_before": "", "replaced_by": None}
    connection.execute(update(_report).where(_report.c.replaced_by == by).values(**values))


def load_replaced(connection: Connection, by: int) -> list[int]:
    """Return the numbers of the reports that stand aside for one."""
    query = select(_report.c.id).where(_report.c.replaced_by == by)
    return list(connection.execute(query.order_by(_report.c.id)).scalars())


def restore_some(connection: Connection, numbers: Collection[int], by: int) -> None:
    """Let some of the reports that one replaced stand again as they were."""
    values = {"state": _report.c.state_before, "state_before": "", "replaced_by": None}
    here = (_report.c.id.in_(numbers), _report.c.replaced_by == by)
    connection.execute(update(_report).where(*here).values(**values))


def load_decision(connection: Connection, number: int) -> dict[str, str | None]:
    """Return state and decision of a report as JSON keeps them, for a 撤销 of the next decision."""
    row = connection.execute(select(_report).where(_report.c.id == number)).one()
    at = row.decided_at.isoformat() if row.decided_at else None
    return {"state": row.state, "decided_at": at, "reason": row.reason} | {
        name: row._mapping[name] for name in ("decided_by", "decided_by_name")
    }


def restore_decision(connection: Connection, number: int, kept: Mapping[str, str | None]) -> None:
    """Bring a report back to what `load_decision` returned."""
    at = kept["decided_at"]
    change_report(connection, number, **{**kept, "decided_at": datetime.fromisoformat(at) if at else None})


def load_day(connection: Connection, group_id: int, day: date) -> list[SelfReport]:
    """Return all reports of a group's day, oldest first."""
    here = (_report.c.group_id == group_id, _report.c.business_day == day)
    return _read(connection, _reports().where(*here).order_by(_report.c.id))


def find_report(connection: Connection, number: int) -> SelfReport | None:
    """Return one report, or None."""
    if not 0 < number <= _MOST_ID:
        return None
    return next(iter(_read(connection, _reports().where(_report.c.id == number))), None)


def load_reports(
    connection: Connection, path: str, states: Collection[ReportState], limit: int
) -> list[SelfReport]:
    """Return the newest reports of a subtree in some states."""
    wanted = [state.value for state in states]
    query = _reports().where(joined_in_subtree(path), _report.c.state.in_(wanted))
    return _read(connection, query.order_by(_NEWEST).limit(limit))


def count_reports(connection: Connection, path: str) -> dict[ReportState, int]:
    """Return how many reports of a subtree are in which state."""
    state = unindexed(_report.c.state)  # else SQLite walks every report in the order of the state
    query = select(_report.c.state, func.count()).select_from(_report)
    if not is_root(path):
        here = _group.c.id == _report.c.group_id, _unit.c.id == _group.c.unit_id
        query = select(state, func.count()).where(*here, joined_in_subtree(path))
    query = query.group_by(_report.c.state if is_root(path) else state)
    return {ReportState(row[0]): int(row[1]) for row in connection.execute(query)}


def set_day_count(connection: Connection, group_id: int, day: date, now: datetime) -> None:
    """Make the day's count of 自报 what its reports say; a closed day becomes 暂定 and is closed again.

    Without a report that counts there is no row: no data is not 0.
    Source: ADR 0002, ADR 0003; conventions §4.
    """
    by = Provenance.SELF_REPORTED.value
    here = (_count.c.group_id == group_id, _count.c.business_day == day, _count.c.provenance == by)
    report = next((each for each in load_day(connection, group_id, day) if each.counts), None)
    if report is None:
        connection.execute(delete(_count).where(*here))
    else:
        values = {
            "n_posts": report.n_posts,
            "n_relevant": report.n_relevant,
            "last_ms": int(report.reported_at.timestamp() * 1000),
        }
        adding = upserting(connection)(_count).values(
            group_id=group_id, business_day=day, provenance=by, **values
        )
        keys = ["group_id", "business_day", "provenance"]
        connection.execute(adding.on_conflict_do_update(index_elements=keys, set_=values))
    posts.mark_late(connection, {(group_id, day)}, int(now.timestamp() * 1000))


def _reports() -> Select[Any]:
    columns = (
        _group.c.code.label("group_code"),
        _group.c.name.label("group_name"),
        _unit.c.name.label("unit_name"),
        _unit.c.path.label("unit_path"),
    )
    query = select(_report, *columns).join(_group, _group.c.id == _report.c.group_id)
    return query.join(_unit, _unit.c.id == _group.c.unit_id)


def _read(connection: Connection, query: Select[Any]) -> list[SelfReport]:
    rows = connection.execute(query).all()
    pictures = load_pictures(connection, PICTURE, [row.id for row in rows]) if rows else {}
    return [_to_report(row, tuple(pictures.get(row.id, ()))) for row in rows]


def _to_report(row: Any, pictures: tuple[AttachedPicture, ...]) -> SelfReport:
    return SelfReport(
        number=row.id,
        group_id=GroupId(row.group_id),
        day=row.business_day,
        n_posts=row.n_posts,
        n_relevant=row.n_relevant,
        state=ReportState(row.state),
        needs_approval=row.needs_approval,
        reported_at=row.reported_at,
        reported_by=row.reported_by,
        reported_by_name=row.reported_by_name,
        group_code=row.group_code,
        group_name=row.group_name,
        unit_name=row.unit_name,
        unit_path=row.unit_path,
        decided_at=row.decided_at,
        decided_by_name=row.decided_by_name,
        reason=row.reason,
        pictures=pictures,
    )
