"""Arguments of commands: days, units and groups as people write them, always inside the asker's scope."""

import re
from collections.abc import Sequence
from datetime import date

from bot.commands.command import Ask, Undecided
from bot.dates import read_day
from bot.grammar import read_number
from bot.replies.notices import ask_which
from bot.replies.phrases import Row
from monitor.errors import BadParameter, MissingParameter, NotFound, OutOfScope
from monitor.units import Group, Role, Unit

N_CANDIDATES = 5
_SEPARATORS = re.compile(r"^[\s,、;:，；：]+")
_WORD = re.compile(r"^[^\s,、;:，；：]+[\s,、;:，；：]*")
_MOST_DIGITS = 9


def take_day(ask: Ask) -> tuple[tuple[str, ...], date | None]:
    """Return the arguments without the day among them, and the day (None: today).

    Raises: BadParameter for a day that does not exist, lies ahead, or is given twice.
    """
    words, days = [], []
    for argument in ask.arguments:
        day = read_day(argument, ask.today)
        if day is None:
            words.append(argument)
        else:
            days.append(day)
    if len(days) > 1:
        raise BadParameter("two days", user_text=f"只能指定一个日期。{ask.command.usage_line}")
    return tuple(words), days[0] if days else None


def at_most(ask: Ask, words: Sequence[str], n_words: int) -> None:
    """Refuse more arguments than a command takes.

    Raises: BadParameter with the usage.
    """
    if len(words) > n_words:
        raise BadParameter("too many arguments", user_text=f"参数过多。{ask.command.usage_line}")


def require(ask: Ask, words: Sequence[str]) -> str:
    """Return the first argument.

    Raises: MissingParameter with the usage.
    """
    if not words:
        raise MissingParameter("no argument", user_text=ask.command.usage_line)
    return words[0]


def rest_of(ask: Ask, n_words: int) -> str:
    """Return what was written behind the command and so many of its words, verbatim.

    Arguments lose their punctuation; a text that is kept must not.
    """
    words = (ask.command.name, *ask.command.aliases)
    written = ask.spoken.lstrip()
    head = next((word for word in sorted(words, key=len, reverse=True) if written.startswith(word)), None)
    if head is None:  # written in another script or width: what the grammar made of it
        return " ".join(ask.arguments[n_words:])
    pieces = _SEPARATORS.sub("", written[len(head) :], count=1)
    for _ in range(n_words):
        pieces = _WORD.sub("", pieces, count=1)
    return pieces.strip()


def take_number(ask: Ask) -> int:
    """Return the number (编号) that is the only argument; 0, which names nothing, for one beyond all.

    Raises: MissingParameter, BadParameter with the usage.
    """
    word = require(ask, ask.arguments)
    at_most(ask, ask.arguments, 1)
    if word.isascii() and word.isdigit():
        return int(word) if len(word) <= _MOST_DIGITS else 0
    number = read_number(word)
    if number is None:
        raise BadParameter(f"not a number: {word!r}", user_text=f"编号应为数字。{ask.command.usage_line}")
    return number


def find_unit(ask: Ask, word: str) -> Unit:
    """Return the one unit of the asker's subtree that a word names by code, name, part or pinyin.

    Raises: Undecided with up to five candidates; otherwise as `nothing_found`.
    """
    found = ask.queries.find_units(ask.viewer, word)
    if len(found) == 1:
        return found[0]
    if not found:
        raise nothing_found(ask, word)
    raise Undecided(ask_which(word, [_unit_row(ask, word, unit) for unit in found[:N_CANDIDATES]]))


def find_group(ask: Ask, word: str) -> Group:
    """Return the one group within the asker's sight that a word names by code, name, part or pinyin.

    Raises: Undecided with up to five candidates; otherwise as `nothing_found`.
    """
    found = ask.queries.find_groups(ask.viewer, word)
    if len(found) == 1:
        return found[0]
    if not found:
        raise nothing_found(ask, word)
    raise Undecided(ask_which(word, [_group_row(ask, word, group) for group in found[:N_CANDIDATES]]))


def find_unit_or_group(ask: Ask, word: str) -> Unit | Group:
    """Return the one group or unit that a word names; an exact code or name of a group comes first.

    Raises: Undecided with up to five candidates; otherwise as `nothing_found`.
    """
    groups = ask.queries.find_groups(ask.viewer, word)
    units = ask.queries.find_units(ask.viewer, word)
    both: list[Unit | Group] = [*groups, *units]
    named = [thing for thing in both if word.upper() == thing.code.upper() or word == thing.name]
    if named or len(both) == 1:
        return (named or both)[0]
    if not both:
        raise nothing_found(ask, word)
    rows = [_group_row(ask, word, group) for group in groups] + [_unit_row(ask, word, unit) for unit in units]
    raise Undecided(ask_which(word, rows[:N_CANDIDATES]))


def nothing_found(ask: Ask, word: str) -> OutOfScope | NotFound:
    """Return the refusal of a word that names nothing in sight: the same text whether or not it exists.

    Only somebody whose scope is the whole tree can be told plainly that there is no such thing.
    """
    if ask.viewer.unit_path.count("/") == 2 and ask.viewer.role is not Role.GROUP_MANAGER:
        return NotFound(f"nothing is called {word!r}")
    return OutOfScope(f"{word!r} is not in scope", user_text="无权查看该单位，或未找到。可回复 群 列出")


def _unit_row(ask: Ask, word: str, unit: Unit) -> Row:
    above = ask.queries.breadcrumb(ask.viewer, unit)[:-1]
    return Row(f"{unit.name}（{above[-1].name if above else unit.kind}）", ask.line_with(word, unit.code))


def _group_row(ask: Ask, word: str, group: Group) -> Row:
    return Row(f"{group.code} {group.name}（{group.unit_name}）", ask.line_with(word, group.code))
