"""How people write the number of an incident: 12, 事件12, 事件 12, #12, 第12号."""

import re

from bot.commands.command import Ask
from bot.grammar import read_number
from monitor.errors import BadParameter, MissingParameter

_NUMBER = re.compile(r"(?:事件|#|第)?(\d{1,9})(?:号|号事件)?")
_WORD = "事件"


def names_incident(words: tuple[str, ...]) -> bool:
    """Tell whether words begin with an incident that is called so: 事件12, 事件 12."""
    return bool(words) and words[0].startswith(_WORD)


def find_incident_number(words: tuple[str, ...]) -> tuple[int, int] | None:
    """Return the number that words begin with, and how many words it takes; None without one."""
    if not words:
        return None
    if words[0] == _WORD:
        found = find_incident_number(words[1:2])
        return (found[0], 2) if found else None
    matched = _NUMBER.fullmatch(words[0])
    if matched:
        return int(matched.group(1)), 1
    number = read_number(words[0])
    return None if number is None else (number, 1)


def take_incident_number(ask: Ask) -> tuple[int, tuple[str, ...], int]:
    """Return the number, the words behind it, and how many words the number takes.

    Raises: MissingParameter, BadParameter with the usage.
    """
    if not ask.arguments:
        raise MissingParameter("no incident", user_text=ask.command.usage_line)
    found = find_incident_number(ask.arguments)
    if found is None:
        text = f"事件号应为数字。{ask.command.usage_line}"
        raise BadParameter(f"no number: {ask.arguments[0]!r}", user_text=text)
    number, n_words = found
    return number, ask.arguments[n_words:], n_words
