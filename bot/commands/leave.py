"""休假: hand over to a deputy of the same unit (requirement D.5)."""

from bot.commands.command import Ask, Command
from bot.commands.urging import chair_of
from bot.dates import read_coming_day
from bot.permissions import RESPONSIBLE
from bot.replies.notices import FINAL
from bot.replies.oversight import tell_leave, tell_leaves
from bot.replies.phrases import Answer
from monitor.errors import BadParameter, MissingParameter, NotBound
from monitor.store.people.chat import Connection
from monitor.usecases.reminders.leave import end_leave, list_leaves, take_back_leave, take_leave

_END = ("取消", "结束", "销假")


def _leave(connection: Connection, ask: Ask) -> Answer:
    if ask.bound is None:
        raise NotBound("a stranger takes no leave")
    chair, me, words = chair_of(connection, ask), ask.bound.identity_id, ask.arguments
    if not words:
        return tell_leaves(list_leaves(chair, me), ask.today, ask.now)
    if words[0] in _END:
        ended = end_leave(chair, me)
        return Answer(
            f"✅ 休假已取消（代管人 {ended.deputy_name}），提醒恢复发给您本人\n"
            f"{FINAL.format('需要时请重新登记')}\n可回复：休假"
        )
    if len(words) < 2:
        raise MissingParameter("two days", user_text=ask.command.usage_line)
    days = [read_coming_day(word, ask.today) for word in words[:2]]
    if days[0] is None or days[1] is None:
        raise BadParameter("no days", user_text=f"起止应为日期，如 11-23。{ask.command.usage_line}")
    return tell_leave(*take_leave(chair, me, days[0], days[1], " ".join(words[2:])), ask.now)


def take_back_own_leave(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Take back a leave of the asker (撤销); None if the number is not that of one."""
    if ask.bound is None:
        return None
    leave = take_back_leave(chair_of(connection, ask), ask.bound.identity_id, number)
    if leave is None:
        return None
    return Answer(
        f"✅ 已撤销编号 {number}：休假（代管人 {leave.deputy_name}），提醒恢复发给您本人\n可回复：休假"
    )


LEAVE = Command(
    name="休假",
    key="leave",
    purpose="休假期间由代管人接收提醒",
    usage="休假 起 止 代管人；休假 取消",
    example="休假 11-23 11-27 李某",
    roles=RESPONSIBLE,
    aliases=("请假", "代管"),
    change=_leave,
)
