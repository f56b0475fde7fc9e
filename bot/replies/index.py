"""Chat answers about the Guangdong assessment: bottom lines (底线) and the account's WCI. Pure.

What the source lost is named as 原文未载明 and never computed; what was not imported is 无数据.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from bot.replies.phrases import MAX_ROWS, Answer, Row, compose, quote, show_day, show_instant
from monitor.index.boards import Board, BoardLine, show_movement
from monitor.index.periods import RunKind, RunPeriod
from monitor.store.index.runs import Result, Run
from monitor.units import Viewer
from monitor.usecases.index.questions import AccountReading, SchoolReading
from scoring.index import IndicatorState
from scoring.wci import FIELDS

_CENT = Decimal("0.01")
_MARKS = {
    IndicatorState.FAILED.value: "❌",
    IndicatorState.PASSED.value: "✅",
    IndicatorState.NO_BASE.value: "❔",
}
_ORDER = (IndicatorState.FAILED.value, IndicatorState.NO_BASE.value, IndicatorState.PASSED.value)
_MOST_PLACES = 6
_NOT_RUN = "❔无数据：尚未运行考核"
_PARTS = {"1": "第一部分", "2": "第二部分"}


def not_stated(clauses: Sequence[str]) -> str:
    """Return the sentence of requirement D.1 for a parameter the source lost."""
    return f"原文未载明(细则 {'、'.join(clauses)})，不计算"


def tell_bottom_lines(reading: SchoolReading, now: datetime) -> Answer:
    """Answer 底线: every bottom line with numerator and denominator, failed ones first."""
    if reading.run is None:
        line = f"数据截至 {show_instant(now, now)}"
        return compose(f"{reading.unit.name}：{_NOT_RUN}", line, [], suggestion=f"状态 {reading.unit.code}")
    subject = f"{reading.unit.name} {_show_period(reading.run.period)}"
    if reading.result is None:
        return compose(f"{subject}：❔无数据，不在考核范围", _data_line(reading.run, now), [])
    detail, frozen = reading.result.detail, reading.run.frozen["indicators"]
    known = [key for key, indicator in frozen.items() if indicator["bottom_line"] is not None]
    lines = {key: detail["indicators"][key] for key in known if key in detail["indicators"]}
    judged = sorted(
        ((key, line) for key, line in lines.items() if frozen[key]["is_evaluated"]),
        key=lambda pair: _ORDER.index(pair[1]["state"]),
    )
    rows = [Row(f"❌认定 {f['kind']}：{quote(f['reason'])}") for f in detail["findings"] if f["bars"]]
    rows += [Row(_bottom_line(key, line, frozen[key])) for key, line in judged]
    absent = [frozen[key]["title"] for key in known if frozen[key]["is_evaluated"] and key not in lines]
    if absent:
        rows.append(Row(f"❔无数据：{'、'.join(absent)}"))
    damaged = [key for key in known if not frozen[key]["is_evaluated"]]
    if damaged:
        shown = "、".join(_damaged(frozen[key]["title"], lines.get(key)) for key in damaged)
        rows.append(Row(f"底线{not_stated(damaged)}：{shown}"))
    return compose(
        f"{subject}：{_verdict(detail, reading.run.period)}",
        _data_line(reading.run, now),
        rows,
        suggestion="WCI",
    )


def tell_failing(run: Run | None, results: Sequence[Result], title: str, now: datetime) -> Answer:
    """Answer 底线 for many schools: those barred from 好 first, each can be chosen."""
    if run is None:
        line = f"数据截至 {show_instant(now, now)}"
        return compose(f"{title}：{_NOT_RUN}", line, [], suggestion="排名 公众号")
    failing = [result for result in results if sum(result.detail["n_failed"].values())]
    n_barred = sum(result.is_barred for result in results)
    worst = [r for r in results if r.is_barred or sum(r.detail["n_failed"].values())]
    rows = [
        Row(f"{_flag(r)}{r.unit_name}（{r.scope}）：{_count(r.detail['n_failed'])}", f"底线 {r.unit_code}")
        for r in worst
    ]
    counts = f"{len(failing)}/{len(results)} 个单位有未达底线，{n_barred} 个不评“好”"
    return compose(
        f"{title} {_show_period(run.period)}：{counts}",
        _data_line(run, now),
        rows,
        basis="依据：GD-3.1n、GD-3.2f，2 项及以上不评“好”",
        suggestion="底线 高校",
    )


def tell_board(board: Board, viewer: Viewer, suggestion: str) -> Answer:
    """Answer 排名 公众号, 总分 or an indicator: the first places, the asker's own, who has none and why."""
    own = [line for line in board.lines if line.unit_id == viewer.unit_id]
    listed = [*board.lines[:_MOST_PLACES], *(line for line in own if line not in board.lines[:_MOST_PLACES])]
    ranked = [line for line in board.lines if line.rank is not None]
    state = "已发布" if board.is_published else "未发布，可能变动"
    leader = f"第1 {ranked[0].name} {ranked[0].value}" if ranked else "没有可排名的单位"
    mine = next((f"本单位第{line.rank}/{len(ranked)}" for line in own if line.rank), leader)
    return compose(
        f"{board.title}：{mine}",
        f"{state}，{len(ranked)} 个有名次，{len(board.lines) - len(ranked)} 个没有",
        [Row(_place_line(line, line in own)) for line in listed],
        n_more=len(board.lines) - len(listed),
        basis=board.basis,
        suggestion=suggestion,
    )


def _place_line(line: BoardLine, is_own: bool) -> str:
    place = "—" if line.rank is None else f"第{line.rank}"
    note = f"（{line.note}）" if line.note else ""
    return f"{'▶' if is_own else ''}{place} {line.name} {line.value}{show_movement(line)}{note}"


def _flag(result: Result) -> str:
    return "❌不评“好” " if result.is_barred else "⚠️"


def _verdict(detail: Mapping[str, Any], period: RunPeriod) -> str:
    """Return whether the school is barred from 好; the year decides, a month only shows (GD-3.1n)."""
    flag = "❌不评“好”" if detail["barred_from_good"] else "不影响评“好”"
    scope = "" if period.kind is RunKind.YEAR else "按本月数据，"
    return f"{flag}（{scope}未达底线 {_count(detail['n_failed'])}）"


def _count(n_failed: Mapping[str, int]) -> str:
    return "、".join(f"{_PARTS.get(part, part)} {n} 项" for part, n in n_failed.items())


def _bottom_line(key: str, line: Mapping[str, Any], indicator: Mapping[str, Any]) -> str:
    share = "无基数，不计算" if line["value"] is None else _show(line["value"], line["unit"])
    pair = show_pair(line["inputs"])
    least = _show(indicator["bottom_line"], line["unit"])
    return f"{_MARKS[line['state']]}{indicator['title']} {pair}{share}，底线 {least}（{key}）"


def _damaged(title: str, line: Mapping[str, Any] | None) -> str:
    if line is None or line["value"] is None:
        return title
    return f"{title} {show_pair(line['inputs'])}{_show(line['value'], line['unit'])}"


def show_pair(inputs: Mapping[str, Any]) -> str:
    """Return 9499/10000=, the months' sums if there are several, or nothing for a plain value."""
    rows = inputs.get("months", [inputs])
    if not rows or any("numerator" not in row for row in rows):
        return ""
    numerator = sum((Decimal(row["numerator"]) for row in rows), Decimal(0))
    return f"{numerator:f}/{sum(row['denominator'] for row in rows)}="


def _show(value: str, unit: str) -> str:
    if unit != "比例":
        return f"{value} {unit}"
    return f"{(Decimal(value) * 100).quantize(_CENT, rounding=ROUND_FLOOR):f}%"


def _show_period(period: RunPeriod) -> str:
    return f"{period.label} {period.kind.value}"


def _data_line(run: Run, now: datetime) -> str:
    state = "已发布" if run.published_at else "未发布，可能变动"
    return f"数据截至 {show_instant(run.computed_at, now)}（{state}）"


def tell_accounts(readings: Sequence[AccountReading], now: datetime) -> Answer:
    """Answer WCI: value, inputs, what is missing, posts of the present week."""
    if len(readings) == 1:
        return _tell_account(readings[0], now)
    unit, period = readings[0].unit, readings[0].period
    rows = [Row(f"「{quote(r.account)}」{_value(r)}；{_this_week(r, now)}") for r in readings]
    return compose(
        f"{unit.name} {_span(period, now)} 有 {len(readings)} 个公众号",
        _account_data_line(readings, now),
        rows,
        basis=_wci_basis(readings[0]),
    )


def _tell_account(reading: AccountReading, now: datetime) -> Answer:
    measure = reading.measure
    name = f"「{quote(reading.account)}」" if reading.account else ""
    rows = []
    if measure.n_posts is not None:
        rows.append(
            Row("输入：" + "、".join(f"{FIELDS[key]} {value}" for key, value in measure.inputs.items()))
        )
    if measure.missing:
        rows.append(Row(f"缺 {'、'.join(measure.missing)}，待补充"))
    n_announced = reading.n_announced
    if n_announced is not None and n_announced > (measure.n_posts or 0):
        rows.append(Row(f"回调显示发布 {n_announced} 篇，已导入数据 {measure.n_posts or 0} 篇"))
    if measure.score is not None and (measure.score.outcome is None or measure.score.clause == "GD-3.3e"):
        lost = f"；缩减{not_stated([measure.score.clause])}" if measure.score.outcome is None else ""
        rows.append(Row(f"{measure.score.arithmetic}{lost}（{measure.score.clause}）"))
    if reading.place:
        rows.append(Row(f"已发布榜单第 {reading.place[0]}（共 {reading.place[1]}）"))
    rows.append(Row(_this_week(reading, now)))
    other = "WCI 周" if reading.period.kind is RunKind.WCI_MONTH else "WCI 月"
    return compose(
        f"{reading.unit.name}{name} {_span(reading.period, now)} {_value(reading)}",
        _account_data_line([reading], now),
        rows[:MAX_ROWS],
        basis=_wci_basis(reading),
        suggestion=other,
    )


def _value(reading: AccountReading) -> str:
    measure = reading.measure
    if measure.n_posts is None:
        return "❔无数据"
    if measure.wci is None:
        return "WCI 待补充"
    score = measure.score.outcome if measure.score else None
    flag = f"（{measure.wci.outcome.flag}）" if measure.wci.outcome.flag else ""
    return f"WCI {measure.wci.outcome.wci}{flag}，" + ("计分待补充" if score is None else f"计 {score}")


def _this_week(reading: AccountReading, now: datetime) -> str:
    week = f"本周（{show_day(reading.week.first_day, now)} 至 {show_day(reading.week.last_day, now)}）"
    if reading.n_this_week is None:
        return f"{week}❔无数据，至少 {reading.min_posts} 条（GD-3.3d）"
    mark = "✅" if reading.n_this_week >= reading.min_posts else "⚠️"
    return f"{mark}{week}已发布 {reading.n_this_week}/{reading.min_posts} 条（GD-3.3d）"


def _span(period: RunPeriod, now: datetime) -> str:
    if period.kind is RunKind.WCI_MONTH:
        return period.label
    return f"{show_day(period.first_day, now)} 至 {show_day(period.last_day, now)}"


def _account_data_line(readings: Sequence[AccountReading], now: datetime) -> str:
    latest = max((r.data_at for r in readings if r.data_at), default=None)
    if latest is None:
        return f"数据截至 {show_instant(now, now)}，尚未导入文章数据"
    return f"数据截至 {show_instant(latest, now)}"


def _wci_basis(reading: AccountReading) -> str:
    return f"依据：GD-3.3c，WCI V{reading.version}（推定，结果暂定）"
