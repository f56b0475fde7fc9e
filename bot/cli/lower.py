"""`record-lower`: a unit's own assessment of its lower level (HN-2.2.3), from a table."""

from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.importing import refused
from monitor.errors import InboundError, UnitNotFound
from monitor.store.directory import load_unit_by_code
from monitor.units import Role, Viewer
from monitor.usecases.assessment.lower import LowerResult, record_lower
from monitor.usecases.ledger.import_tables import read_table

_COLUMNS = ("单位编号", "得分", "等次")


@click.command("record-lower")
@click.argument("unit")
@click.argument("year", type=int)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--title", required=True, metavar="名称", help="办法名称；同名的再次登记会替换结果")
@click.option("--document", required=True, metavar="文号或文件", help="在哪里可以查到这个办法")
@click.option("--copies-rubric", is_flag=True, help="照用当年的综合考评表")
@click.pass_obj
def record_lower_command(
    context: Context, unit: str, year: int, file: Path, title: str, document: str, copies_rubric: bool
) -> None:
    """登记单位对下级的考核办法和结果（HN-2.2.3），作为考评表一2的佐证。

    首行：单位编号、得分、等次，可加 备注。
    """
    services = context.services()
    with services.database.reading() as connection:
        own = load_unit_by_code(connection, unit)
    if own is None:
        raise UnitNotFound(f"no unit {unit!r}")
    try:
        rows = list(read_table(file, _COLUMNS))
    except InboundError as error:
        raise refused(file, error) from None
    results = [
        LowerResult(row.cells["单位编号"], row.cells["得分"], row.cells["等次"], row.cells.get("备注", ""))
        for row in rows
    ]
    viewer = Viewer("cli:lower", Role.UNIT_ADMIN, own.unit_id, own.path)
    number = services.desks.assessments.write(
        viewer,
        lambda sitting: record_lower(sitting, year, title, document, results, copies_rubric=copies_rubric),
    )
    click.echo(f"{own.name} {year} 年对下考核 {number}：{len(results)} 个单位的结果已登记")
