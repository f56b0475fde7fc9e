"""The golden tables of tests/golden, case by case: E-01 to E-31 where they concern scoring, W-1 to W-6."""

import re
import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from scoring import errors
from scoring.activity import grade_activity
from scoring.contract import answer_evaluate, answer_streak, answer_wci
from scoring.duty import judge_account_duty, judge_group_duty
from scoring.facts import FactTable
from scoring.index import round_index
from scoring.index_rules import load_index_rulebook
from scoring.media import VideoFacts, is_video_on_time, judge_video, score_account
from scoring.rubric import format_points, score_item
from scoring.rulebook import load_rulebook
from scoring.service import ActivityFacts, InvalidReason, count_activities, count_responses
from scoring.switches import load_switches
from scoring.year import judge_year

GOLDEN = Path(__file__).parent.parent / "golden"
HN, GD, SWITCHES = load_rulebook(), load_index_rulebook(), load_switches()
NOW = datetime.fromisoformat("2019-05-10T09:00:00+08:00")


def cases(table: str):
    """Give the cases of one golden table as pytest parameters, named by their ids."""
    text = (GOLDEN / f"{table}.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text, parse_float=Decimal)["case"]
    assert all({"id", "clause", "given", "expect"} == set(case) for case in found)
    return pytest.mark.parametrize(
        ("given", "expect"), [pytest.param(c["given"], c["expect"], id=c["id"]) for c in found]
    )


@cases("activity")
def test_activity_is_graded_as_the_table_says(given, expect):
    verdict = grade_activity(given["posts"], HN.activity_bands, day_closed=given.get("day_closed", True))
    assert verdict.outcome.value == expect["grade"]
    assert verdict.result_status.value == expect["state"]


@cases("duty")
def test_duty_and_activity_are_two_measures(given, expect):
    if "qualifying" in given:
        verdict = judge_account_duty(given["qualifying"], HN.account_duty)
    else:
        verdict = judge_group_duty(given["relevant"], given["topic"], HN.group_duty)
        assert grade_activity(given["posts"], HN.activity_bands).outcome.value == expect["grade"]
    assert verdict.outcome.value == expect["duty"]


@cases("streak")
def test_runs_of_poor_checks_cap_the_year_of_their_city(given, expect):
    names = ("city", "group", "checked_at", "grade", "void")
    checks = [dict(zip(names, check, strict=False)) for check in given["checks"]]
    answer = answer_streak({**given, "checks": checks})
    keys = ("longest", "current", "cap")
    shown = {
        year: {city: {key: run[key] for key in keys} for city, run in cities.items()}
        for year, cities in answer["years"].items()
    }
    assert shown == expect


@cases("year")
def test_a_total_gets_its_grade_and_consequences(given, expect):
    switches = SWITCHES.select({"D-10": given.get("rounding", "exact")})
    facts = {"excellence_cap": given.get("cap", False), "disqualified_for": given.get("disqualified", "")}
    total = Decimal(given["total"])
    if "refused" in expect:
        with pytest.raises(getattr(errors, expect["refused"])):
            judge_year(total, HN.year, switches, **facts)
        return
    result = judge_year(total, HN.year, switches, **facts)
    shown = {
        "grade": result.grade.outcome.value,
        "total": format_points(result.total),
        "award": result.is_award_candidate,
        "consequences": list(result.consequences),
        "eligibility": result.eligibility.value,
    }
    assert {key: shown[key] for key in expect} == expect


@cases("items")
def test_a_rubric_item_gets_its_points(given, expect):
    item = next(item for item in HN.rubric.items if item.id == given["item"])
    line = score_item(item, FactTable(given["facts"]), SWITCHES)
    assert line.state.value == expect["state"]
    assert line.result_status.value == expect["result"]
    assert (None if line.points is None else format_points(line.points)) == expect.get("points")


@cases("sheet")
def test_a_sheet_shows_scored_scorable_and_full(given, expect):
    answer = answer_evaluate("hn-2013", given)
    answer["section"] = answer["sections"][1]["points"]
    answer["grade"] = answer["grade"] or "无"
    assert {key: answer[key] for key in expect} == expect


@cases("indicators")
def test_indicators_meet_or_fail_their_bottom_lines(given, expect):
    switches = {"D-14": "pooled"} if given.get("pooled") else {}
    answer = answer_evaluate("gd-2019", {"indicators": given["indicators"], "switches": switches})
    shown = {
        "barred": answer["barred_from_good"],
        "failed": [key for failed in answer["failed_bottom_lines"].values() for key in failed],
        "states": {key: answer["indicators"][key]["state"] for key in expect.get("states", {})},
        "values": {key: answer["indicators"][key]["value"] for key in expect.get("values", {})},
    }
    assert {key: shown[key] for key in expect} == expect


@cases("account")
def test_an_account_scores_its_week(given, expect):
    factors = {key: Decimal(value) for key, value in given.get("factors", {}).items()}
    rules = GD.supply(factors, "测试专用") if factors else GD
    incident = given.get("incident", False)
    verdict = score_account(Decimal(given["wci"]), given["posts"], rules, SWITCHES, had_incident=incident)
    assert (None if verdict.outcome is None else str(verdict.outcome)) == expect.get("score")
    assert verdict.result_status.value == expect.get("state", verdict.result_status.value)
    assert expect.get("shown", "") in verdict.arithmetic


@cases("total")
def test_the_total_is_the_weighted_sum_of_rounded_indices(given, expect):
    if "index" in given:
        switches = SWITCHES.select({"D-13": given["rounding"]})
        assert str(round_index(Decimal(given["index"]), switches)) == expect["index"]
        return
    answer = answer_evaluate("gd-2019", {"parts": given["parts"]})
    assert answer["total"] == expect.get("total")
    assert answer["state"] == expect["state"]
    if "missing" in expect:
        assert answer["missing"][0] == expect["missing"]
    else:
        assert answer["parts"]["3"]["index"] == expect["media"]


@cases("video")
def test_a_video_is_held_against_the_standard(given, expect):
    if "sent_at" in given:
        assert is_video_on_time(datetime.fromisoformat(given["sent_at"]), GD) is expect["on_time"]
        return
    video = VideoFacts(Decimal(given["seconds"]), given["width"], given["height"])
    assert judge_video(video, GD).outcome.value == expect["state"]


@cases("wci")
def test_the_wci_agrees_with_the_published_vector(given, expect):
    answer = answer_wci(given["version"], given["facts"])
    if "near" in expect:
        assert abs(Decimal(answer["wci"]) - Decimal(expect["near"])) < Decimal("0.1")
        return
    assert answer["wci"] == expect["wci"]
    assert {key: answer[key] for key in expect.get("factors", {})} == expect.get("factors", {})
    assert answer.get("flag") == expect.get("flag")


@cases("service")
def test_activities_and_responses_are_counted(given, expect):
    if "activities" in given:
        activities = [ActivityFacts(s, p, InvalidReason(r) if r else None) for s, p, r in given["activities"]]
        verdict = count_activities(activities, GD)
        assert verdict.outcome.n_eligible == expect["eligible"]
        assert str(verdict.outcome.invalid_ratio) == expect["ratio"]
        assert str(verdict.outcome.multiplier) == expect["multiplier"]
        assert verdict.result_status.value == expect["state"]
        return
    moment = datetime.fromisoformat
    requests = [
        (moment(applied), moment(reviewed) if reviewed else None) for applied, reviewed in given["requests"]
    ]
    count = count_responses(requests, NOW, GD)
    assert (count.n_timely, count.n_late, count.n_excluded) == tuple(expect.values())


def test_every_golden_case_is_in_a_table():
    ids = {
        word
        for file in GOLDEN.glob("*.toml")
        for case in tomllib.loads(file.read_text(encoding="utf-8")).get("case", [])
        for word in re.findall(r"\b[EW]-\d+", case["id"])
    }
    wanted = [f"E-{n:02}" for n in range(1, 32)] + [f"W-{n}" for n in range(1, 7)]
    assert [name for name in wanted if name not in ids] == []
