"""底线 and WCI: how a school stands in the Guangdong assessment."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, find_unit
from bot.permissions import SCHOOL_ADMINS
from bot.replies.index import tell_accounts, tell_bottom_lines, tell_failing
from bot.replies.phrases import Answer
from monitor.index.periods import RunKind

_WEEK = ("周", "上周", "周榜")
_MONTH = ("月", "上月", "月榜")


def _answer_bottom_lines(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 1)
    code = find_unit(ask, ask.arguments[0]).code if ask.arguments else None
    reading = ask.queries.bottom_lines(ask.viewer, code)
    if reading.result is None and reading.run is not None:
        unit, run, results = ask.queries.failing_schools(ask.viewer, code)
        if results:
            return tell_failing(run, results, unit.name, ask.now)
    return tell_bottom_lines(reading, ask.now)


def _answer_wci(ask: Ask) -> Answer:
    words = [word for word in ask.arguments if word not in (*_WEEK, *_MONTH)]
    periods = [word for word in ask.arguments if word in (*_WEEK, *_MONTH)]
    at_most(ask, words, 1)
    at_most(ask, periods, 1)
    kind = RunKind.WCI_MONTH if periods and periods[0] in _MONTH else RunKind.WCI_WEEK
    code = find_unit(ask, words[0]).code if words else None
    return tell_accounts(ask.queries.account_index(ask.viewer, code, kind), ask.now)


BOTTOM_LINES = Command(
    name="底线",
    key="bottom_lines",
    purpose="高校考核底线指标",
    usage="底线 [高校]",
    example="底线",
    roles=SCHOOL_ADMINS,
    aliases=("底线指标",),
    answer=_answer_bottom_lines,
)
WCI = Command(
    name="WCI",
    key="wci",
    purpose="公众号传播指数",
    usage="WCI [高校] [周/月]",
    example="WCI 月",
    roles=SCHOOL_ADMINS,
    aliases=("微信指数", "传播指数"),
    answer=_answer_wci,
)
