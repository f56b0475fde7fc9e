"""Import groups from a table on behalf of a person: rows outside of their rights are bad rows like any other.

What may be registered is decided by `import_registry`; here only who may. Key function: `import_for`.
"""

from collections.abc import Sequence

from monitor.ledger.registration import fold_code
from monitor.store import directory
from monitor.store.ledger import registry
from monitor.units import Viewer
from monitor.usecases.ledger.desk import Clerk, Ledger
from monitor.usecases.ledger.import_registry import BadRow, RegistryImport, import_groups
from monitor.usecases.ledger.import_tables import TableRow

_HIDDEN = "无权查看该单位，或未找到"


def import_for(ledger: Ledger, viewer: Viewer, rows: Sequence[TableRow], *, is_check: bool) -> RegistryImport:
    """Register the groups of a table within a person's subtree; with `is_check` nothing is written.

    A unit's own groups are opened by request (开通), and ids of sources are claimed (认领), because both need
    the unit above; who sees the whole tree imports both.

    Source: HN-2.1.1; requirement D.3.
    Raises: ReadOnlyRole, CommandError.
    """
    reasons = ledger.read(viewer, lambda clerk: _refuse(clerk, rows))
    allowed = [row for row in rows if row.number not in reasons]
    done = import_groups(ledger.database, ledger.clock, allowed, viewer.identity, is_check=is_check)
    bad = [
        *done.bad,
        *(BadRow(row.number, reasons[row.number], row.cells) for row in rows if row.number in reasons),
    ]
    return RegistryImport(done.n_added, tuple(sorted(bad, key=lambda row: row.number)))


def _refuse(clerk: Clerk, rows: Sequence[TableRow]) -> dict[int, str]:
    clerk.require_writer()
    if clerk.is_of_root:
        return {}
    codes = {fold_code(row.cells.get("单位编号", "")) for row in rows}
    paths = registry.load_unit_paths(clerk.connection, codes)
    own = directory.load_unit(clerk.connection, clerk.viewer.unit_id)
    own_code = own.code if own else ""
    found = {}
    for row in rows:
        code = fold_code(row.cells.get("单位编号", ""))
        if not code:
            continue
        if not paths.get(code, "").startswith(clerk.viewer.unit_path):
            found[row.number] = _HIDDEN
        elif code == own_code:
            found[row.number] = "本单位的群请申请开通，由上级审批"
        elif row.cells.get("外部编号", ""):
            found[row.number] = "外部编号请申请认领，由上级审批"
    return found
