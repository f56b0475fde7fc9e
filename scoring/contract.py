"""The JSON answers of `python -m scoring` (design §2), as functions of JSON values.

Imports only the standard library and `scoring`. No key types: everything here is plain JSON.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from scoring.activity import ActivityGrade, grade_activity
from scoring.errors import InputError
from scoring.explain import explain_school, explain_sheet, explain_verdict
from scoring.facts import FactTable
from scoring.index_rules import load_index_rulebook
from scoring.rubric import format_points
from scoring.rulebook import load_rulebook
from scoring.sheet import ScoreSheet
from scoring.source import plain
from scoring.streak import CheckFact, StreakReading, find_poor_streaks
from scoring.switches import Switches, load_switches
from scoring.total import evaluate_school
from scoring.veto import judge_veto, load_veto_rulebook
from scoring.wci import compute_wci
from scoring.whatif import YearFacts, evaluate_year
from scoring.year import Eligibility, YearResult

Json = dict[str, object]


def parse_json(text: str) -> object:
    """Parse JSON strictly: exact decimals, no NaN, no Infinity, no key twice.

    Source: none (design §2).
    Raises: InputError saying where.
    """
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_refuse_twice
        )
    except (ValueError, RecursionError) as error:
        raise InputError(f"not valid JSON: {error}", key_path="(whole input)") from error


def answer_grade(n_posts: int) -> Json:
    """Answer `grade N`.

    Source: HN-4.1d.
    Raises: ValueError if n_posts is negative.
    """
    verdict = grade_activity(n_posts, load_rulebook().activity_bands)
    return {"posts": n_posts, "grade": verdict.outcome.value, **verdict.as_json()}


def answer_streak(facts: object) -> Json:
    """Answer `streak F.json`: runs per calendar year of Asia/Shanghai and 市县.

    Source: HN-4.1e, D-09 默认.
    Raises: InputError naming the key path.
    """
    table = FactTable(facts)
    table.only({"reading", "window_checks", "checks"})
    switches = _select_reading(table)
    checks = [_read_check(entry) for entry in table.entries("checks")]
    years = find_poor_streaks(checks, load_rulebook().year.streak, switches)
    return {
        "years": {
            str(year): {
                city: {
                    "longest": verdict.outcome.longest,
                    "current": verdict.outcome.current,
                    "cap": verdict.outcome.cap,
                    "capped_by": [check_id for check_id in verdict.outcome.capped_by if check_id],
                    "clause": verdict.clause,
                    "status": verdict.status.value,
                    "result_status": verdict.result_status.value,
                    "arithmetic": verdict.arithmetic,
                }
                for city, verdict in cities.items()
            }
            for year, cities in years.items()
        }
    }


def answer_wci(version: str, facts: object) -> Json:
    """Answer `wci VERSION F.json`.

    Source: GD-3.3c.
    Raises: InputError naming the key path.
    """
    verdict = compute_wci(version, FactTable(facts).values)
    result = verdict.outcome
    head: Json = {"wci": plain(result.wci), **{name: plain(value) for name, value in result.factors.items()}}
    if result.flag:
        head["flag"] = result.flag
    return {**head, "version": version, "clause": verdict.clause, "status": verdict.status.value,
            "arithmetic": verdict.arithmetic}  # fmt: skip


def answer_evaluate(rulebook: str, facts: object, *, explain: bool = False) -> Json:
    """Answer `evaluate RULEBOOK F.json [--explain]`.

    Source: none (design §2).
    Raises: InputError, PointsOutOfRange, ReasonRequired, each naming the key path.
    """
    answers = {"hn-2013": _evaluate_rubric, "gd-2019": _evaluate_index, "gb-2019-19": _evaluate_veto}
    if rulebook not in answers:
        raise InputError(
            f"no such rulebook: {rulebook!r} (allowed: {', '.join(answers)})", key_path="rulebook"
        )
    return answers[rulebook](FactTable(facts), load_switches(), explain)


def _evaluate_rubric(table: FactTable, switches: Switches, explain: bool) -> Json:
    table.only({"items", "supplied", "excellence_cap", "disqualified", "switches"})
    switches = _select_switches(table, switches)
    rules = load_rulebook()
    cap = table.flag("excellence_cap", default=False)
    reason = _read_disqualification(table)
    facts = YearFacts(table.table("items").values, table.table("supplied").values, cap, reason)
    sheet, year = evaluate_year(facts, rules, switches)
    answer = _show_sheet(sheet, year, cap, reason)
    if explain:
        answer["explain"] = explain_sheet(sheet, year)
    return answer


def _show_sheet(sheet: ScoreSheet, year: YearResult | None, cap: bool, reason: str) -> Json:
    return {
        "scored": format_points(sheet.scored),
        "scorable": format_points(sheet.scorable),
        "full": format(sheet.full, "f"),
        "state": (year.grade.result_status if year else sheet.state).value,
        "grade": year.grade.outcome.value if year else None,
        "computed_grade": year.computed.value if year else None,
        "consequences": list(year.consequences) if year else [],
        "excellence_cap": cap,
        "eligibility": (Eligibility.REVOKED if reason else Eligibility.ELIGIBLE).value,
        "disqualified": reason or None,
        "award_candidate": year.is_award_candidate if year else False,
        "headline": sheet.headline,
        "sections": [
            {
                "id": s.id,
                "title": s.title,
                "points": format_points(s.points),
                "max": format_points(s.max_points),
            }
            for s in sheet.sections
        ],
        "lines": [line.as_json() for line in sheet.lines],
    }


def _evaluate_index(table: FactTable, switches: Switches, explain: bool) -> Json:
    table.only({"indicators", "parts", "findings", "switches"})
    switches = _select_switches(table, switches)
    facts = {key: value for key, value in table.values.items() if key != "switches"}
    sheet = evaluate_school(facts, load_index_rulebook(), switches)
    answer: Json = {
        "indicators": {key: result.as_json() for key, result in sheet.indicators.items()},
        "failed_bottom_lines": plain(sheet.bottom_lines.by_part),
        "barred_from_good": sheet.barred_from_good,
        "parts": {
            key: {"given": plain(part.given), "index": plain(part.index), "weighted": _short(part.weighted)}
            for key, part in sheet.parts.items()
        },
        "total": None if sheet.total is None else _short(sheet.total),
        "state": sheet.state.value,
        "missing": list(sheet.missing),
    }
    if explain:
        answer["explain"] = explain_school(sheet)
    return answer


def _evaluate_veto(table: FactTable, switches: Switches, explain: bool) -> Json:
    verdict = judge_veto(table.values, load_veto_rulebook())
    answer: Json = {
        "vetoed": verdict.outcome.is_vetoed,
        "grounds": list(verdict.outcome.grounds),
        "state": verdict.result_status.value,
        "clause": verdict.clause,
        "status": verdict.status.value,
        "arithmetic": verdict.arithmetic,
    }
    if explain:
        answer["explain"] = [explain_verdict(verdict)]
    return answer


def _short(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _read_disqualification(table: FactTable) -> str:
    value = table.values.get("disqualified")
    if isinstance(value, Mapping):
        entry = table.table("disqualified")
        entry.only({"reason", "evidence"})
        evidence = entry.optional_text("evidence")
        return entry.text("reason") + (f"（依据：{evidence}）" if evidence else "")
    return table.text("disqualified") if value is not None else ""


def _select_switches(table: FactTable, switches: Switches) -> Switches:
    chosen = table.table("switches")
    chosen.only(switches.by_id)
    choices = {key: chosen.text(key) for key in chosen.values}
    for key, word in choices.items():
        if word not in switches[key].labels:
            raise chosen.refuse(key, f"no such choice {word!r} (allowed: {', '.join(switches[key].labels)})")
    return switches.select(choices)


def _select_reading(table: FactTable) -> Switches:
    words = [reading.value for reading in StreakReading]
    reading = table.text("reading") if table.has("reading") else words[0]
    if reading not in words:
        raise table.refuse("reading", f"unknown (allowed: {', '.join(words)}), got {reading!r}")
    window = table.count("window_checks") if table.has("window_checks") else 0
    return load_switches().select({"D-09": reading}, parameters={"D-09": {"window_checks": window}})


def _read_check(entry: FactTable) -> CheckFact:
    entry.only({"city", "group", "checked_at", "grade", "void", "id"})
    return CheckFact(
        city=entry.text("city"),
        group=entry.text("group"),
        checked_at=_read_instant(entry, "checked_at"),
        grade=_read_grade(entry),
        is_void=entry.flag("void", default=False),
        id=entry.optional_text("id"),
    )


def _read_instant(entry: FactTable, key: str) -> datetime:
    text = entry.text(key)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise entry.refuse(key, f"must be ISO 8601 with offset, got {text!r}") from error
    if instant.tzinfo is None:
        raise entry.refuse(key, f"must carry an offset such as +08:00, got {text!r}")
    return instant


def _read_grade(entry: FactTable) -> ActivityGrade | None:
    if not entry.has("grade") or entry.text("grade") == "无数据":
        return None
    word = entry.text("grade")
    for grade in ActivityGrade:
        if grade.value == word:
            return grade
    allowed = "、".join(grade.value for grade in ActivityGrade)
    raise entry.refuse("grade", f"must be one of {allowed}、无数据, got {word!r}")


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is no number")


def _refuse_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"key {key!r} is given twice")
        found[key] = value
    return found
