"""Spot checks (抽查记录) as documents: the register of a unit and period, and one filing to be signed. Pure.

The words of a filing and of a run are those of the console's pages, which take them from here.
"""

from collections.abc import Iterator
from datetime import date

from monitor.spot_checks import DrawMethod
from monitor.texts.wording import NONE, data_time_words, day_words, moment_words
from monitor.usecases.spot_checks.desk import SpotReading
from monitor.usecases.spot_checks.objections import SpotObjection
from monitor.usecases.spot_checks.register import Draws, SpotCheckFile, SpotCheckRegister, StoredDraw
from monitor.usecases.spot_checks.runs import CityRun
from reports.document import Column, Document, Part, Table

METHODS = {DrawMethod.EQUAL: "等概率", DrawMethod.STRATIFIED: "分层", DrawMethod.MANUAL: "人工指定"}
SIGNATURES = ("检查人（签字）", "被抽查单位（签字）", "领导小组办公室（盖章）", "日期")
_CHECKS = (
    Column("备案号", 8),
    Column("群", 12),
    Column("单位", 8),
    Column("抽查日", 5),
    Column("检查条数", 4, is_number=True),
    Column("系统条数", 4, is_number=True),
    Column("等次", 4),
    Column("状态", 4),
    Column("批次号", 8),
    Column("登记人", 8),
)
_RUNS = (Column("单位", 8), Column("连续差", 8), Column("有效抽查", 8), Column("结果", 8), Column("算法", 26))
_VOIDS = (Column("备案号", 8), Column("作废", 12), Column("原因", 24))
_DRAWS = (
    Column("批次号", 8),
    Column("范围", 8),
    Column("方法", 5),
    Column("种子", 18),
    Column("抽样框", 4, is_number=True),
    Column("近期已查不在框内", 6, is_number=True),
    Column("抽中", 4, is_number=True),
    Column("抽取人", 8),
    Column("时间", 7),
)
_FACTS = (Column("项目", 8), Column("内容", 32))
_RULES = (
    "“当日”为全天（D-08），检查条数与系统条数并列，不互相覆盖；系统无数据不作 0 计。",
    "等次见 HN-4.1d，连续“差”与优秀封顶见 HN-4.1e；作废的登记保留，不计入连续“差”。",
)
_ANY_YEAR = date.min  # of no year that a day here is of: words of days then carry theirs
_REPEAT = "复核：按 SHA-256（种子|群编号）从小到大取群；种子、抽样框随批次保存，任何人可重新抽取。"


def register_document(register: SpotCheckRegister, today: date) -> Document:
    """Lay out the filings of a unit and period: filings, runs, voids, draws, lines to sign.

    Source: HN-4.1c–e.
    """
    checks = register.checks
    voids = [each for each in checks if each.check.is_void]
    shown = Part("一、备案登记", tables=(Table(_CHECKS, tuple(map_checks(checks, today)), "备案登记"),))
    runs = Table(_RUNS, tuple(run_row(run) for run in register.runs), "连续差", empty=_no_run(register))
    return Document(
        title=f"{register.unit.name}抽查记录",
        subtitle=f"{register.period.first_day} 至 {register.period.last_day}",
        data_time=data_time_words(register.made_at, today),
        lead=(
            f"登记 {len(checks)} 次，其中有效 {len(checks) - len(voids)} 次，作废 {len(voids)} 次；"
            f"{sum(run.is_capped for run in register.runs)} 个单位触发优秀封顶（HN-4.1e）。",
        ),
        parts=(
            shown,
            Part("二、连续“差”", tables=(runs,)),
            Part("三、作废", tables=(Table(_VOIDS, tuple(_voids(voids, today)), "作废", "本期没有作废"),)),
            *_draw_parts("四、抽取批次", register.draws, today),
        ),
        notes=(*_RULES, *((_REPEAT,) if register.draws else ())),
        signatures=SIGNATURES,
        is_wide=True,
    )


def file_document(file: SpotCheckFile) -> Document:
    """Lay out one filing (抽查记录单) to be printed and signed; it is kept, so every day carries its year.

    Source: HN-4.1c–e.
    """
    reading, check = file.reading, file.reading.check
    state = state_words(reading)
    facts = tuple(_file_facts(reading, file.draw, _ANY_YEAR))
    return Document(
        title=f"抽查记录单 {check.filing_no}",
        subtitle=f"{check.group_code} {check.group_name}，{check.city_name}，{check.day:%Y-%m-%d}",
        data_time=data_time_words(file.made_at, _ANY_YEAR),
        lead=(
            f"等次：{reading.verdict.outcome.value}（{state}）。",
            f"{reading.verdict.arithmetic}〔{reading.verdict.clause}〕",
        ),
        parts=(
            Part(
                "一、登记内容",
                tables=(Table(_FACTS, facts, "登记内容"),),
            ),
            Part("二、连续“差”", tables=(Table(_RUNS, _file_run(file.run), "连续差", _PART_SEEN),)),
            *_objection_parts(file, _ANY_YEAR),
        ),
        notes=(*_RULES, *((_REPEAT,) if file.draw else ())),
        signatures=SIGNATURES,
    )


_PART_SEEN = "连续“差”按全市县（高校）的群计算，不在本单位范围内。"


def check_facts(reading: SpotReading, today: date) -> tuple[tuple[str, str], ...]:
    """Return what was filed, name by name, as page and document show it."""
    check = reading.check
    gap = "" if reading.n_system is None else f"，相差 {abs(reading.n_system - check.n_posts)} 条"
    then = "无数据" if check.n_system is None else f"{check.n_system} 条"
    now = "无数据" if reading.n_system is None else f"{reading.n_system} 条{gap}"
    later = "当日未结束" if check.n_later is None else f"{check.n_later} 条"
    facts = (
        ("备案号", check.filing_no),
        ("群", f"{check.group_code} {check.group_name}"),
        ("所属单位", f"{check.unit_name}（{check.city_name}）"),
        ("抽查日", day_words(check.day, today)),
        ("检查条数", f"{check.n_posts} 条（来源：检查）"),
        ("登记时系统计数", then),
        ("系统现计数", f"{now}（并列显示，不覆盖）"),
        ("检查后当日新增", later),
        ("登记人", check.actor_name),
        ("登记时间", moment_words(check.filed_at, today)),
        ("备注", check.note or NONE),
    )
    if check.voided_at is None:
        return facts
    voided = (
        ("作废时间", f"{moment_words(check.voided_at, today)}，{check.voided_by}"),
        ("作废原因", check.void_reason),
    )
    return (*facts, *voided)


def state_words(reading: SpotReading) -> str:
    """Return whether a filing counts."""
    return "作废" if reading.check.is_void else "暂定" if reading.is_provisional else "有效"


def system_words(reading: SpotReading) -> str:
    """Return the system's count beside the inspector's; no data is not 0."""
    return "无数据" if reading.n_system is None else str(reading.n_system)


def run_words(run: CityRun) -> tuple[str, str]:
    """Return a run and the number of checks that it is made of."""
    longest = f"，最长 {run.verdict.outcome.longest}" if run.verdict else ""
    provisional = f"（其中 {run.n_open} 次暂定）" if run.n_open else ""
    return f"{run.current}/{run.length}{longest}", f"{run.n_checks} 次{provisional}"


def run_result(run: CityRun) -> str:
    """Return what a run leads to."""
    if run.verdict is None:
        return "尚无抽查"
    if run.is_capped:
        return "年底不得评优秀"
    return "再有1次即封顶" if run.current == run.length - 1 else "未触发"


def run_row(run: CityRun) -> tuple[str, ...]:
    """Return a run as a row of 单位, 连续差, 有效抽查, 结果, 算法."""
    words, n_checks = run_words(run)
    return run.unit.name, words, n_checks, run_result(run), run.verdict.arithmetic if run.verdict else NONE


def objection_words(each: SpotObjection, today: date) -> tuple[str, str, str]:
    """Return who objected, why, and what was answered."""
    who = f"{each.actor_name}，{moment_words(each.at, today)}"
    if each.answered_at is None:
        return who, each.reason, f"待答复，期限 {day_words(each.due_on, today)}（默认）"
    outcome = "已采纳" if each.is_upheld else "未采纳"
    return who, each.reason, f"{outcome}：{each.answer}（{each.answered_by}）"


def map_checks(checks: tuple[SpotReading, ...], today: date) -> Iterator[tuple[str, ...]]:
    """Yield filings as rows."""
    for each in checks:
        check = each.check
        yield (
            check.filing_no, f"{check.group_code} {check.group_name}", check.city_name,
            day_words(check.day, today), str(check.n_posts), system_words(each),
            each.verdict.outcome.value, state_words(each), check.draw_number or NONE, check.actor_name,
        )  # fmt: skip


def _voids(voids: list[SpotReading], today: date) -> Iterator[tuple[str, ...]]:
    for each in voids:
        check = each.check
        at = moment_words(check.voided_at, today) if check.voided_at else NONE
        yield check.filing_no, f"{at}，{check.voided_by}", check.void_reason


def _draw_parts(title: str, draws: Draws, today: date) -> Iterator[Part]:
    if draws:
        rows = tuple(_draw_row(draw, today) for _, draw in sorted(draws.items()))
        yield Part(title, tables=(Table(_DRAWS, rows, "抽取批次"),))


def _draw_row(stored: StoredDraw, today: date) -> tuple[str, ...]:
    draw = stored.draw
    return (
        stored.number, stored.unit_name, METHODS[draw.method], draw.seed or NONE, str(len(draw.frame)),
        str(stored.n_resting), str(len(stored.drawn)), stored.actor_name, moment_words(stored.at, today),
    )  # fmt: skip


def _file_facts(reading: SpotReading, draw: StoredDraw | None, today: date) -> Iterator[tuple[str, str]]:
    yield from check_facts(reading, today)
    yield "抽取批次", reading.check.draw_number or "非抽取批次"
    if draw is not None:
        words = _draw_row(draw, today)
        yield "抽取方法", f"{words[2]}，范围 {words[1]}，{words[7]}，{words[8]}"
        yield "随机种子", words[3]
        yield "抽样框", f"{words[4]} 个群（另有 {words[5]} 个近期已查，不在框内），抽中 {words[6]} 个"


def _file_run(run: CityRun | None) -> tuple[tuple[str, ...], ...]:
    return (run_row(run),) if run else ()


def _objection_parts(file: SpotCheckFile, today: date) -> Iterator[Part]:
    if file.objections:
        columns = (Column("申诉人", 10), Column("理由", 20), Column("答复", 20))
        rows = tuple(objection_words(each, today) for each in file.objections)
        yield Part("申诉", tables=(Table(columns, rows, "申诉"),))


def _no_run(register: SpotCheckRegister) -> str:
    year = register.period.first_day.year
    return f"{year} 年在本范围内没有可判断连续“差”的抽查：这不等于没有“差”。"
