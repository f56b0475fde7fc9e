"""Chat answers about weekly reports (微信周报): draft, changes, submission, the week of a province. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.replies.notices import UNDO
from bot.replies.phrases import Answer, Row, compose, show_day, show_instant
from monitor.clock import business_day
from monitor.usecases.weekly.desk import Changed, Submitted
from monitor.weekly import (
    CLAUSE,
    DUE_SWITCH,
    FigureLine,
    UnitWeek,
    Week,
    WeeklyFigure,
    WeeklyReading,
    WeeklyState,
    WeekSummary,
)

_HEAD = (
    WeeklyFigure.GROUPS_OPENED,
    WeeklyFigure.GROUPS_CLOSED,
    WeeklyFigure.GROUPS_CHANGED,
    WeeklyFigure.MEMBERS,
)
_TOTALS = (WeeklyFigure.GROUPS, WeeklyFigure.ACCOUNTS)
_ACCOUNTS = (WeeklyFigure.ACCOUNTS_OPENED, WeeklyFigure.ACCOUNTS_CLOSED)
_N_NAMES = 3
_MARKS = {
    WeeklyState.DRAFT: "",
    WeeklyState.SUBMITTED: "✅",
    WeeklyState.LATE: "⚠️",
    WeeklyState.MISSING: "❌",
    WeeklyState.NOT_CALLED: "❔",
}


def tell_report(reading: WeeklyReading, missing: Sequence[Week], now: datetime) -> Answer:
    """Answer 周报: the pre-filled draft, or what was submitted and what has moved since.

    Args:
        reading: of the week.
        missing: earlier weeks of the unit whose report is missing, latest first.
        now: the present instant.
    """
    line = f"周报 提交 {reading.week.label}"
    is_open = not reading.versions or bool(reading.moved)
    rows = [Row(text) for text in _body(reading)]
    if is_open:
        rows.append(Row("提交这份周报" if not reading.versions else "再次提交（更正）", line))
    rows += [
        Row(f"{week.words}未交，补报", f"周报 补报 {week.label}") for week in missing if week != reading.week
    ]
    return compose(
        f"{_MARKS[reading.state]}{reading.unit.name} {reading.week.words}周报（{_state(reading)}）",
        _frame(reading, now),
        rows,
        basis=f"依据 {CLAUSE}，期限 {DUE_SWITCH}",
        suggestion="周报 改 停用 2 原因",
        how_to_pick="回复编号办理",
    )


def ask_to_submit(reading: WeeklyReading, missing: Sequence[Week], now: datetime) -> str:
    """Ask before a report is submitted while its week is not over, or after it was due."""
    day = show_day(reading.week.last_day, now)
    why = (
        f"已过截止时间 {show_instant(reading.due, now)}，将登记为“{WeeklyState.LATE}”"
        if now >= reading.due
        else f"本周到 {day} 才结束，确认提前提交？"
    )
    lines = [f"{reading.unit.name} {reading.week.words}周报", why, *_body(reading)]
    lines += [f"{week.words}未交，可回复：周报 补报 {week.label}" for week in missing if week != reading.week]
    return "\n".join(lines)


def tell_changed(changed: Changed, now: datetime) -> Answer:
    """Answer 周报 改: the figure as it will be sent, beside the ledger's."""
    reading, line = changed.reading, changed.reading.line(changed.figure)
    if not changed.number:
        return Answer(f"已收到，未重复登记：{reading.week.words} {_figure(line)}\n可回复：周报")
    ledger = "无记录" if line.ledger is None else str(line.ledger)
    reason = f"，原因：{line.reason}" if line.reason else "，未写原因"
    lines = [
        f"✅ {reading.week.words}周报 {line.figure} 改为 {line.draft}（台账 {ledger}{reason}）",
        f"登记时间 {show_instant(now, now)}，编号 {changed.number}",
        UNDO.format(changed.number),
        f"可回复：周报 提交 {reading.week.label}",
    ]
    return Answer("\n".join(lines), (f"周报 提交 {reading.week.label}",))


def tell_submitted(submitted: Submitted, now: datetime) -> Answer:
    """Answer 周报 提交: what was stored, in which state."""
    reading, latest = submitted.reading, submitted.reading.latest
    assert latest is not None  # noqa: S101  it was submitted just now or before
    if not submitted.number:
        at = show_instant(latest.submitted_at, now)
        return Answer(
            f"已收到（{reading.week.words}，{at} 第 {latest.version} 次提交），未重复登记\n可回复：周报"
        )
    what = "更正已提交" if len(reading.versions) > 1 else "已提交"
    lines = [
        f"✅ {reading.unit.name} {reading.week.words}周报{what}，状态“{reading.state}”",
        f"登记时间 {show_instant(now, now)}，编号 {submitted.number}",
        *_body(reading),
        UNDO.format(submitted.number),
    ]
    return Answer("\n".join(lines))


def tell_summary(summary: WeekSummary, now: datetime) -> Answer:
    """Answer 周报 汇总: how many handed in, late, missing, and who is missing."""
    counts = "，".join(
        f"{state} {len(summary.of(state))}" for state in WeeklyState if summary.of(state) or state in _ALWAYS
    )
    missing = summary.of(WeeklyState.MISSING) or summary.of(WeeklyState.DRAFT)
    rows = [Row(_unit_row(row, now)) for row in (*missing, *summary.of(WeeklyState.LATE))]
    if not rows:
        is_called = any(row.state is not WeeklyState.NOT_CALLED for row in summary.rows)
        rows = [Row("全部按时提交 ✅" if is_called else "该周未征集：系统启用周报之前，不计未交")]
    return compose(
        f"{summary.week.words}周报：{counts}，应报 {len(summary.rows)}",
        f"截止 {show_instant(summary.due, now)}，数据截至 {show_instant(now, now)}",
        rows,
        basis=f"依据 {CLAUSE}，期限 {DUE_SWITCH}",
        suggestion=f"周报 汇总 {summary.week.shift(-1).label}",
    )


_ALWAYS = (WeeklyState.SUBMITTED, WeeklyState.LATE, WeeklyState.MISSING)


def confirm_taken_back(words: str, number: int, now: datetime) -> Answer:
    """Answer 撤销 of a change or a submission."""
    return Answer(f"✅ 已撤销编号 {number}：{words}\n登记时间 {show_instant(now, now)}\n可回复：周报")


def _body(reading: WeeklyReading) -> list[str]:
    """Return the lines of figures, at most six."""
    head = "，".join(_figure(reading.line(figure)) for figure in _HEAD)
    totals = "，".join(_figure(reading.line(figure)) for figure in _TOTALS)
    accounts = [reading.line(figure) for figure in _ACCOUNTS]
    totals += "".join(f"，{_figure(line)}" for line in accounts if line.draft)
    lines = [head, totals]
    for word, names in (("新开", reading.opened), ("停用", reading.closed)):
        if names:
            more = f" 等 {len(names)} 个" if len(names) > _N_NAMES else ""
            lines.append(f"{word}：{'、'.join(names[:_N_NAMES])}{more}")
    if reading.changed:
        told = (f"{line.figure} {line.draft}（台账 {_or_none(line.ledger)}）" for line in reading.changed)
        lines.append(f"与台账不同：{'，'.join(told)}")
    if reading.moved:
        told = (f"{line.figure} {_or_none(line.sent)}→{_or_none(line.draft)}" for line in reading.moved)
        lines.append(f"提交后有变化：{'，'.join(told)}")
    return lines


def _figure(line: FigureLine) -> str:
    change = line.difference if line.figure is WeeklyFigure.MEMBERS else None
    shown = f"（{change:+d}）" if change is not None else ""
    return f"{line.figure} {_or_none(line.draft)}{shown}"


def _or_none(number: int | None) -> str:
    return "❔" if number is None else str(number)


def _state(reading: WeeklyReading) -> str:
    if len(reading.versions) > 1:
        return f"{reading.state}，更正 {len(reading.versions) - 1} 次"
    return reading.state.value


def _frame(reading: WeeklyReading, now: datetime) -> str:
    week, latest = reading.week, reading.latest
    days = f"{show_day(week.first_day, now)} 至 {show_day(week.last_day, now)}"
    if latest:
        return f"{days}，{show_instant(latest.submitted_at, now)} 提交"
    left = "已截止" if now >= reading.due else "截止"
    is_running = business_day(now) <= week.last_day
    return f"{days}，{left} {show_instant(reading.due, now)}" + ("，本周未结束" if is_running else "")


def _unit_row(row: UnitWeek, now: datetime) -> str:
    at = row.first_submitted_at
    when = f" {show_instant(at, now)} 提交" if at else ""
    return (
        f"{_MARKS[row.state]}{row.unit.name} {'待交' if row.state is WeeklyState.DRAFT else row.state}{when}"
    )
