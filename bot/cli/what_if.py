"""`what-if`: what another reading, figure or confirmation would change (试算). Stores nothing."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from bot.cli.context import Context
from bot.cli.rules import OPERATOR
from monitor.assessment import find_item
from monitor.clock import Period
from monitor.errors import BadParameter, UnitNotFound
from monitor.index_periods import first_day_of, month_period, read_month, read_year, year_period
from monitor.rules import find_confirmable, find_switch, find_word, list_confirmable
from monitor.store.database import Database
from monitor.store.grades import load_root_path
from monitor.units import Viewer, ancestor_ids
from monitor.usecases.assess_sitting import Sitting
from monitor.usecases.rules import RuleSource
from monitor.usecases.what_if import (
    ConfirmedReading,
    OtherReading,
    SuppliedFigure,
    Supposition,
    WhatIf,
    try_suppositions,
)
from monitor.usecases.what_if_period import (
    DaysTried,
    IndexFigure,
    PeriodSupposition,
    SheetsTried,
    try_days,
    try_sheets,
)
from scoring.rubric import format_points
from scoring.rulebook import load_rulebook
from scoring.switches import load_switches

_FIGURE = re.compile(r"^(?P<id>[A-Z]{2}-[\w.]+)=(?P<points>[\d.]+)(/(?P<max>[\d.]+))?$", re.IGNORECASE)
AnySupposition = Supposition | PeriodSupposition


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
    month, year = read_month(period), read_year(period)
    if month is None and year is None:
        raise BadParameter("period", user_text="期间应写作 2026（年）或 2026-11（月）")
    supposed = read_suppositions(services.rules, switches, figures, clauses)
    for_period = [each for each in supposed if not isinstance(each, SuppliedFigure)]
    found: list[WhatIf | DaysTried | SheetsTried] = []

    def look(sitting: Sitting) -> None:
        if year is not None:
            for_sheets = [each for each in supposed if not isinstance(each, IndexFigure)]
            found.append(try_suppositions(sitting, int(year), for_sheets))
            found.append(try_sheets(sitting, services.rules, year_period(int(year)), for_period))
            return
        run = month_period(first_day_of(month or ""))
        found.append(try_days(sitting, services.rules, Period(run.first_day, run.last_day), for_period))
        found.append(try_sheets(sitting, services.rules, run, for_period))

    services.assessments.read(_at_root(services.database), look)
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        for line in _lines(each):
            click.echo(line)


def _at_root(database: Database) -> Viewer:
    """Return the operator as an inspector of the root unit. Raises: UnitNotFound before any is registered."""
    with database.reading() as connection:
        path = load_root_path(connection)
    if path is None:
        raise UnitNotFound("no units yet")
    return replace(OPERATOR, unit_id=ancestor_ids(path)[-1], unit_path=path)


def read_suppositions(
    source: RuleSource, switches: Sequence[str], figures: Sequence[str], clauses: Sequence[str]
) -> list[AnySupposition]:
    """Read what is supposed from the words of the options.

    Raises: BadParameter naming what is allowed.
    """
    known = load_switches(folder=source.folder)
    found: list[AnySupposition] = []
    for option in switches:
        switch_id, _, word = option.partition("=")
        switch = find_switch(known, switch_id)
        found.append(OtherReading(switch.id, find_word(known, switch.id, word)))
    found += [_read_figure(source, option) for option in figures]
    confirmable = list_confirmable(source.list_figures(), known)
    found += [ConfirmedReading(find_confirmable(clause, confirmable)) for clause in clauses]
    if not found:
        raise BadParameter(
            "nothing supposed", user_text="请用 --switch、--figure 或 --confirm 写明要试算什么"
        )
    return found


def _read_figure(source: RuleSource, option: str) -> SuppliedFigure | IndexFigure:
    match = _FIGURE.match(option.strip())
    if match is None:
        text = f"{option} 应写作 HN-A3.3=1.8/2.0（得分/分值）或 GD-3.3d.factor_2=0.9"
        raise BadParameter("figure", user_text=text)
    try:
        points = Decimal(match["points"])
        most = None if match["max"] is None else Decimal(match["max"])
    except InvalidOperation:
        raise BadParameter("figure", user_text=f"{option} 中的数字有误") from None
    if match["id"].upper().startswith("GD-"):
        return IndexFigure(match["id"], points)
    item = find_item(load_rulebook(source.name, folder=source.folder).rubric, match["id"].upper())
    return SuppliedFigure(item.id, item.max_points if most is None else most, points)


def _lines(found: WhatIf | DaysTried | SheetsTried) -> Iterator[str]:
    if isinstance(found, WhatIf):
        yield f"年度考评表：{found.n_units} 个单位，{len(found.changes)} 个会变"
        for each in found.changes:
            change = each.change
            points = f"{format_points(change.points_before)} → {format_points(change.points_after)}"
            marks = [
                grade.value if grade else "待补充" for grade in (change.grade_before, change.grade_after)
            ]
            said = f"{points}，{' → '.join(marks)}（{'；'.join(each.why)}）"
            yield f"  {each.unit.code} {each.unit.name}：{said}"
        for unit, why in found.refused:
            yield f"  {unit.code} {unit.name}：不能试算（{why}）"
    elif isinstance(found, DaysTried):
        yield f"每日等次：{found.n_groups} 个群、{found.n_days} 个已日结的日子，{len(found.changes)} 个群会变"
        for group in found.changes:
            by = "，".join(f"{word} {n_days} 天" for word, n_days in group.by.items())
            yield f"  {group.group_code} {group.group_name}：{group.n_days} 天（{by}）"
    else:
        yield f"广东考核表：{found.n_units} 个单位，{len(found.changes)} 个会变"
        for sheet in found.changes:
            said = "；".join(f"{name} {was} → {now}" for name, (was, now) in sheet.differences.items())
            yield f"  {sheet.unit_code} {sheet.unit_name}：{said}"


def _as_json(found: WhatIf | DaysTried | SheetsTried) -> dict[str, Any]:
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
