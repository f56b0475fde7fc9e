"""通报, 约谈, 调整要求, 答复: the registers of oversight (HN-2.1.2, HN-2.1.4)."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.commands.command import Ask, Command, Continuation, Continued
from bot.commands.parameters import find_unit, rest_of
from bot.commands.urging import chair_of
from bot.dates import read_coming_day
from bot.grammar import read_number
from bot.permissions import ADMINS
from bot.replies.oversight import (
    ask_day,
    ask_person,
    tell_closed,
    tell_completed,
    tell_entries,
    tell_recorded,
    tell_replied,
)
from bot.replies.phrases import Answer
from monitor.errors import BadParameter, MissingParameter
from monitor.people.steps import Awaits, await_text
from monitor.registers import RegisterEntry, RegisterKind, read_term
from monitor.store.people.chat import Connection
from monitor.store.reminders.settings import load_workdays
from monitor.units import Role
from monitor.usecases.oversight.adjustment_sources import load_suggestions
from monitor.usecases.oversight.desk import Chair
from monitor.usecases.oversight.registers import (
    NewEntry,
    close_entry,
    complete_entry,
    find_entry,
    last_record,
    list_entries,
    record_entry,
    reply_to,
    take_back_step,
    withdraw_entry,
)

_DAY_STEP, _PERSON_STEP = "register.day", "register.person"
_OUTCOME = ("结果", "办结")
_KINDS = {kind.value: kind for kind in RegisterKind}
_POSTS = ("主要负责人", "分管负责人", "微信专责人员")
_MOST_SUGGESTED = 3


def take_back_entry(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Take back an entry of the asker (撤销); None if the number is not that of one."""
    if not ask.bound or ask.viewer.role is Role.LEADER:
        return None
    chair = chair_of(connection, ask)
    stepped = take_back_step(chair, number)
    if stepped is not None:
        return Answer(
            f"✅ 已撤销编号 {number}：{stepped.kind.value} {stepped.entry_id} 恢复“{stepped.state.value}”\n"
            f"可回复：{stepped.kind.value}"
        )
    entry = withdraw_entry(chair, number)
    if entry is None:
        return None
    kind = entry.kind.value
    return Answer(f"✅ 已撤销编号 {number}：{kind} {entry.entry_id}（{entry.unit_name}）\n可回复：{kind}")


def _register(connection: Connection, ask: Ask) -> Answer:
    kind, chair = _KINDS[ask.command.name], chair_of(connection, ask)
    words = ask.arguments
    if not words:
        suggestions = load_suggestions(chair, _MOST_SUGGESTED) if kind is RegisterKind.ADJUSTMENT else ()
        return tell_entries(
            kind, list_entries(chair, (kind,)), suggestions, ask.now, usage=ask.command.usage.split("；")[0]
        )
    if words[0] in _OUTCOME:
        closed = close_entry(chair, _number(ask, words[1:]), rest_of(ask, 2))
        return tell_closed(closed, last_record(chair), ask.now)
    if len(words) < 2:
        raise MissingParameter("unit and reason", user_text=ask.command.usage_line)
    unit = find_unit(ask, words[0])
    if kind is RegisterKind.ADJUSTMENT:
        return _adjust(chair, ask, unit.code)
    done = record_entry(chair, NewEntry(kind, unit.code, rest_of(ask, 1)))
    answer = tell_recorded(done, ask.now)
    if not done.entry.is_open or (done.entry.held_on and done.entry.person):
        return answer
    return _next_question(chair, done.entry, answer.text)


def _adjust(chair: Chair, ask: Ask, unit_code: str) -> Answer:
    words = ask.arguments
    if len(words) < 3:
        raise MissingParameter("name and reason", user_text=ask.command.usage_line)
    due_on = _due(chair, words[-1]) if len(words) > 3 else None
    reason = rest_of(ask, 2)
    if due_on is not None:
        reason = reason[: reason.rindex(words[-1])] if words[-1] in reason else " ".join(words[2:-1])
    new = NewEntry(RegisterKind.ADJUSTMENT, unit_code, reason, person=words[1], due_on=due_on)
    return tell_recorded(record_entry(chair, new), ask.now)


def _due(chair: Chair, word: str) -> date | None:
    term = read_term(word, chair.today, load_workdays(chair.connection))
    return term or read_coming_day(word, chair.today)


def _next_question(chair: Chair, entry: RegisterEntry, text: str) -> Answer:
    """Ask for the day first, then for the person."""
    if entry.held_on is None:
        prompt = ask_day(entry, _days(chair))
        return Answer(text, step=await_text(_DAY_STEP, entry.entry_id, prompt=prompt))
    prompt = ask_person(entry, _POSTS)
    return Answer(text, step=await_text(_PERSON_STEP, entry.entry_id, prompt=prompt))


def _days(chair: Chair) -> Sequence[date]:
    workdays = load_workdays(chair.connection)
    week = chair.today + timedelta(days=7)
    later = week if workdays.is_workday(week) else workdays.next_workday(week)
    return (chair.today, workdays.next_workday(chair.today), later)


def _take_day(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    chair, word = chair_of(connection, ask), continued.text
    days = _days(chair)
    number = read_number(word)
    day = days[number - 1] if number and number <= len(days) else read_coming_day(word, ask.today)
    if day is None:
        raise BadParameter("no day", user_text=f"请回复 1–{len(days)} 或日期，如 11-25")
    entry = complete_entry(chair, continued.step.subject_id, held_on=day)
    if entry.person:
        return tell_completed(entry, last_record(chair), ask.now)
    return _next_question(chair, entry, f"{entry.kind.value}日期：{day:%Y-%m-%d}")


def _take_person(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    chair, word = chair_of(connection, ask), continued.text
    number = read_number(word)
    person = _POSTS[number - 1] if number and number <= len(_POSTS) else word
    completed = complete_entry(chair, continued.step.subject_id, person=person)
    return tell_completed(completed, last_record(chair), ask.now)


def _complete(connection: Connection, ask: Ask) -> Answer:
    """答复 of a 调整要求."""
    chair = chair_of(connection, ask)
    number = _number(ask, ask.arguments)
    find_entry(chair, number)
    if len(ask.arguments) < 2:
        raise MissingParameter("no text", user_text=ask.command.usage_line)
    return tell_replied(reply_to(chair, number, rest_of(ask, 1)), ask.now)


def _number(ask: Ask, words: Sequence[str]) -> int:
    if not words:
        raise MissingParameter("no number", user_text=ask.command.usage_line)
    if not (words[0].isascii() and words[0].isdigit() and len(words[0]) <= 9):
        raise BadParameter(f"number {words[0]!r}", user_text=f"编号应为数字。{ask.command.usage_line}")
    return int(words[0])


def _kind_command(kind: RegisterKind, key: str, purpose: str, usage: str, example: str) -> Command:
    continuations = (
        Continuation(_DAY_STEP, Awaits.TEXT, _take_day),
        Continuation(_PERSON_STEP, Awaits.TEXT, _take_person),
    )
    return Command(
        name=kind.value, key=key, purpose=purpose, usage=usage, example=example, roles=ADMINS,
        change=_register, continuations=continuations if kind is RegisterKind.TALK else (),
    )  # fmt: skip


CIRCULAR = _kind_command(
    RegisterKind.CIRCULAR, "circular", "登记通报，列出未办结的", "通报 单位 原因；通报 结果 编号 内容",
    "通报 鹭川 连续两周未报周报",
)  # fmt: skip
TALK = _kind_command(
    RegisterKind.TALK, "talk", "登记约谈及其结果", "约谈 单位 原因；约谈 结果 编号 内容",
    "约谈 鹭川 一月内三次抽查为差",
)  # fmt: skip
ADJUSTMENT = _kind_command(
    RegisterKind.ADJUSTMENT, "adjustment", "要求单位调整管理员",
    "调整要求 单位 姓名 原因 [期限]；调整要求 办结 编号 结果", "调整要求 LC01 王某 连续14天无动作 10个工作日",
)  # fmt: skip
REPLY = Command(
    name="答复",
    key="reply_adjustment",
    purpose="答复调整要求",
    usage="答复 编号 内容",
    example="答复 3 已更换管理员",
    roles=ADMINS,
    change=_complete,
)
