"""话题, 管理员, 专责: topics of groups, and who holds which post (requirements D.3, D.4, D.5)."""

from bot.commands.command import Ask, Command, Undecided
from bot.commands.ledger import clerk_of
from bot.commands.parameters import at_most, find_group, find_unit, find_unit_or_group
from bot.permissions import ADMINS, ADMINS_AND_MANAGERS
from bot.replies.ledger import (
    tell_invited,
    tell_managers,
    tell_officer,
    tell_topic,
    tell_topics,
)
from bot.replies.phrases import Answer, Row, compose
from monitor.errors import BadParameter, MissingParameter
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.ledger.people import invite_manager, set_officer
from monitor.usecases.ledger.reading import read_managers
from monitor.usecases.ledger.topics import close_topic, list_topics, open_topic

_NEW, _END, _VACANT, _INVITE = ("新", "新开", "开"), ("结束", "关闭"), ("缺位", "空缺"), ("邀请",)
_MOST_DIGITS = 9


def _topic(connection: Connection, ask: Ask) -> Answer:
    words, clerk = ask.arguments, clerk_of(connection, ask)
    is_manager = ask.viewer.role is Role.GROUP_MANAGER
    if words and words[0] in _END:
        at_most(ask, words, 2)
        acted = close_topic(clerk, _topic_number(ask, words[1] if words[1:] else ""))
        return tell_topic(acted, ask.now, is_opened=False)
    if words and words[0] in _NEW and is_manager:
        return _open_own(connection, ask)
    if not words:
        if not is_manager:
            raise MissingParameter("no group", user_text=ask.command.usage_line)
        return tell_topics(list_topics(clerk), ask.now, is_manager=True)
    group = find_group(ask, words[0])
    if len(words) == 1:
        return tell_topics(list_topics(clerk, group.code), ask.now, is_manager=is_manager)
    return tell_topic(open_topic(clerk, group.code, words[1], words[2:]), ask.now, is_opened=True)


def _open_own(connection: Connection, ask: Ask) -> Answer:
    """Open a topic of a manager's only group; a manager of several is asked."""
    clerk, words = clerk_of(connection, ask), ask.arguments[1:]
    if not words:
        raise MissingParameter("no title", user_text="请写明话题名称，例：话题 新 志愿服务 志愿 义工")
    found = list_topics(clerk)
    if len(found) > 1:
        told = " ".join(words)
        rows = [Row(f"{one.group.code} {one.group.name}", f"话题 {one.group.code} {told}") for one in found]
        raise Undecided(compose("请选择话题所在的群", "", rows))
    if not found:
        raise BadParameter("no group", user_text="您名下没有在用的群，请联系上级管理员")
    return tell_topic(open_topic(clerk, found[0].group.code, words[0], words[1:]), ask.now, is_opened=True)


def _topic_number(ask: Ask, word: str) -> int:
    number = word.removeprefix("话题")
    if not (number.isascii() and number.isdigit()):
        text = f"请写明话题编号，例：话题 结束 12。{ask.command.usage_line}"
        raise BadParameter(f"topic {word!r}", user_text=text)
    return int(number) if len(number) <= _MOST_DIGITS else 0


def _managers(connection: Connection, ask: Ask) -> Answer:
    words, clerk = ask.arguments, clerk_of(connection, ask)
    if words and words[0] in _INVITE:
        if len(words) < 3:
            raise MissingParameter("unit and name", user_text=ask.command.usage_line)
        at_most(ask, words, 3)
        return tell_invited(invite_manager(clerk, find_unit_or_group(ask, words[1]), words[2]), ask.now)
    only_vacancies = bool(words) and words[0] in _VACANT
    rest = words[1:] if only_vacancies else words
    at_most(ask, rest, 1)
    code = find_unit(ask, rest[0]).code if rest else None
    return tell_managers(read_managers(clerk, code), ask.now, only_vacancies=only_vacancies)


def _officer(connection: Connection, ask: Ask) -> Answer:
    words = ask.arguments
    if len(words) < 2:
        raise MissingParameter("unit and name", user_text=ask.command.usage_line)
    at_most(ask, words, 2)
    unit = find_unit(ask, words[0])
    return tell_officer(set_officer(clerk_of(connection, ask), unit.code, words[1]), ask.now)


TOPIC = Command(
    name="话题",
    key="topic",
    purpose="微话题：查看、新开、结束",
    usage="话题 [群编号] [名称 关键词…]；话题 新 名称 关键词；话题 结束 编号",
    example="话题 LC0101 志愿服务 志愿 义工",
    roles=ADMINS_AND_MANAGERS,
    aliases=("微话题",),
    change=_topic,
)
MANAGERS = Command(
    name="管理员",
    key="managers",
    purpose="管理员、缺位和邀请",
    usage="管理员 [缺位] [单位]；管理员 邀请 单位或群编号 姓名",
    example="管理员 缺位",
    roles=ADMINS,
    aliases=("群管理员", "管理员缺位"),
    change=_managers,
)
OFFICER = Command(
    name="专责",
    key="officer",
    purpose="明确单位的专责人员",
    usage="专责 单位 姓名",
    example="专责 临河镇团委 张一",
    roles=ADMINS,
    aliases=("专责人员",),
    change=_officer,
)
