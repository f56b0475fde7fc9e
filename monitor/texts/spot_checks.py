"""Messages about spot checks (抽查): runs of 差, the weekly draw, objections. Pure."""

from collections.abc import Sequence

from scoring.source import Verdict
from scoring.streak import PoorStreak


def streak_text(
    unit_name: str, current: int, length: int, verdict: Verdict[PoorStreak] | None
) -> tuple[str, str]:
    """Return title and text of the alert that a 市县 is near or at the cap (HN-4.1e)."""
    if current >= length:
        title = f"{unit_name} 连续抽查 {current} 次“差”，年底不得评优秀"
    else:
        title = f"{unit_name} 连续抽查“差” {current}/{length}，再有 {length - current} 次年底不得评优秀"
    lines = [title, f"依据 {verdict.clause}：{verdict.arithmetic}" if verdict else "", "可回复：抽查 记录"]
    return title, "\n".join(line for line in lines if line)


def draw_text(number: str, n_frame: int, codes: Sequence[str]) -> tuple[str, str]:
    """Return title and text of the message that the weekly draw was made (D-06)."""
    title = f"本周抽查已抽取 {len(codes)} 个群（批次 {number}）"
    shown = "、".join(codes[:20]) + (f" 等 {len(codes)} 个" if len(codes) > 20 else "")
    return title, f"{title}\n抽样框 {n_frame} 个群，抽中：{shown}\n可回复：抽查 批次 {number}"


def objection_text(unit_name: str, filing_no: str, who: str, reason: str) -> tuple[str, str]:
    """Return title and text of the message that a unit objects to a check (申诉)."""
    title = f"{unit_name} 对抽查 {filing_no} 提出申诉"
    return title, f"{title}\n{who}：{reason}\n认可请回复：抽查作废 {filing_no} 原因；维持请在网页答复"


def answer_text(filing_no: str, *, is_upheld: bool, answer: str) -> tuple[str, str]:
    """Return title and text of the answer to an objection."""
    title = f"抽查 {filing_no} 的申诉{'已采纳' if is_upheld else '未采纳，维持原登记'}"
    return title, f"{title}\n{answer}"
