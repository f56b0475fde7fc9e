"""Why (为什么): from the counts of each source to grade and duty, with clause and source."""

from collections.abc import Iterator

from monitor.clock import as_shanghai
from monitor.days.counting import MEASURE_CLAUSE, count_day, graded_posts, observed_count
from monitor.days.readings import Explanation, GroupDay
from monitor.events import Provenance
from monitor.usecases.queries.asking import Question
from scoring.source import Provenance as Source
from scoring.source import ResultStatus


def explain_day(question: Question, group_day: GroupDay) -> Explanation:
    """Return every step of a group's verdict in the order in which it is reached."""
    group = group_day.group
    return Explanation(
        subject=f"{group.name}（{group.code}）",
        day=group_day.day,
        data_at=group_day.data_at,
        conclusion=_conclude(group_day),
        lines=tuple(_lines(group_day)),
        clauses=tuple(_clauses(question, group_day)),
    )


def _conclude(group_day: GroupDay) -> str:
    duty = f"每日职责 {group_day.duty.value}"
    if group_day.n_posts is None:
        return f"无数据，不评活跃度；{duty}（{group_day.status.value}）"
    grade = group_day.activity.value if group_day.activity else "不评"
    graded = graded_posts(group_day.n_posts, group_day.n_relevant, group_day.clause)
    counted = "" if graded == group_day.n_posts else f"（计 {0 if graded is None else graded} 条）"
    return f"{group_day.n_posts} 条{counted}，活跃度 {grade}；{duty}（{group_day.status.value}）"


def _lines(group_day: GroupDay) -> Iterator[str]:
    for count in group_day.by_provenance:
        beside = "，并列显示，不计入" if _is_beside(group_day, count.provenance) else ""
        when = f"，最近 {as_shanghai(count.last_at):%m-%d %H:%M}" if count.last_at else ""
        yield f"{count.provenance} {count.n_posts} 条（话题相关 {count.n_relevant} 条）{when}{beside}"
    if not group_day.by_provenance:
        yield "当日没有采集、自报、导入或检查的记录：无数据，不按 0 条处理"
    yield from _sum_line(group_day)
    yield f"当日开设的微话题：{'、'.join(group_day.topics) or '无'}"
    yield f"活跃度：{group_day.activity_reason}"
    yield f"每日职责：{group_day.duty_reason}"
    yield f"结果状态：{group_day.status.value}{_why_status(group_day)}"


def _sum_line(group_day: GroupDay) -> Iterator[str]:
    """Show how the sources add up, and where the stored verdict counted something else."""
    count = count_day(group_day.by_provenance)
    observed = observed_count(group_day.by_provenance)
    provenances = {each.provenance: each.n_posts for each in group_day.by_provenance}
    parts = [f"{observed.provenance} {observed.n_posts}"] if observed else []
    if Provenance.SELF_REPORTED in provenances:
        parts.append(f"自报 {provenances[Provenance.SELF_REPORTED]}")
    if count is not None:
        parts = parts or [f"检查 {count.n_posts}"]
        yield f"有效条数：{' + '.join(parts)} = {count.n_posts} 条"
    if {Provenance.COLLECTED, Provenance.IMPORTED} <= provenances.keys():
        yield "采集与导入为同一批信息，取条数多者，不相加"
    if group_day.n_posts is not None and count is not None and count.n_posts != group_day.n_posts:
        yield f"结算时计 {group_day.n_posts} 条，结算后的变动在重新结算时计入"
    if group_day.n_repeats:
        yield f"其中重复内容 {group_day.n_repeats} 条，照计并标记"


def _is_beside(group_day: GroupDay, provenance: str) -> bool:
    """Tell whether a count is an inspector's beside other sources: shown, never added (HN-4.1c)."""
    return provenance == Provenance.INSPECTED and len(group_day.by_provenance) > 1


def _why_status(group_day: GroupDay) -> str:
    if group_day.status is ResultStatus.INCOMPLETE:
        return "（缺少数据）"
    if group_day.status is ResultStatus.PROVISIONAL:
        return "（当日未结算、结算后有变动，或所依条款为推定、尚未确认）"
    return ""


def _clauses(question: Question, group_day: GroupDay) -> Iterator[str]:
    rules = question.rules_on(group_day.day)
    graded = graded_posts(group_day.n_posts, group_day.n_relevant, group_day.clause)
    if graded is not None:
        yield _clause(rules.rulebook.activity_bands.find(graded).source)
    if MEASURE_CLAUSE in group_day.clause:
        switch = rules.switches[MEASURE_CLAUSE]
        yield f"{switch.id} {switch.source.status.value}：{switch.title}，{switch.labels[switch.chosen]}"
    yield _clause(rules.rulebook.group_duty.source)


def _clause(source: Source) -> str:
    note = f"：{source.note}" if source.note else ""
    return f"{source.clause} {source.status.value}{note}"
