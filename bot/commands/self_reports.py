"""上报, 核实: a manager's own count of a day with its screenshot, verified by those above (D.5)."""

import re
from collections.abc import Sequence
from datetime import date

from bot.commands.command import Ask, Command, Continuation, Continued, Undecided
from bot.commands.parameters import at_most, find_group, require, rest_of, take_day
from bot.grammar import read_number
from bot.permissions import ADMINS, MANAGERS
from bot.replies.phrases import Answer
from bot.replies.self_reports import (
    ask_group,
    ask_whether,
    confirm_taken_back,
    tell_card,
    tell_decided,
    tell_pending,
    tell_picture,
    tell_reported,
    tell_undecided,
)
from monitor.days.self_reports import (
    ASKS_ABOVE,
    PICTURE,
    needs_approval,
    read_count,
    require_plausible,
)
from monitor.errors import BadParameter
from monitor.people.steps import Awaits, await_confirmation, await_picture
from monitor.store.people.chat import Connection
from monitor.units import Group, Role
from monitor.usecases.days.self_report_undo import undo_decision
from monitor.usecases.days.self_reporting import (
    Bench,
    decide_report,
    list_reports,
    make_report,
    note_picture,
    take_back_report,
)

_COUNT_STEP = "self_report.count"
_FRACTION = re.compile(r"-?\d+\.\d+|-\d+")
_APPROVED, _RETURNED = ("通过", "批准", "同意"), ("退回", "不通过", "驳回")


def bench_of(connection: Connection, ask: Ask) -> Bench:
    """Return the bench of the asker in the transaction of the answer."""
    return Bench(connection, ask.viewer, ask.now)


def take_back_self_report(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Undo a report or a 核实 of the asker (撤销); None if the number is not that of one."""
    if not ask.bound:
        return None
    if ask.viewer.role in ADMINS:
        decided = undo_decision(bench_of(connection, ask), number)
        return None if decided is None else tell_undecided(decided, number, ask.now)
    if ask.viewer.role is not Role.GROUP_MANAGER:
        return None
    report = take_back_report(bench_of(connection, ask), number)
    return None if report is None else confirm_taken_back(report, ask.now)


def _report(connection: Connection, ask: Ask) -> Answer:
    for word in ask.arguments:
        if _FRACTION.fullmatch(word):  # 3.5 would be read as a day
            read_count(word)
    words, day = take_day(ask)
    require(ask, words)
    group, counts = _take_group(ask, words, day)
    at_most(ask, counts, 2)
    figures = [_read_count(word) for word in counts]
    n_posts, n_relevant = figures[0], figures[1] if len(figures) > 1 else None
    require_plausible(n_posts, n_relevant or 0)
    chosen = day or ask.today
    needs_approval(chosen, ask.now)  # refuses days too far before anything is asked
    if n_posts > ASKS_ABOVE:
        carried = f"{group.code} {chosen} {n_posts} {'' if n_relevant is None else n_relevant}"
        return Answer(ask_whether(group, n_posts), step=await_confirmation(_COUNT_STEP, carried.strip()))
    return _make(connection, ask, group, chosen, n_posts, n_relevant)


def _take_group(ask: Ask, words: Sequence[str], day: date | None) -> tuple[Group, Sequence[str]]:
    """Return the group and the counts; a manager of several groups is asked.

    Raises: Undecided; BadParameter.
    """
    if len(words) > 2 or (read_number(words[0]) is None and not words[0].isdigit()):
        group = find_group(ask, words[0])
        require(ask, words[1:])
        return group, words[1:]
    own = [one.group for one in ask.queries.managed_groups(ask.viewer, day)]
    if len(own) == 1:
        return own[0], words
    if not own:
        raise BadParameter("no group", user_text="您名下没有群，不能上报")
    raise Undecided(ask_group(own, " ".join((*words, day.isoformat() if day else "")).strip()))


def _read_count(word: str) -> int:
    number = read_number(word)
    return read_count(word) if number is None else number


def _make(
    connection: Connection, ask: Ask, group: Group, day: date, n_posts: int, n_relevant: int | None
) -> Answer:
    bench = bench_of(connection, ask)
    reported = make_report(bench, group, day, n_posts, n_relevant or 0)
    answer = tell_reported(reported, n_relevant is not None, ask.now)
    if not reported.is_new and reported.report.pictures:
        return answer
    return Answer(answer.text, step=await_picture(PICTURE, reported.report.number))


def _go_on(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    code, day, n_posts, *n_relevant = continued.step.carried.split()
    group = find_group(ask, code)
    relevant = int(n_relevant[0]) if n_relevant else None
    return _make(connection, ask, group, date.fromisoformat(day), int(n_posts), relevant)


def _take_picture(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    bench = bench_of(connection, ask)
    return tell_picture(note_picture(bench, continued.step.subject_id, continued.picture_id), ask.now)


def _verify(connection: Connection, ask: Ask) -> Answer:
    bench = bench_of(connection, ask)
    if not ask.arguments or ask.arguments[0] == "列出":
        return tell_pending(list_reports(bench), ask.now)
    word, *words = ask.arguments
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise BadParameter(f"not a number: {word!r}", user_text=f"编号应为数字。{ask.command.usage_line}")
    if not words:
        return tell_card(bench.find(int(word)), ask.now)
    if words[0] not in (*_APPROVED, *_RETURNED):
        raise BadParameter(f"decision {words[0]!r}", user_text=f"请写明通过或退回。{ask.command.usage_line}")
    is_approved = words[0] in _APPROVED
    reason = rest_of(ask, 2)
    return tell_decided(decide_report(bench, int(word), is_approved=is_approved, reason=reason), ask.now)


SELF_REPORT = Command(
    name="上报",
    key="self_report",
    purpose="自报本群条数，接着发截图",
    usage="上报 [群编号] 条数 [相关条数] [昨天]",
    example="上报 8 2",
    roles=MANAGERS,
    aliases=("自报",),
    change=_report,
    continuations=(
        Continuation(PICTURE, Awaits.PICTURE, _take_picture),
        Continuation(_COUNT_STEP, Awaits.CONFIRMATION, _go_on),
    ),
)
VERIFY = Command(
    name="核实",
    key="verify_self_report",
    purpose="核实群管理员的自报",
    usage="核实 [编号] [通过/退回 原因]",
    example="核实 12 退回 截图不符",
    roles=ADMINS,
    aliases=("核实自报",),
    change=_verify,
)
