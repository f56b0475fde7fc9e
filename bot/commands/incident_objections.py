"""申诉 about an incident (不良信息事件), by its number."""

from bot.commands.command import Ask
from bot.commands.incident_numbers import find_incident_number
from bot.commands.incidents import docket_of
from bot.commands.objection_kind import ObjectionKind
from bot.replies.incidents import tell_objected, tell_objection_row
from bot.replies.phrases import Answer, Row
from monitor.errors import MissingParameter
from monitor.store.people.chat import Connection
from monitor.usecases.incidents.acts import object_to_incident
from monitor.usecases.incidents.docket import load_objected


def _takes(word: str) -> bool:
    return word == "事件" or find_incident_number((word,)) is not None


def _file(connection: Connection, ask: Ask, words: tuple[str, ...]) -> Answer:
    found = find_incident_number(words)
    reason = " ".join(words[found[1] :]) if found else ""
    if found is None or not reason:
        raise MissingParameter("number and reason", user_text=ask.command.usage_line)
    return tell_objected(object_to_incident(docket_of(connection, ask), found[0], reason), ask.now)


def _list(connection: Connection, ask: Ask, words: tuple[str, ...]) -> list[Row]:
    if words:  # a year: incidents are listed as long as they are open
        return []
    return [tell_objection_row(each, ask.now) for each in load_objected(docket_of(connection, ask))]


INCIDENT_NUMBERS = ObjectionKind("事件号", _takes, _file, _list)
