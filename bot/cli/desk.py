"""The operator at the desk of the assessments: who acts, under which number it is on record.

Who has the database acts as an inspector of the province; `--by` says for whom.
"""

from collections.abc import Callable
from typing import TypeVar

import click

from bot.cli.context import Context
from monitor.errors import OutOfScope, StateError, UnitNotFound
from monitor.store.assessment.sheets import find_last_record
from monitor.store.days.grades import load_root_path
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.assessment.sitting import Sitting

R = TypeVar("R")
by = click.option("--by", default="命令行", metavar="姓名", help="代谁录入，写入记录", show_default=True)
reason = click.option("--reason", default="", metavar="理由", help="理由或依据，与数字一起留存")


def operator(context: Context, name: str = "命令行") -> Viewer:
    """Return the operator as an inspector of the province.

    Raises: StateError before the first unit is registered.
    """
    with context.services().database.reading() as connection:
        path = load_root_path(connection)
    if path is None:
        raise StateError("no unit", user_text="尚未登记任何单位，请先运行 init 或 import-units")
    unit_id = UnitId(int(path.rstrip("/").rpartition("/")[2]))
    shown = " ".join(name.split())[:40]
    return Viewer(f"cli:{shown}", Role.INSPECTOR, unit_id, path, display_name=shown)


def look(context: Context, read: Callable[[Sitting], R]) -> R:
    """Look at sheets in one snapshot."""
    viewer = operator(context)
    return _found(lambda: context.services().desks.assessments.read(viewer, read))


def act(context: Context, name: str, change: Callable[[Sitting], R]) -> R:
    """Act on sheets in one transaction and print the number of the record."""
    return _recorded(context, name, lambda desk, viewer: desk.write(viewer, change))


def act_at_desk(context: Context, name: str, change: Callable[[Assessments, Viewer], R]) -> R:
    """Act with files: they are kept before the transaction; prints the number of the record."""
    return _recorded(context, name, change)


def _recorded(context: Context, name: str, change: Callable[[Assessments, Viewer], R]) -> R:
    services, viewer = context.services(), operator(context, name)
    since = services.clock()
    result = _found(lambda: change(services.desks.assessments, viewer))
    with services.database.reading() as connection:
        number = find_last_record(connection, viewer.identity, since)
    click.echo(f"记录编号 {number}" if number else "与此前登记的相同，未重复登记")
    return result


def _found(work: Callable[[], R]) -> R:
    try:
        return work()
    except OutOfScope as error:  # nothing lies outside this scope
        raise UnitNotFound("out of scope", user_text="没有这个单位，或它不参加考评") from error
