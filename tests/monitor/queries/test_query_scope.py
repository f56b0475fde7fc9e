"""Who may ask what: the subtree decides, and what lies outside looks as if it did not exist (HN-1.2)."""

from datetime import date

import pytest

from monitor.clock import Period
from monitor.errors import BadParameter, OutOfScope
from monitor.units import Role
from tests.monitor.query_help import TODAY

UNIT_QUESTIONS = ("overview", "unit_status", "unmet", "groups")
GROUP_QUESTIONS = {
    "group_day": lambda queries, viewer, code: queries.group_day(viewer, code),
    "group_days": lambda queries, viewer, code: queries.group_days(viewer, code, Period(TODAY, TODAY)),
    "day_posts": lambda queries, viewer, code: queries.day_posts(viewer, code, TODAY),
    "explain": lambda queries, viewer, code: queries.explain(viewer, code),
}


@pytest.mark.parametrize("question", UNIT_QUESTIONS)
def test_a_unit_is_seen_from_above_and_from_itself_only(queries, cast, question):
    inside = {
        "QS": ("QS", "LC", "YS01", "lc0101"),
        "LC": ("LC", "LC01", "LC0101"),
        "LC01": ("LC01", "LC0101"),
    }
    outside = {"LC": ("QS", "YS", "YS01", "QD01"), "LC01": ("LC", "YS01"), "QD": ("LC0101",)}
    for own, codes in inside.items():
        for code in codes:
            getattr(queries, question)(cast.viewer(own), code)
    for own, codes in outside.items():
        for code in codes:
            with pytest.raises(OutOfScope):
                getattr(queries, question)(cast.viewer(own), code)


@pytest.mark.parametrize("question", UNIT_QUESTIONS)
def test_a_unit_outside_and_a_unit_that_is_not_there_get_the_same_text(queries, cast, question):
    texts = set()
    for code in ("YS", "QS", "NOWHERE", ""):
        with pytest.raises(OutOfScope) as refused:
            getattr(queries, question)(cast.viewer("LC"), code)
        texts.add((type(refused.value), refused.value.user_text))
    assert texts == {(OutOfScope, "无权查看该单位")}


@pytest.mark.parametrize("ask", GROUP_QUESTIONS.values(), ids=GROUP_QUESTIONS)
def test_a_group_is_seen_from_its_unit_and_above_and_by_its_manager(queries, cast, ask):
    manager = cast.viewer("LC", Role.GROUP_MANAGER, "LC0101")
    for viewer, code in (
        (cast.viewer("QS"), "LC0101"), (cast.viewer("LC"), "lc0101"), (cast.viewer("LC0101"), "LC0101"),
        (manager, "LC0101"),
    ):  # fmt: skip
        ask(queries, viewer, code)
    for viewer, code in (
        (cast.viewer("YS"), "LC0101"), (cast.viewer("LC01"), "LC0001"), (cast.viewer("LC"), "GONE"),
        (manager, "LC0001"),
    ):  # fmt: skip
        with pytest.raises(OutOfScope) as refused:
            ask(queries, viewer, code)
        assert refused.value.user_text == "无权查看该单位"


@pytest.mark.parametrize("question", UNIT_QUESTIONS)
def test_a_group_manager_sees_no_unit_not_even_the_own(queries, cast, question):
    manager = cast.viewer("LC", Role.GROUP_MANAGER, "LC0101")
    with pytest.raises(OutOfScope):
        getattr(queries, question)(manager, "LC")


def test_a_group_manager_sees_the_own_groups_only(queries, cast):
    manager = cast.viewer("LC", Role.GROUP_MANAGER, "LC0101", "YS0101")
    for listed in (queries.managed_groups(manager), queries.groups(manager)):
        assert sorted(each.group.code for each in listed) == ["LC0101", "YS0101"]
    assert queries.managed_groups(cast.viewer("LC")) == []


def test_a_list_of_groups_ends_at_the_border_of_the_subtree(queries, cast):
    def codes(viewer, unit=None):
        return sorted(each.group.code for each in queries.groups(viewer, unit))

    assert codes(cast.viewer("QS")) == ["LC0001", "LC0101", "QD0101", "YS0001", "YS0101"]
    assert codes(cast.viewer("QS"), "LC") == ["LC0001", "LC0101"]
    assert codes(cast.viewer("LC01")) == ["LC0101"]
    assert codes(cast.viewer("QD"), "QD01") == ["QD0101"]


def test_the_breadcrumb_begins_at_the_viewers_own_unit(queries, cast):
    crumbs = queries.overview(cast.viewer("LC"), "LC0101").breadcrumb
    assert [unit.code for unit in crumbs] == ["LC", "LC01", "LC0101"]
    assert [unit.code for unit in queries.unit_status(cast.viewer("QS"), "LC").breadcrumb] == ["QS", "LC"]


def test_a_day_in_the_future_is_refused_by_name(queries, cast):
    for ask in (
        lambda: queries.overview(cast.viewer("QS"), day=date(2026, 11, 21)),
        lambda: queries.group_day(cast.viewer("QS"), "LC0001", date(2026, 11, 21)),
    ):
        with pytest.raises(BadParameter) as refused:
            ask()
        assert "2026-11-21" in refused.value.user_text


def test_more_than_400_days_are_refused(queries, cast):
    period = Period(date(2025, 1, 1), date(2026, 11, 20))
    for ask in (
        lambda: queries.group_days(cast.viewer("QS"), "LC0001", period),
        lambda: queries.ranking(cast.viewer("QS"), period),
        lambda: queries.overview(cast.viewer("QS"), n_days=401),
    ):
        with pytest.raises(BadParameter):
            ask()
