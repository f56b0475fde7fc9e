"""Answers to 「为什么」 in Chinese lines, and the register of lost text (原文残缺清单).

Imports only the standard library and `scoring`. Key types: `RegisterEntry`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from scoring.lost_text import LostText
from scoring.rubric import LineState, format_points
from scoring.rulebook import RulebookHead
from scoring.sheet import ScoreSheet
from scoring.source import ResultStatus, Verdict
from scoring.total import IndexSheet
from scoring.year import Eligibility, YearResult


class HasLostText(Protocol):
    """A rulebook with a head and lost text."""

    @property
    def head(self) -> RulebookHead:
        """Name and document."""

    @property
    def lost_text(self) -> tuple[LostText, ...]:
        """Where its source is damaged."""


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One row of the register of lost text (原文残缺清单)."""

    document: str
    number: int
    clause: str
    status: str
    what: str
    handling: str


def list_lost_text(rulebooks: Iterable[HasLostText]) -> tuple[RegisterEntry, ...]:
    """List every place where a source is damaged (原文残缺清单), rulebook by rulebook in printed order.

    Source: requirements A.4, from the rulebooks themselves.
    """
    return tuple(
        RegisterEntry(
            document=rulebook.head.document,
            number=lost.number,
            clause=lost.source.clause,
            status=lost.source.status.value,
            what=lost.what,
            handling=lost.handling,
        )
        for rulebook in rulebooks
        for lost in rulebook.lost_text
    )


def explain_verdict(verdict: Verdict[Any]) -> str:
    """Answer 「为什么」 for one verdict in one line: arithmetic, clause, source status, result status.

    Source: none (design §4).
    """
    tail = "" if verdict.result_status is ResultStatus.FINAL else f"，{verdict.result_status.value}"
    return f"{verdict.arithmetic}〔{verdict.clause} {verdict.status.value}{tail}〕"


def explain_sheet(sheet: ScoreSheet, year: YearResult | None) -> list[str]:
    """Explain a score sheet (考评表) line by line; the points shown add up to the total shown.

    Source: HN-4.3 载明.

    Args:
        sheet: the sheet.
        year: its grade, or None while it is 待补充.
    """
    lines = [sheet.headline]
    for line in sheet.lines:
        shown = "—" if line.points is None else format_points(line.points)
        maximum = "" if line.state is LineState.ADJUSTMENT else f"/{format_points(line.max_points)}"
        badge = f"〔{line.clause} {line.status.value}〕"
        lines.append(f"{line.item} {line.title}：{shown}{maximum}，{line.arithmetic}{badge}")
    counted = [line.points for line in sheet.lines if line.points is not None]
    terms = " + ".join(format_points(p) if p >= 0 else f"({format_points(p)})" for p in counted)
    lines.append(f"合计：{terms or '尚无得分'} = {format_points(sheet.scored)}")
    if year is None:
        lines.append(f"折算 {format_points(sheet.converted)}（仅供参考，不作等次和评优依据）")
        lines.append("尚有未评或原文未载明的项目，等次待补充，不产生奖惩后果")
        return lines
    lines.append(explain_verdict(year.grade))
    if year.consequences:
        lines.append(f"适用：{'、'.join(year.consequences)}〔HN-4.4c〕")
    if year.eligibility is Eligibility.REVOKED:
        lines.append(f"评优资格取消：{year.disqualified_for}〔HN-4.4d〕")
    return lines


def explain_school(sheet: IndexSheet) -> list[str]:
    """Explain a school's sheet (指数): every indicator, the bottom lines, every part, the total.

    Source: GD-2.0, GD-3.
    """
    lines = [
        f"{result.arithmetic}〔{key} {result.status.value}〕" for key, result in sheet.indicators.items()
    ]
    lines.append(sheet.bottom_lines.arithmetic)
    lines += [
        f"认定：{f.kind}，{f.reason}，{'不评“好”' if f.bars_from_good else '不影响评“好”'}"
        for f in sheet.findings
    ]
    lines += [f"第{key}部分：{part.arithmetic}" for key, part in sheet.parts.items()]
    lines.append(f"总分：{sheet.arithmetic}〔GD-2.0，{sheet.state.value}〕")
    return lines
