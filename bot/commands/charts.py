"""图: the answer of a board, a unit or a brief as a picture; 结果: what became of it (requirement D.0).

The text with the key number is the answer; a job draws the picture, and the outbox sends it where the
channel carries pictures. 「排名 图」 and 「图」 after an answer are both 图 排名.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.commands.briefing import BRIEF
from bot.commands.command import Ask, Command
from bot.commands.overview import OVERVIEW
from bot.commands.parameters import at_most, find_unit, take_day
from bot.commands.ranking import MONTHS, RANKING, WEEKS, choose_period
from bot.commands.status import STATUS
from bot.grammar import Call, split_words
from bot.permissions import ADMINS_AND_LEADERS, may_use
from bot.replies.phrases import Answer, fits, show_instant
from monitor.days.briefs import BriefKind, period_of
from monitor.days.readings import Overview
from monitor.delivery.addresses import KnownAddress
from monitor.delivery.outbox import identity_recipient
from monitor.errors import BadParameter, NotBound
from monitor.exports import ExportFormat, ExportKind, ExportOrder, ExportState
from monitor.store.people.chat import Connection, load_texts
from monitor.texts.wording import ratio_words
from monitor.usecases.operations.exports import find_last, place_order

CHART_WORDS = ("图", "图表", "出图", "趋势图")
_LOOK_BACK = timedelta(minutes=5)
_BRIEFS = {"日": BriefKind.DAY, "周": BriefKind.WEEK, "月": BriefKind.MONTH, "年": BriefKind.YEAR}
_WHERE = "网页 报表 也可下载"

Asked = tuple[Answer, ExportKind, str, str]
"""The answer in text, and what is drawn: kind, subject and period."""


def as_chart(call: Call) -> Call:
    """Return 「排名 月 图」 as 「图 排名 月」; any other call as it is."""
    if call.command not in _DRAWN or not any(word in CHART_WORDS for word in call.arguments):
        return call
    rest = tuple(word for word in call.arguments if word not in CHART_WORDS)
    return replace(call, command=CHART.name, arguments=(call.command, *rest))


def _chart(connection: Connection, ask: Ask) -> Answer:
    name, arguments = _what(connection, ask)
    answer, kind, subject, period = _DRAWN[name](replace(ask, arguments=arguments))
    if not _carries_pictures(ask):
        return _with_note(answer, f"当前渠道不能发图，{_WHERE}")
    order = ExportOrder(kind, subject, period, ExportFormat.PNG)
    number, _ = place_order(connection, ask.viewer, order, ask.now)
    return _with_note(answer, f"图正在生成（编号 {number}），稍后发送；回复“结果”查看")


def _what(connection: Connection, ask: Ask) -> tuple[str, tuple[str, ...]]:
    """Return which command is drawn with which arguments: as named, else the one answered last."""
    words = [word for word in ask.arguments if word not in CHART_WORDS]
    if not words:
        since, who = ask.now - _LOOK_BACK, ask.who
        for text in load_texts(connection, who.account, who.address, since):
            said = split_words(text)
            if said and _name_of(ask, said[0]):
                words = [word for word in said if word not in CHART_WORDS]
                break
    if not words:
        return STATUS.name, ()
    name = _name_of(ask, words[0])
    if name is None:
        raise BadParameter(f"no chart of {words[0]!r}", user_text=f"没有这种图。{ask.command.usage_line}")
    return name, tuple(words[1:])


def _name_of(ask: Ask, word: str) -> str | None:
    """Return the command that a word names, if it is drawn and the asker may use it."""
    known = (RANKING, STATUS, OVERVIEW, BRIEF)
    found = (one for one in known if word in (one.name, *one.aliases) and may_use(one, ask.viewer.role))
    return next((one.name for one in found), None)


def _draw_ranking(ask: Ask) -> Asked:
    words = ask.arguments
    if any(word not in (*WEEKS, *MONTHS) for word in words):
        raise BadParameter(f"chart {words}", user_text="有图的是 排名 周 和 排名 月，例：图 排名 月")
    at_most(ask, words, 1)
    days = choose_period(words[0] if words else "周", ask.today)
    kind = BriefKind.MONTH if words and words[0] in MONTHS else BriefKind.WEEK
    return _answer(RANKING, ask), ExportKind.BOARD, _own_code(ask), period_of(kind, days.last_day).label


def _draw_status(ask: Ask) -> Asked:
    words, day = take_day(ask)
    at_most(ask, words, 1)
    code = find_unit(ask, words[0]).code if words else _own_code(ask)
    return _answer(STATUS, ask), ExportKind.BRIEF, code, (day or ask.today).isoformat()


def _draw_overview(ask: Ask) -> Asked:
    words, day = take_day(ask)
    at_most(ask, words, 0)
    return _answer(OVERVIEW, ask), ExportKind.BRIEF, _own_code(ask), (day or ask.today).isoformat()


def _draw_brief(ask: Ask) -> Asked:
    at_most(ask, ask.arguments, 1)
    word = ask.arguments[0] if ask.arguments else "日"
    if word not in _BRIEFS:
        raise BadParameter(f"brief {word!r}", user_text=f"可选：{'、'.join(_BRIEFS)}，例：图 简报 月")
    period = period_of(_BRIEFS[word], ask.today)
    brief = ask.queries.brief(ask.viewer, None, period)
    ratio = ratio_words(brief.total.met_ratio)
    at = f"数据截至 {show_instant(brief.data_at, ask.now)}" if brief.data_at else "本期尚无数据"
    first = f"{brief.unit.name}{period.words}群达标率 {ratio}{'（暂定）' if brief.is_provisional else ''}"
    return Answer(f"{first}\n{at}"), ExportKind.BRIEF, brief.unit.code, period.label


def _answer(command: Command, ask: Ask) -> Answer:
    assert command.answer is not None  # noqa: S101  these commands read
    return command.answer(replace(ask, command=command))


def _own_code(ask: Ask) -> str:
    own: Overview = ask.queries.overview(ask.viewer, None, None, n_days=1)
    return own.unit.code


def _carries_pictures(ask: Ask) -> bool:
    """Tell whether the asker's account or application can push; they have just written."""
    if ask.bound is None:
        raise NotBound("a stranger gets no chart")
    recipient = identity_recipient(ask.bound.identity_id)
    known = {recipient: KnownAddress(ask.who.account, ask.who.address, ask.now)}
    return bool(ask.oversight.office.address_book.find_targets(recipient, known, ask.now))


def _with_note(answer: Answer, note: str) -> Answer:
    """Return an answer with a last line; where it would not fit, the rows give way."""
    lines = answer.text.splitlines()
    while len(lines) > 2 and not fits("\n".join((*lines, note))):
        lines.pop(-2)
    return replace(answer, text="\n".join((*lines, note)))


def _result(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 0)
    found = ask.oversight.read(ask.viewer, lambda chair: find_last(chair.connection, chair.viewer))
    if found is None:
        return Answer("没有正在生成的内容。可回复：图 排名")
    words = {
        ExportState.WAITING: "排队中，请稍后再回复“结果”",
        ExportState.MAKING: f"正在生成 {found.progress}%，请稍后再回复“结果”",
        ExportState.DONE: "已生成，随即发送；一小时内未能送达的可回复 提醒 查看",
        ExportState.FAILED: f"未能生成：{found.error}",
        ExportState.EXPIRED: "已过期删除，请重新生成",
    }[found.state]
    asked = f"申请时间 {show_instant(found.asked_at, ask.now)}，编号 {found.export_id}"
    return Answer(f"{found.title}（图）：{words}\n{asked}\n{_WHERE}")


_DRAWN: Mapping[str, Callable[[Ask], Asked]] = {
    RANKING.name: _draw_ranking,
    STATUS.name: _draw_status,
    OVERVIEW.name: _draw_overview,
    BRIEF.name: _draw_brief,
}
CHART = Command(
    name="图",
    key="chart",
    purpose="排名、状态、总览、简报配图",
    usage="图 [排名/状态/总览/简报] [周/月/单位]",
    example="图 排名 月",
    roles=ADMINS_AND_LEADERS,
    aliases=CHART_WORDS[1:],
    change=_chart,
)
RESULT = Command(
    name="结果",
    key="result",
    purpose="所要的图是否已生成",
    usage="结果",
    example="结果",
    roles=ADMINS_AND_LEADERS,
    aliases=("生成结果",),
    answer=_result,
)
