"""Chat answers about the ledger (台账): figures, what was stored, requests, topics, posts. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.replies.notices import UNDO
from bot.replies.phrases import Answer, Row, compose, quote, show_day, show_instant
from monitor.clock import business_day
from monitor.days.topics import Topic
from monitor.ledger.ledger import ChangeKind, ChangeState, LedgerChange, LedgerReading
from monitor.ledger.reconciliation import Reconciliation, UnknownGroup
from monitor.units import Unit
from monitor.usecases.ledger.desk import Acted
from monitor.usecases.ledger.people import Invited
from monitor.usecases.ledger.reading import ManagersReading
from monitor.usecases.ledger.topics import GroupTopics
from monitor.usecases.ledger.undo import TakenBack

_SHORT_COVERAGE = ("团员青年", "群", "团组织")


def tell_ledger(reading: LedgerReading, now: datetime) -> Answer:
    """Answer 台账: groups, accounts, members, bases, the three ratios, and how far the next tier is (D.3)."""
    distances = [one.distance for one in reading.coverage if one.distance]
    has_base = any(one.base for one in reading.coverage)
    reached = "覆盖率均已到最高一档 ✅" if has_base else "❔覆盖率无基数"
    first = distances[0] if distances else reached
    rows = [
        Row(f"群 {reading.n_groups} 个，公众号 {len(reading.accounts)} 个，{reading.n_members} 人（可重复）"),
        Row(f"有群的单位 {reading.n_units_with_groups}/{reading.n_units} 个"),
    ]
    for word, one in zip(_SHORT_COVERAGE, reading.coverage, strict=False):
        tier = f"（{one.tier}，{one.source.status.value}）" if one.tier else ""
        warning = "⚠️多于基数，请核对" if one.is_above_base else ""
        rows.append(Row(f"{word}覆盖：{one.words}{tier}{warning}"))
    rows.append(Row(_moves(reading)))
    if reading.n_pending:
        rows.append(Row(f"待审批 {reading.n_pending} 项"))
    named = next((one.base for one in reading.coverage if one.base), None)
    basis = f"基数：{named.year} 年，{quote(named.source)}" if named else "基数未录入，由督导检查录入"
    return compose(
        f"{reading.unit.name}台账：{first}",
        f"数据截至 {show_instant(reading.made_at, now)}",
        rows,
        basis=f"{basis}；HN-A2.2",
        suggestion="审批" if reading.n_pending else "台账 核查",
    )


def tell_reconciliation(unit: Unit, report: Reconciliation | None, now: datetime) -> Answer:
    """Answer 台账 核查: what the newest weekly reconciliation found in a subtree."""
    if report is None:
        return Answer(f"{unit.name}：尚无核查报告\n每周一 03:00 自动核查（D-01 默认）\n可回复：台账")
    counts: dict[str, int] = {}
    for one in report.findings:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    total = "、".join(f"{word} {number}" for word, number in counts.items())
    period = f"{show_day(report.period.first_day, now)} 至 {show_day(report.period.last_day, now)}"
    rows = [Row(f"{one.kind}：{one.label}，{one.text}") for one in report.findings]
    return compose(
        f"{unit.name}台账核查：{total}" if total else f"✅ {unit.name}台账核查：未发现不符",
        f"核查于 {show_instant(report.made_at, now)}，期间 {period}",
        rows,
        basis="HN-2.1.1，周期 D-01 默认",
        suggestion="台账",
    )


def tell_opened(acted: Acted, now: datetime) -> Answer:
    """Answer 开通: the code, and whether the unit above has to approve."""
    change = acted.change
    if not acted.number:
        state = "待审批" if change is not None and change.state is ChangeState.PENDING else "已在台账"
        first = f"已有同名群 {acted.existing}（{state}），未重复登记"
        return _finish(first, [], f"群 {acted.existing}" if state != "待审批" else "台账")
    assert change is not None  # noqa: S101  a stored act has its change
    is_done = change.state is ChangeState.DONE
    first = f"✅ 已开通 {change.code} {change.name}，{change.after['members']} 人" if is_done else (
        f"✅ 已申请开通 {change.code} {change.name}，{change.after['members']} 人，待上级审批"
    )  # fmt: skip
    more = ["今日起计入" if is_done else f"申请 {change.number}，批准后计入"]
    return _finish(first, [*_stored(acted, now), *more], "台账", acted.number)


def tell_members(acted: Acted, now: datetime) -> Answer:
    """Answer 变更."""
    change = acted.change
    if change is None:
        return _finish(f"已收到，未重复登记：群 {acted.existing} 人数未变", [], f"群 {acted.existing}")
    first = f"✅ {change.code} {change.name} 人数 {change.before['members']} → {change.after['members']}"
    return _finish(first, _stored(acted, now), "台账", acted.number)


def tell_closed(acted: Acted, now: datetime) -> Answer:
    """Answer 停用."""
    change = acted.change
    if change is None:
        return _finish(f"已收到，未重复登记：群 {acted.existing} 此前已停用", [], "台账")
    first = f"⏸ 已停用 {change.code} {change.name}：{quote(change.reason)}"
    return _finish(first, [*_stored(acted, now), "今日为最后一日，历史保留"], "台账", acted.number)


def tell_claimed(acted: Acted, now: datetime) -> Answer:
    """Answer 认领 with a number."""
    change = acted.change
    if not acted.number or change is None:
        code = acted.existing or (change.code if change else "")
        return _finish(f"已收到，未重复登记：群 {code}", [], "认领")
    label = f"外部编号 {change.after['external_id']} → {change.code} {change.name}"
    if change.state is ChangeState.PENDING:
        first = f"✅ 已申请认领 {label}，待上级审批（申请 {change.number}）"
    else:
        first = f"✅ 已认领 {label}，来源 {change.after['source']}"
    return _finish(first, _stored(acted, now), f"群 {change.code}", acted.number)


def list_unknown(found: Sequence[UnknownGroup], now: datetime) -> Answer:
    """Answer 认领: the unregistered groups, the busiest first."""
    if not found:
        return Answer("✅ 没有未登记的群\n可回复：台账 核查")
    rows = [
        Row(f"{one.external_id}（{one.source}）{one.n_events} 条，最近 {show_instant(one.last_seen_at, now)}")
        for one in found
    ]
    first = f"未登记的群 {len(found)} 个，只有编号，未存内容"
    return compose(
        first, f"数据截至 {show_instant(now, now)}", rows, suggestion=f"认领 {found[0].external_id} 群编号"
    )


def list_requests(waiting: Sequence[LedgerChange], own: Sequence[LedgerChange], now: datetime) -> Answer:
    """Answer 审批: what waits for this person; choosing a number shows one."""
    mine = f"；本单位另有 {len(own)} 项待上级审批" if own else ""
    if not waiting:
        return Answer(f"✅ 没有待您审批的事项{mine}\n可回复：台账")
    rows = [
        Row(f"{_name(one)}（{one.unit_name}，{show_day(one.effective_on, now)}）", f"审批 {one.number}")
        for one in waiting
    ]
    return compose(
        f"待您审批 {len(waiting)} 项{mine}",
        f"数据截至 {show_instant(now, now)}",
        rows,
        suggestion=f"审批 {waiting[0].number} 同意",
        how_to_pick="回复行首的数字查看",
    )


def tell_request(change: LedgerChange, now: datetime) -> Answer:
    """Answer 审批 with a number: the request, and how to decide it."""
    rows = [
        f"申请人 {change.asked_by_name or '未具名'}，{show_instant(change.asked_at, now)}",
        f"单位 {change.unit_name}",
    ]
    if change.state is not ChangeState.PENDING:
        rows.append(
            f"{change.state.value}，{change.decided_by_name}" + (f"：{change.note}" if change.note else "")
        )
        return Answer("\n".join((f"申请 {change.number}：{_name(change)}", *rows, "可回复：审批")))
    lines = (f"申请 {change.number} 待审批：{_name(change)}", *rows, "1. 同意")
    tail = f"回复 1 同意，或回复：审批 {change.number} 退回 原因"
    return Answer("\n".join((*lines, tail)), (f"审批 {change.number} 同意",))


def tell_decided(acted: Acted, now: datetime) -> Answer:
    """Answer 审批 with a decision."""
    change = acted.change
    assert change is not None  # noqa: S101  a decision is about a request
    if not acted.number:
        return _finish(f"已收到，未重复登记：申请 {change.number} {change.state.value}", [], "审批")
    word = "同意" if change.state is ChangeState.DONE else f"退回：{quote(change.note)}"
    first = f"✅ 申请 {change.number} 已{word}，{_name(change)}"
    return _finish(first, _stored(acted, now), "审批", acted.number)


def tell_topics(found: Sequence[GroupTopics], now: datetime, *, is_manager: bool) -> Answer:
    """Answer 话题: the open topics of a group or of a manager's groups."""
    rows = []
    for one in found:
        head = f"{one.group.code} " if len(found) > 1 else ""
        for topic in one.topics:
            words = "、".join(topic.keywords) or "无关键词"
            rows.append(Row(f"{head}话题{topic.topic_id} {topic.title}（{words}），{_open_for(topic, now)}"))
        if not one.topics:
            rows.append(Row(f"{head}⚠️无微话题：当日不能达标（HN-2.1.3b）"))
    n_topics = sum(len(one.topics) for one in found)
    name = found[0].group.name if len(found) == 1 else f"{len(found)} 个群"
    suggestion = "话题 新 名称 关键词" if is_manager else f"话题 {found[0].group.code} 名称 关键词"
    return compose(
        f"{name}：在开微话题 {n_topics} 个", f"数据截至 {show_instant(now, now)}", rows, suggestion=suggestion
    )


def tell_topic(acted: Acted, now: datetime, *, is_opened: bool) -> Answer:
    """Answer an opened or closed topic."""
    change = acted.change
    if change is None:
        done = "该话题已在开" if is_opened else "该话题此前已结束"
        return _finish(f"已收到，未重复登记：{done}（群 {acted.existing}）", [], "话题")
    title = f"“{change.after['title']}”"
    words = "、".join(change.after.get("keywords", ()))
    first = f"✅ {change.code} 话题{change.after['topic']} {title}"
    first += f" 已开，关键词 {words or '无'}" if is_opened else " 已结束，今日为最后一日"
    more = ["一分钟内起按此判定话题相关"] if is_opened else []
    return _finish(first, [*_stored(acted, now), *more], f"话题 {change.code}", acted.number)


def tell_managers(reading: ManagersReading, now: datetime, *, only_vacancies: bool) -> Answer:
    """Answer 管理员: posts, vacancies and suggestions (D-02), vacancies first."""
    n_vacant = len(reading.vacancies)
    rows = [Row(f"⚠️{one.kind.value}：{one.label}，{one.text}") for one in reading.vacancies]
    if not only_vacancies:
        rows = rows[:4] + [
            Row(f"{use.group_code} {use.term.name}：{use.suggestion}") for use in reading.suggested
        ]
    first = f"缺位 {n_vacant} 处" if n_vacant else "✅ 没有缺位"
    more = "" if only_vacancies else f"，建议调整 {len(reading.suggested)} 人（须由人确认）"
    n_left = max(0, n_vacant - 4) if not only_vacancies else 0
    return compose(
        f"{reading.unit.name}：{first}，群管理员 {reading.n_managers} 人（已绑定 {reading.n_bound}）{more}",
        f"数据截至 {show_instant(now, now)}",
        rows,
        n_more=n_left,
        basis=reading.rule.words if not only_vacancies else "HN-2.2.2",
        suggestion="管理员 邀请 单位 姓名" if only_vacancies else "管理员 缺位",
    )


def tell_invited(invited: Invited, now: datetime) -> Answer:
    """Answer 管理员 邀请: the code, shown in this answer only."""
    first = f"✅ 邀请码 {invited.code}，{show_instant(invited.expires_at, now)} 前有效，只能用一次"
    lines = [
        f"登记时间 {show_instant(now, now)}，编号 {invited.number}",
        f"{invited.role.value} · {invited.place} · {invited.name}",
        f"请转告本人回复：绑定 {invited.code}",
    ]
    return _finish(first, lines, "管理员", invited.number)


def tell_officer(acted: Acted, now: datetime) -> Answer:
    """Answer 专责: who is in office now, and who was."""
    change = acted.change
    if change is None:
        return _finish("已收到，未重复登记：专责人员未变", [], "管理员")
    was = "、".join(change.before["names"])
    first = f"✅ {change.name} 专责人员：{change.after['name']}" + (
        f"（原 {was}，任期已留存）" if was else ""
    )
    return _finish(first, _stored(acted, now), "管理员 缺位", acted.number)


def tell_taken_back(taken: TakenBack, number: int, now: datetime) -> Answer:
    """Answer 撤销 of what was written into the ledger."""
    first = f"✅ 已撤销编号 {number}：{_name(taken.change)}"
    return Answer(f"{first}\n登记时间 {show_instant(now, now)}，编号 {taken.number}\n可回复：台账")


def _name(change: LedgerChange) -> str:
    """Return what a change is about in a few words."""
    about = f"{change.code} {change.name}".strip()
    if change.kind in (ChangeKind.OPEN, ChangeKind.MEMBERS):
        return f"{change.kind.value} {about}" + (
            f"，{change.after['members']} 人" if "members" in change.after else ""
        )
    if change.kind is ChangeKind.CLAIM:
        return f"认领 {change.after.get('external_id', '')} → {about}"
    return f"{change.kind.value} {about}"


def _moves(reading: LedgerReading) -> str:
    n_changed = sum(one.kind is ChangeKind.MEMBERS for one in reading.changes)
    words = f"本期新开 {len(reading.opened)}、停用 {len(reading.closed)}、人数变更 {n_changed}"
    return f"{words}（{reading.period.first_day:%m-%d} 至 {reading.period.last_day:%m-%d}）"


def _open_for(topic: Topic, now: datetime) -> str:
    today = business_day(now)
    if topic.closed_on is not None:
        return f"剩 {(topic.closed_on - today).days + 1} 天"
    return f"已开 {(today - topic.opened_on).days + 1} 天"


def _stored(acted: Acted, now: datetime) -> list[str]:
    return [f"登记时间 {show_instant(now, now)}，编号 {acted.number}"]


def _finish(first: str, lines: Sequence[str], suggestion: str, number: int = 0) -> Answer:
    undo = [UNDO.format(number)] if number else []
    return Answer("\n".join((first, *lines, *undo, f"可回复：{suggestion}")))
