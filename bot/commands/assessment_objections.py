"""申诉 about the published assessment of the year (考评): an item of the sheet, or the whole of it."""

import re

from bot.commands.assessing import ITEM, sit, take_year
from bot.commands.command import Ask
from bot.commands.objection_kind import ObjectionKind
from bot.commands.parameters import at_most
from bot.replies.assessment import tell_objection, tell_objection_row
from bot.replies.phrases import Answer, Row
from monitor.errors import MissingParameter
from monitor.store.people.chat import Connection
from monitor.usecases.assessment.acts import object_to
from monitor.usecases.assessment.objections import list_objections
from monitor.usecases.assessment.sheets import view_begun

_WHOLE = ("考评", "总分", "等次", "结果")
_YEAR = re.compile(r"20\d\d年?(?:度)?")


def _takes(word: str) -> bool:
    return word in _WHOLE or bool(_YEAR.fullmatch(word) or ITEM.match(word))


def _file(connection: Connection, ask: Ask, words: tuple[str, ...]) -> Answer:
    year, words = take_year(ask, words)
    if len(words) < 2:
        raise MissingParameter("item and reason", user_text=ask.command.usage_line)
    item = "" if words[0] in _WHOLE else words[0]
    sitting = sit(connection, ask)
    filed = object_to(sitting, year, " ".join(words[1:]), item)
    sheet = view_begun(sitting, year)
    assert sheet is not None  # noqa: S101 - what was objected to has been published
    return tell_objection(sheet, filed, sitting.desk.objection_days, ask.now)


def _list(connection: Connection, ask: Ask, words: tuple[str, ...]) -> list[Row]:
    year, words = take_year(ask, words)
    at_most(ask, words, 0)
    filed = list_objections(sit(connection, ask), year)
    return [tell_objection_row(each, ask.now) for each in filed]


SHEET_ITEMS = ObjectionKind("项号", _takes, _file, _list)
