"""休假: hand over to a deputy (代管人) of the same unit for some days (requirement D.5).

While it lasts the deputy gets the reminders and, for groups, sees and answers them. Rows are kept: they are
the history of terms. Everything runs in the caller's transaction.
"""

from datetime import date, timedelta

from monitor.errors import AmbiguousName, BadParameter, CommandError, MissingParameter, StateError
from monitor.reminders.leaves import Colleague, Leave, may_stand_in, require_free, require_period
from monitor.store.operations.audit import load_audit
from monitor.store.reminders import leaves
from monitor.units import Role
from monitor.usecases.oversight.desk import Chair

RECORDED = "leave.recorded"
UNDO_WITHIN = timedelta(minutes=10)
_ROLES = (Role.UNIT_ADMIN, Role.BRANCH_ADMIN, Role.GROUP_MANAGER)


def take_leave(
    chair: Chair, identity_id: int, first_day: date, last_day: date, deputy: str
) -> tuple[Leave, int]:
    """Record a leave of the viewer; the same again is recorded once.

    Returns: the leave, and the number of the record, 0 if it stood already.
    Raises: MissingParameter without a deputy; BadParameter for a deputy outside the unit, on leave, or for
        days that make no sense; AmbiguousName; CommandError for other roles.
    """
    if chair.viewer.role not in _ROLES:
        raise CommandError("role takes no leave", user_text="您的角色无需登记休假")
    require_period(first_day, last_day, chair.today)
    stand_in = _find_deputy(chair, identity_id, deputy)
    own = leaves.load_leaves_of(chair.connection, identity_id)
    same = (first_day, last_day, stand_in.identity_id)
    for leave in own:
        if leave.ended_at is None and (leave.first_day, leave.last_day, leave.deputy_id) == same:
            return leave, 0
    require_free(own, identity_id, first_day, last_day)
    _require_present(chair, stand_in, first_day, last_day)
    _require_not_deputy(chair, identity_id, first_day, last_day)
    leave_id = leaves.insert_leave(
        chair.connection,
        {
            "identity_id": identity_id, "name": chair.viewer.display_name, "deputy_id": stand_in.identity_id,
            "deputy_name": stand_in.name, "unit_id": chair.viewer.unit_id, "first_day": first_day,
            "last_day": last_day, "recorded_at": chair.now, "recorded_by": chair.viewer.identity,
            "ended_by": "",
        },
    )  # fmt: skip
    detail = {"first": str(first_day), "last": str(last_day), "deputy": stand_in.identity_id}
    number = chair.record(RECORDED, f"leave:{leave_id}", **detail)
    return _reload(chair, identity_id, leave_id), number


def list_leaves(chair: Chair, identity_id: int) -> list[Leave]:
    """Return the viewer's own leaves, newest first."""
    return leaves.load_leaves_of(chair.connection, identity_id)


def end_leave(chair: Chair, identity_id: int) -> Leave:
    """Give up the viewer's present or next leave.

    Raises: StateError if there is none.
    """
    for leave in leaves.load_leaves_of(chair.connection, identity_id):
        if leave.ended_at is None and leave.last_day >= chair.today:
            return _end(chair, leave)
    raise StateError("no leave", user_text="没有进行中或将要开始的休假")


def take_back_leave(chair: Chair, identity_id: int, number: int) -> Leave | None:
    """Take back a leave within ten minutes (撤销); None if the record is not one of the viewer's."""
    record = load_audit(chair.connection, number, chair.viewer.identity, RECORDED)
    if record is None or record.at <= chair.now - UNDO_WITHIN:
        return None
    leave = _reload(chair, identity_id, int(record.subject.partition(":")[2]))
    return _end(chair, leave) if leave.ended_at is None else None


def _end(chair: Chair, leave: Leave) -> Leave:
    leaves.end_leave(chair.connection, leave.leave_id, chair.viewer.identity, chair.now)
    chair.record("leave.ended", f"leave:{leave.leave_id}")
    return leave


def _reload(chair: Chair, identity_id: int, leave_id: int) -> Leave:
    found = leaves.load_leaves_of(chair.connection, identity_id)
    return next(leave for leave in found if leave.leave_id == leave_id)


def _find_deputy(chair: Chair, identity_id: int, name: str) -> Colleague:
    colleagues = leaves.load_colleagues(chair.connection, chair.viewer.unit_id, identity_id)
    fitting = [one for one in colleagues if may_stand_in(chair.viewer.role, one)]
    names = "、".join(one.name for one in fitting[:5] if one.name)
    offer = f"可选：{names}" if names else "本单位没有其他已绑定的管理员，请先邀请绑定"
    wanted = name.strip()
    if not wanted:
        raise MissingParameter("no deputy", user_text=f"休假须指定代管人。{offer}")
    found = [one for one in fitting if one.name == wanted]
    if len(found) > 1:
        raise AmbiguousName(
            f"{len(found)} deputies", user_text=f"本单位有 {len(found)} 位“{wanted}”，请先更正登记姓名"
        )
    if not found:
        raise BadParameter("no such deputy", user_text=f"代管人须为本单位已绑定的管理员。{offer}")
    return found[0]


def _require_present(chair: Chair, deputy: Colleague, first_day: date, last_day: date) -> None:
    for leave in leaves.load_leaves_of(chair.connection, deputy.identity_id):
        if leave.overlaps(first_day, last_day):
            days = f"{leave.first_day:%m-%d} 至 {leave.last_day:%m-%d}"
            raise BadParameter("deputy away", user_text=f"{deputy.name} 同期休假（{days}），请另选代管人")


def _require_not_deputy(chair: Chair, identity_id: int, first_day: date, last_day: date) -> None:
    path = chair.viewer.unit_path
    for leave in leaves.load_leaves_in(chair.connection, path, chair.today):
        if leave.deputy_id == identity_id and leave.overlaps(first_day, last_day):
            text = f"您同期为 {leave.name or '同事'} 代管，请先由其更换代管人"
            raise BadParameter("is deputy", user_text=text)
