"""What jobs are called, for operators."""

from collections.abc import Mapping

from monitor.delivery.outbox import OutboxState

JOB_TITLES: Mapping[str, str] = {
    "close_day": "日结",
    "digest": "早报",
    "reminders": "催办提醒",
    "purge": "清理",
    "video_due": "视听产品提醒",
    "self_assessment_due": "自评提醒",
    "site_visit_due": "现场督导提醒",
    "weekly_due": "周报提醒",
    "weekly_late": "周报逾期登记",
    "index_week": "传播指数周榜",
    "index_month": "指标月度运行",
    "index_year": "指标年度运行",
    "index_again": "指标补运行",
    "reconcile": "台账核查",
    "reconcile_monthly": "台账核查（每月）",
    "staffing": "缺位检查",
    "spot_check_draw": "每周抽查",
    "retrain": "模型再训练",
    "signals": "数据可信提示",
    "seal-audit": "操作记录封存",
}


def delivery_words(states: Mapping[str, int]) -> str:
    """Return 「已送达 5 / 待拉取 2」 from the messages by state; what is queued or lost is named as such.

    已送达 is said even where it is 0: a message that was only queued has reached nobody.
    """
    words = {OutboxState.SENT.value: 0} | dict(states)
    first = (OutboxState.SENT, OutboxState.PULL_ONLY, OutboxState.UNKNOWN, OutboxState.DEAD)
    order = [state.value for state in (*first, *(one for one in OutboxState if one not in first))]
    return " / ".join(f"{state} {words[state]}" for state in sorted(words, key=order.index))


def job_title(name: str) -> str:
    """Return what a job is called; its name if it has no title."""
    return JOB_TITLES.get(name, name)


def find_job_name(word: str, names: tuple[str, ...]) -> str | None:
    """Return the name of the job that a word means: name, title, or the beginning of just one title."""
    named = [name for name in names if word.lower() == name or word == job_title(name)]
    begun = [name for name in names if job_title(name).startswith(word)]
    found = named or begun
    return found[0] if len(found) == 1 else None
