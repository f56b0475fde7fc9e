"""`python -m scoring` (命令行): the shapes of design §2 and its refusals."""

import io
import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from scoring.__main__ import USAGE, main


def run(capsys, *arguments):
    """Run one command in this process and give exit code, JSON answer, and refusal."""
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else None, err


@pytest.fixture
def ask(capsys, tmp_path):
    """Run a command whose facts are a Python value or a text."""

    def answer(*command, facts, after=()):
        text = facts if isinstance(facts, str) else json.dumps(facts, ensure_ascii=False)
        file = tmp_path / "facts.json"
        file.write_text(text, encoding="utf-8")
        return run(capsys, *command, str(file), *after)

    return answer


def test_grade_answers_with_clause_and_status(capsys):
    code, answer, _ = run(capsys, "grade", "10")
    assert code == 0
    expected = {"posts": 10, "grade": "优秀", "clause": "HN-4.1d", "status": "载明"}
    assert expected.items() <= answer.items()


@pytest.mark.parametrize("posts", ["-1", "2.5", "x", "", "１０", "9" * 13])
def test_grade_refuses_what_is_not_a_count(capsys, posts):
    code, answer, err = run(capsys, "grade", posts)
    assert (code, answer) == (2, None)
    assert err.startswith("N: must be an integer")


@pytest.mark.parametrize("arguments", [(), ("grade",), ("evaluate", "hn-2013"), ("x", "y", "z"), ("--help",)])
def test_an_unknown_command_shows_the_usage(capsys, arguments):
    code, _, err = run(capsys, *arguments)
    assert (code, err) == (2, USAGE)


def test_the_module_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "scoring", "grade", "6"], capture_output=True, check=True, encoding="utf-8"
    )
    assert json.loads(done.stdout)["grade"] == "良好"


def test_the_module_is_its_own_entry_point(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["scoring", "grade", "2"])
    monkeypatch.delitem(sys.modules, "scoring.__main__")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("scoring", run_name="__main__")
    assert (caught.value.code, json.loads(capsys.readouterr().out)["grade"]) == (0, "差")


def test_facts_can_come_from_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"n": 0}'))
    code, answer, _ = run(capsys, "wci", "2.0", "-")
    assert (code, answer["wci"], answer["flag"]) == (0, "0", "本期无发布")


def test_a_streak_names_the_filing_numbers_that_completed_it(ask):
    check = {"city": "海口", "group": "A", "grade": "差", "void": False}
    checks = [{**check, "checked_at": f"2013-11-0{n}T10:00:00+08:00", "id": f"BA-{n}"} for n in range(1, 5)]
    _, answer, _ = ask("streak", facts={"reading": "city", "checks": checks})
    run_of_haikou = answer["years"]["2013"]["海口"]
    assert run_of_haikou["capped_by"] == ["BA-1", "BA-2", "BA-3"]
    assert (run_of_haikou["longest"], run_of_haikou["status"], run_of_haikou["result_status"]) == (
        4,
        "默认",
        "暂定",
    )
    _, few, _ = ask("streak", facts={"checks": checks[:2]})
    assert few["years"]["2013"]["海口"]["result_status"] == "正式"


def test_null_and_the_word_for_no_data_are_no_grade(ask):
    check = {"city": "海口", "group": "A", "checked_at": "2013-11-01T10:00:00Z"}
    _, answer, _ = ask("streak", facts={"checks": [{**check, "grade": None}, {**check, "grade": "无数据"}]})
    assert answer == {"years": {}}


SUPPLIED = {
    "HN-A3.3": {"max": "2.0", "panel": "1.9", "reason": "记录", "reference": "文件"},
    "HN-A4": {"max": "1.5", "panel": "1.0", "reason": "记录", "reference": "文件"},
}
ITEMS = {
    "HN-A1.1": {"promoted_document": True, "complete_document": True},
    "HN-A1.2": {"panel": "1", "reason": "台账"},
    "HN-A1.3": {"document": True, "records": 8},
    "HN-A2.1": {"accounts": 1, "panel": "0.2"},
    "HN-A2.2a": {"covered": 95, "base": 100},
    "HN-A2.2b": {"covered": 95, "base": 100},
    "HN-A2.2c": {"covered": 95, "base": 100},
    "HN-A3.1": {"panel": 0.5, "reason": "名单"},
    "HN-A3.2": {"panel": "0.5", "reason": "记录"},
}


def test_cap_and_disqualification_change_grade_and_eligibility_but_no_points(ask):
    facts = {
        "items": ITEMS,
        "supplied": SUPPLIED,
        "excellence_cap": True,
        "disqualified": {"reason": "未完成平台建设", "evidence": "会议纪要"},
    }
    code, answer, _ = ask("evaluate", "hn-2013", facts=facts, after=["--explain"])
    assert code == 0
    assert (answer["scored"], answer["grade"], answer["computed_grade"]) == ("9.40", "良好", "优秀")
    assert (answer["eligibility"], answer["award_candidate"]) == ("取消", False)
    text = "\n".join(answer["explain"])
    assert "连续 3 次“差”，不能评优秀（HN-4.1e） → 良好" in text
    assert "评优资格取消：未完成平台建设（依据：会议纪要）〔HN-4.4d〕" in text


def test_a_failed_year_names_its_consequences(ask):
    items = {**ITEMS, "HN-A1.3": {"document": False, "records": 0}, "HN-A2.2a": {"covered": 1, "base": 100}}
    supplied = {key: {**value, "panel": "0"} for key, value in SUPPLIED.items()}
    facts = {"items": items, "supplied": supplied, "disqualified": "重大失误"}
    _, answer, _ = ask("evaluate", "hn-2013", facts=facts, after=["--explain"])
    assert (answer["scored"], answer["grade"], answer["state"]) == ("4.50", "不合格", "暂定")
    assert answer["consequences"] == ["通报批评", "书面情况说明", "负责人不得参评"]
    assert "适用：通报批评、书面情况说明、负责人不得参评〔HN-4.4c〕" in answer["explain"]
    assert "评优资格取消：重大失误〔HN-4.4d〕" in answer["explain"]


def test_the_points_shown_add_up_to_the_total_shown(ask):
    _, answer, _ = ask(
        "evaluate", "hn-2013", facts={"items": {"HN-A2.2a": {"covered": 1, "base": 2}}}, after=["--explain"]
    )
    assert answer["scored"] == "0.00"
    assert "合计：(-0.20) + 0.20 = 0.00" in answer["explain"]
    assert "D-18 分段最低分：0.20，总分 -0.20 低于 0，按 0 计，补 0.20〔HN-4.3 默认〕" in answer["explain"]


def test_an_empty_sheet_is_incomplete_without_grade(ask):
    code, answer, _ = ask("evaluate", "hn-2013", facts={}, after=["--explain"])
    assert (code, answer["scored"], answer["state"], answer["grade"]) == (0, "0.00", "待补充", None)
    assert "合计：尚无得分 = 0.00" in answer["explain"]


def test_a_school_is_explained_down_to_its_findings(ask):
    facts = {
        "indicators": {"GD-3.1b": {"numerator": 3, "denominator": 5}},
        "parts": {"1": "82.5", "2": "80", "3": {"video": "60", "account": "403.2230"}},
        "findings": [{"kind": "造假", "reason": "虚构求助", "bars_from_good": True}],
    }
    _, answer, _ = ask("evaluate", "gd-2019", facts=facts, after=["--explain"])
    assert answer["parts"]["1"] == {"given": "82.5", "index": "83", "weighted": "33.2"}
    assert answer["barred_from_good"] is True
    assert "认定：造假，虚构求助，不评“好”" in answer["explain"]
    assert "第1部分：指数 82.5，取整 83" in answer["explain"]


def test_explain_may_stand_before_the_rulebook(capsys, tmp_path):
    (tmp_path / "facts.json").write_text("{}", encoding="utf-8")
    code, answer, _ = run(capsys, "evaluate", "--explain", "hn-2013", str(tmp_path / "facts.json"))
    assert (code, answer["explain"][0]) == (0, "已评 0.00 / 可评 6.50 / 满分 10（原文残缺 3.5）")


def test_a_good_year_has_no_consequences_to_explain(ask):
    _, answer, _ = ask(
        "evaluate", "hn-2013", facts={"items": ITEMS, "supplied": SUPPLIED}, after=["--explain"]
    )
    assert answer["award_candidate"] is True
    assert answer["explain"][-1] == "总分 9.40 分，9 分以上（含） → 优秀〔HN-4.3 载明，暂定〕"


def test_a_number_with_a_bomb_of_zeros_is_read_as_the_number_it_is(ask):
    _, answer, _ = ask("evaluate", "gd-2019", facts={"parts": {"1": "0E-999999999", "2": "82.40000"}})
    assert [answer["parts"][key]["given"] for key in "12"] == ["0.0000", "82.4000"]


def test_an_account_is_vetoed_with_every_ground(ask):
    facts = {"days_since_update": 14, "has_interaction": False, "findings": ["泄露国家秘密"]}
    _, answer, _ = ask("evaluate", "gb-2019-19", facts=facts, after=["--explain"])
    assert answer["vetoed"] is True
    assert answer["grounds"] == ["停更 14 天 ≥ 14 天（红）", "无有效互动功能", "泄露国家秘密"]
    assert answer["explain"][0].endswith("→ 单项否决〔GB-2 推定，暂定〕")


def test_an_account_without_facts_is_incomplete_and_not_cleared(ask):
    _, unknown, _ = ask("evaluate", "gb-2019-19", facts={"days_since_update": None})
    assert (unknown["vetoed"], unknown["state"]) == (False, "待补充")
    _, clear, _ = ask("evaluate", "gb-2019-19", facts={"days_since_update": 13, "has_interaction": True})
    assert (clear["vetoed"], clear["state"]) == (False, "暂定")
    assert clear["arithmetic"] == "无否决项 → 未否决"


def item(item_id, **facts):
    """Build the facts of one rubric item."""
    return {"items": {item_id: facts}}


def check(**changes):
    """Build a streak of one check with changes."""
    one = {"city": "海口", "group": "A", "checked_at": "2013-11-01T10:00:00+08:00", "grade": "差"}
    return {"checks": [{**one, **changes}]}


HN, GD = ("evaluate", "hn-2013"), ("evaluate", "gd-2019")
REFUSED = [
    (HN, item("HN-A2.2a", covered=-1, base=10), "items.HN-A2.2a.covered: must be an integer from 0"),
    (HN, item("HN-A2.2a", covered=11, base=10), "items.HN-A2.2a.covered: ratio above 1: 11 of 10"),
    (HN, item("HN-A2.2a", covered=1.5, base=10), "items.HN-A2.2a.covered: must be an integer"),
    (HN, item("HN-A2.2a", covered="5", base=10), "items.HN-A2.2a.covered: must be an integer"),
    (HN, item("HN-A2.2a", covered=True, base=10), "items.HN-A2.2a.covered: must be an integer"),
    (HN, item("HN-A2.2a", covered=5), "items.HN-A2.2a.base: must be an integer"),
    (HN, item("HN-A2.2a", covered=5, base=10**13), "items.HN-A2.2a.base: must be an integer from 0 to"),
    (HN, item("HN-A1.3", document=1, records=1), "items.HN-A1.3.document: must be true or false"),
    (
        HN,
        item("HN-A1.1", panel="1.01", reason="x"),
        "items.HN-A1.1.panel: must be from 0 to 1 points, got 1.01",
    ),
    (HN, item("HN-A1.1", panel="-0.1"), "items.HN-A1.1.panel: must be from 0 to 1 points"),
    (HN, item("HN-A1.1", panel="NaN"), "items.HN-A1.1.panel: must be a finite number"),
    (HN, item("HN-A1.1", panel="Infinity"), "items.HN-A1.1.panel: must be a finite number"),
    (HN, item("HN-A1.1", panel="one"), "items.HN-A1.1.panel: must be a number, got 'one'"),
    (HN, item("HN-A1.1", panel="0.12345"), "items.HN-A1.1.panel: must have at most 4 decimals"),
    (HN, item("HN-A1.1", panel=[1]), "items.HN-A1.1.panel: must be a number as text"),
    (HN, item("HN-A1.1", panel="1" * 99), "items.HN-A1.1.panel: must be a finite number"),
    (HN, item("HN-A1.1", panel="1", reason=5), "items.HN-A1.1.reason: must be a text"),
    (HN, item("HN-A1.2", panel="1"), "items.HN-A1.2.reason: HN-A1.2 is 缺失 in the source"),
    (HN, item("HN-A1.2", panel="1", reason=" "), "items.HN-A1.2.reason: HN-A1.2 is 缺失 in the source"),
    (HN, item("HN-A2.1", accounts=1, panel="0.3"), "items.HN-A2.1.panel: must be from 0 to 0.2 points"),
    (
        HN,
        item("HN-A2.1", panels="0.1"),
        "items.HN-A2.1.panels: unknown (allowed: accounts, panel, reason, self)",
    ),
    (HN, item("HN-A9"), "items.HN-A9: unknown (allowed: HN-A1.1,"),
    (HN, item("HN-A4", panel="1"), "items.HN-A4: unknown"),
    (HN, {"items": []}, "items: must be an object"),
    (HN, {"items": {"HN-A1.1": 1}}, "items.HN-A1.1: must be an object"),
    (HN, [], "(whole input): must be an object"),
    (HN, {"item": {}}, "item: unknown (allowed: disqualified,"),
    (
        HN,
        {"supplied": {"HN-A4": {"max": "1.5", "panel": "1", "reason": "x"}}},
        "supplied.HN-A4.reference: must be a",
    ),
    (
        HN,
        {"supplied": {"HN-A4": {"max": "9", "reference": "x"}}},
        "supplied.HN-A4.max: must be from 0 to 1.5",
    ),
    (
        HN,
        {"supplied": {"HN-A4": {"max": "1", "panel": "1.2", "reason": "x", "reference": "x"}}},
        "from 0 to 1 p",
    ),
    (
        HN,
        {"supplied": {"HN-A4": {"max": "1", "panel": "1", "reference": "x"}}},
        "supplied.HN-A4.reason: HN-A4 is",
    ),
    (HN, {"excellence_cap": "yes"}, "excellence_cap: must be true or false"),
    (HN, {"disqualified": True}, "disqualified: must be a text"),
    (HN, {"disqualified": {"reason": ""}}, "disqualified.reason: must be a text"),
    (HN, {"switches": {"D-10": "up"}}, "switches.D-10: no such choice 'up' (allowed: exact, half_up_0.1)"),
    (HN, {"switches": {"D-99": "up"}}, "switches.D-99: unknown"),
    (HN, '{"items": {}, "items": {}}', "key 'items' is given twice"),
    (HN, '{"items": NaN}', "NaN is no number"),
    (HN, "{", "(whole input): not valid JSON"),
    (HN, "[" * 100_000, "(whole input): not valid JSON"),
    (GD, {"indicators": {"GD-9": {}}}, "indicators.GD-9: unknown"),
    (GD, {"indicators": {"GD-3.1a": {"numerator": 2, "denominator": 1}}}, "numerator: ratio above 1: 2 of 1"),
    (GD, {"indicators": {"GD-3.1a": {"numerator": -2, "denominator": 1}}}, "numerator: must be an integer"),
    (GD, {"indicators": {"GD-3.1a": {"value": "0.9"}}}, "indicators.GD-3.1a.value: unknown"),
    (GD, {"indicators": {"GD-3.1a": {"months": {}}}}, "indicators.GD-3.1a.months: must be an array"),
    (GD, {"indicators": {"GD-3.1a": {"months": [{"x": 1}]}}}, "indicators.GD-3.1a.months[0].x: unknown"),
    (GD, {"indicators": {"GD-3.2c": {"value": "-1"}}}, "indicators.GD-3.2c.value: must not be negative"),
    (
        GD,
        {"indicators": {"GD-3.1k": {"ratings": [6], "members": 1}}},
        "GD-3.1k.ratings[0]: must be a whole rating",
    ),
    (GD, {"indicators": {"GD-3.1l": {"value": "101"}}}, "indicators.GD-3.1l.value: must be from 0 to 100"),
    (GD, {"parts": {"1": "-1"}}, "parts.1: must not be negative"),
    (GD, {"parts": {"4": "1"}}, "parts.4: unknown (allowed: 1, 2, 3)"),
    (GD, {"parts": {"3": {"radio": "1"}}}, "parts.3.radio: unknown (allowed: account, video)"),
    (
        GD,
        {"findings": [{"kind": "造假", "reason": "x"}]},
        "findings[0].bars_from_good: must be true or false",
    ),
    (("evaluate", "gb-2019-19"), {"findings": ["别的"]}, "findings[0]: unknown ground '别的'"),
    (("evaluate", "gb-2019-19"), {"findings": [1]}, "findings[0]: unknown ground 1"),
    (
        ("evaluate", "hn-2014"),
        {},
        "rulebook: no such rulebook: 'hn-2014' (allowed: hn-2013, gd-2019, gb-2019-19)",
    ),
    (("wci", "9.9"), {}, "version: no such version: '9.9'"),
    (("wci", "13.0"), {"n": 1}, "d: missing: V13.0 needs it (天数)"),
    (("wci", "13.0"), {"R": 1}, "n: must be an integer"),
    (("wci", "13.0"), {"n": 1, "X": 1}, "X: unknown"),
    (("wci", "13.0"), {"n": -1}, "n: must be an integer"),
    (("wci", "2.0"), {"n": 1, "R": 1.5}, "R: must be an integer"),
    (("streak",), {"reading": "town"}, "reading: unknown (allowed: city, group, three_of_n)"),
    (("streak",), check(grade="很差"), "checks[0].grade: must be one of 优秀、良好、一般、差、无数据"),
    (("streak",), check(checked_at="yesterday"), "checks[0].checked_at: must be ISO 8601 with offset"),
    (("streak",), check(checked_at="2013-11-01T10:00:00"), "checks[0].checked_at: must carry an offset"),
    (("streak",), check(void="no"), "checks[0].void: must be true or false"),
    (("streak",), check(town="x"), "checks[0].town: unknown"),
    (("streak",), check(city=""), "checks[0].city: must be a text"),
]


@pytest.mark.parametrize(
    ("command", "facts", "message"), REFUSED, ids=[f"{' '.join(r[0])} {r[2][:40]}" for r in REFUSED]
)
def test_bad_input_is_refused_with_its_key_path(ask, command, facts, message):
    code, answer, err = ask(*command, facts=facts)
    assert (code, answer) == (2, None)
    assert message in err
    assert len(err.splitlines()) == 1


def test_zero_days_are_refused(ask):
    symbols = ["R", "Rt", "Rmax", "Z", "Zt", "Zmax"]
    facts = {"d": 0, "n": 1, **dict.fromkeys(symbols, 1)}
    code, _, err = ask("wci", "13.0", facts=facts)
    assert (code, err) == (2, "d: must be at least 1 day\n")


def test_a_file_that_is_not_there_is_refused(capsys, tmp_path):
    code, _, err = run(capsys, "streak", str(tmp_path / "none.json"))
    assert code == 2
    assert "cannot be read" in err
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe\x00")
    assert main(["streak", str(tmp_path / "latin.json")]) == 2


def test_a_byte_order_mark_is_no_fault(capsys, tmp_path):
    Path(tmp_path / "bom.json").write_text('{"n": 0}', encoding="utf-8-sig")
    assert run(capsys, "wci", "13.0", str(tmp_path / "bom.json"))[0] == 0
