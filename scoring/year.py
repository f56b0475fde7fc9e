"""The grade of a year (考评等次) and what follows from it: HN-4.1e, HN-4.3, HN-4.4.

Imports only the standard library and `scoring`. Key types: `YearGrade`, `YearRules`, `YearResult`.
Cap and disqualification change grade or eligibility, never points.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from scoring.bands import Band, BandTable, join_bands
from scoring.errors import PointsOutOfRange
from scoring.rubric import format_points
from scoring.source import Provenance, ResultStatus, SourceStatus, Verdict, worst_result
from scoring.strict import SOURCE_KEYS, StrictTable, pick_in_force
from scoring.switches import Switches

_TENTH = Decimal("0.1")


class YearGrade(Enum):
    """Grade of a unit and year (考评等次), best first; not the activity of a group."""

    EXCELLENT = "优秀"
    GOOD = "良好"
    QUALIFIED = "合格"
    UNQUALIFIED = "不合格"


class Eligibility(Enum):
    """Whether a unit may be considered for awards of the year (评优资格)."""

    ELIGIBLE = "具备"
    REVOKED = "取消"


@dataclass(frozen=True, slots=True)
class StreakRule:
    """How many 差 cap the grade, and at which grade: HN-4.1e."""

    run_length: int
    best_grade: YearGrade
    source: Provenance


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a total below some points (分, exclusive): HN-4.4c."""

    word: str
    below_points: Decimal
    source: Provenance


@dataclass(frozen=True, slots=True)
class YearRules:
    """Everything after the total.

    Attributes:
        bands: HN-4.3 by lower bound.
        printed_uppers: grade → the upper end as printed (8.9, 6.9); between it and the next band lies a gap.
        full_points: totals above are refused.
        streak: HN-4.1e.
        consequences: HN-4.4c, in printed order.
        grounds: printed grounds of disqualification (取消评优资格), HN-4.4d.
    """

    bands: BandTable[YearGrade]
    printed_uppers: Mapping[YearGrade, Decimal]
    full_points: Decimal
    streak: StreakRule
    consequences: tuple[Consequence, ...]
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YearResult:
    """Grade and consequences of one unit and year.

    Attributes:
        total: points (分), unchanged by cap and disqualification.
        computed: the grade from the total alone.
        grade: the verdict after the cap.
        is_capped: the cap (优秀封顶) took 优秀 away.
        eligibility: 评优资格; its reason is kept beside.
        consequences: words of HN-4.4c that apply.
        is_award_candidate: 优秀 with eligibility: may stand on the 先进 list.
    """

    total: Decimal
    computed: YearGrade
    grade: Verdict[YearGrade]
    is_capped: bool
    eligibility: Eligibility
    disqualified_for: str
    consequences: tuple[str, ...]
    is_award_candidate: bool


def grade_year(total: Decimal, rules: YearRules, switches: Switches) -> Verdict[YearGrade]:
    """Grade the total of a year (考评等次) without cap.

    Source: HN-4.3 载明; D-10 默认 for totals the text leaves out (8.9 to 9, 6.9 to 7) or where rounding
    to 0.1 would give another grade: only then does the default make the grade 暂定.

    Args:
        total: points (分), 0 to full marks.
        rules: `rulebook.year`.
        switches: D-10, exact or half_up_0.1.

    Returns: verdict with the grade.

    Raises: PointsOutOfRange outside 0 … full marks.
    """
    if not 0 <= total <= rules.full_points:
        raise PointsOutOfRange(f"a total must be from 0 to {rules.full_points}, got {total}")
    rounded = total.quantize(_TENTH, rounding=ROUND_HALF_UP)
    exact, tenth = rules.bands.find(total), rules.bands.find(rounded)
    rounds = switches["D-10"].chosen == "half_up_0.1"
    band, compared = (tenth, rounded) if rounds else (exact, total)
    printed = rules.printed_uppers.get(exact.outcome)
    rests_on_default = exact is not tenth or (printed is not None and total > printed)
    shown = f"{format_points(total)} 分" + (f" ≈ {compared}" if rounds else "")
    return Verdict(
        name="year_grade",
        outcome=band.outcome,
        clause=band.source.clause,
        status=SourceStatus.DEFAULT if rests_on_default else band.source.status,
        result_status=switches["D-10"].result_status if rests_on_default else band.source.result_status,
        figures={"total": total, "compared": compared},
        arithmetic=f"总分 {shown}，{band.label} → {band.outcome.value}"
        + ("（D-10）" if rests_on_default else ""),
    )


def judge_year(
    total: Decimal,
    rules: YearRules,
    switches: Switches,
    *,
    excellence_cap: bool = False,
    disqualified_for: str = "",
    sheet_status: ResultStatus = ResultStatus.FINAL,
) -> YearResult:
    """Judge a completed year: grade, cap (优秀封顶), eligibility (评优资格) and consequences.

    Source: HN-4.1e, HN-4.3, HN-4.4c, HN-4.4d 载明.

    Args:
        total: points of a sheet that is not 待补充.
        rules: `rulebook.year`.
        switches: D-10.
        excellence_cap: the unit had a poor streak (see `streak.find_poor_streaks`).
        disqualified_for: reason of a human-declared disqualification; empty for none.
        sheet_status: state of the sheet; the worst input decides.

    Returns: the result; `total` is what went in.

    Raises: PointsOutOfRange outside 0 … full marks.
    """
    verdict = grade_year(total, rules, switches)
    computed = verdict.outcome
    grades = list(YearGrade)
    is_capped = excellence_cap and grades.index(computed) < grades.index(rules.streak.best_grade)
    grade = rules.streak.best_grade if is_capped else computed
    compared = Decimal(str(verdict.figures["compared"]))
    line = verdict.arithmetic
    if is_capped:
        cap = rules.streak
        line += f"；连续 {cap.run_length} 次“差”，不能评优秀（{cap.source.clause}） → {grade.value}"
    eligibility = Eligibility.REVOKED if disqualified_for else Eligibility.ELIGIBLE
    return YearResult(
        total=total,
        computed=computed,
        grade=Verdict(
            name=verdict.name,
            outcome=grade,
            clause=rules.streak.source.clause if is_capped else verdict.clause,
            status=verdict.status,
            result_status=worst_result((verdict.result_status, sheet_status)),
            figures={**verdict.figures, "excellence_cap": excellence_cap},
            arithmetic=line,
        ),
        is_capped=is_capped,
        eligibility=eligibility,
        disqualified_for=disqualified_for,
        consequences=tuple(c.word for c in rules.consequences if compared < c.below_points),
        is_award_candidate=grade is YearGrade.EXCELLENT and eligibility is Eligibility.ELIGIBLE,
    )


def read_year_rules(table: StrictTable, on: date | None, confirmed: Collection[str]) -> YearRules:
    """Read year bands, cap, consequences and grounds of disqualification.

    Source: HN-4.1e, HN-4.3, HN-4.4.
    Raises: RulebookFormatError.
    """
    bands, uppers = _read_bands(table, on, confirmed)
    cap = table.table("excellence_cap")
    cap.only("run_length", "best_grade", *SOURCE_KEYS)
    grounds = []
    for entry in pick_in_force(table.tables("disqualification"), on, "word"):
        entry.only("word", *SOURCE_KEYS)
        entry.source(confirmed)
        grounds.append(entry.text("word"))
    consequences = []
    for entry in pick_in_force(table.tables("consequence"), on, "word"):
        entry.only("word", "below_points", *SOURCE_KEYS)
        source = entry.source(confirmed)
        consequences.append(Consequence(entry.text("word"), entry.decimal("below_points"), source))
    return YearRules(
        bands=bands,
        printed_uppers=uppers,
        full_points=table.table("full_marks").decimal("points"),
        streak=StreakRule(
            cap.integer("run_length"), cap.choice("best_grade", YearGrade), cap.source(confirmed)
        ),
        consequences=tuple(consequences),
        grounds=tuple(grounds),
    )


def _read_bands(
    table: StrictTable, on: date | None, confirmed: Collection[str]
) -> tuple[BandTable[YearGrade], dict[YearGrade, Decimal]]:
    bands: list[Band[YearGrade]] = []
    uppers: dict[YearGrade, Decimal] = {}
    for entry in pick_in_force(table.tables("year_band"), on):
        entry.only("grade", "from_points", "below_points", "printed_upper", *SOURCE_KEYS)
        grade = entry.choice("grade", YearGrade)
        lower = entry.decimal("from_points")
        upper = entry.decimal("below_points") if entry.has("below_points") else None
        if entry.has("printed_upper"):
            uppers[grade] = entry.decimal("printed_upper")
        label = f"{lower} 分以上（含）" if upper is None or lower else f"{upper} 分以下"
        bands.append(Band(grade, lower, upper, entry.source(confirmed), label))
    if sorted(band.outcome.value for band in bands) != sorted(grade.value for grade in YearGrade):
        raise table.refuse("year_band", "needs each grade once", [grade.value for grade in YearGrade])
    return join_bands(table, "year_band", bands), uppers
