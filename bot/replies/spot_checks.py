"""Chat answers about spot checks (抽查): draws, filings, records, phone checks. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.replies.notices import FINAL, UNDO
from bot.replies.phrases import Answer, Row, compose, quote, show_day, show_instant
from monitor.masking import shorten
from monitor.spot_checks import SURE_POSTS, DrawMethod
from monitor.store.spot_checks.rows import StoredDraw
from monitor.store.spot_checks.visits import SpotObjection
from monitor.units import Group
from monitor.usecases.spot_checks.desk import SpotReading
from monitor.usecases.spot_checks.draw import DrawnGroup, DrawReading, Repetition
from monitor.usecases.spot_checks.file import Filed, Voided
from monitor.usecases.spot_checks.objections import ObjectionFiled
from monitor.usecases.spot_checks.runs import CityRun
from monitor.usecases.spot_checks.visits import PhoneFiled

METHODS = {DrawMethod.EQUAL: "等概率", DrawMethod.STRATIFIED: "分层", DrawMethod.MANUAL: "人工指定"}
_N_LAST = 5


def tell_draw(reading: DrawReading, now: datetime) -> Answer:
    """Answer 抽查: number, seed, frame and the groups with last check and seven-day mean."""
    stored = reading.stored
    first = f"已抽取 {len(reading.groups)} 个群，批次号 {stored.number}"
    if not reading.is_new and (now - stored.at).total_seconds() < 60:
        first = f"已收到（批次 {stored.number}），未重复抽取"
    seed = f"，种子 {stored.draw.seed}" if stored.draw.seed else ""
    resting = f"（另 {stored.n_resting} 个群近期已抽查，不在框内）" if stored.n_resting else ""
    rows = [Row(_drawn_line(each, now), f"群 {each.group.code}") for each in reading.groups]
    return compose(
        first,
        f"{stored.unit_name} {show_instant(stored.at, now)}，抽样框 {len(stored.draw.frame)} 个群{resting}",
        rows,
        basis=f"{METHODS[stored.draw.method]}（HN-4.1c，D-06）{seed}。{FINAL.format('批次须留存，可不登记')}",
        suggestion="抽查登记 群编号 条数",
    )


def tell_repetition(repeated: Repetition, now: datetime) -> Answer:
    """Answer 抽查 验证: whether the stored draw comes out again."""
    stored = repeated.stored
    first = (
        f"✅ 批次 {stored.number} 重新抽取结果一致：{len(repeated.drawn_again)} 个群"
        if repeated.is_equal
        else f"❌ 批次 {stored.number} 重新抽取结果不一致，请联系系统运维"
    )
    lines = [
        first,
        f"抽取时间 {show_instant(stored.at, now)}，{stored.actor_name}",
        f"抽样框 {len(stored.draw.frame)} 个群，种子 {stored.draw.seed}",
        "方法：按 SHA-256(种子|群编号) 由小到大取前若干个，任何人可复算",
        "、".join(repeated.drawn_again[:20]) + ("……" if len(repeated.drawn_again) > 20 else ""),
    ]
    return Answer("\n".join(lines))


def ask_whether_sure(group: Group, n_posts: int, note: str, purpose_text: str = "") -> str:
    """Ask before a count above 500 is stored (D.1)."""
    remark = f"，备注“{quote(note)}”" if note else ""
    return f"条数 {n_posts} 超过 {SURE_POSTS}，是否登记？\n{group.code} {group.name}{remark}{purpose_text}"


def tell_filed(filed: Filed, now: datetime) -> Answer:
    """Answer 抽查登记: grade, system count beside it, the run, the filing number."""
    check = filed.reading.check
    if not filed.number:
        first = f"已收到（编号 {check.filing_no}），未重复登记"
        lines = [
            first,
            f"{_what(filed.reading)}",
            tell_run(filed.run),
            f"可回复：抽查 记录 {check.filing_no}",
        ]
        return Answer("\n".join(line for line in lines if line))
    lines = [
        f"✅ 已登记 {_what(filed.reading)}",
        f"备案号 {check.filing_no}，登记时间 {show_instant(now, now)}，编号 {filed.number}",
        _beside(filed.reading),
        tell_run(filed.run),
        "已触发：年底不得评优秀（HN-4.1e）" if filed.run and filed.run.is_capped else "",
        f"依据 {filed.reading.verdict.clause}：{filed.reading.verdict.arithmetic}",
        UNDO.format(filed.number),
    ]
    return Answer("\n".join(line for line in lines if line))


def tell_voided(voided: Voided, now: datetime) -> Answer:
    """Answer 抽查作废 and 撤销: the record stays, the run is counted anew."""
    check = voided.reading.check
    word = f"已作废：{check.void_reason}" if check.is_void else "已恢复有效"
    lines = [
        f"✅ 备案号 {check.filing_no} {word}",
        f"登记时间 {show_instant(now, now)}，编号 {voided.number}",
        f"{check.group_code} {check.group_name}，{check.n_posts} 条；记录保留",
        f"重新计算：{tell_run(voided.run)}" if voided.run else "",
        "年底不得评优秀（HN-4.1e）仍然成立" if voided.run and voided.run.is_capped else "",
        UNDO.format(voided.number) if check.is_void and voided.number and not _was_taken_back(voided) else "",
    ]
    return Answer("\n".join(line for line in lines if line))


def tell_record(
    reading: SpotReading, objections: Sequence[SpotObjection], run: CityRun | None, now: datetime
) -> Answer:
    """Answer 抽查 记录 备案号: the whole record."""
    check = reading.check
    state = f"，已作废（{check.void_reason}）" if check.is_void else ""
    rows = [
        Row(_beside(reading)),
        Row(f"依据 {reading.verdict.clause}：{reading.verdict.arithmetic}"),
        *([Row(tell_run(run))] if run else []),
        *([Row(f"批次 {check.draw_number}", f"抽查 批次 {check.draw_number}")] if check.draw_number else []),
        *([Row(f"备注：{quote(check.note)}")] if check.note else []),
        *(tell_objection_row(each, now) for each in objections),
    ]
    return compose(
        f"{check.filing_no} {_what(reading)}{state}",
        f"{check.city_name}，{check.actor_name} 登记于 {show_instant(check.filed_at, now)}",
        rows,
        suggestion="抽查 记录",
    )


def tell_records(
    readings: Sequence[SpotReading], draws: Sequence[StoredDraw], runs: Sequence[CityRun], now: datetime
) -> Answer:
    """Answer 抽查 记录: runs that need attention, the latest filings and draws."""
    near = [run for run in runs if run.is_capped or run.current >= run.length - 1]
    rows = [
        Row(f"{'❌' if run.is_capped else '⚠️'}{run.unit.name} {tell_run(run, with_name=False)}")
        for run in near
    ]
    rows += [
        Row(
            f"{each.check.filing_no} {each.check.group_code} {_grade(each)}"
            f"{'（作废）' if each.check.is_void else ''}",
            f"抽查 记录 {each.check.filing_no}",
        )
        for each in readings
    ]
    rows += [
        Row(f"批次 {each.number} 抽 {len(each.drawn)} 个群", f"抽查 批次 {each.number}") for each in draws
    ]
    first = f"抽查记录：最近 {len(readings)} 次登记，{len(draws)} 个批次" if rows else "尚无抽查记录"
    return compose(first, f"数据截至 {show_instant(now, now)}", rows, suggestion="抽查")


def tell_run(run: CityRun | None, *, with_name: bool = True) -> str:
    """Say the run of a 市县: 连续差 2/3; nothing for who may not see it."""
    if run is None:
        return ""
    name = f"{run.unit.name} " if with_name else ""
    cap = "，已达优秀封顶" if run.is_capped else ""
    provisional = "，含当日暂定" if run.n_open else ""
    counted = f"{run.year} 年有效抽查 {run.n_checks} 次{provisional}{cap}"
    return f"{name}连续差 {run.current}/{run.length}（{counted}）"


def tell_last_grades(readings: Sequence[SpotReading], run: CityRun | None) -> str:
    """Return the line of 状态: grades of the last five checks, newest first; "" without one."""
    valid = [each for each in readings if not each.check.is_void][:_N_LAST]
    if not valid:
        return ""
    line = f"近{len(valid)}次抽查（新→旧）：{'、'.join(_grade(each) for each in valid)}"
    return line if run is None else f"{line}；连续差 {run.current}/{run.length}"


def tell_phone_check(filed: PhoneFiled, now: datetime) -> Answer:
    """Answer 电话检查."""
    if not filed.number:
        return Answer(f"已收到（编号 {filed.phone_no}），未重复登记\n{filed.unit.name}")
    lines = [
        f"✅ 已登记 {filed.unit.name} 电话检查",
        f"编号 {filed.phone_no}，登记时间 {show_instant(now, now)}",
        f"内容：{quote(filed.finding)}",
        UNDO.format(filed.number),
    ]
    return Answer("\n".join(lines))


def confirm_phone_withdrawal(phone_no: str, now: datetime) -> Answer:
    """Answer 撤销 of a phone check."""
    return Answer(f"✅ 已撤销 电话检查 {phone_no}\n登记时间 {show_instant(now, now)}")


def tell_objected(filed: ObjectionFiled, now: datetime) -> Answer:
    """Answer 申诉 备案号: it is filed and by when it is to be answered."""
    no, due = filed.reading.check.filing_no, show_day(filed.objection.due_on, now)
    if not filed.is_new:
        return Answer(f"已收到（{no} 的申诉），未重复登记\n答复期限 {due}\n可回复：申诉 查询")
    lines = [
        f"✅ 已提出申诉：{no} {_what(filed.reading)}",
        f"登记时间 {show_instant(now, now)}，答复期限 {due}（默认）",
        "答复前该次抽查仍然计入",
        FINAL.format("申诉已送达，答复期限已起算"),
        "可回复：申诉 查询",
    ]
    return Answer("\n".join(lines))


def tell_objection_row(objection: SpotObjection, now: datetime) -> Row:
    """Return one line about an objection: 抽查 CC-2026-0001 待答复（11-30前）."""
    if objection.answered_at is None:
        state = f"待答复（{show_day(objection.due_on, now)}前）"
    else:
        state = f"{'已采纳' if objection.is_upheld else '未采纳'}：{shorten(objection.answer, 30)}"
    return Row(f"抽查 {objection.filing_no} 申诉“{quote(objection.reason)}” {state}")


def _drawn_line(drawn: DrawnGroup, now: datetime) -> str:
    last = show_day(drawn.last_checked_on, now) if drawn.last_checked_on else "未抽查过"
    mean = "❔无数据" if drawn.mean_posts is None else f"{drawn.mean_posts:.1f} 条"
    done = f" 已查：{_grade(drawn.spot_check)}" if drawn.spot_check else ""
    return f"{drawn.group.code} {drawn.group.name}（上次 {last}，7日均 {mean}）{done}"


def _what(reading: SpotReading) -> str:
    check = reading.check
    return f"{check.group_code} {check.group_name}：{check.n_posts} 条，{_grade(reading)}"


def _grade(reading: SpotReading) -> str:
    return reading.verdict.outcome.value + ("（暂定）" if reading.is_provisional else "")


def _beside(reading: SpotReading) -> str:
    """Set the system's count beside the inspector's."""
    check = reading.check
    if reading.n_system is None:
        line = f"检查 {check.n_posts} 条，系统 ❔无数据"
    elif reading.n_system == check.n_posts:
        line = f"检查 {check.n_posts} 条，系统 {reading.n_system} 条，一致"
    else:
        gap = abs(reading.n_system - check.n_posts)
        line = f"检查 {check.n_posts} 条，系统 {reading.n_system} 条，相差 {gap} 条（并列显示，不覆盖）"
    if reading.is_provisional:
        return f"{line}；当日未结束，零点后按全天定稿（D-08）"
    return line


def _was_taken_back(voided: Voided) -> bool:
    return voided.reading.check.void_reason == "登记人撤销"
