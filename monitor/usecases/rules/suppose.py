"""What people suppose (试算), read from their words and tried on a year or a month. Stores nothing.

Key types: `AnySupposition`, `Tried`.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from monitor.assessment.dossier import find_item
from monitor.clock import Period
from monitor.errors import BadParameter
from monitor.index.periods import first_day_of, month_period, read_month, read_year, year_period
from monitor.rules.settings import find_confirmable, find_switch, find_word, list_confirmable
from monitor.units import Viewer
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.assessment.sitting import Sitting
from monitor.usecases.rules.in_force import RuleSource
from monitor.usecases.rules.what_if import (
    ConfirmedReading,
    OtherReading,
    SuppliedFigure,
    Supposition,
    WhatIf,
    try_suppositions,
)
from monitor.usecases.rules.what_if_period import (
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
Tried = WhatIf | DaysTried | SheetsTried


def try_period(
    assessments: Assessments,
    source: RuleSource,
    viewer: Viewer,
    period: str,
    supposed: Sequence[AnySupposition],
) -> list[Tried]:
    """Try suppositions on a year (sheets of both regulations) or a month (day grades and sheets).

    Source: design §4 (what-if).

    Args:
        assessments: whose sheets are looked at.
        source: the rules in force.
        viewer: an inspector; their subtree is tried.
        period: 2026 or 2026-11.
        supposed: at least one.

    Raises: BadParameter for another period; as `try_suppositions`, `try_days`, `try_sheets`.
    """
    month, year = read_month(period), read_year(period)
    if month is None and year is None:
        raise BadParameter("period", user_text="期间应写作 2026（年）或 2026-11（月）")
    for_period = [each for each in supposed if not isinstance(each, SuppliedFigure)]
    for_sheets = [each for each in supposed if not isinstance(each, IndexFigure)]

    def look(sitting: Sitting) -> list[Tried]:
        if year is not None:
            years = year_period(int(year))
            found: list[Tried] = [try_suppositions(sitting, int(year), for_sheets)]
            return [*found, try_sheets(sitting, source, years, for_period)]
        run = month_period(first_day_of(month or ""))
        days = try_days(sitting, source, Period(run.first_day, run.last_day), for_period)
        return [days, try_sheets(sitting, source, run, for_period)]

    return assessments.read(viewer, look)


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


def tried_lines(found: Tried) -> Iterator[str]:
    """Say what a trial found: a headline, then one line a unit or group, with before and after."""
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
