"""申诉: one command for whatever a unit may object to; the kind of number says where it goes.

A further kind is a row of `KINDS`.
"""

from bot.commands.assessment_objections import SHEET_ITEMS
from bot.commands.command import Ask, Command
from bot.commands.incident_objections import INCIDENT_NUMBERS
from bot.commands.objection_kind import ObjectionKind
from bot.commands.spot_check_objections import FILING_NUMBERS
from bot.permissions import SELF_ASSESSORS
from bot.replies.phrases import Answer, compose, show_instant
from monitor.errors import BadParameter, MissingParameter
from monitor.store.people.chat import Connection

KINDS: tuple[ObjectionKind, ...] = (SHEET_ITEMS, FILING_NUMBERS, INCIDENT_NUMBERS)
_LIST = ("查询", "列表", "进度")


def _object(connection: Connection, ask: Ask) -> Answer:
    words = ask.arguments
    if not words:
        raise MissingParameter("no number", user_text=ask.command.usage_line)
    if words[0] in _LIST:
        return _list(connection, ask, words[1:])
    kind = next((each for each in KINDS if each.takes(words[0])), None)
    if kind is None:
        known = "、".join(each.number for each in KINDS)
        text = f"请写明{known}。{ask.command.usage_line}"
        raise BadParameter(f"no kind takes {words[0]!r}", user_text=text)
    return kind.file(connection, ask, words)


def _list(connection: Connection, ask: Ask, words: tuple[str, ...]) -> Answer:
    rows = [row for kind in KINDS for row in kind.list_filed(connection, ask, words)]
    first = f"申诉 {len(rows)} 项，待答复的在前" if rows else "没有申诉"
    return compose(first, f"数据截至 {show_instant(ask.now, ask.now)}", rows, suggestion="自评")


OBJECTION = Command(
    name="申诉",
    key="objection",
    purpose="对已公布的结果提出申诉，查询答复",
    usage=f"申诉 {'/'.join(kind.number for kind in KINDS)} 理由；申诉 查询",
    example="申诉 一3 会议记录6次只计5次",
    roles=SELF_ASSESSORS,
    aliases=("异议", "提出申诉"),
    change=_object,
)
