"""The one place where a person meets their limits: units and groups by code, inside the subtree (HN-1.2).

What lies outside and what does not exist get the same answer (requirements D.0). Use cases whose answer has
words of its own translate `OutOfScope`; none compares paths by itself.
"""

from monitor.errors import OutOfScope
from monitor.store import directory
from monitor.store.days.queries import Connection
from monitor.units import Group, Unit, Viewer


def find_unit(connection: Connection, viewer: Viewer, code: str | None) -> Unit:
    """Return a unit of the viewer's subtree; None is their own.

    Source: HN-1.2.
    Raises: OutOfScope if it is outside or does not exist.
    """
    if code is None:
        unit = directory.load_unit(connection, viewer.unit_id)
    else:
        unit = directory.load_unit_by_code(connection, code.strip())
    if unit is None or not viewer.may_see_unit(unit.path):
        raise OutOfScope(f"unit {code!r} asked by {viewer.identity}")
    return unit


def find_group(connection: Connection, viewer: Viewer, code: str) -> Group:
    """Return a group that the viewer may see, closed ones included.

    Source: HN-1.2.
    Raises: OutOfScope if it does not belong to the viewer or does not exist.
    """
    group = directory.load_group_by_code(connection, code.strip())
    if group is None or not viewer.may_see_group(group):
        raise OutOfScope(f"group {code!r} asked by {viewer.identity}")
    return group
