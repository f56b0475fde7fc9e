"""系统 pages: from readings to what templates lay out. Pure; no Flask, no clock, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import business_day
from monitor.schedule import PURGE, next_slots
from monitor.texts.audit_words import action_words, detail_words, subject_words
from monitor.texts.browsers import browser_words
from monitor.usecases.operations.audit_trail import AuditPage, RetentionReading, SlotLine
from monitor.usecases.people.administer import UserLine
from monitor.usecases.people.sessions import SessionLine
from web.wording import NONE, Badge, moment_words

_ACTIVE = Badge("met", "✓", "使用中")
_OFF = Badge("none", "–", "已停用")
_LOCKED = Badge("due", "!", "已锁定")
_WAYS = {"console": "密码", "chat": "微信"}


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session of a list."""

    handle: str
    name: str
    place: str
    way: str
    browser: str
    address: str
    since: str
    last_seen: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user of a list, or of their own page."""

    user_id: int
    name: str
    display_name: str
    role: str
    unit_name: str
    unit_code: str
    badge: Badge
    is_active: bool
    second_factor: str
    has_second_factor: bool
    last_sign_in: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry of the audit."""

    number: int
    at: str
    actor: str
    actor_code: str
    action: str
    action_code: str
    subject: str
    subject_code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RetentionRow:
    """Something that is kept, how long, and what happens then."""

    what: str
    how_long: str
    then: str


def present_sessions(lines: Iterable[SessionLine], today: date, here: str = "") -> list[SessionRow]:
    """Lay out sessions; `here` is the handle of the one that looks at them."""
    return [
        SessionRow(
            handle=line.handle,
            name=line.name or line.owner,
            place=f"{line.unit_name} · {line.role}",
            way=_WAYS.get(line.owner.partition(":")[0], NONE),
            browser=browser_words(line.user_agent),
            address=line.address or NONE,
            since=moment_words(line.created_at, today),
            last_seen=moment_words(line.last_seen_at, today),
            is_here=line.handle == here,
        )
        for line in lines
    ]


def present_user(user: UserLine, now: datetime) -> UserRow:
    """Lay out a user."""
    is_locked = user.locked_until is not None and now < user.locked_until
    last = user.last_sign_in_at
    return UserRow(
        user_id=user.user_id,
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        unit_name=user.unit_name,
        unit_code=user.unit_code,
        badge=_OFF if not user.is_active else _LOCKED if is_locked else _ACTIVE,
        is_active=user.is_active,
        second_factor="已开启" if user.has_second_factor else "未开启",
        has_second_factor=user.has_second_factor,
        last_sign_in=moment_words(last, business_day(now)) if last else "从未登录",
    )


def present_audit(page: AuditPage, today: date) -> list[AuditRow]:
    """Lay out entries, their details as text."""
    return [
        AuditRow(
            number=line.number,
            at=moment_words(line.at, today),
            actor=page.names.get(line.actor) or subject_words(line.actor),
            actor_code=line.actor,
            action=action_words(line.action),
            action_code=line.action,
            subject=page.names.get(line.subject) or subject_words(line.subject),
            subject_code=line.subject,
            detail=detail_words(line.detail),
        )
        for line in page.lines
    ]


def present_retention(reading: RetentionReading) -> list[RetentionRow]:
    """Lay out what is kept how long."""
    kept = reading.retention
    return [
        RetentionRow("发布与对话的原文、发送者姓名", f"{kept.text_days} 天", "清空，条数与等次保留"),
        RetentionRow("不良信息事件的原文与证据", f"办结后 {kept.incident_days} 天", "清空"),
        RetentionRow("出错记录和留存的输入（编号 E-…）", f"{kept.input_days} 天", "删除"),
        RetentionRow("推送记录", f"办结后 {kept.outbox_days} 天", "删除"),
        RetentionRow("控制台登录会话", f"停用后 {kept.session_days} 天", "删除；30 分钟无操作即失效"),
        RetentionRow("操作与登录记录", f"{kept.audit_days} 天", "按天删除，当天的封存摘要保留"),
        RetentionRow("条数、等次、考评结果", "长期", "不删除"),
    ]


def slot_words(slot: SlotLine | None, today: date) -> str:
    """Say when a job ran last and what came of it."""
    if slot is None:
        return "尚未运行"
    return f"{moment_words(slot.ran_at, today)}：{slot.outcome or '未完成'}"


def next_purge_words(now: datetime) -> str:
    """Say when the next purge is due."""
    return moment_words(next_slots(PURGE, now, 1)[0], business_day(now))
