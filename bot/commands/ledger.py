"""台账, 开通, 变更, 停用, 认领, 审批: the ledger of groups, and what waits for approval (requirement D.4)."""

import json
import re

from bot.commands.command import Ask, Command, Continuation, Continued, Undecided
from bot.commands.parameters import at_most, find_group, find_unit, require, rest_of
from bot.permissions import ADMINS, ADMINS_AND_LEADERS
from bot.replies.ledger import (
    list_requests,
    list_unknown,
    tell_claimed,
    tell_closed,
    tell_decided,
    tell_ledger,
    tell_members,
    tell_opened,
    tell_reconciliation,
    tell_request,
    tell_taken_back,
)
from bot.replies.phrases import Answer, Row, compose
from monitor.errors import BadParameter, MissingParameter
from monitor.ledger.registration import MAX_MEMBERS
from monitor.people.steps import Awaits, await_confirmation
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.ledger import groups as ledger_groups
from monitor.usecases.ledger.desk import Clerk
from monitor.usecases.ledger.groups import MembersUnusual, SeveralSources
from monitor.usecases.ledger.reading import read_ledger, read_reconciliation, read_requests, read_unknown
from monitor.usecases.ledger.undo import undo

_OPEN_STEP, _MEMBERS_STEP = "ledger.open", "ledger.members"
_RECONCILIATION = ("核查", "核对")
_GROUP_WORDS = ("群", "微信群")
_MEMBERS_WORDS = ("人数", "成员数", "成员")
_AGREED, _RETURNED = ("同意", "批准", "通过"), ("退回", "不同意", "驳回")
_WHOLE = re.compile(r"([0-9]{1,9})人?")
_MOST_DIGITS = 9


def clerk_of(connection: Connection, ask: Ask) -> Clerk:
    """Return the clerk of the asker in the transaction of the answer."""
    return ask.ledger.clerk(connection, ask.viewer, ask.now)


def take_back_ledger(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Undo what the asker wrote into the ledger (撤销); None if the number is not that of such a record."""
    if not ask.bound or ask.viewer.role is Role.LEADER:
        return None
    taken = undo(clerk_of(connection, ask), number)
    return None if taken is None else tell_taken_back(taken, number, ask.now)


def _show(ask: Ask) -> Answer:
    words = ask.arguments
    if words and words[0] in _RECONCILIATION:
        at_most(ask, words, 2)
        code = find_unit(ask, words[1]).code if words[1:] else None
        unit, report = ask.ledger.read(ask.viewer, lambda clerk: read_reconciliation(clerk, code))
        return tell_reconciliation(unit, report, ask.now)
    at_most(ask, words, 1)
    code = find_unit(ask, words[0]).code if words else None
    return tell_ledger(ask.ledger.read(ask.viewer, lambda clerk: read_ledger(clerk, code)), ask.now)


def _open(connection: Connection, ask: Ask) -> Answer:
    words = ask.arguments[1:] if ask.arguments and ask.arguments[0] in _GROUP_WORDS else ask.arguments
    if len(words) < 2:
        raise MissingParameter("name and members", user_text=ask.command.usage_line)
    return _open_with(connection, ask, " ".join(words[:-1]), _members(words[-1]), is_confirmed=False)


def _open_confirmed(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    name, members = json.loads(continued.step.carried)
    return _open_with(connection, ask, str(name), int(members), is_confirmed=True)


def _open_with(connection: Connection, ask: Ask, name: str, members: int, *, is_confirmed: bool) -> Answer:
    clerk = clerk_of(connection, ask)
    try:
        acted = ledger_groups.open_group(clerk, name, members, is_confirmed=is_confirmed)
    except MembersUnusual as error:
        carried = json.dumps([name, members], ensure_ascii=False)
        return Answer(error.user_text, step=await_confirmation(_OPEN_STEP, carried))
    return tell_opened(acted, ask.now)


def _change(connection: Connection, ask: Ask) -> Answer:
    words = [word for word in ask.arguments if word not in _MEMBERS_WORDS]
    if len(words) < 2:
        raise MissingParameter("group and members", user_text=ask.command.usage_line)
    at_most(ask, words, 2)
    return _change_with(
        connection, ask, find_group(ask, words[0]).code, _members(words[1]), is_confirmed=False
    )


def _change_confirmed(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    code, members = json.loads(continued.step.carried)
    return _change_with(connection, ask, str(code), int(members), is_confirmed=True)


def _change_with(connection: Connection, ask: Ask, code: str, members: int, *, is_confirmed: bool) -> Answer:
    try:
        acted = ledger_groups.change_members(
            clerk_of(connection, ask), code, members, is_confirmed=is_confirmed
        )
    except MembersUnusual as error:
        return Answer(error.user_text, step=await_confirmation(_MEMBERS_STEP, json.dumps([code, members])))
    return tell_members(acted, ask.now)


def _close(connection: Connection, ask: Ask) -> Answer:
    group = find_group(ask, require(ask, ask.arguments))
    if len(ask.arguments) < 2:
        raise MissingParameter("no reason", user_text=f"请写明停用原因。{ask.command.usage_line}")
    return tell_closed(
        ledger_groups.close_group(clerk_of(connection, ask), group.code, rest_of(ask, 1)), ask.now
    )


def _claim(connection: Connection, ask: Ask) -> Answer:
    clerk = clerk_of(connection, ask)
    words = ask.arguments
    if not words:
        return list_unknown(read_unknown(clerk), ask.now)
    if len(words) < 2:
        raise MissingParameter("id and group", user_text=ask.command.usage_line)
    at_most(ask, words, 3)
    *source, its_id, word = words
    group = find_group(ask, word)
    try:
        acted = ledger_groups.claim_group(clerk, its_id, group.code, source[0] if source else "")
    except SeveralSources as error:
        rows = [Row(f"来源 {one.source}", f"认领 {one.source} {its_id} {group.code}") for one in error.found]
        raise Undecided(compose("多个来源都有该编号，请回复编号选择", "", rows)) from error
    return tell_claimed(acted, ask.now)


def _decide(connection: Connection, ask: Ask) -> Answer:
    clerk = clerk_of(connection, ask)
    words = ask.arguments
    if not words:
        return list_requests(*read_requests(clerk), ask.now)
    number = _number(ask, words[0])
    if len(words) == 1:
        return tell_request(clerk.find_change(number), ask.now)
    if words[1] not in _AGREED + _RETURNED:
        raise BadParameter("decision", user_text=f"请写“同意”或“退回 原因”。{ask.command.usage_line}")
    is_approved = words[1] in _AGREED
    acted = ledger_groups.decide_request(clerk, number, is_approved=is_approved, note=rest_of(ask, 2))
    return tell_decided(acted, ask.now)


def _members(word: str) -> int:
    """Return the members that a word writes. Raises: BadParameter for anything but a whole number."""
    found = _WHOLE.fullmatch(word)
    if found is None or int(found[1]) > MAX_MEMBERS:
        raise BadParameter(f"members {word!r}", user_text=f"人数应为0–{MAX_MEMBERS}的整数")
    return int(found[1])


def _number(ask: Ask, word: str) -> int:
    if not (word.isascii() and word.isdigit()):
        raise BadParameter(f"not a number: {word!r}", user_text=f"编号应为数字。{ask.command.usage_line}")
    return int(word) if len(word) <= _MOST_DIGITS else 0


LEDGER = Command(
    name="台账",
    key="ledger",
    purpose="群、公众号、成员、基数和覆盖率",
    usage="台账 [单位]；台账 核查",
    example="台账",
    roles=ADMINS_AND_LEADERS,
    aliases=("覆盖率", "台帐"),
    answer=_show,
)
OPEN_GROUP = Command(
    name="开通",
    key="open_group",
    purpose="登记新群，报上级审批",
    usage="开通 群 名称 人数",
    example="开通 群 临河青年二群 80",
    roles=ADMINS,
    aliases=("开通群", "新开群"),
    change=_open,
    continuations=(Continuation(_OPEN_STEP, Awaits.CONFIRMATION, _open_confirmed),),
)
CHANGE_GROUP = Command(
    name="变更",
    key="change_group",
    purpose="变更群人数",
    usage="变更 群编号 人数 数字",
    example="变更 LC0101 人数 120",
    roles=ADMINS,
    aliases=("变更群", "变更人数"),
    change=_change,
    continuations=(Continuation(_MEMBERS_STEP, Awaits.CONFIRMATION, _change_confirmed),),
)
CLOSE_GROUP = Command(
    name="停用",
    key="close_group",
    purpose="停用一个群",
    usage="停用 群编号 原因",
    example="停用 LC0101 与他群合并",
    roles=ADMINS,
    aliases=("停用群", "关闭群"),
    change=_close,
)
CLAIM = Command(
    name="认领",
    key="claim_group",
    purpose="认领未登记的群",
    usage="认领；认领 [来源] 外部编号 群编号",
    example="认领 10099 LC0101",
    roles=ADMINS,
    aliases=("未登记的群", "未登记"),
    change=_claim,
)
APPROVE = Command(
    name="审批",
    key="approve",
    purpose="审批下级的申请",
    usage="审批；审批 编号 同意；审批 编号 退回 原因",
    example="审批 3 同意",
    roles=ADMINS,
    aliases=("待审批", "批复"),
    change=_decide,
)
