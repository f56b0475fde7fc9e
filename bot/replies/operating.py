"""Chat answers for operators: 系统, 任务, 采集, 静默, 推送测试, 重跑. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.replies.notices import FINAL
from bot.replies.oversight import CHANNEL_WORDS
from bot.replies.phrases import Answer, Row, compose, quote, show_instant
from monitor.learning.readings import DriftReading
from monitor.store.operations.operations import SourceReading
from monitor.texts.operations import job_title
from monitor.usecases.operations.operations import GroupCollection, JobReading, PushTest, SystemReading

_MB = 1 << 20


def tell_system(reading: SystemReading, now: datetime) -> Answer:
    """Answer 系统."""
    problems = [f"推送失败 {reading.n_failed} 条"] * bool(reading.n_failed)
    problems += [f"待重放输入 {reading.n_kept_inputs} 条"] * bool(reading.n_kept_inputs)
    n_missed = sum(bool(job.missed) for job in reading.jobs)
    problems += [f"{n_missed} 个任务有漏跑"] * bool(n_missed)
    problems += ["模型准确率低"] * reading.is_imprecise
    runs = [job.last for job in reading.jobs if job.last]
    last = max(runs, key=lambda run: run.ran_at, default=None)
    silent = f"，静默至 {show_instant(reading.silent_until, now)}" if reading.silent_until else ""
    rows = [
        Row(f"推送队列 {reading.n_waiting} 条，近24小时失败 {reading.n_failed} 条{silent}"),
        Row(f"最近回调：私信 {_at(reading.last_chat_at, now)}，群消息 {_at(reading.last_post_at, now)}"),
        Row(f"最近任务：{job_title(last.job)} {show_instant(last.ran_at, now)} {quote(last.outcome)}"
            if last else "最近任务：尚未运行"),
        Row(f"待重放输入 {reading.n_kept_inputs} 条，未登记的群 {reading.n_unregistered} 个"),
        Row(f"数据库 {reading.n_bytes / _MB:.1f} MB，最近备份 {_age(reading.backed_up_at, now)}"),
    ]  # fmt: skip
    if reading.drift:
        rows.append(Row(_drift(reading.drift)))
    first = f"系统：⚠️{'，'.join(problems)}" if problems else "系统：✅正常"
    return compose(first, f"数据截至 {show_instant(now, now)}", rows, suggestion="任务")


def tell_jobs(jobs: Sequence[JobReading], now: datetime) -> Answer:
    """Answer 任务: those that missed a slot first."""
    ordered = sorted(
        jobs, key=lambda job: (not job.missed, job.next_slots[:1] or (now + timedelta(days=999),))
    )
    rows = []
    for job in ordered:
        last = (
            f"上次 {show_instant(job.last.ran_at, now)} {quote(job.last.outcome)}" if job.last else "未运行过"
        )
        coming = f"下次 {show_instant(job.next_slots[0], now)}" if job.next_slots else "已停用"
        missed = f"⚠️漏跑 {len(job.missed)} 次，" if job.missed else ""
        rows.append(Row(f"{job_title(job.job.name)}：{missed}{coming}，{last}"))
    n_missed = sum(bool(job.missed) for job in jobs)
    calm = "近7天无漏跑" if any(job.last for job in jobs) else "尚未运行过"
    first = f"任务 {len(jobs)} 项，" + (f"{n_missed} 项近7天有漏跑" if n_missed else calm)
    return compose(first, f"数据截至 {show_instant(now, now)}", rows, suggestion="重跑 任务 日期")


def tell_collection(reading: GroupCollection, now: datetime) -> Answer:
    """Answer 采集 群编号: adapter, last seen, lag."""
    group = reading.group
    last = reading.last_at
    lag = f"最近数据 {_span(now - last)}前" if last else "从未收到数据"
    mark = "✅" if last and now - last < timedelta(days=1) else "❔"
    rows = [Row(f"采集方式 {source}（对方编号 {external}）") for source, external in reading.sources]
    rows = rows or [Row("没有登记采集方式，只能自报或导入")]
    rows += [Row(f"{provenance}：最近 {show_instant(at, now)}") for provenance, at in reading.last_seen]
    first = f"{mark}{group.code} {group.name}：{lag}"
    return compose(first, f"数据截至 {show_instant(now, now)}", rows, suggestion="系统")


def tell_sources(found: Sequence[SourceReading], now: datetime) -> Answer:
    """Answer 采集: every adapter, the stalest first."""
    rows = [
        Row(f"{one.source}：{one.n_groups} 个群，{one.n_silent} 个一天无数据，最近 {_at(one.last_at, now)}")
        for one in found
    ]
    first = f"采集方式 {len(found)} 种" if found else "没有登记采集方式"
    return compose(first, f"数据截至 {show_instant(now, now)}", rows, suggestion="采集 群编号")


def tell_silence(until: datetime, number: int, now: datetime) -> Answer:
    """Answer 静默."""
    lines = (
        f"✅ 静默至 {show_instant(until, now)}：只发送不良信息预警，其余消息到时再发",
        f"登记时间 {show_instant(now, now)}，编号 {number}",
        f"到时自动结束。提前结束回复：静默 取消，或 撤销 {number}（10分钟内）",
    )
    return Answer("\n".join(lines))


def tell_test(test: PushTest) -> Answer:
    """Answer 推送测试."""
    if not test.is_new:
        return Answer("已收到，1 分钟内不重复发送测试消息")
    ways = "、".join(CHANNEL_WORDS.get(word, word) for word in test.channels)
    via = f"通道：{ways}" if ways else "没有可用的推送通道，消息将为待拉取；请检查账号密钥和 48 小时互动窗口"
    final = FINAL.format("消息已发出")
    return Answer(
        f"✅ 测试消息已排队，编号 {test.number}\n{via}\n收不到时请查看控制台“推送”的错误码。{final}"
    )


def tell_rerun(number: int, title: str, day: str) -> Answer:
    """Answer 重跑."""
    if not number:
        return Answer(f"已收到，{day} 的{title}正等待重跑，未重复登记\n可回复：任务")
    lines = (
        f"✅ 已登记重跑：{title} {day}，编号 {number}",
        "约半分钟内执行，完成后通知您；已发出的消息不会重发",
        FINAL.format("任务可重复执行，结果以最后一次为准"),
        "可回复：任务",
    )
    return Answer("\n".join(lines))


def _drift(drift: DriftReading) -> str:
    n_posts = sum(day.n_posts for day in drift.days)
    n_flagged = sum(day.n_suspected for day in drift.days)
    flagged = f"标记 {n_flagged / n_posts:.2%}" if n_posts else "无采集信息"
    precise = "准确率尚无数据" if drift.precision is None else f"准确率 {drift.precision:.0%}"
    return f"模型近30天：{flagged}，{precise}（确认 {drift.n_confirmed} 处，误报 {drift.n_false} 处）"


def _at(instant: datetime | None, now: datetime) -> str:
    return show_instant(instant, now) if instant else "无记录"


def _age(instant: datetime | None, now: datetime) -> str:
    return f"{_span(now - instant)}前" if instant else "无记录"


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // 1440} 天"
