"""Chat answers about self-reports (自报): stored, verified, listed. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.replies.notices import UNDO
from bot.replies.phrases import Answer, Row, compose, show_instant
from monitor.days.self_reports import ASKS_ABOVE, ReportState, SelfReport
from monitor.events import Provenance
from monitor.units import Group
from monitor.usecases.days.self_reporting import Decided, Reported

_MOST_ROWS = 7


def tell_reported(reported: Reported, has_relevant: bool, now: datetime) -> Answer:
    """Answer 上报: what was stored, what the day adds up to, what is next."""
    report = reported.report
    if not reported.is_new:
        return Answer(f"已收到（编号{report.number}），未重复登记\n{report.label} {_figures(report)}")
    lines = [
        f"✅ 已登记自报：{report.label} {_figures(report)}（{_standing(report)}）",
        f"登记时间 {show_instant(now, now)}，编号 {report.number}",
        _sources(reported),
    ]
    if reported.n_replaced:
        lines.append("当日此前的自报已被本次替换，历史保留")
    if not has_relevant:
        lines.append(
            f"未报相关条数，按 0 条计。如有，请重发：上报 {report.group_code} {report.n_posts} 相关条数"
        )
    lines.append(UNDO.format(report.number))
    return Answer("\n".join(line for line in lines if line))


def ask_whether(group: Group, n_posts: int) -> str:
    """Ask before an unusually large count is stored."""
    return f"{group.code} {group.name}：条数 {n_posts} 超过 {ASKS_ABOVE}，确认无误？"


def ask_group(groups: Sequence[Group], rest: str) -> Answer:
    """Ask which of the manager's groups is meant."""
    rows = [Row(f"{group.code} {group.name}", f"上报 {group.code} {rest}") for group in groups]
    return compose("请选择上报的群", "", rows, how_to_pick="回复编号选择")


def tell_picture(report: SelfReport, now: datetime) -> Answer:
    """Answer a screenshot that belongs to a report."""
    return Answer(f"✅ 截图已收到，关联自报编号 {report.number}\n{show_instant(now, now)} {report.label}")


def tell_pending(reports: Sequence[SelfReport], now: datetime) -> Answer:
    """Answer 核实: what waits, those that do not count before it first."""
    data_line = f"数据截至 {show_instant(now, now)}"
    if not reports:
        return compose("没有待核的自报 ✅", data_line, [])
    ordered = sorted(reports, key=lambda one: (not one.needs_approval, not one.has_same_picture, one.number))
    rows = [Row(_row(one), f"核实 {one.number}") for one in ordered[:_MOST_ROWS]]
    n_late = sum(one.needs_approval for one in reports)
    late = f"，其中 {n_late} 件补报、批准前不计入" if n_late else ""
    return compose(
        f"待核的自报 {len(reports)} 件{late}",
        data_line,
        rows,
        n_more=len(reports) - len(rows),
        suggestion=f"核实 {ordered[0].number} 通过",
        how_to_pick="回复行首的数字查看",
    )


def tell_card(report: SelfReport, now: datetime) -> Answer:
    """Answer 核实 12: one report and what can be done."""
    rows = [
        Row(f"{_figures(report)}，{report.unit_name} {report.reported_by_name}".rstrip()),
        Row(_pictures(report)),
    ]
    if report.decided_at:
        at = show_instant(report.decided_at, now)
        rows.append(Row(f"{at} {report.decided_by_name} {report.state} {report.reason}".rstrip()))
    if report.state is ReportState.PENDING:
        rows.append(Row("通过", f"核实 {report.number} 通过"))
    is_open = report.state in (ReportState.PENDING, ReportState.APPROVED)
    return compose(
        f"自报编号 {report.number}：{report.label}（{_standing(report)}）",
        f"{show_instant(report.reported_at, now)} 上报",
        rows,
        suggestion=f"核实 {report.number} 退回 原因" if is_open else "核实",
        how_to_pick="回复 1 通过",
    )


def tell_decided(decided: Decided, now: datetime) -> Answer:
    """Answer 核实 12 通过 or 退回."""
    report = decided.report
    if not decided.number:
        return Answer(f"已收到，未重复登记：自报编号 {report.number} {report.state}\n可回复：核实")
    advice = (
        f"如有误可回复：核实 {report.number} 退回 原因" if report.counts else "已通知群管理员，可重新上报"
    )
    effect = "计入当日条数" if report.counts else "不计入；当日若有此前的自报则恢复"
    lines = [
        f"✅ 自报编号 {report.number} {report.state}：{report.label} {_figures(report)}",
        f"登记时间 {show_instant(now, now)}，编号 {decided.number}；{effect}，已日结的当天将重新结算",
        advice,
        UNDO.format(decided.number),
        "可回复：核实",
    ]
    return Answer("\n".join(lines))


def tell_undecided(decided: Decided, number: int, now: datetime) -> Answer:
    """Answer 撤销 of a 核实."""
    report = decided.report
    lines = (
        f"✅ 已撤销编号 {number}：自报编号 {report.number} 恢复“{report.state}”（{report.label}）",
        f"登记时间 {show_instant(now, now)}，编号 {decided.number}；已通知群管理员，已日结的当天将重新结算",
        f"可回复：核实 {report.number}",
    )
    return Answer("\n".join(lines))


def confirm_taken_back(report: SelfReport, now: datetime) -> Answer:
    """Answer 撤销 of a report."""
    first = f"✅ 已撤销编号 {report.number}：{report.label} 的自报"
    return Answer(f"{first}\n登记时间 {show_instant(now, now)}\n可回复：今日")


def _figures(report: SelfReport) -> str:
    return f"条数 {report.n_posts}、话题相关 {report.n_relevant}"


def _standing(report: SelfReport) -> str:
    is_waiting = report.state is ReportState.PENDING and report.needs_approval
    return "待上级批准，暂不计入" if is_waiting else report.state.value


def _sources(reported: Reported) -> str:
    """Say what else is counted that day, because 自报 is added to it (ADR 0002)."""
    others = [
        count for count in reported.counts if count.provenance in (Provenance.COLLECTED, Provenance.IMPORTED)
    ]
    if not others:
        return ""
    told = "、".join(f"{count.provenance} {count.n_posts}" for count in others)
    return f"当日另有：{told}。自报与采集相加，只报采集不到的部分"


def _pictures(report: SelfReport) -> str:
    if not report.pictures:
        return "⚠️没有截图"
    same = "，⚠️与此前的截图相同" if report.has_same_picture else ""
    return f"截图 {len(report.pictures)} 张{same}（网页可看）"


def _row(report: SelfReport) -> str:
    marks = "⚠️截图重复 " if report.has_same_picture else "" if report.pictures else "⚠️无截图 "
    late = "（补报）" if report.needs_approval else ""
    return f"{marks}编号{report.number} {report.label} {report.n_posts}/{report.n_relevant}{late}"
