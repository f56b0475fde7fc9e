"""Chat answers of oversight (督导): 催办, 通报, 约谈, 调整要求, 休假, 简报. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.replies.notices import FINAL, UNDO
from bot.replies.phrases import Answer, Row, compose, quote, show_day, show_instant
from monitor.clock import business_day
from monitor.delivery.outbox import ChannelKind
from monitor.registers import CLAUSES, EntryState, RegisterEntry, RegisterKind, Suggestion
from monitor.reminders.leaves import Leave
from monitor.store.reminders.urges import UrgeReading
from monitor.texts.operations import delivery_words
from monitor.usecases.oversight.brief_link import MadeLink
from monitor.usecases.oversight.registers import Recorded
from monitor.usecases.reminders.urge import MOST_A_DAY, Delivery, Urged

CHANNEL_WORDS: Mapping[str, str] = {
    ChannelKind.WECOM_APP: "企业微信应用",
    ChannelKind.WECOM_ROBOT: "企业微信群机器人",
    ChannelKind.TEMPLATE: "模板消息",
    ChannelKind.CUSTOMER_SERVICE: "客服消息",
}
_NOT_BACK = FINAL.format("催办已发出")


def tell_urged(urged: Urged, ways: str, now: datetime) -> Answer:
    """Answer 催办 of one unit or group."""
    one = urged.reading
    about = f"{one.group_code or one.unit_name}{'：' + one.matter if one.matter else ''}"
    if not urged.number:
        lines = [f"已收到，10 分钟内的相同催办未重复发送：{about}", show_delivery(one)]
        return Answer("\n".join((*lines, "可回复：催办 查询")))
    lines = [
        f"✅ 已登记催办 {about}：{one.n_recipients} 人",
        f"登记时间 {show_instant(now, now)}，编号 {urged.number}，今日第 {urged.n_today}/{MOST_A_DAY} 次",
        show_delivery(one),
        f"通道：{ways}" if ways else "",
        f"未绑定管理员的群：{_name_some(urged.without_person)}" if urged.without_person else "",
        f"{_NOT_BACK}。可回复：催办 查询",
    ]
    return Answer("\n".join(line for line in lines if line))


def tell_urged_all(sent: Sequence[Urged], skipped: Sequence[str], now: datetime) -> Answer:
    """Answer 催办 全部 of an inspector."""
    rows = [Row(f"{one.reading.unit_name}：{show_delivery(one.reading)}") for one in sent]
    rows += [Row(f"未发 {text}") for text in skipped]
    n_people = sum(one.reading.n_recipients for one in sent)
    return compose(
        f"✅ 已登记催办 {len(sent)} 个单位，{n_people} 人",
        f"登记时间 {show_instant(now, now)}，{_NOT_BACK}",
        rows,
        suggestion="催办 查询",
    )


def tell_urges(found: Sequence[UrgeReading], now: datetime) -> Answer:
    """Answer 催办 查询: today's, each with how far its messages came."""
    rows = [
        Row(f"{show_instant(one.made_at, now)} {one.group_code or one.unit_name}"
            f"{' ' + quote(one.matter) if one.matter else ''}：{show_delivery(one)}",
            f"催办 查询 {one.urge_id}")
        for one in found
    ]  # fmt: skip
    first = f"今日催办 {len(found)} 次" if found else "今日没有催办"
    return compose(
        first,
        f"数据截至 {show_instant(now, now)}",
        rows,
        suggestion="未达标",
        how_to_pick="回复编号看每人送达",
    )


def tell_deliveries(one: UrgeReading, deliveries: Sequence[Delivery], now: datetime) -> Answer:
    """Answer 催办 查询 with a number: how far the message to each person came."""
    rows = [
        Row(f"{each.role} {each.name}".strip()
            + f"：{each.state} {show_instant(each.at, now)}"
            + (f" {CHANNEL_WORDS.get(each.channel, each.channel)}" if each.channel else ""))
        for each in deliveries
    ]  # fmt: skip
    about = f"{one.group_code or one.unit_name}{'：' + quote(one.matter) if one.matter else ''}"
    return compose(
        f"催办 {about}：{show_delivery(one)}",
        f"{show_instant(one.made_at, now)} 发出，数据截至 {show_instant(now, now)}",
        rows,
        suggestion="催办 查询",
    )


def show_delivery(one: UrgeReading) -> str:
    """Return 「已送达 5 / 待拉取 2」, by what the platforms have accepted so far.

    已送达 is always named: what is only queued is not delivered.
    """
    used = "、".join(CHANNEL_WORDS.get(channel, channel) for channel in one.channels)
    shown = delivery_words(one.states)
    return f"{shown}（{used}）" if used else shown


def tell_recorded(done: Recorded, now: datetime) -> Answer:
    """Answer a new 通报, 约谈 or 调整要求 as it is stored."""
    entry = done.entry
    if not done.number:
        return Answer(
            f"已收到（编号 {entry.entry_id}），未重复登记\n{_line(entry, now)}\n可回复：{entry.kind.value}"
        )
    lines = [
        f"✅ 已登记{entry.kind.value} {entry.entry_id}：{entry.unit_name}",
        f"原因：{quote(entry.reason)}",
        f"登记时间 {show_instant(now, now)}，记录编号 {done.number}（{CLAUSES[entry.kind]}）",
        _told(done) if entry.kind is RegisterKind.ADJUSTMENT else "",
        done.banner and f"⚠️{done.banner}",
        f"回复 撤销 {done.number} 可撤回（10分钟内）",
    ]
    return Answer("\n".join(line for line in lines if line))


def _told(done: Recorded) -> str:
    entry = done.entry
    due = f"{entry.due_on:%Y-%m-%d}" if entry.due_on else ""
    told = f"已通知 {done.n_told} 名管理员" if done.n_told else "该单位没有已绑定的管理员，请电话通知"
    return f"管理员：{entry.person}，期限 {due}，{told}"


def ask_day(entry: RegisterEntry, days: Sequence[date]) -> str:
    """Ask for the day of a 通报 or 约谈, with numbered choices."""
    choices = "  ".join(f"{number}. {day:%m-%d}" for number, day in enumerate(days, start=1))
    return f"请回复{entry.kind.value}日期：{choices}，或直接写日期（5分钟内）"


def ask_person(entry: RegisterEntry, people: Sequence[str]) -> str:
    """Ask for the person of a 通报 or 约谈, with numbered choices."""
    what = "约谈对象" if entry.kind is RegisterKind.TALK else "责任人"
    choices = "  ".join(f"{number}. {name}" for number, name in enumerate(people, start=1))
    return f"请回复{what}：{choices}，或直接写姓名职务（5分钟内）"


def tell_completed(entry: RegisterEntry, number: int, now: datetime) -> Answer:
    """Answer when day and person are complete."""
    day = f"{entry.held_on:%Y-%m-%d}" if entry.held_on else ""
    lines = [
        f"✅ {entry.kind.value} {entry.entry_id} 已补充：{entry.unit_name}，{day}，{entry.person}",
        f"登记时间 {show_instant(now, now)}，记录编号 {number}",
        UNDO.format(number),
        f"办理后回复：{entry.kind.value} 结果 {entry.entry_id} 内容；文稿见控制台“督导登记”",
    ]
    return Answer("\n".join(lines))


def tell_entries(
    kind: RegisterKind,
    found: Sequence[RegisterEntry],
    suggestions: Sequence[Suggestion],
    now: datetime,
    *,
    usage: str,
) -> Answer:
    """Answer 通报, 约谈 or 调整要求 without anything else: what is open, and what the ledger suggests."""
    open_ones = [entry for entry in found if entry.is_open]
    rows = [Row(_line(entry, now)) for entry in (open_ones or found)]
    rows += [
        Row(f"建议（D-02，须人工确定）：{one.unit_name} {one.name}，{one.reason}",
            f"{kind.value} {one.unit_code} {one.name} {one.reason}")
        for one in suggestions
    ]  # fmt: skip
    first = f"{kind.value}：未办结 {len(open_ones)} 件" if found else f"没有{kind.value}登记"
    return compose(
        first,
        f"数据截至 {show_instant(now, now)}",
        rows,
        basis=f"依据：{CLAUSES[kind]}",
        suggestion=usage,
        how_to_pick="回复编号登记",
    )


def tell_replied(entry: RegisterEntry, now: datetime) -> Answer:
    """Answer 答复."""
    lines = (
        f"✅ 已答复调整要求 {entry.entry_id}：{quote(entry.reply)}",
        f"登记时间 {show_instant(now, now)}",
        FINAL.format("答复已通知登记人，更正请联系登记人"),
        "可回复：调整要求",
    )
    return Answer("\n".join(lines))


def tell_closed(entry: RegisterEntry, number: int, now: datetime) -> Answer:
    """Answer an outcome."""
    lines = (
        f"✅ {entry.kind.value} {entry.entry_id}（{entry.unit_name}）已办结",
        f"结果：{quote(entry.outcome)}",
        f"登记时间 {show_instant(now, now)}，记录编号 {number}",
        UNDO.format(number),
        f"可回复：{entry.kind.value}",
    )
    return Answer("\n".join(lines))


def tell_leave(leave: Leave, number: int, now: datetime) -> Answer:
    """Answer a recorded 休假."""
    days = f"{leave.first_day:%m-%d} 至 {leave.last_day:%m-%d}"
    if not number:
        return Answer(f"已登记过该休假（{days}，代管人 {leave.deputy_name}），未重复登记\n可回复：休假")
    lines = (
        f"✅ 已登记休假 {days}，代管人 {leave.deputy_name}",
        "期间的提醒发给代管人，到期自动恢复",
        f"登记时间 {show_instant(now, now)}，编号 {number}",
        f"回复 撤销 {number} 可撤回（10分钟内）；提前结束回复：休假 取消",
    )
    return Answer("\n".join(lines))


def tell_leaves(found: Sequence[Leave], today: date, now: datetime) -> Answer:
    """Answer 休假 without days: the own history."""
    rows = [
        Row(f"{show_day(one.first_day, now)} 至 {show_day(one.last_day, now)}，代管人 {one.deputy_name}"
            f"（{_leave_state(one, today)}）")
        for one in found
    ]  # fmt: skip
    first = f"您的休假登记 {len(found)} 次" if found else "您没有休假登记"
    return compose(first, f"数据截至 {show_instant(now, now)}", rows, suggestion="休假 起 止 代管人")


def _leave_state(leave: Leave, today: date) -> str:
    if leave.ended_at is not None:
        return "已取消"
    if leave.first_day > today:
        return "未开始"
    return "进行中" if leave.last_day >= today else "已结束"


def tell_link(made: MadeLink, address: str, now: datetime) -> Answer:
    """Answer 简报."""
    lines = (
        f"简报（只读，{show_instant(made.expires_at, now)} 前有效）",
        address,
        "链接无需登录，请勿外传；不含群消息正文和个人姓名",
        f"登记时间 {show_instant(now, now)}，编号 {made.number}",
        f"回复 撤销 {made.number} 收回该链接（10分钟内）；回复 简报 作废 收回全部链接",
    )
    return Answer("\n".join(lines))


def _line(entry: RegisterEntry, now: datetime) -> str:
    when = entry.due_on if entry.kind is RegisterKind.ADJUSTMENT else entry.held_on
    due = ""
    if when is not None:
        due = f"，{'期限 ' if entry.kind is RegisterKind.ADJUSTMENT else ''}{show_day(when, now)}"
    late = "⚠️逾期 " if entry.is_late(business_day(now)) else ""
    said = f"，答复：{quote(entry.reply)}" if entry.state is EntryState.REPLIED else ""
    person = f" {entry.person}" if entry.person else ""
    head = f"{late}编号 {entry.entry_id} {entry.unit_name}{person}"
    return f"{head}：{quote(entry.reason)}（{entry.state.value}{due}）{said}"


def _name_some(names: Sequence[str]) -> str:
    shown = "、".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} 等 {len(names)} 个"
