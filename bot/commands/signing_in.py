"""登录: confirming in chat that the browser at a desk is one's own."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, require
from bot.permissions import EVERYONE
from bot.replies.phrases import Answer
from bot.replies.sign_in import ask_about_desk, confirm_desk
from monitor.store.people.chat import Connection
from monitor.usecases.people.chat_sign_in import DeskCodeRefused

_MINE, _NOT_MINE = "是", "否"


def _sign_in(connection: Connection, ask: Ask) -> Answer:
    """Ask about the browser that shows a code, or take the decision that was chosen."""
    first = require(ask, ask.arguments)
    at_most(ask, ask.arguments, 2)
    if len(ask.arguments) == 2:
        return _decide(connection, ask, first, ask.arguments[1])
    asked = ask.sign_ins.ask(connection, ask.who, ask.bound, first, ask.now)
    if isinstance(asked, DeskCodeRefused):
        return Answer(asked.user_text)
    name = ask.command.name
    choices = (f"{name} {_MINE} {asked.handle}", f"{name} {_NOT_MINE} {asked.handle}")
    return Answer(ask_about_desk(asked, ask.now), choices)


def _decide(connection: Connection, ask: Ask, decision: str, handle: str) -> Answer:
    if decision not in (_MINE, _NOT_MINE):
        raise DeskCodeRefused("two words that are no decision")
    is_mine = decision == _MINE
    number = ask.sign_ins.decide(connection, ask.bound, handle.lower(), ask.now, is_mine=is_mine)
    return Answer(confirm_desk(number, ask.now, is_mine=is_mine))


SIGN_IN = Command(
    name="登录",
    key="sign_in",
    purpose="在电脑上用微信登录控制台",
    usage="登录 验证码",
    example="登录 482913",
    roles=EVERYONE,
    hides_arguments=True,
    change=_sign_in,
)
