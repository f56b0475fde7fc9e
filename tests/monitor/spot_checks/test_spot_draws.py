"""Draws, objections, phone checks and site visits, on both databases; the draw itself as a function."""

from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import shanghai_instant
from monitor.errors import BadParameter, StateError
from monitor.spot_checks import (
    Candidate,
    Draw,
    DrawMethod,
    FrameEntry,
    NumberKind,
    build_frame,
    draw_groups,
    pair_for_visits,
    plan_quotas,
    read_draw_rule,
    read_number,
)
from monitor.store.database import Database
from monitor.usecases.spot_checks.desk import SpotCheckNotFound
from monitor.usecases.spot_checks.draw import NothingToDraw, find_draw, make_draw, preview_frame, repeat_draw
from monitor.usecases.spot_checks.jobs import WEEKLY_DRAW_TASK
from monitor.usecases.spot_checks.objections import list_objections, object_to_check, reject_objection
from monitor.usecases.spot_checks.visits import (
    file_phone_check,
    list_phone_checks,
    list_visits,
    plan_cross_visits,
    plan_visit,
    record_findings,
)
from scoring.switches import load_switches
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.spot_check_help import RULEBOOK, TODAY, Office, Reading


@pytest.fixture
def office(database: Database, cast: Cast, clock: FrozenClock) -> Office:
    return Office(database, cast, clock)


def test_a_draw_is_stored_with_its_frame_and_can_be_repeated(office: Office) -> None:
    drawn = office.desk.write(office.inspector, lambda s: make_draw(s, "LC", 1))
    stored = drawn.stored
    assert (stored.number, stored.draw.seed, len(stored.draw.frame)) == ("PC-2026-0001", "seed-1", 2)
    repeated = office.desk.read(office.inspector, lambda s: repeat_draw(s, stored.number))
    assert repeated.is_equal
    assert len(repeated.drawn_again) == 1


def test_the_weekly_share_gives_every_city_at_least_one(office: Office) -> None:
    office.on(date(2026, 11, 23), 9)
    slot = shanghai_instant(date(2026, 11, 23)) + timedelta(hours=8, minutes=30)
    outcome = WEEKLY_DRAW_TASK.work(office.database, RULEBOOK, office.clock, slot)
    assert outcome == "本周抽查已抽取 3 个群（批次 PC-2026-0001）"
    assert WEEKLY_DRAW_TASK.work(office.database, RULEBOOK, office.clock, slot) is None
    drawn = office.desk.read(office.inspector, lambda s: find_draw(s, "PC-2026-0001"))
    assert [each.group.code[:2] for each in drawn.groups] == ["LC", "QD", "YS"]


def test_checked_groups_rest_for_fourteen_days(office: Office) -> None:
    office.files("LC0001", 4)
    office.files("LC0101", 4)
    office.clock.advance(days=14)
    with pytest.raises(NothingToDraw, match="LC") as refused:
        office.desk.write(office.inspector, lambda s: make_draw(s, "LC"))
    assert refused.value.user_text.startswith("无可抽群")
    office.clock.advance(days=1)
    assert office.desk.read(office.inspector, lambda s: preview_frame(s, "LC")).size == 1


def test_a_filing_joins_the_draw_that_holds_its_group(office: Office) -> None:
    drawn = office.desk.write(office.inspector, lambda s: make_draw(s, "LC", 1))
    code = drawn.groups[0].group.code
    filed = office.files(code, 12)
    assert filed.reading.check.draw_number == drawn.stored.number
    again = office.desk.read(office.inspector, lambda s: find_draw(s, drawn.stored.number))
    assert again.groups[0].spot_check is not None


def test_by_hand_the_inspector_names_the_groups(database: Database, cast: Cast, clock: FrozenClock) -> None:
    office = Office(database, cast, clock, Reading(D_06="manual"))
    with pytest.raises(BadParameter, match="by hand"):
        office.desk.write(office.inspector, lambda s: make_draw(s, "LC", 1))
    drawn = office.desk.write(office.inspector, lambda s: make_draw(s, "LC", None, ["lc0101"]))
    assert [each.group.code for each in drawn.groups] == ["LC0101"]
    with pytest.raises(BadParameter):
        office.desk.write(office.inspector, lambda s: make_draw(s, "LC", None, ["YS0001"]))


def test_an_objection_is_answered_without_changing_the_check(office: Office) -> None:
    no = office.files("LC0001", 1).reading.check.filing_no
    city = office.cast.viewer("LC")
    first = office.desk.write(city, lambda s: object_to_check(s, no, "漏计"))
    again = office.desk.write(city, lambda s: object_to_check(s, no, "漏计"))
    assert (first.is_new, again.is_new) == (True, False)
    office.desk.write(office.inspector, lambda s: reject_objection(s, no, "截图核对无误"))
    answered = office.desk.read(city, list_objections)
    assert [(each.is_upheld, each.answer) for each in answered] == [(False, "截图核对无误")]
    assert not office.reads(no).check.is_void
    with pytest.raises(SpotCheckNotFound):
        office.desk.write(office.cast.viewer("YS"), lambda s: object_to_check(s, no, "别人的"))


def test_phone_checks_keep_only_a_masked_name(office: Office) -> None:
    for _ in range(2):
        office.desk.write(
            office.inspector, lambda s: file_phone_check(s, "LC01", "群内每日有专人维护", "书记", "张小某")
        )
    found = office.desk.read(office.inspector, list_phone_checks)
    assert [(each.number, each.whom_role, each.whom_name) for each in found] == [
        ("DH-2026-0001", "书记", "张＊＊")
    ]


def test_nobody_inspects_their_own_unit(office: Office) -> None:
    day = date(2026, 12, 10)
    numbers = office.desk.write(office.inspector, lambda s: plan_cross_visits(s, ["LC", "YS", "QD"], day))
    visits = office.desk.read(office.inspector, lambda s: list_visits(s, 2026))
    assert len(numbers) == 3
    assert {each.unit_code for each in visits} == {"LC", "YS", "QD"}
    assert all(each.visitor_code != each.unit_code for each in visits)
    with pytest.raises(StateError) as refused:
        office.desk.write(office.inspector, lambda s: plan_visit(s, "LC01", day, visitor_code="LC"))
    assert "不能由本单位" in refused.value.user_text
    done = office.desk.write(office.inspector, lambda s: record_findings(s, numbers[0], TODAY, "台账齐全"))
    assert (done.visited_on, done.findings) == (TODAY, "台账齐全")


RANKS = ["872595", "f1f199", "d854f3"]
ENTRIES = st.lists(
    st.builds(
        FrameEntry,
        st.text("ABC0123", min_size=1, max_size=5),
        st.sampled_from(("", "LC", "YS")),
        st.sampled_from(("村", "乡镇", "市县")),
    ),
    max_size=40,
    unique_by=lambda entry: entry.code,
)
METHODS = st.sampled_from((DrawMethod.EQUAL, DrawMethod.STRATIFIED))


@given(ENTRIES, st.text(max_size=8), st.integers(0, 50), METHODS, st.randoms())
def test_a_draw_is_a_subset_without_repeats_and_independent_of_order(
    frame: list[FrameEntry], seed: str, size: int, method: DrawMethod, shuffler: Random
) -> None:
    quotas = {pool: size for pool in {entry.pool for entry in frame}}
    drawn = draw_groups(Draw(seed, method, tuple(frame), quotas))
    assert len(drawn) == len(set(drawn))
    pools = {entry.code: entry.pool for entry in frame}
    for pool in quotas:
        n_there = sum(each == pool for each in pools.values())
        assert sum(pools[code] == pool for code in drawn) == min(size, n_there)
    shuffler.shuffle(frame)
    assert draw_groups(Draw(seed, method, (*frame, *frame), dict(reversed(quotas.items())))) == drawn


def test_a_known_draw_can_be_done_with_any_sha256() -> None:
    """Ranks written down from `printf 'seed-1|LC0001' | sha256sum` and so on."""
    codes = ("LC0001", "LC0101", "YS0001")
    draw = Draw("seed-1", DrawMethod.EQUAL, tuple(FrameEntry(code, "", "村") for code in codes), {"": 2})
    ranks = {code: sha256(f"seed-1|{code}".encode()).hexdigest() for code in codes}
    assert [ranks[code][:6] for code in codes] == RANKS
    assert draw_groups(draw) == tuple(sorted(codes, key=ranks.__getitem__)[:2])


@pytest.mark.parametrize(("n_groups", "size"), [(1, 1), (20, 1), (21, 2), (100, 5), (101, 6)])
def test_the_share_of_a_city_is_five_percent_and_at_least_one(n_groups: int, size: int) -> None:
    candidates = [Candidate(f"G{number}", "LC", "村") for number in range(n_groups)]
    rule = read_draw_rule(load_switches()["D-06"])
    frame = build_frame(candidates, (), by_city=True)
    assert plan_quotas(candidates, frame, rule) == {"LC": size}
    resting = {each.code for each in candidates[1:]}
    few = build_frame(candidates, resting, by_city=True)
    assert plan_quotas(candidates, few, rule) == {"LC": 1}


def test_strata_share_in_proportion() -> None:
    frame = [FrameEntry(f"V{n}", "", "村") for n in range(8)] + [
        FrameEntry(f"T{n}", "", "乡镇") for n in range(2)
    ]
    drawn = draw_groups(Draw("x", DrawMethod.STRATIFIED, tuple(frame), {"": 5}))
    assert Counter(code[0] for code in drawn) == {"V": 4, "T": 1}


@given(st.sets(st.text("ABCD", min_size=1, max_size=3), min_size=2, max_size=20), st.text(max_size=5))
def test_cross_pairs_visit_everybody_once_and_never_themselves(codes: set[str], seed: str) -> None:
    pairs = pair_for_visits(codes, seed)
    assert {visitor for visitor, _ in pairs} == {visited for _, visited in pairs} == codes
    assert len(pairs) == len(codes)
    assert all(visitor != visited for visitor, visited in pairs)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("cc-2026-0001", "CC-2026-0001"),
        ("CC2026－12", "CC-2026-0012"),
        ("CC-26-1", None),
        ("PC-2026-0001", None),
    ],
)
def test_a_filing_number_is_read_as_people_write_it(written: str, stored: str | None) -> None:
    assert read_number(NumberKind.SPOT_CHECK, written) == stored
