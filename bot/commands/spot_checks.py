"""抽查, 抽查登记, 抽查作废, 电话检查: spot checks by inspectors (HN-4.1b, HN-4.1c; requirement D.2)."""

from bot.commands.command import Ask, Command, Continuation, Continued
from bot.commands.parameters import at_most, find_group, find_unit, require, rest_of
from bot.grammar import read_number as read_digits
from bot.permissions import ASSESSORS
from bot.replies.phrases import Answer
from bot.replies.spot_checks import (
    ask_whether_sure,
    confirm_phone_withdrawal,
    tell_draw,
    tell_filed,
    tell_last_grades,
    tell_phone_check,
    tell_record,
    tell_records,
    tell_repetition,
    tell_voided,
)
from monitor.errors import BadParameter, MissingParameter
from monitor.people.steps import Awaits, await_confirmation
from monitor.spot_checks import MOST_POSTS, SURE_POSTS, NumberKind, read_number
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.spot_checks.desk import SpotSitting
from monitor.usecases.spot_checks.draw import find_draw, list_draws, make_draw, repeat_draw
from monitor.usecases.spot_checks.file import file_spot_check, take_back_spot_check, void_spot_check
from monitor.usecases.spot_checks.objections import objections_to
from monitor.usecases.spot_checks.query import Wanted, list_checks, load_last_of_unit
from monitor.usecases.spot_checks.runs import load_city_run, load_runs
from monitor.usecases.spot_checks.visits import file_phone_check, take_back_phone_check

_FILE_STEP = "spot_check.file"
_MOST_DRAWN_DIGITS = 3
_N_LISTED = 5


def sit(connection: Connection, ask: Ask) -> SpotSitting:
    """Return the sitting of the asker in the transaction of the answer."""
    return ask.spot_checks.sit(connection, ask.viewer, ask.now)


def take_back_check(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Undo a filing, a voiding or a phone check of the asker (撤销); None if the number is none of theirs."""
    if not ask.bound or ask.viewer.role is not Role.INSPECTOR:
        return None
    sitting = sit(connection, ask)
    voided = take_back_spot_check(sitting, number)
    if voided is not None:
        return tell_voided(voided, ask.now)
    phone_no = take_back_phone_check(sitting, number)
    return None if phone_no is None else confirm_phone_withdrawal(phone_no, ask.now)


def last_grades_line(ask: Ask, unit_code: str | None) -> str:
    """Return the line of 状态 about the last five checks of a unit; "" without one."""
    readings, run = ask.spot_checks.read(ask.viewer, lambda sitting: load_last_of_unit(sitting, unit_code))
    return tell_last_grades(readings, run)


def _draw(connection: Connection, ask: Ask) -> Answer:
    words, sitting = ask.arguments, sit(connection, ask)
    if words and words[0] in ("记录", "查询", "列表"):
        return _tell_records(sitting, ask, words[1:])
    if words and words[0] in ("验证", "复核", "批次"):
        number = _take_number(ask, words[1:], NumberKind.DRAW, "批次号")
        if words[0] == "批次":
            return tell_draw(find_draw(sitting, number), ask.now)
        return tell_repetition(repeat_draw(sitting, number), ask.now)
    size = _read_size(words[-1]) if words else None
    names = words if size is None else words[:-1]
    at_most(ask, names, 1)
    unit = find_unit(ask, names[0]).code if names else None
    return tell_draw(make_draw(sitting, unit, size), ask.now)


def _read_size(word: str) -> int | None:
    """Return how many groups a word asks for, None if it is no number.

    Raises: BadParameter for one that cannot be: 0, -1, 2.5, 10000.
    """
    bare = word.removesuffix("个群").removesuffix("个")
    if read_number(NumberKind.DRAW, bare) is None and bare.lstrip("-+").replace(".", "", 1).isdigit():
        if bare.isdigit() and 0 < int(bare) < 10**_MOST_DRAWN_DIGITS:
            return int(bare)
        raise BadParameter(f"size {word!r}", user_text="数量应为1–200的整数")
    return read_digits(bare) or None


def _tell_records(sitting: SpotSitting, ask: Ask, words: tuple[str, ...]) -> Answer:
    if words:
        reading = sitting.find_check(_take_number(ask, words, NumberKind.SPOT_CHECK, "备案号"))
        run = load_city_run(sitting, reading.check.city_id, reading.check.year)
        return tell_record(reading, objections_to(sitting, reading), run, ask.now)
    readings = list_checks(sitting, Wanted(), _N_LISTED)
    runs = load_runs(sitting, sitting.today.year)
    return tell_records(readings, list_draws(sitting, 2), runs, ask.now)


def _take_number(ask: Ask, words: tuple[str, ...], kind: NumberKind, called: str) -> str:
    word = require(ask, words)
    number = read_number(kind, word)
    if number is None:
        text = f"{called}应形如 {kind.value}-{ask.today.year}-0001。{ask.command.usage_line}"
        raise BadParameter(f"no {called}: {word!r}", user_text=text)
    return number


def _file(connection: Connection, ask: Ask) -> Answer:
    if len(ask.arguments) < 2:
        raise MissingParameter("group and count", user_text=ask.command.usage_line)
    n_posts = _read_count(ask.arguments[1])
    group = find_group(ask, ask.arguments[0])
    note = rest_of(ask, 2)
    if n_posts > SURE_POSTS:
        step = await_confirmation(_FILE_STEP, f"{group.code} {n_posts} {note}")
        return Answer(ask_whether_sure(group, n_posts, note), step=step)
    return tell_filed(file_spot_check(sit(connection, ask), group.code, n_posts, note), ask.now)


def _file_anyway(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    code, n_posts, note = continued.step.carried.split(" ", 2)
    return tell_filed(file_spot_check(sit(connection, ask), code, int(n_posts), note), ask.now)


def _read_count(word: str) -> int:
    """Return a count as people write it: 4, ４, 四, 4条.

    Raises: BadParameter with the text of D.1.
    """
    number = read_digits(word.removesuffix("条"))
    if number is None or not 0 <= number <= MOST_POSTS:
        raise BadParameter(f"count {word!r}", user_text=f"条数应为0–{MOST_POSTS}的整数")
    return number


def _void(connection: Connection, ask: Ask) -> Answer:
    number = _take_number(ask, ask.arguments, NumberKind.SPOT_CHECK, "备案号")
    reason = rest_of(ask, 1)
    if not reason:
        raise MissingParameter("no reason", user_text=f"请写明作废原因。{ask.command.usage_line}")
    return tell_voided(void_spot_check(sit(connection, ask), number, reason), ask.now)


def _phone(connection: Connection, ask: Ask) -> Answer:
    word = require(ask, ask.arguments)
    finding = rest_of(ask, 1)
    if not finding:
        raise MissingParameter("no finding", user_text=ask.command.usage_line)
    unit = find_unit(ask, word)
    return tell_phone_check(file_phone_check(sit(connection, ask), unit.code, finding), ask.now)


DRAW = Command(
    name="抽查",
    key="draw",
    purpose="随机抽取群；查记录、验证批次",
    usage="抽查 [单位] [数量]；抽查 记录 [备案号]；抽查 验证 批次号",
    example="抽查 鹭川 2",
    roles=ASSESSORS,
    aliases=("抽样", "随机抽查"),
    change=_draw,
)
FILE_CHECK = Command(
    name="抽查登记",
    key="file_spot_check",
    purpose="登记抽查到的条数，给出备案号",
    usage="抽查登记 群编号 条数 [备注]",
    example="抽查登记 LC0101 4",
    roles=ASSESSORS,
    aliases=("登记抽查",),
    change=_file,
    continuations=(Continuation(_FILE_STEP, Awaits.CONFIRMATION, _file_anyway),),
)
VOID_CHECK = Command(
    name="抽查作废",
    key="void_spot_check",
    purpose="作废一次抽查，记录保留",
    usage="抽查作废 备案号 原因",
    example="抽查作废 CC-2026-0001 群编号填错",
    roles=ASSESSORS,
    aliases=("作废抽查",),
    change=_void,
)
PHONE_CHECK = Command(
    name="电话检查",
    key="phone_check",
    purpose="登记一次电话检查",
    usage="电话检查 单位 内容",
    example="电话检查 临河 群内每日有专人维护",
    roles=ASSESSORS,
    aliases=("电话抽查",),
    change=_phone,
)
