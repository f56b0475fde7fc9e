"""What people are told of runs of the Guangdong assessment: boards, own rows, missing facts, due dates."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.index.gaps import Gap
from monitor.index.periods import RunPeriod
from monitor.texts.folding import MOST_BYTES

_MOST_CHARS = 600
_MOST_PLACES = 8
_MOST_CODES = 3
_PARTS = {"1": "第一部分", "2": "第二部分"}


def preview_text(period: RunPeriod, board: str, gaps: Sequence[Gap]) -> tuple[str, str]:
    """Return title and text for the province about a run that is not published: 暂定, and what is missing."""
    state = f"暂定，缺 {len(gaps)} 类数据" if gaps else "数据已齐，可以发布"
    title = f"{period.kind.value} {period.label} 已运行：{state}"
    tail = ["数据补齐后自动重新运行；核对后再发布，发布后按通报范围发送（GD-4.1）"]
    return title, _fit([title], [*(_gap_line(gap) for gap in gaps), *_first_places(board)], tail)


def published_text(period: RunPeriod, board: str) -> tuple[str, str]:
    """Return title and text for the province about a published run: the first places of its board."""
    title = f"{period.kind.value} {period.label} 已发布"
    return title, _fit([title], _first_places(board), [board.splitlines()[-1]])


def own_sheet_text(name: str, period: RunPeriod, result: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text for a school or city: only its own row (GD-1.2)."""
    failed = "、".join(f"{_PARTS.get(part, part)} {n} 项" for part, n in detail["n_failed"].items())
    barred = "，不评“好”" if detail["barred_from_good"] else ""
    title = f"{name} {period.kind.value} {period.label} 已发布：{result}"
    lines = [f"未达底线：{failed or '无'}{barred}（GD-3.1n）"]
    lines += [f"无数据指标 {len(detail['no_data'])} 个"] if detail["no_data"] else []
    return title, _fit([title], lines, ["回复“底线”查看分子、分母和依据"])


def own_account_text(
    name: str, period: RunPeriod, accounts: Sequence[tuple[str, str, int | None]]
) -> tuple[str, str]:
    """Return title and text for a school about its accounts, as (account, WCI or state, rank)."""
    title = f"{name} {period.kind.value} {period.label} 已发布"
    lines = [
        f"{account or '公众号'}：{value}，" + ("未排名" if rank is None else f"第 {rank} 名")
        for account, value, rank in accounts
    ]
    return title, _fit([title], lines, ["回复“排名 公众号”查看榜单（GD-3.3f）"])


def video_due_text(month: str, schools: Sequence[str], due_day: int) -> tuple[str, str]:
    """Return title and text for who answers for schools without a submission of the month (GD-3.3a)."""
    title = f"{month} 视听产品尚未投稿：{_name_some(schools)}"
    return title, _fit([title], [f"每月至少 1 件，今天（{due_day} 日）截止，逾期按逾期登记（GD-3.3a）"], [])


def self_assessment_text(unit: str, year: int, unfilled: Sequence[str], n_items: int) -> tuple[str, str]:
    """Return title and text for a unit that has not handed in its self-assessment (HN-4.2).

    Args:
        unit: its name.
        year: of the assessment.
        unfilled: items without 自评 that have to be filled, as shown to people.
        n_items: how many of those there are in all, filled ones too.
    """
    title = f"{unit} {year} 年自评尚未提交"
    if unfilled:
        lines = [f"必填 {n_items} 项，未填 {len(unfilled)} 项：{'、'.join(unfilled)}"]
        tail = ["12 月底前完成（HN-4.2）。回复“自评”查看，填好后回复“自评 提交”"]
    else:
        lines = [f"必填 {n_items} 项已填，只差提交"]
        tail = ["12 月底前完成（HN-4.2）。回复“自评 提交”"]
    return title, _fit([title], lines, tail)


def answer_text(number: int, question: str, answer: str) -> tuple[str, str]:
    """Return title and text for who fed something back (反馈) and gets an answer."""
    title = f"您的反馈 {number} 已答复"
    return title, _fit([title], [f"答复：{answer}", f"反馈：{question}"], [])


def _first_places(board: str) -> list[str]:
    """Return the first places of a board's text, without its title and basis."""
    places = board.splitlines()[1:-1]
    more = len(places) - _MOST_PLACES
    return [*places[:_MOST_PLACES], *([f"…… 另 {more} 行未列出"] if more > 0 else [])]


def _gap_line(gap: Gap) -> str:
    return f"缺 {gap.title}：{_name_some(gap.schools)}"


def _name_some(names: Sequence[str]) -> str:
    shown = "、".join(names[:_MOST_CODES])
    return shown if len(names) <= _MOST_CODES else f"{shown} 等 {len(names)} 个"


def _fit(head: list[str], lines: Sequence[str], tail: list[str]) -> str:
    """Return the text with as many lines as fit into one message."""
    kept = list(lines)
    while True:
        hidden = len(lines) - len(kept)
        more = [f"…… 另 {hidden} 行未列出"] if hidden else []
        text = "\n".join((*head, *kept, *more, *tail))
        if not kept or (len(text) <= _MOST_CHARS and len(text.encode()) <= MOST_BYTES):
            return text
        kept.pop()
