"""公布: publish a unit's year after a look at what would be published; take it back with a reason."""

from bot.commands.assessing import sit, take_year
from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, find_unit
from bot.permissions import ASSESSORS
from bot.replies.assessment import (
    tell_before_publishing,
    tell_publication_taken_back,
    tell_published,
    tell_withdrawn,
)
from bot.replies.phrases import Answer
from monitor.errors import MissingParameter, StateError
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.assessment.publish import (
    publish,
    rehearse_publication,
    take_back_publication,
    withdraw,
)
from scoring.rubric import format_points

CONFIRM, WITHDRAW = "确认公布", ("撤回", "撤销")


def _publish(connection: Connection, ask: Ask) -> Answer:
    words = ask.arguments
    is_withdrawal = bool(words) and words[0] in WITHDRAW
    year, words = take_year(ask, words[1:] if is_withdrawal else words)
    if not words:
        raise MissingParameter("no unit", user_text=ask.command.usage_line)
    unit, rest, sitting = find_unit(ask, words[0]), words[1:], sit(connection, ask)
    if is_withdrawal:
        sheet = withdraw(sitting, year, unit.code, " ".join(rest))
        return tell_withdrawn(sheet, " ".join(rest), ask.now)
    seen, open_items = rehearse_publication(sitting, year, unit.code)
    stamp = f"{format_points(seen.sheet.scored)}/{len(open_items)}"
    if not rest:
        choice = f"{ask.command.name} {year} {unit.code} {CONFIRM} {stamp}"
        return tell_before_publishing(seen, open_items, choice, ask.now)
    at_most(ask, rest, 2)
    if rest[0] != CONFIRM or rest[1:] != (stamp,):
        text = f"考评表已有变动或未经核对，未公布。请重新发送：公布 {year} {unit.code}"
        raise StateError("not what was seen", user_text=text)
    return tell_published(publish(sitting, year, unit.code, accept_open=bool(open_items)), ask.now)


def take_back_own_publication(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Take back a publication of the asker (撤销); None if the number is not that of one."""
    if not ask.bound or ask.viewer.role is not Role.INSPECTOR:
        return None
    sheet = take_back_publication(sit(connection, ask), number)
    return None if sheet is None else tell_publication_taken_back(sheet, number, ask.now)


PUBLISH = Command(
    name="公布",
    key="publish",
    purpose="公布年度考评结果",
    usage="公布 单位；公布 撤回 单位 理由",
    example="公布 海口",
    roles=ASSESSORS,
    aliases=("公布结果", "结果公布"),
    change=_publish,
)
