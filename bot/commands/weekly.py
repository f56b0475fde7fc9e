"""周报: the weekly report of a unit, and how the province's stand (requirements D.2, D.3)."""

from collections.abc import Callable, Sequence

from bot.commands.command import Ask, Command, Continuation, Continued
from bot.commands.parameters import at_most, require, rest_of
from bot.permissions import PROVINCE, SELF_ASSESSORS
from bot.replies.phrases import Answer
from bot.replies.weekly import (
    ask_to_submit,
    confirm_taken_back,
    tell_changed,
    tell_report,
    tell_submitted,
    tell_summary,
)
from monitor.errors import BadParameter, ReadOnlyRole
from monitor.people.steps import Awaits, await_confirmation
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.weekly.desk import (
    WeeklyDesk,
    change_figure,
    load_report,
    submit,
    take_back,
)
from monitor.usecases.weekly.reading import judge_years, load_summary
from monitor.weekly import Week, WeeklyState, read_figure, read_week

_SUBMIT_STEP = "weekly.submit"
_N_MISSING = 2


def desk_of(connection: Connection, ask: Ask) -> WeeklyDesk:
    """Return the desk of the asker in the transaction of the answer."""
    return WeeklyDesk(connection, ask.viewer, ask.now, ask.queries.dated_rules(connection))


def take_back_weekly(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Undo a change or submission of the asker (撤销); None if the number is not that of one."""
    if not ask.bound or ask.viewer.role is not Role.UNIT_ADMIN:
        return None
    words = take_back(desk_of(connection, ask), number)
    return None if words is None else confirm_taken_back(words, number, ask.now)


def _answer(connection: Connection, ask: Ask) -> Answer:
    desk, words = desk_of(connection, ask), ask.arguments
    act = _ACTS.get(words[0]) if words else None
    if act is not None:
        return act(desk, ask, words[1:])
    if ask.viewer.role in PROVINCE:
        return _summarise(desk, ask, words)
    week, rest = _take_week(desk, ask, words)
    at_most(ask, rest, 0)
    reading = load_report(desk, desk.find_own(), week)
    return tell_report(reading, _find_missing(desk), ask.now)


def _take_week(desk: WeeklyDesk, ask: Ask, words: Sequence[str]) -> tuple[Week, tuple[str, ...]]:
    """Return the week that the first word names, else the usual one, and the remaining words."""
    week = read_week(words[0], ask.today) if words else None
    return (week, tuple(words[1:])) if week else (desk.usual_week(), tuple(words))


def _find_missing(desk: WeeklyDesk) -> list[Week]:
    """Return the latest weeks whose report is missing, of this ISO year and the last."""
    year = Week.of(desk.today).year
    weeks = [
        week
        for one in (year, year - 1)
        for each in judge_years(desk, [desk.find_own()], one)
        for week in each.weeks
    ]
    missing = sorted((each.week for each in weeks if each.state is WeeklyState.MISSING), reverse=True)
    return missing[:_N_MISSING]


def _change(desk: WeeklyDesk, ask: Ask, words: Sequence[str]) -> Answer:
    week, rest = _take_week(desk, ask, words)
    n_before = 1 + len(words) - len(rest)
    figure = read_figure(require(ask, rest))
    amount = require(ask, rest[1:])
    reason = rest_of(ask, n_before + 2) if len(rest) > 2 else ""
    return tell_changed(change_figure(desk, week, figure, amount, reason), ask.now)


def _submit(desk: WeeklyDesk, ask: Ask, words: Sequence[str]) -> Answer:
    week, rest = _take_week(desk, ask, words)
    at_most(ask, rest, 0)
    return _submit_week(desk, ask, week)


def _submit_week(desk: WeeklyDesk, ask: Ask, week: Week) -> Answer:
    """Submit at once when the week is over and not due; otherwise ask first."""
    reading = load_report(desk, desk.find_own(), week)
    is_again = bool(reading.versions) and not reading.moved
    if is_again or (reading.is_over(ask.today) and ask.now < reading.due):
        return tell_submitted(submit(desk, week), ask.now)
    text = ask_to_submit(reading, _find_missing(desk), ask.now)
    return Answer(text, step=await_confirmation(_SUBMIT_STEP, week.label))


def _supply(desk: WeeklyDesk, ask: Ask, words: Sequence[str]) -> Answer:
    word = require(ask, words)
    at_most(ask, words, 1)
    week = read_week(word, ask.today)
    if week is None:
        text = f"请写明哪一周，例：周报 补报 {Week.of(ask.today).shift(-1).label}"
        raise BadParameter(f"no week {word!r}", user_text=text)
    return _submit_week(desk, ask, week)


def _summarise(desk: WeeklyDesk, ask: Ask, words: Sequence[str]) -> Answer:
    if ask.viewer.role not in PROVINCE:
        raise BadParameter("no summary", user_text="周报汇总由督导检查和领导查阅，可回复：周报")
    week = read_week(words[0], ask.today) if words else None
    at_most(ask, words, 1 if week else 0)
    return tell_summary(load_summary(desk, week), ask.now)


def _go_on(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    week = read_week(continued.step.carried, ask.today)
    assert week is not None  # noqa: S101  written by `_submit_week`
    return tell_submitted(submit(desk_of(connection, ask), week), ask.now)


def _own(act: Callable[[WeeklyDesk, Ask, Sequence[str]], Answer]) -> Callable[..., Answer]:
    """Refuse leaders before anything else is looked at."""

    def guarded(desk: WeeklyDesk, ask: Ask, words: Sequence[str]) -> Answer:
        if ask.viewer.role is Role.LEADER:
            raise ReadOnlyRole(f"{ask.viewer.identity} may only read")
        return act(desk, ask, words)

    return guarded


_ACTS: dict[str, Callable[[WeeklyDesk, Ask, Sequence[str]], Answer]] = {
    "改": _own(_change),
    "修改": _own(_change),
    "提交": _own(_submit),
    "补报": _own(_supply),
    "汇总": _summarise,
}

WEEKLY = Command(
    name="周报",
    key="weekly_report",
    purpose="微信周报：核对、提交、补报；省级看汇总",
    usage="周报 [改 项目 数/提交/补报 周/汇总 周]",
    example="周报 补报 2026-W45",
    examples={Role.INSPECTOR: "周报 汇总", Role.LEADER: "周报 汇总"},
    roles=SELF_ASSESSORS | PROVINCE,
    aliases=("微信周报",),
    change=_answer,
    continuations=(Continuation(_SUBMIT_STEP, Awaits.CONFIRMATION, _go_on),),
)
