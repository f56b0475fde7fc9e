"""反馈: tell of a problem of the platforms, list what was told, and answer it (GD-5.3)."""

from collections.abc import Sequence

from bot.commands.command import Ask, Command
from bot.permissions import ADMINS
from bot.replies.notices import FINAL
from bot.replies.phrases import Answer, Row, compose, quote, show_instant
from monitor.delivery.outbox import identity_recipient
from monitor.errors import BadParameter, MissingParameter, NotBound
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.index.feedback import Feedback, answer_feedback, list_feedback, send_feedback

_ANSWER = ("回复", "答复")
_ANSWER_USAGE = "用法：反馈 回复 编号 内容，例：反馈 回复 3 平台已修复"


def _feed_back(connection: Connection, ask: Ask) -> Answer:
    words = ask.arguments
    if not words:
        return _list(ask, list_feedback(connection, ask.viewer))
    if words[0] in _ANSWER and ask.viewer.role is Role.INSPECTOR:
        return _answer(connection, ask, words[1:])
    if ask.bound is None:
        raise NotBound("a stranger feeds back")
    recipient = identity_recipient(ask.bound.identity_id)
    number, is_new = send_feedback(connection, ask.viewer, recipient, " ".join(words), ask.now)
    if not is_new:
        return Answer(f"已收到（编号 {number}），未重复登记\n可回复：反馈")
    rows = [Row("答复后会发给您；也可回复“反馈”查看"), Row(FINAL.format("已送达督导检查，可再补充反馈"))]
    return compose(
        f"✅ 已登记反馈，编号 {number}",
        f"登记时间 {show_instant(ask.now, ask.now)}",
        rows,
        basis="依据：GD-5.3",
    )


def _answer(connection: Connection, ask: Ask, words: Sequence[str]) -> Answer:
    if len(words) < 2:
        raise MissingParameter("number and text", user_text=_ANSWER_USAGE)
    if not (words[0].isascii() and words[0].isdigit() and len(words[0]) <= 9):
        raise BadParameter(f"number {words[0]!r}", user_text=f"编号应为数字。{_ANSWER_USAGE}")
    answered = answer_feedback(connection, ask.viewer, int(words[0]), " ".join(words[1:]), ask.now)
    rows = [Row(f"反馈：{quote(answered.text)}"), Row(FINAL.format("答复已发送"))]
    return compose(
        f"✅ 已答复 {answered.unit_name} 的反馈 {answered.number}",
        f"登记时间 {show_instant(ask.now, ask.now)}，答复已发送",
        rows,
        basis="依据：GD-5.3",
        suggestion="反馈",
    )


def _list(ask: Ask, found: Sequence[Feedback]) -> Answer:
    data_line = f"数据截至 {show_instant(ask.now, ask.now)}"
    if ask.viewer.role is Role.INSPECTOR:
        rows = [Row(f"编号 {f.number} {f.unit_name}：{quote(f.text)}") for f in found]
        return compose(f"待答复的反馈 {len(found)} 条", data_line, rows, suggestion="反馈 回复 编号 内容")
    rows = [Row(f"编号 {f.number} {quote(f.text)}：{quote(f.answer) or '待答复'}") for f in found]
    return compose(f"您的反馈 {len(found)} 条", data_line, rows, suggestion="反馈 内容")


FEEDBACK = Command(
    name="反馈",
    key="feedback",
    purpose="反馈平台问题，查看答复",
    usage="反馈 内容；反馈 回复 编号 内容",
    example="反馈 平台团员数与台账不一致",
    roles=ADMINS,
    aliases=("意见反馈", "问题反馈"),
    change=_feed_back,
)
