"""`what-if`: what another reading, figure or confirmation would change (试算). Stores nothing."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from bot.cli.context import Context
from bot.cli.rules import OPERATOR
from monitor.errors import UnitNotFound
from monitor.store.database import Database
from monitor.store.days.grades import load_root_path
from monitor.units import Viewer, ancestor_ids
from monitor.usecases.rules.suppose import Tried, read_suppositions, tried_lines, try_period
from monitor.usecases.rules.what_if import WhatIf
from monitor.usecases.rules.what_if_period import DaysTried
from scoring.rubric import format_points


@click.command("what-if")
@click.argument("period")
@click.option("--switch", "switches", multiple=True, metavar="D-10=half-up", help="改选一种读法，可重复")
@click.option(
    "--figure",
    "figures",
    multiple=True,
    metavar="HN-A3.3=1.8/2.0",
    help="补充原文缺失：海南项目为得分/分值（分值可省），广东参数如 GD-3.3d.factor_2=0.9；可重复",
)
@click.option("--confirm", "clauses", multiple=True, metavar="HN-4.1d", help="确认一个条款或开关，可重复")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.pass_obj
def what_if(
    context: Context,
    period: str,
    switches: Sequence[str],
    figures: Sequence[str],
    clauses: Sequence[str],
    as_json: bool,
) -> None:
    """试算：换一种读法、补一个数、确认一个条款，哪些单位的等次会变。不写入任何数据。

    PERIOD 为年（2026：年度考评表和广东年度）或月（2026-11：群的每日等次和广东月度）。
    """
    services = context.services()
    supposed = read_suppositions(services.rules, switches, figures, clauses)
    found = try_period(
        services.desks.assessments, services.rules, _at_root(services.database), period, supposed
    )
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        for line in tried_lines(each):
            click.echo(line)


def _at_root(database: Database) -> Viewer:
    """Return the operator as an inspector of the root unit. Raises: UnitNotFound before any is registered."""
    with database.reading() as connection:
        path = load_root_path(connection)
    if path is None:
        raise UnitNotFound("no units yet")
    return replace(OPERATOR, unit_id=ancestor_ids(path)[-1], unit_path=path)


def _as_json(found: Tried) -> dict[str, Any]:
    if isinstance(found, WhatIf):
        return {"what": "year", "n_units": found.n_units, "changes": list(_year_changes(found))}
    if isinstance(found, DaysTried):
        changes = [
            {"group": each.group_code, "n_days": each.n_days, "by": dict(each.by)} for each in found.changes
        ]
        return {"what": "days", "n_days": found.n_days, "n_groups": found.n_groups, "changes": changes}
    sheets = [
        {"unit": each.unit_code, "differences": {key: list(pair) for key, pair in each.differences.items()}}
        for each in found.changes
    ]
    return {"what": "index", "n_units": found.n_units, "changes": sheets}


def _year_changes(found: WhatIf) -> Iterator[dict[str, Any]]:
    for each in found.changes:
        change = each.change
        yield {
            "unit": each.unit.code,
            "points": [format_points(change.points_before), format_points(change.points_after)],
            "grade": [grade.value if grade else None for grade in (change.grade_before, change.grade_after)],
            "state": [each.state_before.value, each.state_after.value],
            "why": list(each.why),
        }
