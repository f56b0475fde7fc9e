"""Chat answers about units, groups, boards and reasons: from readings to text. Pure.

Problems come first and healthy ones are folded into a count; what has no data is named and never
counted as 0. Every judgement names its clause.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from bot.replies.phrases import (
    MAX_ROWS,
    Answer,
    Row,
    compose,
    is_today,
    mark_duty,
    name_day,
    on_day,
    show_data_time,
    show_day,
    show_ratio,
)
from monitor.clock import business_day
from monitor.days.readings import (
    AccountDay,
    DutyTally,
    Explanation,
    GroupDay,
    Overview,
    Ranking,
    RankingRow,
    UnitStatus,
    UnmetReport,
)
from monitor.units import Unit, UnitId
from scoring.duty import DutyState
from scoring.source import ResultStatus

GROUP_DUTY = "HN-2.1.3b"
ACCOUNT_DUTY = "HN-2.1.3a"
ACTIVITY = "HN-4.1d"
_BASIS = f"依据：群每日职责 {GROUP_DUTY}，活跃度 {ACTIVITY}"
_N_MISSING = 3
_N_WORST = 3
_PROBLEMS_FIRST = {
    DutyState.NOT_MET: 0,
    DutyState.NO_TOPIC: 1,
    DutyState.NO_DATA: 2,
    DutyState.MET: 3,
}


def tell_unit(
    status: UnitStatus, now: datetime, *, may_open_groups: bool, further: Sequence[str] = ()
) -> Answer:
    """Answer 状态: the card of a unit; leaders see its groups but cannot open them.

    Groups that owe their duty fill the rows that the card leaves; all of them are counted in its first line.
    """
    tally, day = status.tally, status.day
    rows = [Row(f"{_show_tally(tally)}（{GROUP_DUTY}，{ACTIVITY}）")]
    if status.n_accounts:
        n_unmet = status.n_accounts - status.n_accounts_met - status.n_accounts_no_data
        counts = [
            ("✅达标", status.n_accounts_met),
            ("未达标", n_unmet),
            ("❔无数据", status.n_accounts_no_data),
        ]
        rows.append(Row(f"公众号 {status.n_accounts} 个：{_show_counts(counts)}（{ACCOUNT_DUTY}）"))
    rows.append(Row(f"近7日达标率 {show_ratio(status.week_ratio)}，未处理预警 {status.n_open_alerts} 条"))
    rows.extend(Row(line) for line in further if line)
    n_listed = min(_N_MISSING, MAX_ROWS - len(rows))
    missing = [_group_row(group, now, with_manager=False) for group in status.missing[:n_listed]]
    rows.extend(missing if may_open_groups else [Row(row.text) for row in missing])
    lists_unmet = may_open_groups and status.missing
    return compose(
        f"{status.unit.name}：{_conclude(status, now)}",
        show_data_time(status.data_at, day, now, is_provisional=not status.is_closed),
        rows,
        suggestion=on_day(f"未达标 {status.unit.code}", day, now) if lists_unmet else "排名 周",
    )


def _conclude(status: UnitStatus, now: datetime) -> str:
    tally = status.tally
    n_missing = tally.n_not_met + tally.n_no_topic
    n_accounts = _n_accounts_unmet(status)
    day = name_day(status.day, now)
    if n_missing or n_accounts:
        parts = [f"{n_missing} 个群"] * bool(n_missing) + [f"{n_accounts} 个公众号"] * bool(n_accounts)
        verb = "还差" if is_today(status.day, now) else " 未达标"
        return f"{day}{verb} {'、'.join(parts)}{_except_no_data(tally.n_no_data)}"
    if not tally.n_groups and not status.n_accounts:
        return "没有登记的群和公众号"
    if not tally.n_with_data and not status.n_accounts_met:
        return f"{day} ❔无数据"
    return f"{day}有数据的均达标 ✅{_except_no_data(tally.n_no_data)}"


def _n_accounts_unmet(status: UnitStatus) -> int:
    return status.n_accounts - status.n_accounts_met - status.n_accounts_no_data


def _except_no_data(n_groups: int) -> str:
    return f"（另 {n_groups} 个群无数据）" if n_groups else ""


def _show_tally(tally: DutyTally) -> str:
    duties = [
        ("✅达标", tally.n_met),
        ("未达标", tally.n_not_met),
        ("无微话题", tally.n_no_topic),
        ("❔无数据", tally.n_no_data),
    ]
    grades = [
        ("优秀", tally.n_excellent),
        ("良好", tally.n_good),
        ("一般", tally.n_fair),
        ("差", tally.n_poor),
    ]
    shown = f"群 {tally.n_groups} 个：{_show_counts(duties)}"
    return f"{shown}；活跃度 {_show_counts(grades)}" if any(count for _, count in grades) else shown


def _show_counts(counts: Iterable[tuple[str, int]]) -> str:
    return " ".join(f"{word} {count}" for word, count in counts if count) or "无"


def tell_unmet(report: UnmetReport, now: datetime) -> Answer:
    """Answer 未达标: who has not met the daily duty; many groups are folded by the units below."""
    accounts = [account for account in report.accounts if account.duty is DutyState.NOT_MET]
    rows = _no_data_rows(report, len(report.accounts) - len(accounts))
    rows += [_account_row(account, report.day, now) for account in accounts]
    if len(rows) + len(report.groups) > MAX_ROWS - 1 and len(report.by_child) > 1:
        rows += [_child_row(report, name, count, now) for name, count in report.by_child]
    else:
        rows += [_group_row(group, now, with_manager=True) for group in report.groups]
    subject = f"{report.unit.name} {name_day(report.day, now)}"
    if report.groups or accounts:
        conclusion = f"{subject}：{_count_unmet(report, len(accounts))}"
    else:
        conclusion = f"{subject}：没有未达标的群和公众号 {'❔' if report.n_no_data else '✅'}"
    return compose(
        conclusion,
        show_data_time(report.data_at, report.day, now, is_provisional=not report.is_closed),
        rows,
        basis=f"依据：群 {GROUP_DUTY}，公众号 {ACCOUNT_DUTY}；活跃度 {ACTIVITY}",
        suggestion=on_day(f"状态 {report.unit.code}", report.day, now),
    )


def _count_unmet(report: UnmetReport, n_accounts: int) -> str:
    n_groups = sum(count for _, count in report.by_child)  # all; the list of groups is bounded
    n_no_topic = sum(group.duty is DutyState.NO_TOPIC for group in report.groups)
    counts = [
        ("未达标", n_groups, "个群" + (f"（其中无微话题 {n_no_topic}）" if n_no_topic else "")),
        ("未发布", n_accounts, "个公众号"),
    ]
    return "，".join(f"{word} {count} {unit}" for word, count, unit in counts if count)


def _no_data_rows(report: UnmetReport, n_accounts: int) -> list[Row]:
    parts = [f"{report.n_no_data} 个群"] * bool(report.n_no_data)
    parts += [f"{n_accounts} 个公众号"] * bool(n_accounts)
    return [Row(f"❔无数据：{'、'.join(parts)}，不计为未达标")] if parts else []


def _child_row(report: UnmetReport, name: str, count: int, now: datetime) -> Row:
    """Return one unit below; the unit's own groups have no list of their own to choose."""
    is_own = name == report.unit.name
    choice = "" if is_own else on_day(f"未达标 {name}", report.day, now)
    return Row(f"{name}{'（本级）' if is_own else ''}：{count} 个群", choice)


def _account_row(account: AccountDay, day: date, now: datetime) -> Row:
    mark = mark_duty(account.duty, day, now)
    return Row(f"{mark}公众号 {account.account_name}（{account.unit_name}）：{account.n_articles} 条")


def _group_row(group: GroupDay, now: datetime, *, with_manager: bool) -> Row:
    manager = f"，管理员 {group.manager_name}" if with_manager and group.manager_name else ""
    mark = mark_duty(group.duty, group.day, now)
    label = f"{mark}{group.group.code} {group.group.name}"
    return Row(
        f"{label}：{_show_day_of(group, now)}{manager}", on_day(f"群 {group.group.code}", group.day, now)
    )


def _show_day_of(group: GroupDay, now: datetime) -> str:
    """Return counts and grade in a few words, or why there are none."""
    if group.n_posts is None:
        no_topic = "无微话题，" if group.duty is DutyState.NO_TOPIC else ""
        return no_topic + "无数据" + _show_last_data(group, now, "，最近 {} {}")
    grade = f"({group.activity.value})" if group.activity else ""
    if group.duty is DutyState.NO_TOPIC:
        return f"{group.n_posts} 条{grade}，无微话题"
    return f"{group.n_posts} 条{grade}，话题相关 {group.n_relevant} 条"


def _show_last_data(group: GroupDay, now: datetime, form: str) -> str:
    if group.last_data_at is None:
        return "，从未收到数据"
    return form.format(show_day(business_day(group.last_data_at), now), group.last_data_by)


def explain_no_data(group: GroupDay, now: datetime) -> str:
    """Return the sentence of requirement D.1 for a figure that is not available."""
    if group.last_data_at is None:
        return "❔无数据：该群从未收到数据"
    last = show_day(business_day(group.last_data_at), now)
    return f"❔无数据：该群最近一次采集 {last}，采集方式 {group.last_data_by}"


def tell_groups(title: str, groups: Sequence[GroupDay], now: datetime) -> Answer:
    """Answer 群 列出: all groups, problems first."""
    if not groups:
        return compose(f"{title}：没有登记的群", "", [], suggestion="状态")
    ordered = sorted(groups, key=lambda group: _PROBLEMS_FIRST[group.duty])
    n_met = sum(group.duty is DutyState.MET for group in groups)
    return compose(
        f"{title} {name_day(groups[0].day, now)}：{n_met}/{len(groups)} 个群达标",
        _data_time_of(groups, now),
        [_group_row(group, now, with_manager=False) for group in ordered],
        basis=_BASIS,
    )


def tell_group(group: GroupDay, now: datetime, *, with_manager: bool) -> Answer:
    """Answer 群 编号: one group's day in full."""
    rows = [Row(f"每日职责 {GROUP_DUTY}：{group.duty_reason}")]
    if group.n_posts is not None:
        rows.append(Row(f"活跃度 {ACTIVITY}：{group.activity_reason}"))
        rows.append(Row(f"来源：{_show_sources(group)}；发言 {group.n_members or 0} 人"))
    rows.append(Row("微话题：" + ("、".join(group.topics) if group.topics else "当日没有开设")))
    if group.n_repeats:
        rows.append(Row(f"其中重复内容 {group.n_repeats} 条（计入，已标记）"))
    if with_manager and group.manager_name:
        rows.append(Row(f"管理员：{group.manager_name}"))
    return compose(
        _tell_in_one_line(group, now),
        _data_time_of([group], now),
        rows,
        suggestion=on_day(f"为什么 {group.group.code}", group.day, now),
    )


def tell_today(groups: Sequence[GroupDay], now: datetime, due_line: str = "") -> Answer:
    """Answer 今日 of a group manager (D.5): one line for each group."""
    if not groups:
        return compose("您名下没有登记的群，请联系上级管理员", "", [], suggestion="帮助")
    if len(groups) == 1:
        group = groups[0]
        rows = [Row(f"每日职责 {GROUP_DUTY}：{group.duty.value}")]
        if group.activity:
            rows.append(Row(f"活跃度 {ACTIVITY}：{group.activity.value}"))
        rows += [Row(due_line)] if due_line else []
        return compose(
            _tell_in_one_line(group, now),
            _data_time_of(groups, now),
            rows,
            suggestion=f"为什么 {group.group.code}",
        )
    ordered = sorted(groups, key=lambda group: _PROBLEMS_FIRST[group.duty])
    n_met = sum(group.duty is DutyState.MET for group in groups)
    due = [Row(due_line)] if due_line else []
    return compose(
        f"今日 {n_met}/{len(groups)} 个群达标",
        _data_time_of(groups, now),
        due + [Row(_tell_in_one_line(group, now), f"群 {group.group.code}") for group in ordered],
        basis=_BASIS,
    )


def _tell_in_one_line(group: GroupDay, now: datetime) -> str:
    """Return 「琼山中学团委群：今日 4 条(一般)，话题相关 1 条 ✅。来源：自报 1、采集 3」."""
    day = "今日" if is_today(group.day, now) else show_day(group.day, now)
    if group.n_posts is None:
        no_topic = "无微话题。" if group.duty is DutyState.NO_TOPIC else ""
        return f"{group.group.name}：{day} {no_topic}{explain_no_data(group, now)}"
    mark = mark_duty(group.duty, group.day, now)
    state = f" {mark}" if mark else "（未达标）"
    return f"{group.group.name}：{day} {_show_day_of(group, now)}{state}。来源：{_show_sources(group)}"


def _show_sources(group: GroupDay) -> str:
    return "、".join(f"{part.provenance} {part.n_posts}" for part in group.by_provenance) or "无"


def _data_time_of(groups: Sequence[GroupDay], now: datetime) -> str:
    """Return the data time of the day shown, not of what came in on a later one."""
    latest = max((group.data_at for group in groups if group.data_at), default=None)
    is_provisional = any(group.status is ResultStatus.PROVISIONAL for group in groups)
    return show_data_time(latest, groups[0].day, now, is_provisional=is_provisional)


def tell_ranking(board: Ranking, own_unit: UnitId, now: datetime) -> Answer:
    """Answer 排名: the head and tail of a board, and the asker's own place."""
    period = f"{show_day(board.first_day, now)} 至 {show_day(board.last_day, now)}"
    title = f"{board.unit.name}下级{board.kind}排名（{period}）"
    if not board.rows:
        return compose(f"{title}：没有可排名的单位", "", [], suggestion="排名 周")
    return compose(
        f"{title}：{_conclude_board(board, own_unit)}",
        show_data_time(board.data_at, board.last_day, now, is_provisional=is_today(board.last_day, now)),
        [Row(_show_place(row, own_unit)) for row in _head_and_tail(board.rows, own_unit)],
        basis=f"依据：达标群日占有数据群日的比例，{GROUP_DUTY}",
        suggestion="排名 周" if board.first_day.day == 1 else "排名 月",
    )


def _conclude_board(board: Ranking, own_unit: UnitId) -> str:
    """Return the asker's own place, or who leads where the asker has none."""
    own = next((row for row in board.rows if row.unit.unit_id == own_unit), board.rows[0])
    if own.rank is None:
        return "❔本单位无数据" if own.unit.unit_id == own_unit else "❔各单位均无数据"
    of = f"/{len(board.rows)}" if own.unit.unit_id == own_unit else ""
    return f"第{own.rank}{of} {own.unit.name} {show_ratio(own.met_ratio)}"


def _head_and_tail(rows: Sequence[RankingRow], own_unit: UnitId) -> list[RankingRow]:
    if len(rows) <= 7:
        return list(rows)
    own = [row for row in rows[3:-3] if row.unit.unit_id == own_unit] or [rows[3]]
    return [*rows[:3], *own, *rows[-3:]]


def _show_place(row: RankingRow, own_unit: UnitId) -> str:
    name = row.unit.name + ("（本单位）" if row.unit.unit_id == own_unit else "")
    if row.rank is None:
        return f"❔ {name} 无数据"
    moved = f" {'↑' if row.movement > 0 else '↓'}{abs(row.movement)}" if row.movement else ""
    small = " 样本少" if row.is_small_sample else ""
    return f"第{row.rank} {name} {show_ratio(row.met_ratio)}（{row.n_met}/{row.n_with_data}）{moved}{small}"


def tell_reasons(explanation: Explanation, now: datetime) -> Answer:
    """Answer 为什么: from the counts to the grade. Lines of sources share a row when there are many."""
    lines = list(explanation.lines)
    while len(lines) > MAX_ROWS - 1:
        lines[:2] = ["；".join(lines[:2])]
    day = explanation.day
    return compose(
        f"{explanation.subject} {name_day(day, now)}：{explanation.conclusion}",
        show_data_time(explanation.data_at, day, now, is_provisional=is_today(day, now)),
        [Row(line) for line in lines],
        basis=f"依据：{'、'.join(clause.split('：')[0] for clause in explanation.clauses)}",
        suggestion="群 列出",
    )


def tell_overview(overview: Overview, now: datetime, lines: Sequence[str] = ()) -> Answer:
    """Answer 总览: five lines for a leader; no names below unit level."""
    tally, day = overview.tally, overview.day
    with_data = [row for row in overview.rows if row.today.n_with_data]
    n_clean = sum(row.today.n_not_met + row.today.n_no_topic == 0 for row in with_data)
    n_without = len(overview.rows) - len(with_data)
    without = f"，❔无数据 {n_without}" if n_without else ""
    n_accounts = overview.n_accounts - overview.n_accounts_no_data
    met = f"群达标 {tally.n_met}/{tally.n_with_data}（{show_ratio(tally.met_ratio)}）"
    rows = [
        Row(f"{met}，❔无数据 {tally.n_no_data}"),
        Row(f"公众号达标 {overview.n_accounts_met}/{n_accounts}，❔无数据 {overview.n_accounts_no_data}"),
        Row(f"未处理预警 {overview.n_open_alerts} 条，未登记的群 {overview.n_unregistered} 个"),
    ]
    rows += [Row(line) for line in lines]
    worst = [row for row in overview.rows if row.today.n_not_met + row.today.n_no_topic][:_N_WORST]
    rows += [_worst_row(row.unit, row.today, day, now) for row in worst]
    subject = f"{overview.unit.name} {name_day(day, now)}"
    return compose(
        f"{subject}：下级单位全部达标 {n_clean}/{len(overview.rows)}{without}",
        show_data_time(overview.data_at, day, now, is_provisional=is_today(day, now)),
        rows,
        basis=f"依据：群 {GROUP_DUTY}，公众号 {ACCOUNT_DUTY}",
        suggestion="排名 周",
    )


def _worst_row(unit: Unit, tally: DutyTally, day: date, now: datetime) -> Row:
    mark = mark_duty(DutyState.NOT_MET, day, now)
    n_unmet = tally.n_not_met + tally.n_no_topic
    choice = on_day(f"状态 {unit.code}", day, now)
    return Row(f"{mark}{unit.name}：未达标 {n_unmet} 个群（共 {tally.n_groups}）", choice)
