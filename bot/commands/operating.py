"""系统, 任务, 重跑, 静默, 推送测试, 采集: what operators ask and do (requirement D.7)."""

import re
from datetime import timedelta

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, require, rest_of
from bot.commands.urging import chair_of
from bot.dates import read_day
from bot.permissions import OPERATORS
from bot.replies.notices import FINAL
from bot.replies.operating import (
    tell_collection,
    tell_jobs,
    tell_rerun,
    tell_silence,
    tell_sources,
    tell_system,
    tell_test,
)
from bot.replies.phrases import Answer
from monitor.delivery.outbox import identity_recipient
from monitor.errors import BadParameter, MissingParameter, NotBound
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.operations import operations
from monitor.usecases.operations.rerun import ask_rerun

_LENGTH = re.compile(r"(\d{1,3})(h|小时|时|m|min|分钟|分)", re.IGNORECASE)
_END = ("取消", "结束")


def _system(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 0)
    return tell_system(ask.oversight.read(ask.viewer, operations.read_system), ask.now)


def _jobs(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 0)
    return tell_jobs(ask.oversight.read(ask.viewer, operations.read_jobs), ask.now)


def _collection(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 1)
    if not ask.arguments:
        return tell_sources(ask.oversight.read(ask.viewer, operations.read_sources), ask.now)
    code = ask.arguments[0]
    return tell_collection(
        ask.oversight.read(ask.viewer, lambda chair: operations.read_collection(chair, code)), ask.now
    )


def _rerun(connection: Connection, ask: Ask) -> Answer:
    if len(ask.arguments) < 2:
        raise MissingParameter("job and day", user_text=ask.command.usage_line)
    day = read_day(ask.arguments[1], ask.today)
    if day is None:
        raise BadParameter("no day", user_text=f"日期有误。{ask.command.usage_line}")
    chair = chair_of(connection, ask)
    number, title = ask_rerun(chair, ask.arguments[0], day, rest_of(ask, 2), _self(ask))
    return tell_rerun(number, title, f"{day:%m-%d}")


def _silence(connection: Connection, ask: Ask) -> Answer:
    word, chair = require(ask, ask.arguments), chair_of(connection, ask)
    at_most(ask, ask.arguments, 1)
    if word in _END:
        if not operations.end_silence(chair):
            return Answer("当前没有静默")
        return Answer(f"✅ 静默已取消，推送恢复\n{FINAL.format('需要时请重新回复 静默 2h')}")
    found = _LENGTH.fullmatch(word)
    if found is None:
        raise BadParameter(f"length {word!r}", user_text=f"时长有误。{ask.command.usage_line}")
    in_hours = found[2].lower() in ("h", "小时", "时")
    length = timedelta(hours=int(found[1])) if in_hours else timedelta(minutes=int(found[1]))
    return tell_silence(*operations.begin_silence(chair, length), ask.now)


def _test(connection: Connection, ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 1)
    if ask.arguments and ask.arguments[0] not in ("我", "自己", "本人"):
        raise BadParameter("not me", user_text=f"测试消息只发给您本人。{ask.command.usage_line}")
    return tell_test(operations.send_test(chair_of(connection, ask), _self(ask)))


def _self(ask: Ask) -> str:
    if ask.bound is None:
        raise NotBound("a stranger operates nothing")
    return identity_recipient(ask.bound.identity_id)


def take_back_own_silence(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Take back a silence of the asker (撤销); None if the number is not that of one."""
    if not ask.bound or ask.viewer.role is not Role.OPERATOR:
        return None
    if operations.take_back_silence(chair_of(connection, ask), number) is None:
        return None
    return Answer(f"✅ 已撤销编号 {number}：静默结束，推送恢复\n可回复：系统")


SYSTEM = Command(
    name="系统",
    key="system",
    purpose="队列、回调、任务、数据库",
    usage="系统",
    example="系统",
    roles=OPERATORS,
    aliases=("系统状态", "运行状态"),
    answer=_system,
)
JOBS = Command(
    name="任务",
    key="jobs",
    purpose="定时任务的上次和下次",
    usage="任务",
    example="任务",
    roles=OPERATORS,
    aliases=("定时任务", "任务列表"),
    answer=_jobs,
)
COLLECTION = Command(
    name="采集",
    key="collection",
    purpose="采集方式、最近数据、延迟",
    usage="采集 [群编号]",
    example="采集 LC0001",
    roles=OPERATORS,
    aliases=("采集状态",),
    answer=_collection,
)
RERUN = Command(
    name="重跑",
    key="rerun",
    purpose="重跑一天的任务",
    usage="重跑 任务 日期 [原因]",
    example="重跑 日结 昨天 补采数据",
    roles=OPERATORS,
    aliases=("重新运行",),
    change=_rerun,
)
SILENCE = Command(
    name="静默",
    key="silence",
    purpose="暂停非紧急推送",
    usage="静默 时长；静默 取消",
    example="静默 2h",
    roles=OPERATORS,
    aliases=("暂停推送",),
    change=_silence,
)
PUSH_TEST = Command(
    name="推送测试",
    key="push_test",
    purpose="给本人发一条测试消息",
    usage="推送测试 我",
    example="推送测试 我",
    roles=OPERATORS,
    aliases=("测试推送",),
    change=_test,
)
