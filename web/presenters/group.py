"""Group page and day drawer: from readings to what the templates lay out. Pure.

Key types: `GroupPage`, `DayDrawer`, `ReasonLine`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from monitor.clock import as_shanghai
from monitor.days.counting import graded_posts
from monitor.days.readings import GroupDay, PostReading
from monitor.units import Role
from scoring.duty import DutyState
from scoring.rulebook import Rulebook
from scoring.source import Provenance, ResultStatus
from web.presenters.overview import GroupLine, Slice, cut_page, present_group
from web.wording import (
    ACTIVITY_LOOKS,
    NONE,
    Badge,
    count_words,
    day_words,
    duty_badge,
    last_data_words,
    long_day_words,
    moment_words,
    share_words,
)

HISTORY_DAYS = 30
_JUDGES = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN))
PAGE_POSTS = 50  # of one day; keeps the drawer within the page budget
_GRADE_CODES = {None: "-"} | {grade: look[-1] for grade, look in ACTIVITY_LOOKS.items()}
_DUTY_CODES = {DutyState.MET: "m", DutyState.NOT_MET: "u", DutyState.NO_TOPIC: "t", DutyState.NO_DATA: "-"}
_KIND_WORDS = {
    "text": "文字", "image": "图片", "link": "链接", "file": "文件",
    "voice": "语音", "video": "视频", "other": "其他",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """Why a grade or state is what it is: arithmetic, clause, and how the clause stands in its source."""

    label: str
    outcome: str
    reason: str
    clause: str
    source_status: str
    note: str


@dataclass(frozen=True, slots=True)
class ProvenanceLine:
    """What one kind of source says."""

    provenance: str
    posts: str
    relevant: str
    last_at: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One day of the grade history."""

    day: date
    words: str
    badge: Badge
    is_provisional: bool
    posts: str
    relevant: str
    activity: str
    activity_look: str
    reason: str


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month of the calendar in words."""

    month: str
    met: str
    ratio: str
    posts: str
    no_data: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days of the heat map in order, as short codes for the chart, and by month for the table.

    `counts` holds numbers or nothing, `grades` 3 (优秀) … 0 (差) or "-", `duties` m, u, t or "-".
    """

    first_day: str
    counts: str
    grades: str
    duties: str
    months: tuple[MonthLine, ...]


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Everything the group page shows."""

    line: GroupLine
    member_count: int
    day: date
    day_words: str
    conclusion: str
    is_provisional: bool
    data_time: str
    facts: tuple[tuple[str, str], ...]
    reasons: tuple[ReasonLine, ...]
    provenance: tuple[ProvenanceLine, ...]
    topics: tuple[str, ...]
    manager: str
    calendar: Calendar
    history: tuple[HistoryLine, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class PostLine:
    """One post of the drawer. `note` says why it is not counted; empty text when it is."""

    time: str
    sender: str
    kind: str
    excerpt: str
    is_relevant: bool
    reason: str
    provenance: str
    note: str
    event_key: int  # names the post within the day, for 有关 / 无关


@dataclass(frozen=True, slots=True)
class DayDrawer:
    """One day of a group with its posts."""

    group_code: str
    group_name: str
    day: date
    day_words: str
    before: date
    after: date | None
    badge: Badge
    is_provisional: bool
    conclusion: str
    reasons: tuple[ReasonLine, ...]
    provenance: tuple[ProvenanceLine, ...]
    posts: tuple[PostLine, ...]
    post_slice: Slice
    n_left_out: int  # listed, but not counted
    posts_note: str  # why no posts are listed; empty text when they are
    may_judge: bool  # 有关 / 无关


def present_group_page(
    group_day: GroupDay, days: Sequence[GroupDay], rulebook: Rulebook, role: Role, today: date
) -> GroupPage:
    """Lay out the page of a group. `days` are the days of the calendar, oldest first."""
    return GroupPage(
        line=present_group(group_day, today),
        member_count=group_day.group.member_count,
        day=group_day.day,
        day_words=long_day_words(group_day.day),
        conclusion=conclude(group_day, today),
        is_provisional=group_day.status is ResultStatus.PROVISIONAL,
        data_time=last_data_words(group_day, today),
        facts=_facts(group_day),
        reasons=present_reasons(group_day, rulebook),
        provenance=_provenance(group_day, today),
        topics=group_day.topics,
        manager=_manager_words(group_day, role),
        calendar=present_calendar(days),
        history=tuple(_history_line(day, today) for day in reversed(days[-HISTORY_DAYS:])),
        empty=_why_empty(group_day, today),
    )


def present_drawer(
    group_day: GroupDay,
    posts: Sequence[PostReading],
    rulebook: Rulebook,
    role: Role,
    today: date,
    *,
    page: int = 1,
) -> DayDrawer:
    """Lay out a day of a group with its posts; leaders see counts only (no message bodies)."""
    is_folded = role is Role.LEADER
    shown, post_slice = cut_page([] if is_folded else posts, page, PAGE_POSTS)
    return DayDrawer(
        group_code=group_day.group.code,
        group_name=group_day.group.name,
        day=group_day.day,
        day_words=long_day_words(group_day.day),
        before=group_day.day - timedelta(days=1),
        after=group_day.day + timedelta(days=1) if group_day.day < today else None,
        badge=duty_badge(group_day.duty, group_day.day, today),
        is_provisional=group_day.status is ResultStatus.PROVISIONAL,
        conclusion=conclude(group_day, today),
        reasons=present_reasons(group_day, rulebook),
        provenance=_provenance(group_day, today),
        posts=tuple(_post_line(post) for post in shown),
        post_slice=post_slice,
        n_left_out=sum(not post.is_counted for post in posts),
        posts_note=_why_no_posts(group_day, bool(posts), is_folded),
        may_judge=role in _JUDGES,
    )


def conclude(group_day: GroupDay, today: date) -> str:
    """Say the day in one line: 「今日 4 条（一般），话题相关 1 条，达标」."""
    name = "今日" if group_day.day == today else day_words(group_day.day, today)
    if group_day.n_posts is None:
        words = "无数据，不计条数、不评等次"
        return f"{name}{words}" + ("；当日无微话题" if group_day.duty is DutyState.NO_TOPIC else "")
    grade = f"（{group_day.activity.value}）" if group_day.activity else ""
    counted = f"{name} {group_day.n_posts} 条{grade}"
    if group_day.duty is DutyState.NO_DATA:  # an inspector counted posts, nobody looked at topics
        return f"{counted}，话题相关无数据，不判达标与否"
    relevant = f"，话题相关 {group_day.n_relevant} 条" if group_day.n_relevant is not None else ""
    return f"{counted}{relevant}，{duty_badge(group_day.duty, group_day.day, today).word}"


def present_reasons(group_day: GroupDay, rulebook: Rulebook) -> tuple[ReasonLine, ...]:
    """Return the two measures of a day with their clauses: activity and duty."""
    if group_day.n_posts is None or group_day.activity is None:  # no band was hit, so none is cited
        ungraded = DutyState.NO_DATA.value
        activity = ReasonLine("活跃度", ungraded, group_day.activity_reason, group_day.clause, "", "")
    else:
        graded = graded_posts(group_day.n_posts, group_day.n_relevant, group_day.clause)
        band = rulebook.activity_bands.find(graded or 0)
        activity = _reason("活跃度", group_day.activity.value, group_day.activity_reason, band.source)
    duty = _reason("每日职责", group_day.duty.value, group_day.duty_reason, rulebook.group_duty.source)
    return activity, duty


def present_calendar(days: Sequence[GroupDay]) -> Calendar:
    """Encode the days for the heat map, and sum them up by month, newest first."""
    months = [_month_line(list(month)) for _, month in groupby(days, key=lambda day: day.day.replace(day=1))]
    return Calendar(
        first_day=days[0].day.isoformat() if days else "",
        counts=",".join("" if day.n_posts is None else str(day.n_posts) for day in days),
        grades="".join(_GRADE_CODES[day.activity] for day in days),
        duties="".join(_DUTY_CODES[day.duty] for day in days),
        months=tuple(reversed(months)),
    )


def _facts(group_day: GroupDay) -> tuple[tuple[str, str], ...]:
    return (
        ("发布信息", _with_unit(group_day.n_posts, "条")),
        ("话题相关", _with_unit(group_day.n_relevant, "条")),
        ("发言成员", _with_unit(group_day.n_members, "人")),
        ("重复内容", f"{group_day.n_repeats} 条" if group_day.n_posts is not None else NONE),
    )


def _reason(label: str, outcome: str, reason: str, source: Provenance) -> ReasonLine:
    status = source.status.value + ("（已确认）" if source.is_confirmed else "")
    return ReasonLine(label, outcome, reason, source.clause, status, source.note)


def _provenance(group_day: GroupDay, today: date) -> tuple[ProvenanceLine, ...]:
    return tuple(
        ProvenanceLine(
            count.provenance,
            f"{count.n_posts} 条",
            f"{count.n_relevant} 条",
            moment_words(count.last_at, today) if count.last_at else NONE,
        )
        for count in group_day.by_provenance
    )


def _manager_words(group_day: GroupDay, role: Role) -> str:
    """Name the manager (群管理员); a leader sees no names below unit level (requirement D.6)."""
    if role is Role.LEADER:
        return "姓名仅对单位管理员和督导检查人员显示" if group_day.manager_name else "未登记"
    return group_day.manager_name or "未登记"


def _history_line(group_day: GroupDay, today: date) -> HistoryLine:
    return HistoryLine(
        day=group_day.day,
        words=day_words(group_day.day, today),
        badge=duty_badge(group_day.duty, group_day.day, today),
        is_provisional=group_day.status is ResultStatus.PROVISIONAL,
        posts=count_words(group_day.n_posts),
        relevant=NONE if group_day.n_relevant is None else str(group_day.n_relevant),
        activity=group_day.activity.value if group_day.activity else NONE,
        activity_look=ACTIVITY_LOOKS[group_day.activity] if group_day.activity else "none",
        reason=f"{group_day.activity_reason}；{group_day.duty_reason}".strip("；"),
    )


def _month_line(days: list[GroupDay]) -> MonthLine:
    known = [day for day in days if day.duty is not DutyState.NO_DATA]
    n_met = sum(day.duty is DutyState.MET for day in known)
    counts = [day.n_posts for day in days if day.n_posts is not None]
    return MonthLine(
        month=f"{days[0].day:%Y-%m}",
        met=f"{n_met}/{len(known)} 天" if known else NONE,
        ratio=share_words(n_met, len(known)),
        posts=f"{sum(counts)} 条" if counts else NONE,
        no_data=f"{len(days) - len(known)} 天",
    )


def _post_line(post: PostReading) -> PostLine:
    note = "已撤回，不计" if post.is_recalled else "" if post.is_counted else "不计入条数"
    return PostLine(
        time=f"{as_shanghai(post.occurred_at):%H:%M}",
        sender=post.sender_name or "成员",
        kind=_KIND_WORDS.get(post.kind, post.kind),
        excerpt=post.excerpt,
        is_relevant=post.is_relevant,
        reason=post.reason,
        provenance=post.provenance,
        note=note,
        event_key=post.event_key,
    )


def _why_no_posts(group_day: GroupDay, has_posts: bool, is_folded: bool) -> str:
    if is_folded:
        return "领导角色只看条数，不显示发言内容和成员。"
    if has_posts:
        return ""
    if group_day.n_posts is None:
        return "当日没有采集、自报、检查或导入的记录，所以不计 0 条。"
    if group_day.n_posts:
        return "当日条数来自自报、检查或导入的合计，没有逐条记录。"
    return "当日有采集记录，但没有成员发言。"


def _with_unit(count: int | None, unit: str) -> str:
    return DutyState.NO_DATA.value if count is None else f"{count} {unit}"


def _why_empty(group_day: GroupDay, today: date) -> str:
    if group_day.n_posts is not None:
        return ""
    if group_day.last_data_at is None:
        return "该群登记以来从未收到数据。请联系系统运维检查或接入采集；也可提供聊天记录，由系统运维导入。"
    return (
        f"该群最近一次数据：{moment_words(group_day.last_data_at, today)}，方式 {group_day.last_data_by}。"
        "请联系系统运维检查采集；也可提供聊天记录，由系统运维导入。"
    )
