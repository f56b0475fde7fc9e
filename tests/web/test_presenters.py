"""From readings to rows: words, bars, badges, pages of rows. No Flask, no database."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.assessment.frozen_rules import Selection
from monitor.days.readings import DutyTally, GroupDay, Overview, ProvenanceCount, UnitRow
from monitor.rules.readings import compose_reading
from monitor.texts.headlines import present_headlines
from monitor.units import Group, GroupId, Role, Unit, UnitId
from scoring.activity import ActivityGrade
from scoring.duty import DutyState
from scoring.figures import list_figures
from scoring.rulebook import Rulebook
from scoring.source import ResultStatus
from scoring.switches import Switches
from web.bars import HEIGHT, day_bar
from web.presenters.group import conclude, present_calendar, present_drawer, present_group_page
from web.presenters.overview import PAGE_ROWS, cut_page, present_overview, unit_badge
from web.presenters.rules import present_rules
from web.views.group import calendar_period
from web.wording import day_words, moment_words, ratio_words, share_words

TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
UNIT = Unit(UnitId(2), "LC", "鹭川团市委", "市县", "/1/2/", UnitId(1))
GROUP = Group(GroupId(1), "LC0001", "鹭川团干群", UnitId(2), "/1/2/", "鹭川团市委", 40)
DAY = GroupDay(
    GROUP, TODAY, 4, 1, 3, 0, ActivityGrade.FAIR, DutyState.MET, ResultStatus.PROVISIONAL,
    "HN-4.1d", "当日发布 4 条", "围绕微话题 1 条",
    (ProvenanceCount("采集", 3, 1, AT), ProvenanceCount("自报", 1, 0)),
    ("志愿服务",), AT, "采集", "李群管",
)  # fmt: skip
NO_DATA = replace(
    DAY, n_posts=None, n_relevant=None, n_members=None, activity=None, duty=DutyState.NO_DATA,
    status=ResultStatus.INCOMPLETE, by_provenance=(),
)  # fmt: skip
OVERVIEW = Overview(UNIT, TODAY, AT, DutyTally(TODAY, 8, 4, 1, 1, 2), (), 3, 1, 1, 2, 0, (), is_closed=False)


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "—"), (0, 7, "0%"), (7, 7, "100%"), (5, 6, "83.3%"), (9999, 10_000, "99.9%"), (1, 2, "50%")],
)
def test_a_share_is_cut_so_that_100_percent_means_all(part: int, whole: int, words: str) -> None:
    assert share_words(part, whole) == words
    assert ratio_words(part / whole if whole else None) == words


def test_days_carry_their_year_only_when_it_is_another() -> None:
    assert day_words(TODAY, TODAY) == "11-20"
    assert day_words(date(2025, 12, 31), TODAY) == "2025-12-31"
    assert moment_words(datetime(2026, 11, 19, 16, 5, tzinfo=UTC), TODAY) == "11-20 00:05"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (DAY, "今日 4 条（一般），话题相关 1 条，达标"),
        (replace(DAY, day=date(2026, 11, 19)), "11-19 4 条（一般），话题相关 1 条，达标"),
        (replace(DAY, n_posts=0, n_relevant=0, activity=ActivityGrade.POOR, duty=DutyState.NOT_MET),
         "今日 0 条（差），话题相关 0 条，尚未达标"),
        (replace(DAY, day=date(2026, 11, 19), n_relevant=0, duty=DutyState.NOT_MET),
         "11-19 4 条（一般），话题相关 0 条，未达标"),
        (replace(DAY, duty=DutyState.NO_TOPIC), "今日 4 条（一般），话题相关 1 条，无微话题"),
        (replace(DAY, n_relevant=None, duty=DutyState.NO_DATA),
         "今日 4 条（一般），话题相关无数据，不判达标与否"),
        (NO_DATA, "今日无数据，不计条数、不评等次"),
        (replace(NO_DATA, duty=DutyState.NO_TOPIC), "今日无数据，不计条数、不评等次；当日无微话题"),
    ],
)  # fmt: skip
def test_the_conclusion_says_the_day_in_one_line(day: GroupDay, words: str) -> None:
    assert conclude(day, TODAY) == words


@pytest.mark.parametrize(
    ("tally", "word"),
    [
        (DutyTally(TODAY), "无群"),
        (DutyTally(TODAY, 3, 3), "达标"),
        (DutyTally(TODAY, 3, 2, 0, 0, 1), "无数据"),
        (DutyTally(TODAY, 3, 0, 0, 0, 3), "无数据"),
        (DutyTally(TODAY, 3, 1, 1, 0, 1), "尚未达标"),
        (DutyTally(date(2026, 11, 19), 3, 1, 1, 0, 1), "未达标"),
        (DutyTally(date(2026, 11, 19), 3, 2, 0, 1, 0), "未达标"),
    ],
)
def test_a_unit_has_the_state_of_its_worst_group(tally: DutyTally, word: str) -> None:
    assert unit_badge(tally, TODAY).word == word


def test_headlines_say_value_base_missing_and_time() -> None:
    lines = [(item.label, item.value, " ".join(item.base)) for item in present_headlines(OVERVIEW, TODAY)]
    assert lines == [
        ("群达标率", "66.6%", "4/6 个有数据的群达标，缺数 2 群（25%） 截至 11-20 15:00"),
        ("尚未达标群", "2", "含无微话题 1，共 8 群 截至 11-20 15:00"),
        ("无数据群", "2", "共 8 群 截至 11-20 15:00"),
        ("公众号达标", "1/2", "共 3 个 无数据 1 个 截至 11-20 15:00"),
        ("待处理预警", "2", "本单位及下级 截至 11-20 15:00"),
    ]


def test_without_data_no_headline_is_zero() -> None:
    silent = replace(
        OVERVIEW, tally=DutyTally(TODAY, 3, n_no_data=3), data_at=None, n_accounts=2, n_accounts_no_data=2
    )
    values = [item.value for item in present_headlines(silent, TODAY)]
    assert values[:4] == ["—", "—", "3", "—"]


@pytest.mark.parametrize(
    ("tally", "data_at", "words"),
    [
        (DutyTally(TODAY), None, "还没有登记微信群"),
        (DutyTally(TODAY, 3, n_no_data=3), None, "3 个群当日没有采集"),
        (DutyTally(TODAY, 3, n_no_data=3), AT, "接入采集；也可提供聊天记录"),
    ],
)
def test_an_empty_overview_says_why_and_what_to_do(
    tally: DutyTally, data_at: datetime | None, words: str
) -> None:
    assert words in present_overview(replace(OVERVIEW, tally=tally, data_at=data_at), TODAY).empty


def test_a_bar_has_one_cell_per_day_and_words() -> None:
    first = TODAY - timedelta(days=3)
    tallies = (
        DutyTally(first, 2, 2),
        DutyTally(first, 2, 1, 1),
        DutyTally(first, 2, n_no_data=2),
        DutyTally(first),
    )
    history = [replace(tally, day=first + timedelta(days=place)) for place, tally in enumerate(tallies)]
    bar = day_bar(history, TODAY)
    assert dict(bar.paths) == {
        "met": "M2 0v20M7 10v10",
        "unmet": "M7 0v10",
        "nodata": "M12 0v20",
        "none": "M17 0v20",
    }
    assert (
        bar.words == "近 4 天：全部达标 1 天，有未达标 1 天，无数据 1 天，未统计 1 天；最近一次未达标 11-18"
    )


@pytest.mark.parametrize("n_met", [0, 1, 500, 999, 1000])
def test_one_unmet_group_of_a_thousand_is_still_seen(n_met: int) -> None:
    bar = day_bar([DutyTally(TODAY, 1000, n_met, 1000 - n_met)], TODAY)
    assert ("unmet" in dict(bar.paths)) is (n_met < 1000)
    assert ("met" in dict(bar.paths)) is (n_met > 0)
    assert sum(int(path.split("v")[1]) for _, path in bar.paths) == HEIGHT


@pytest.mark.parametrize(
    ("n_rows", "page", "first", "last", "n_pages"),
    [(0, 1, 1, 0, 1), (25, 1, 1, 25, 1), (26, 2, 26, 26, 2), (26, 99, 26, 26, 2), (26, -1, 1, 25, 2)],
)
def test_long_lists_are_cut_into_pages(n_rows: int, page: int, first: int, last: int, n_pages: int) -> None:
    shown, cut = cut_page(range(n_rows), page)
    assert (cut.first, cut.last, cut.n_pages, len(shown)) == (first, last, n_pages, max(0, last - first + 1))
    assert len(shown) <= PAGE_ROWS


def test_the_order_of_the_reading_is_kept() -> None:
    rows = tuple(UnitRow(replace(UNIT, code=code), DutyTally(TODAY, 1, 1)) for code in ("B", "A", "C"))
    assert [line.code for line in present_overview(replace(OVERVIEW, rows=rows), TODAY).units] == [
        "B",
        "A",
        "C",
    ]


def test_the_calendar_keeps_no_data_apart_from_zero() -> None:
    days = [
        replace(NO_DATA, day=date(2026, 10, 31)),
        replace(DAY, day=date(2026, 11, 1), n_posts=0, activity=ActivityGrade.POOR, duty=DutyState.NOT_MET),
        replace(DAY, day=date(2026, 11, 2), n_posts=12, activity=ActivityGrade.EXCELLENT),
        replace(DAY, day=date(2026, 11, 3), duty=DutyState.NO_TOPIC),
    ]
    calendar = present_calendar(days)
    assert (calendar.counts, calendar.grades, calendar.duties) == (",0,12,4", "-031", "-umt")
    assert [
        (month.month, month.met, month.ratio, month.posts, month.no_data) for month in calendar.months
    ] == [
        ("2026-11", "1/3 天", "33.3%", "16 条", "0 天"),
        ("2026-10", "—", "—", "—", "1 天"),
    ]


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (TODAY, date(2025, 12, 1)),
        (date(2026, 12, 31), date(2026, 1, 1)),
        (date(2028, 2, 29), date(2027, 3, 1)),
    ],
)
def test_the_calendar_shows_twelve_months(today: date, first: date) -> None:
    assert (calendar_period(today).first_day, calendar_period(today).last_day) == (first, today)


def test_reasons_cite_the_band_that_was_hit(rulebook: Rulebook) -> None:
    poor = replace(DAY, n_posts=2, activity=ActivityGrade.POOR)
    for day, status in (
        (DAY, "载明"),
        (poor, "推定"),
        (NO_DATA, ""),
    ):
        page = present_group_page(day, [day], rulebook, Role.UNIT_ADMIN, TODAY)
        assert (page.reasons[0].clause, page.reasons[0].source_status) == ("HN-4.1d", status)
        assert (page.reasons[1].clause, page.reasons[1].source_status) == ("HN-2.1.3b", "载明")


def test_sources_and_manager_are_named_except_to_leaders(rulebook: Rulebook) -> None:
    page = present_group_page(DAY, [DAY], rulebook, Role.UNIT_ADMIN, TODAY)
    assert [(line.provenance, line.posts, line.last_at) for line in page.provenance] == [
        ("采集", "3 条", "11-20 15:00"),
        ("自报", "1 条", "—"),
    ]
    assert page.manager == "李群管"
    assert "李群管" not in present_group_page(DAY, [DAY], rulebook, Role.LEADER, TODAY).manager


@pytest.mark.parametrize(
    ("day", "role", "words"),
    [
        (DAY, Role.UNIT_ADMIN, "没有逐条记录"),
        (replace(DAY, n_posts=0), Role.UNIT_ADMIN, "没有成员发言"),
        (NO_DATA, Role.UNIT_ADMIN, "不计 0 条"),
        (DAY, Role.LEADER, "不显示发言内容"),
    ],
)
def test_a_day_without_listed_posts_says_why(
    day: GroupDay, role: Role, words: str, rulebook: Rulebook
) -> None:
    assert words in present_drawer(day, [], rulebook, role, TODAY).posts_note


def test_every_figure_of_the_rules_is_told_in_chinese() -> None:
    figures = [figure for name in ("hn-2013", "gd-2019") for figure in list_figures(name)]
    page = present_rules(compose_reading(TODAY, Selection(), (), Switches({}), figures), {})
    lines = [line for each in page.figures.values() for line in each]
    assert len(lines) > 100
    foreign = re.compile(r"[a-z]{2}_|\[\d|\b(?!and\b)[a-z]{4,}")
    assert [line for line in lines if foreign.search(line.name + line.values)] == []
