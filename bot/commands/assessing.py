"""评分, 自评, 风险, and the answers to 为什么 评分 and 撤销 that concern the assessment of the year."""

import re

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, find_unit
from bot.permissions import ASSESSORS, PROVINCE, SELF_ASSESSORS
from bot.replies.assessment import (
    tell_entered,
    tell_handed_in,
    tell_item,
    tell_own_sheet,
    tell_risks,
    tell_sheet,
    tell_taken_back,
    tell_year_line,
)
from bot.replies.phrases import Answer
from monitor.assessment.dossier import EntryKind, assessment_year, find_item
from monitor.errors import BadParameter, MissingParameter
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.assessment.entries import enter, submit_self, undo
from monitor.usecases.assessment.risk import find_risks
from monitor.usecases.assessment.sheets import view_begun, view_sheet
from monitor.usecases.assessment.sitting import Sitting

ABOUT_SCORES = ("评分", "考评", "自评", "考评表")
_YEAR = re.compile(r"(20\d\d)年?(?:度)?")
ITEM = re.compile("[一二三四][0-9.．]|[一二三四]$|HN-A", re.IGNORECASE)
_POINTS = re.compile(r"([+-]?[\d.]+)分?")


def _judge(connection: Connection, ask: Ask) -> Answer:
    year, words = take_year(ask, ask.arguments)
    if len(words) < 3:
        raise MissingParameter("unit, item and points", user_text=ask.command.usage_line)
    unit = find_unit(ask, words[0])
    item, points, reason = words[1], _read_points(ask, words[2]), " ".join(words[3:])
    arguments = (year, unit.code, EntryKind.PANEL, item, points, reason)
    return tell_entered(enter(sit(connection, ask), *arguments), EntryKind.PANEL, ask.now)


def _assess_self(connection: Connection, ask: Ask) -> Answer:
    year, words = take_year(ask, ask.arguments)
    sitting = sit(connection, ask)
    if not words:
        return tell_own_sheet(view_sheet(sitting, year), ask.now)
    if words[0] in ("提交", "上交", "上报"):
        at_most(ask, words, 1)
        return tell_handed_in(submit_self(sitting, year), ask.now)
    if len(words) < 2:
        raise MissingParameter("item and points", user_text=ask.command.usage_line)
    arguments = (year, None, EntryKind.SELF, words[0], _read_points(ask, words[1]), " ".join(words[2:]))
    return tell_entered(enter(sitting, *arguments), EntryKind.SELF, ask.now)


def _tell_risks(ask: Ask) -> Answer:
    year, words = take_year(ask, ask.arguments)
    at_most(ask, words, 0)
    report = ask.assessments.read(ask.viewer, lambda sitting: find_risks(sitting, year))
    return tell_risks(report, ask.now, may_open_sheets=ask.viewer.role is not Role.LEADER)


def explain_scores(ask: Ask, words: tuple[str, ...]) -> Answer:
    """Answer 为什么 评分 [单位] [项号]: the sheet, or one item of it.

    Raises: MissingParameter for an inspector who names no unit.
    """
    year, words = take_year(ask, words)
    at_most(ask, words, 2)
    items = [word for word in words if ITEM.match(word)]
    units = [word for word in words if word not in items]
    at_most(ask, items, 1)
    at_most(ask, units, 1)
    if not units and ask.viewer.role is not Role.UNIT_ADMIN:
        raise MissingParameter("no unit", user_text="用法：为什么 评分 单位 [项号]，例：为什么 评分 海口 一3")
    code = find_unit(ask, units[0]).code if units else None
    sheet = ask.assessments.sheet(ask.viewer, year, code)
    if not items:
        return tell_sheet(sheet, ask.now)
    return tell_item(sheet, find_item(sheet.rules.rulebook.rubric, items[0]).id, ask.now)


def year_line(ask: Ask, code: str | None) -> str:
    """Return the line of 状态 about the year's assessment, "" where none has begun."""
    if ask.viewer.role not in (*ASSESSORS, *SELF_ASSESSORS, Role.LEADER):
        return ""
    year = assessment_year(ask.today)
    sheet = ask.assessments.read(ask.viewer, lambda sitting: view_begun(sitting, year, code))
    return tell_year_line(sheet) if sheet else ""


def take_back(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Answer 撤销 of an entry or of handing in; None if the number is of something else."""
    if ask.bound is None:
        return None
    taken_back = undo(sit(connection, ask), number)
    return tell_taken_back(taken_back, number, ask.now) if taken_back else None


def sit(connection: Connection, ask: Ask) -> Sitting:
    """Return the asker at the desk, in the transaction of the answer."""
    return Sitting(connection, ask.viewer, ask.now, ask.assessments.desk)


def take_year(ask: Ask, words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """Return the year named first, or the one people mean, and the other words."""
    match = _YEAR.fullmatch(words[0]) if words else None
    return (int(match[1]), words[1:]) if match else (assessment_year(ask.today), words)


def _read_points(ask: Ask, word: str) -> str:
    match = _POINTS.fullmatch(word)
    if match is None:
        raise BadParameter(f"points {word!r}", user_text=f"分数应为数字，如 0.7。{ask.command.usage_line}")
    return match[1]


SCORE = Command(
    name="评分",
    key="score",
    purpose="录入年度考评分",
    usage="评分 单位 项号 分 依据",
    example="评分 海口 一2 0.8 制度齐全",
    roles=ASSESSORS,
    aliases=("打分", "考评打分"),
    change=_judge,
)
SELF_ASSESSMENT = Command(
    name="自评",
    key="self_assessment",
    purpose="年度自评：列出、填写、提交",
    usage="自评 [项号 分 说明]/[提交]",
    example="自评 一3 0.7 开会5次",
    roles=SELF_ASSESSORS,
    aliases=("自查自评", "年度自评"),
    change=_assess_self,
)
RISKS = Command(
    name="风险",
    key="risks",
    purpose="将失去优秀或低于6分的单位",
    usage="风险 [年份]",
    example="风险",
    roles=PROVINCE,
    aliases=("考评风险", "风险单位"),
    answer=_tell_risks,
)
