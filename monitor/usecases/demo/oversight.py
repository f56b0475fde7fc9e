"""A 通报 and a 调整要求 of the demonstration province, through the real use cases. No real person."""

from datetime import datetime, timedelta

from monitor.registers import RegisterKind
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days.grades import Connection
from monitor.units import Role, Viewer
from monitor.usecases.demo.names import PROVINCE_CODE
from monitor.usecases.oversight.desk import Chair, Office
from monitor.usecases.oversight.registers import NewEntry, record_entry
from monitor.usecases.rules.in_force import AnyRules

_ACTOR = "demo:inspector"
_NOTICED = timedelta(days=6)
_ORDERED = timedelta(days=3)


def add_registers(database: Database, rules: AnyRules, now: datetime) -> int:
    """Enter one 通报 and one 调整要求; the same again is entered once. Returns how many are new."""
    return database.write(lambda connection: _add(connection, Office(rules), now))


def _add(connection: Connection, office: Office, now: datetime) -> int:
    root = directory.load_unit_by_code(connection, PROVINCE_CODE)
    if root is None:
        return 0
    viewer = Viewer(_ACTOR, Role.INSPECTOR, root.unit_id, root.path, display_name="演示")
    cities = [unit for unit in directory.load_children(connection, root.unit_id) if unit.kind == "市县"]
    if len(cities) < 2:
        return 0
    notice = Chair(connection, viewer, now - _NOTICED, office)
    order = Chair(connection, viewer, now - _ORDERED, office)
    entries = [
        (notice, NewEntry(
            RegisterKind.CIRCULAR, cities[1].code, "连续两次抽查活跃度为差，且未按期说明",
            person="专责人员", held_on=notice.today,
        )),
        (order, NewEntry(
            RegisterKind.ADJUSTMENT, cities[2 % len(cities)].code, "近30日达标率低于50%，提醒未确认",
            person="演示管理员",
        )),
    ]  # fmt: skip
    return sum(bool(record_entry(chair, entry).number) for chair, entry in entries)
