"""绑定, 解绑, 撤销: taking up a role by invitation code, giving it up, taking either back."""

from collections.abc import Callable
from dataclasses import replace

from bot.commands.assessing import take_back
from bot.commands.briefing import take_back_own_link
from bot.commands.command import Ask, Command
from bot.commands.incidents import take_back_incident_report
from bot.commands.leave import take_back_own_leave
from bot.commands.ledger import take_back_ledger
from bot.commands.operating import take_back_own_silence
from bot.commands.parameters import at_most, require, take_number
from bot.commands.publishing import take_back_own_publication
from bot.commands.registers import take_back_entry
from bot.commands.relevance import take_back_word
from bot.commands.reminders import take_back_acknowledgement
from bot.commands.self_reports import take_back_self_report
from bot.commands.spot_checks import take_back_check
from bot.commands.urging import refuse_to_take_back
from bot.commands.weekly import take_back_weekly
from bot.permissions import EVERYONE
from bot.replies.notices import FINAL, confirm_binding, confirm_undo
from bot.replies.phrases import Answer
from monitor.errors import CommandError, NotBound
from monitor.store.people.chat import Connection
from monitor.usecases.people.bind import CodeRefused, bind, unbind, undo


def _bind(connection: Connection, ask: Ask) -> Answer:
    code = require(ask, ask.arguments)
    at_most(ask, ask.arguments, 1)
    binding = bind(connection, ask.who, code, ask.now)
    if isinstance(binding, CodeRefused):
        return Answer(binding.user_text)
    return confirm_binding(binding, ask.now)


def _unbind(connection: Connection, ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 0)
    return confirm_binding(unbind(connection, ask.who, ask.now), ask.now)


def _undo(connection: Connection, ask: Ask) -> Answer:
    """Take back a change; who is not bound (any more) learns nothing from a failure."""
    try:
        return _undo_number(connection, ask)
    except CommandError as error:
        if ask.bound is None:
            raise NotBound("a stranger learns nothing about records") from error
        raise


def _undo_number(connection: Connection, ask: Ask) -> Answer:
    number = take_number(ask)
    for take_back_own in _TAKE_BACK:
        undone = take_back_own(connection, ask, number)
        if undone is not None:
            return _without_return(undone)
    refuse_to_take_back(connection, ask, number)
    return _without_return(confirm_undo(undo(connection, ask.who, number, ask.now), number, ask.now))


def _without_return(answer: Answer) -> Answer:
    """Say that a 撤销 itself stays: what was taken back is registered anew (D.0)."""
    return replace(answer, text=f"{answer.text}\n{FINAL.format('撤销后如仍需要，请重新登记')}")


_TAKE_BACK: tuple[Callable[[Connection, Ask, int], Answer | None], ...] = (
    take_back_acknowledgement,
    take_back,
    take_back_own_publication,
    take_back_incident_report,
    take_back_check,
    take_back_self_report,
    take_back_weekly,
    take_back_ledger,
    take_back_word,
    take_back_entry,
    take_back_own_leave,
    take_back_own_silence,
    take_back_own_link,
)
"""Every kind of record knows its own; the number is that of one record only."""


BIND = Command(
    name="绑定",
    key="bind",
    purpose="用邀请码绑定角色",
    usage="绑定 邀请码",
    example="绑定 QX-7F3K9M",
    roles=EVERYONE,
    aliases=("邀请码",),
    for_strangers=True,
    hides_arguments=True,
    change=_bind,
)
UNBIND = Command(
    name="解绑",
    key="unbind",
    purpose="解除本人的角色",
    usage="解绑",
    example="解绑",
    roles=EVERYONE,
    aliases=("解除绑定", "取消绑定"),
    change=_unbind,
)
UNDO = Command(
    name="撤销",
    key="undo",
    purpose="10分钟内撤回登记",
    usage="撤销 编号",
    example="撤销 12",
    roles=EVERYONE,
    aliases=("撤回",),
    for_strangers=True,
    change=_undo,
)
