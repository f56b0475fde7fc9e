"""状态: the card of one's own unit or of one below it."""

from bot.commands.assessing import year_line
from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, find_unit, take_day
from bot.commands.spot_checks import last_grades_line
from bot.permissions import ADMINS_AND_LEADERS
from bot.replies.days import tell_unit
from bot.replies.phrases import Answer
from monitor.assessment.dossier import assessment_year
from monitor.units import Role
from monitor.usecases.reminders.deadlines import deadline_line


def _answer(ask: Ask) -> Answer:
    words, day = take_day(ask)
    at_most(ask, words, 1)
    code = find_unit(ask, words[0]).code if words else None
    status = ask.queries.unit_status(ask.viewer, code, day)
    may_open_groups = ask.viewer.role is not Role.LEADER
    due_line = deadline_line(ask.queries.deadlines(ask.viewer, code), ask.now) if day is None else ""
    lines = ask.queries.card_lines(ask.viewer, code) if day is None else ()
    grades, points = last_grades_line(ask, code), year_line(ask, code)
    if status.unit.depth == 1 and day is None:  # what every 市县 and 高校 has, or has not yet
        grades = grades or f"❔{ask.today.year}年尚无有效抽查"
        points = points or f"❔{assessment_year(ask.today)}年考评尚未开始，没有总分"
    further = (grades, *lines, points, due_line)
    return tell_unit(status, ask.now, may_open_groups=may_open_groups, further=further)


STATUS = Command(
    name="状态",
    key="status",
    purpose="单位当日达标情况",
    usage="状态 [单位] [日期]",
    example="状态 昨天",
    roles=ADMINS_AND_LEADERS,
    aliases=("情况", "达标情况", "概况"),
    answer=_answer,
)
