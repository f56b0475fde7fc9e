"""申诉 about a spot check (抽查), by its filing number (备案号)."""

from bot.commands.command import Ask
from bot.commands.objection_kind import ObjectionKind
from bot.commands.parameters import rest_of
from bot.commands.spot_checks import sit
from bot.replies.phrases import Answer, Row
from bot.replies.spot_checks import tell_objected, tell_objection_row
from monitor.errors import MissingParameter
from monitor.spot_checks import NumberKind, read_number
from monitor.store.people.chat import Connection
from monitor.usecases.spot_checks.objections import list_objections, object_to_check


def _takes(word: str) -> bool:
    return read_number(NumberKind.SPOT_CHECK, word) is not None


def _file(connection: Connection, ask: Ask, words: tuple[str, ...]) -> Answer:
    filing_no, reason = read_number(NumberKind.SPOT_CHECK, words[0]), rest_of(ask, 1)
    if filing_no is None or not reason:
        raise MissingParameter("number and reason", user_text=ask.command.usage_line)
    return tell_objected(object_to_check(sit(connection, ask), filing_no, reason), ask.now)


def _list(connection: Connection, ask: Ask, words: tuple[str, ...]) -> list[Row]:
    if words:  # a year: objections to checks are listed whatever their year
        return []
    return [tell_objection_row(each, ask.now) for each in list_objections(sit(connection, ask))]


FILING_NUMBERS = ObjectionKind("备案号", _takes, _file, _list)
