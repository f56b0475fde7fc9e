"""催办: remind the people responsible now (requirements D.2–D.4)."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import find_unit_or_group, require, rest_of
from bot.permissions import ADMINS
from bot.replies.oversight import CHANNEL_WORDS, tell_deliveries, tell_urged, tell_urged_all, tell_urges
from bot.replies.phrases import Answer
from monitor.delivery.outbox import ChannelKind
from monitor.errors import BadParameter, StateError
from monitor.store.operations.audit import load_audit
from monitor.store.people.chat import Connection
from monitor.units import Group, Role, Unit
from monitor.usecases.oversight.desk import Chair
from monitor.usecases.reminders.urge import (
    URGED,
    Urged,
    list_urges,
    load_urge_deliveries,
    urge_all,
    urge_group,
    urge_unit,
)

_ALL = ("全部", "所有")
_RECORD = ("查询", "记录", "列表", "列出")


def chair_of(connection: Connection, ask: Ask) -> Chair:
    """Return the chair of the asker in the transaction of the answer."""
    return ask.oversight.chair(connection, ask.viewer, ask.now)


def _urge(connection: Connection, ask: Ask) -> Answer:
    word = require(ask, ask.arguments)
    chair = chair_of(connection, ask)
    if word in _RECORD:
        if len(ask.arguments) > 1:
            return tell_deliveries(*load_urge_deliveries(chair, _urge_number(ask)), ask.now)
        return tell_urges(list_urges(chair), ask.now)
    matter = rest_of(ask, 1)
    if word in _ALL:
        sent, skipped = urge_all(chair, matter)
        if len(sent) == 1 and ask.viewer.role is not Role.INSPECTOR:
            return _tell(ask, sent[0])
        return tell_urged_all(sent, skipped, ask.now)
    target = _find_target(ask, word)
    if isinstance(target, Group):
        return _tell(ask, urge_group(chair, target.code, matter))
    return _tell(ask, urge_unit(chair, target.code, matter))


def _urge_number(ask: Ask) -> int:
    word = ask.arguments[1]
    if not (word.isascii() and word.isdigit() and len(word) <= 9):
        raise BadParameter(f"number {word!r}", user_text=f"编号应为数字。{ask.command.usage_line}")
    return int(word)


def _find_target(ask: Ask, word: str) -> Unit | Group:
    """Return what a word names; a unit comes before groups that only contain the word."""
    units = ask.queries.find_units(ask.viewer, word)
    named = [one for one in ask.queries.find_groups(ask.viewer, word) if one.code == word.upper()]
    return units[0] if len(units) == 1 and not named else find_unit_or_group(ask, word)


def _tell(ask: Ask, urged: Urged) -> Answer:
    """Say by which channels it goes out; before it went, those to a person, in the order they are tried."""
    to_persons = ask.oversight.office.channels - {ChannelKind.WECOM_ROBOT}
    ways = (
        ""
        if urged.reading.channels
        else "、".join(word for kind, word in CHANNEL_WORDS.items() if kind in to_persons)
    )
    return tell_urged(urged, ways or "没有可用的推送通道，对方回复“提醒”时可见", ask.now)


def refuse_to_take_back(connection: Connection, ask: Ask, number: int) -> None:
    """Say that what was sent cannot be taken back, if the number is that of a 催办 of the asker.

    Raises: StateError.
    """
    if ask.bound and load_audit(connection, number, ask.viewer.identity, URGED):
        raise StateError(f"urge {number} was sent", user_text="催办已发出，不能撤销。可回复：催办 查询")


URGE = Command(
    name="催办",
    key="urge",
    purpose="提醒负责人办理，查看送达",
    usage="催办 单位/群编号/全部 [事项]；催办 查询 [编号]",
    example="催办 全部",
    roles=ADMINS,
    aliases=("督办", "催一下"),
    change=_urge,
)
