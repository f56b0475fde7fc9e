"""The strict loader (细则装载): what it accepts, and how it refuses."""

import re
from datetime import date
from pathlib import Path

import pytest

from scoring.activity import grade_activity
from scoring.errors import NoRulebookInForce, RulebookFormatError
from scoring.explain import list_lost_text
from scoring.index_rules import load_index_rulebook
from scoring.rulebook import choose_rulebook, load_rulebook
from scoring.source import SourceStatus
from scoring.strict import RULEBOOK_FOLDER, read_toml_text
from scoring.switches import load_switches
from scoring.veto import load_veto_rulebook

LOADERS = {
    "hn-2013": load_rulebook,
    "gd-2019": load_index_rulebook,
    "gb-2019-19": load_veto_rulebook,
    "defaults": lambda name, folder: load_switches(folder=folder),
}


def load_changed(tmp_path: Path, name: str, *changes: tuple[str, str]):
    """Load a copy of a rulebook in which texts are replaced once."""
    text = (RULEBOOK_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return LOADERS[name](name, folder=tmp_path)


REFUSALS = [
    ("hn-2013", 'grade = "差"', 'grad = "差"', "activity_band[0].grad: unknown key (allowed: below_posts"),
    ("hn-2013", 'clause = "HN-4.1d"\n', "", "activity_band[0].clause: missing"),
    ("hn-2013", "from_posts = 3", "from_posts = 4", "activity_band: gap between 3 and 4"),
    ("hn-2013", "from_posts = 3", "from_posts = 2", "activity_band: overlap"),
    ("hn-2013", "from_posts = 0", "from_posts = 1", "activity_band: gap between 0 and 1"),
    ("hn-2013", "from_posts = 10", "from_posts = 10\nbelow_posts = 99", "activity_band: gap above 99"),
    ("hn-2013", "below_posts = 3", "below_posts = 0", "activity_band: gap between 0 and 3"),
    ("hn-2013", "from_posts = 6\nbelow_posts = 10", "from_posts = 6", "activity_band: overlap"),
    ("hn-2013", "below_posts = 3", "below_posts = true", "below_posts: must be an integer ≥ 0"),
    ("hn-2013", "below_posts = 3", "below_posts = -3", "below_posts: must be an integer ≥ 0"),
    ("hn-2013", "below_posts = 3", "below_posts = 3.0", "below_posts: must be an integer"),
    (
        "hn-2013",
        'grade = "良好"',
        'grade = "一般"',
        "activity_band: needs each grade once (allowed: 一般, 优秀",
    ),
    (
        "hn-2013",
        'grade = "良好"',
        'grade = "很好"',
        "activity_band[2].grade: must be one of the allowed words",
    ),
    ("hn-2013", 'status = "推定"', 'status = "听说"', "(allowed: 推定, 残缺, 缺失, 载明, 默认)"),
    (
        "hn-2013",
        'note = "原文“3条以下”；3 条已属“一般”，故取 0-2 条"\n',
        "",
        "note: missing: a figure that is 推定",
    ),
    ("hn-2013", 'clause = "HN-4.1d"', 'clause = " "', "clause: must not be blank"),
    ("hn-2013", "effective_from = 2013-01-01", "effective_from = 2013-01-01T00:00:00", "without time of day"),
    ("hn-2013", "effective_from = 2013-01-01", 'effective_from = "2013"', "effective_from: must be a date"),
    ("hn-2013", 'id = "hn-2013"', 'id = "hn-2014"', "rulebook.id: must be the file's name 'hn-2013'"),
    ("hn-2013", 'unit_kinds = ["市县"]', "unit_kinds = [1]", "unit_kinds: must be a list of texts"),
    ("hn-2013", 'subject = "group"', 'subject = "page"', "duty_rule: missing the rule for 'group'"),
    ("hn-2013", "max_points = 2\n", "max_points = 3\n", "section: 三: items add up to 4.0, cap is 3"),
    ("hn-2013", "points = 10\n", "points = 11\n", "full_marks: sections add up to 10.0, full marks are 11"),
    ("hn-2013", "points = 10\n", "points = inf\n", "full_marks.points: must be finite"),
    ("hn-2013", "points = 10\n", "points = true\n", "full_marks.points: must be a number"),
    ("hn-2013", 'section = "一"', 'section = "五"', "item: HN-A1.1 names no section"),
    ("hn-2013", "is_placeholder = false", 'is_placeholder = "no"', "is_placeholder: must be true or false"),
    ("hn-2013", 'grade = "合格"', 'grade = "良好"', "year_band: needs each grade once"),
    ("hn-2013", "number = 2", "number = 7", "lost_text[1].number: must be 2"),
    ("hn-2013", "[full_marks]", "[[full_marks]]", "full_marks: must be a table"),
    ("hn-2013", "[full_marks]", "[other]\n[full_marks]", "other: unknown key"),
    ("hn-2013", "[[lost_text]]\nnumber = 1\n", "[lost_text]\nnumber = 1\n", "not a TOML file"),
    ("gd-2019", "weight_ratio = 0.40", "weight_ratio = 0.41", "part: weights add up to 1.01, not 1"),
    ("gd-2019", 'formula = "weighted_sum"', 'formula = "product"', "total.formula: unknown formula"),
    ("gd-2019", 'part = "1"', 'part = "9"', "indicator[0].part: no such part: '9' (allowed: 1, 2, 3)"),
    ("gd-2019", 'id = "GD-3.1g.share_posted"', 'id = "GD-3.1g.share"', "unknown parameter 'GD-3.1g.share'"),
    (
        "gd-2019",
        'title = "发布数份额"\n',
        'title = "发布数份额"\nvalue = 1\n',
        "a figure that is 缺失 has no value",
    ),
    (
        "defaults",
        'default = "weekly"',
        'default = "daily"',
        "switch[0].default: 'daily' is not among the choices",
    ),
    ("defaults", 'id = "D-02"', 'id = "D-01"', "switch[1].id: 'D-01' is given twice for the same day"),
    ("defaults", "weekday = 1", "weekday = true", "switch[0].parameters.weekday: must be a number or a text"),
    ("hn-2013", 'subject = "group"', 'subject = "account"', "duty_rule[1].subject: 'account' is given twice"),
    ("hn-2013", "from_posts = 3", "from_posts = 3\nlast_checked_on = 2026", "not a TOML file"),
    ("gb-2019-19", "days = 14", "day = 14", "stale.day: unknown key"),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"), REFUSALS, ids=[f"{r[0]} {r[2][:30]}" for r in REFUSALS]
)
def test_a_rulebook_with_a_fault_is_refused_with_its_place(tmp_path, name, old, new, message):
    with pytest.raises(RulebookFormatError) as caught:
        load_changed(tmp_path, name, (old, new))
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{name}.toml")
    assert caught.value.file == f"{name}.toml"


UNSOURCED_TABLES = ("[rulebook]", "[[switch.choice]]")
FREE_TABLES = ("[switch.parameters]",)  # their keys are names of figures
TABLES = [
    (name, head)
    for name in LOADERS
    for text in [(RULEBOOK_FOLDER / f"{name}.toml").read_text(encoding="utf-8")]
    for head in dict.fromkeys(re.findall(r"^\[.*\]$", text, re.M))
]


@pytest.mark.parametrize(("name", "head"), [table for table in TABLES if table[1] not in FREE_TABLES])
def test_every_table_of_every_rulebook_refuses_a_key_it_does_not_know(tmp_path, name, head):
    with pytest.raises(RulebookFormatError, match=r"surplus: unknown key \(allowed: "):
        load_changed(tmp_path, name, (f"{head}\n", f"{head}\nsurplus = 1\n"))


@pytest.mark.parametrize("name", LOADERS)
def test_every_rulebook_refuses_a_table_it_does_not_know(tmp_path, name):
    text = (RULEBOOK_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    (tmp_path / f"{name}.toml").write_text(f"{text}\n[surplus]\nvalue = 1\n", encoding="utf-8")
    with pytest.raises(RulebookFormatError, match=r"surplus: unknown key \(allowed: "):
        LOADERS[name](name, folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "head"), [table for table in TABLES if table[1] not in (*FREE_TABLES, *UNSOURCED_TABLES)]
)
def test_every_figure_of_every_rulebook_needs_its_clause(tmp_path, name, head):
    text = (RULEBOOK_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    at = text.index(f"{head}\n") + len(head)
    clause = re.compile(r"^clause = .*\n", re.M)
    (tmp_path / f"{name}.toml").write_text(text[:at] + clause.sub("", text[at:], count=1), encoding="utf-8")
    with pytest.raises(RulebookFormatError, match=r"clause: missing"):
        LOADERS[name](name, folder=tmp_path)


def test_a_missing_parameter_is_refused(tmp_path):
    text = (RULEBOOK_FOLDER / "gd-2019.toml").read_text(encoding="utf-8")
    start = text.index('[[parameter]]\nid = "GD-3.1f.limit_hours"')
    end = text.index("[[parameter]]", start + 1)
    (tmp_path / "gd-2019.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(RulebookFormatError, match=r"missing parameter 'GD-3.1f.limit_hours'"):
        load_index_rulebook(folder=tmp_path)


def test_a_parameter_the_code_relies_on_may_not_become_lost(tmp_path):
    old = 'unit = "小时"\nvalue = 72\nclause = "GD-3.1f"\nstatus = "载明"'
    with pytest.raises(RulebookFormatError, match=r"'GD-3.1f.limit_hours' needs a value"):
        load_changed(tmp_path, "gd-2019", (old, 'unit = "小时"\nclause = "GD-3.1f"\nstatus = "缺失"'))


@pytest.mark.parametrize("text", ['switch = "none"', "switch = []", "switch = [1]"])
def test_a_list_of_tables_must_be_one(tmp_path, text):
    (tmp_path / "defaults.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RulebookFormatError, match="array of tables"):
        load_switches(folder=tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "../rulebooks/hn-2013", ""])
def test_an_unknown_rulebook_names_those_there_are(name):
    with pytest.raises(RulebookFormatError, match=r"no such rulebook.*hn-2013"):
        load_rulebook(name)


def test_a_new_dated_value_replaces_the_old_one_from_its_day_on(tmp_path):
    bands = "".join(
        f'\n[[activity_band]]\ngrade = "{grade}"\nfrom_posts = {low}\n'
        + (f"below_posts = {high}\n" if high else "")
        + 'clause = "HN-4.1d"\nstatus = "载明"\neffective_from = 2014-01-01\nlast_checked_on = 2025-11-20\n'
        for grade, low, high in [("差", 0, 5), ("一般", 5, 10), ("良好", 10, 20), ("优秀", 20, None)]
    )
    text = (RULEBOOK_FOLDER / "hn-2013.toml").read_text(encoding="utf-8")
    (tmp_path / "hn-2013.toml").write_text(text + bands, encoding="utf-8")
    grades = [
        grade_activity(10, load_rulebook(on=day, folder=tmp_path).activity_bands).outcome.value
        for day in (date(2013, 12, 31), date(2014, 1, 1), None)
    ]
    assert grades == ["优秀", "良好", "良好"]


def test_before_its_first_day_a_rulebook_is_not_in_force():
    with pytest.raises(NoRulebookInForce, match="2013-01-01"):
        load_rulebook(on=date(2012, 12, 31))


def test_the_unit_kind_decides_which_rulebook_binds():
    heads = [load_rulebook().head, load_index_rulebook().head]
    assert choose_rulebook(heads, "市县", date(2020, 1, 1)).id == "hn-2013"
    assert choose_rulebook(heads, "高校", date(2018, 1, 1)).id == "hn-2013"
    assert choose_rulebook(heads, "高校", date(2019, 1, 1)).id == "gd-2019"
    with pytest.raises(NoRulebookInForce, match="品牌项目"):
        choose_rulebook(heads, "品牌项目", date(2019, 1, 1))


def test_section_two_adds_up_to_its_printed_cap():
    items = [item.max_points for item in load_rulebook().rubric.items if item.section == "二"]
    assert [str(points) for points in items] == ["0.4", "0.8", "0.8", "0.5"]
    assert str(sum(items)) == "2.5"


def test_the_register_of_lost_text_comes_from_the_rulebooks():
    register = list_lost_text([load_rulebook(), load_index_rulebook()])
    assert len([entry for entry in register if entry.clause.startswith("HN")]) == 10
    assert len([entry for entry in register if entry.clause.startswith("GD")]) == 16
    assert {entry.status for entry in register} <= {"残缺", "缺失"}
    assert all(entry.what and entry.handling and entry.document for entry in register)


def test_every_default_is_a_switch_with_clause_and_alternatives():
    switches = list(load_switches())
    assert [switch.id for switch in switches] == [f"D-{n:02}" for n in range(1, 19)]
    for switch in switches:
        assert switch.source.status is SourceStatus.DEFAULT
        assert switch.alternatives
        assert switch.default not in switch.alternatives
        assert switch.source.note


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "hn-2013.toml").write_bytes("标题".encode("gb18030"))
    with pytest.raises(RulebookFormatError, match=r"hn-2013\.toml.*UTF-8"):
        read_toml_text("hn-2013", tmp_path)
