"""What people are told by 催办, 调整要求 and reruns: the conclusion first, then what to do."""

from collections.abc import Sequence
from datetime import date

from monitor.delivery.alerts import Finding
from monitor.registers import RegisterEntry
from monitor.texts.folding import MOST_BYTES, name_codes

_MOST_LINES = 6
_MOST_MATTER = 60


def urge_text(by: str, about: str, matter: str, findings: Sequence[Finding]) -> tuple[str, str]:
    """Return title and text of a 催办.

    Args:
        by: who urges, as people know them.
        about: name of the unit or group.
        matter: what for; empty for the daily duty.
        findings: the groups that fail today, as far as they concern the recipient.
    """
    if matter:
        title = f"【催办】{about}：{matter[:_MOST_MATTER]}"
        return title, "\n".join((title, f"催办人：{by}", "请尽快办理；办理后可回复“状态”核对"))
    title = f"【催办】{about}：今天还有 {len(findings)} 个群未达标"
    lines = [f"{one.code} {one.name}，{one.detail}" for one in findings[:_MOST_LINES]]
    tail = [f"催办人：{by}", "请在今天 24:00 前围绕微话题发布至少 1 条（HN-2.1.3b）"]
    rest = findings[_MOST_LINES:]
    if rest:
        room = MOST_BYTES - sum(len(line.encode()) + 1 for line in (title, *lines, *tail)) - 40
        lines.append(f"另有 {len(rest)} 个：" + name_codes([one.code for one in rest], room))
    return title, "\n".join((title, *lines, *tail))


def adjustment_text(entry: RegisterEntry) -> tuple[str, str]:
    """Return title and text of a 调整要求 to the unit that has to answer it (HN-2.1.4)."""
    title = f"【调整要求】编号 {entry.entry_id}：请调整管理员 {entry.person}"
    lines = (
        title,
        f"单位：{entry.unit_name}",
        f"原因：{entry.reason}",
        f"请于 {_day(entry.due_on)} 前办理并答复（HN-2.1.4）",
        f"回复“答复 {entry.entry_id} 内容”",
    )
    return title, "\n".join(lines)


def withdrawn_text(entry: RegisterEntry) -> tuple[str, str]:
    """Return title and text of a 调整要求 that was taken back."""
    title = f"【调整要求】编号 {entry.entry_id} 已撤销，无需答复"
    return title, f"{title}\n单位：{entry.unit_name}，管理员：{entry.person}"


def reply_text(entry: RegisterEntry) -> tuple[str, str]:
    """Return title and text for who asked for an adjustment and gets the unit's answer."""
    title = f"{entry.unit_name} 已答复调整要求 {entry.entry_id}"
    lines = (title, f"答复：{entry.reply}", f"办结请回复“调整要求 办结 {entry.entry_id} 结果”")
    return title, "\n".join(lines)


def rerun_text(job: str, day: date, outcome: str) -> tuple[str, str]:
    """Return title and text for the operator whose rerun has been done."""
    title = f"重跑完成：{job} {day:%m-%d}"
    return title, f"{title}\n结果：{outcome}"


def draft_circular(entry: RegisterEntry, clause: str) -> tuple[str, ...]:
    """Return the paragraphs of a draft to be printed and edited by a person; nothing is sent by it."""
    day = _day(entry.held_on)
    if entry.kind.value == "通报":
        return (
            f"关于{entry.unit_name}微信工作有关情况的通报（代拟稿）",
            f"经督导检查，{entry.unit_name}存在以下情况：{entry.reason}",
            f"依据考评方案（{clause}），现予通报。请于收到通报后认真整改，并将整改情况报领导小组办公室。",
            f"领导小组办公室　{day}",
        )
    if entry.kind.value == "约谈":
        return (
            f"约谈记录（编号 {entry.entry_id}）",
            f"约谈单位：{entry.unit_name}　约谈对象：{entry.person or '待补充'}　时间：{day}",
            f"约谈原因：{entry.reason}（{clause}）",
            f"约谈结果：{entry.outcome or '（手写）'}",
            "约谈人（签字）：　　　　　　被约谈人（签字）：",
        )
    return (
        f"管理员调整要求（编号 {entry.entry_id}）",
        f"{entry.unit_name}：",
        f"你单位管理员 {entry.person}：{entry.reason}（{clause}）。",
        f"请予调整，并于 {_day(entry.due_on)} 前书面答复。",
        f"答复：{entry.reply or '（待答复）'}",
    )


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "待补充"
