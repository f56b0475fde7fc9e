"""What closed days give rise to, who is told, and the words; pure, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.days.closing import GroupDayRow, OpenGroup, TallyRow, roll_up
from monitor.days.readings import DutyTally
from monitor.delivery.alerts import (
    AccountDuty,
    AlertKind,
    Finding,
    OpenAlert,
    Watcher,
    address_findings,
    find_account_problems,
    find_group_problems,
    find_resolved,
)
from monitor.texts.alerts import day_alerts
from monitor.texts.digests import DigestFigures, digest_text
from monitor.texts.folding import MOST_BYTES, cut_to, fold_titles, name_codes
from monitor.texts.notices import undelivered_notice
from monitor.units import Role

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 16, 10, tzinfo=UTC)


def group(number: int = 1, path: str = "/1/2/5/") -> OpenGroup:
    return OpenGroup(number, f"G{number:04}", f"第{number}群", 5, path, date(2026, 11, 1))


def row(
    number: int = 1, n_posts: int | None = 5, activity: str | None = "一般", duty: str = "达标"
) -> GroupDayRow:
    return GroupDayRow(number, n_posts, n_posts, None, 0, activity, duty, "正式", "", "等次理由", "职责理由")


def finding(number: int, path: str = "/1/2/5/", kind: AlertKind = AlertKind.GROUP_UNMET) -> Finding:
    return Finding(
        kind, f"group_unmet:{number}:{DAY}", DAY, 5, path, number, f"G{number:04}", "某某青年群", ""
    )


@pytest.mark.parametrize(
    ("verdict", "last_data", "kinds"),
    [
        (row(), None, []),
        (row(duty="未达标"), None, [AlertKind.GROUP_UNMET]),
        (row(activity="差"), None, [AlertKind.GROUP_POOR]),
        (row(activity="差", duty="未达标"), None, [AlertKind.GROUP_UNMET, AlertKind.GROUP_POOR]),
        (row(duty="无微话题"), None, [AlertKind.NO_TOPIC]),
        (row(n_posts=None, activity=None, duty="无数据"), DAY - timedelta(days=1), []),
        (row(n_posts=None, activity=None, duty="无数据"), DAY - timedelta(days=2), [AlertKind.NO_DATA]),
        (row(n_posts=None, activity=None, duty="无数据"), None, [AlertKind.NO_DATA]),
        (row(n_posts=None, activity=None, duty="无微话题"), DAY - timedelta(days=1), [AlertKind.NO_TOPIC]),
    ],
)
def test_a_verdict_gives_rise_to_its_alerts_and_no_data_is_never_a_fault(
    verdict: GroupDayRow, last_data: date | None, kinds: list[AlertKind]
) -> None:
    found = find_group_problems([group()], {1: verdict}, {1: last_data}, DAY)
    assert [each.kind for each in found] == kinds


@pytest.mark.parametrize(("n_articles", "n_found"), [(None, 0), (0, 1), (1, 0)])
def test_an_account_without_article_is_reported_and_a_silent_one_is_not(
    n_articles: int | None, n_found: int
) -> None:
    account = AccountDuty(1, "demo", "青春青屿", 1, "/1/", n_articles)
    assert len(find_account_problems([account], 1, DAY)) == n_found


@pytest.mark.parametrize(
    ("kind", "later", "is_over"),
    [
        (AlertKind.GROUP_UNMET, row(), True),
        (AlertKind.GROUP_UNMET, row(duty="未达标"), False),
        (AlertKind.GROUP_UNMET, row(n_posts=None, activity=None, duty="无数据"), False),
        (AlertKind.GROUP_POOR, row(activity="良好"), True),
        (AlertKind.GROUP_POOR, row(n_posts=None, activity=None, duty="无数据"), False),
        (AlertKind.NO_TOPIC, row(duty="未达标"), True),
        (AlertKind.NO_DATA, row(n_posts=0, activity="差", duty="未达标"), True),
        (AlertKind.TODAY_UNMET, row(duty="未达标"), True),
    ],
)
def test_a_later_day_ends_an_alert_only_when_it_is_made_good(
    kind: AlertKind, later: GroupDayRow, is_over: bool
) -> None:
    alert = OpenAlert(7, f"{kind.name.lower()}:1:2026-11-19", kind, DAY - timedelta(days=1))
    assert find_resolved([alert], [], {1: later}, [], DAY) == ([7] if is_over else [])


def test_a_fault_that_goes_on_is_one_alert_that_of_its_latest_day() -> None:
    unmet = row(duty="未达标")
    yesterday = OpenAlert(7, "group_unmet:1:2026-11-19", AlertKind.GROUP_UNMET, DAY - timedelta(days=1))
    other = OpenAlert(8, "group_unmet:2:2026-11-19", AlertKind.GROUP_UNMET, DAY - timedelta(days=1))
    raised = find_group_problems([group()], {1: unmet}, {}, DAY)
    assert find_resolved([yesterday, other], raised, {1: unmet, 2: unmet}, [], DAY) == [7]


def test_an_alert_of_a_later_day_is_not_ended_by_an_earlier_one() -> None:
    alert = OpenAlert(7, "group_unmet:1:2026-11-21", AlertKind.GROUP_UNMET, DAY + timedelta(days=1))
    assert find_resolved([alert], [], {1: row()}, [], DAY) == []


def test_findings_go_to_managers_and_up_to_the_city_and_once_to_each() -> None:
    watchers = [
        Watcher(1, Role.UNIT_ADMIN, "/1/"),
        Watcher(2, Role.UNIT_ADMIN, "/1/2/"),
        Watcher(3, Role.BRANCH_ADMIN, "/1/2/5/"),
        Watcher(4, Role.UNIT_ADMIN, "/1/22/"),
        Watcher(5, Role.GROUP_MANAGER, "/1/2/5/", frozenset({1})),
        Watcher(6, Role.GROUP_MANAGER, "/1/2/5/", frozenset({2})),
        Watcher(7, Role.INSPECTOR, "/1/"),
        Watcher(8, Role.LEADER, "/1/2/"),
    ]
    told = address_findings([finding(1)], watchers)
    assert set(told) == {"identity:2", "identity:3", "identity:5"}
    assert set(address_findings([finding(1, path="/1/")], watchers)) == {"identity:1", "identity:5"}


def test_roll_up_counts_every_group_once_at_each_level() -> None:
    groups = [group(1, "/1/2/5/"), group(2, "/1/2/5/"), group(3, "/1/2/"), group(4, "/1/3/6/9/")]
    rows = {
        1: row(1, 10, "优秀"), 2: row(2, 2, "差", "未达标"), 3: row(3, None, None, "无数据"), 4: row(4, 3),
    }  # fmt: skip
    tallies = roll_up(groups, rows)
    assert {unit: (tally.n_groups, tally.n_posts) for unit, tally in tallies.items()} == {
        1: (4, 15), 2: (3, 12), 5: (2, 12), 3: (1, 3), 6: (1, 3), 9: (1, 3),
    }  # fmt: skip
    assert tallies[2] == TallyRow(3, 1, 1, 0, 1, 1, 0, 0, 1, 12, 12)
    assert roll_up([], {}) == {}


def test_the_message_of_a_day_leads_with_its_conclusion_and_names_every_group() -> None:
    findings = [finding(number) for number in range(1, 121)]
    title, text = day_alerts(findings, DAY, AT)
    lines = text.splitlines()
    assert lines[0] == title == "11-20 未达标 120 个"
    assert lines[1] == "数据截至 11-21 00:10"
    assert lines[-1] == "回复“未达标 11-20”查看名单"
    assert all(f"G{number:04}" in text for number in range(1, 121))
    assert len(text.encode()) <= MOST_BYTES


def test_what_cannot_be_named_is_at_least_counted() -> None:
    _, text = day_alerts([finding(number) for number in range(1, 2001)], DAY, AT)
    assert len(text.encode()) <= MOST_BYTES
    assert "另有 1992 个" in text
    named = sum(f"G{number:04}" in text for number in range(1, 2001))
    assert f"另有 {2000 - named} 个" in text


def test_a_group_with_two_findings_is_one_line() -> None:
    both = [finding(1), finding(1, kind=AlertKind.GROUP_POOR)]
    _, text = day_alerts(both, DAY, AT)
    assert "❌G0001 某某青年群：未达标、活跃度差" in text.splitlines()


def test_an_account_is_called_by_its_name_and_never_by_its_key() -> None:
    silent = [AccountDuty(n, f"lc_youth_{n}", f"鹭川青年{n}", 5, "/1/2/", 0) for n in range(10)]
    findings = find_account_problems(silent, 1, DAY)
    assert findings[0].title == "鹭川青年0 公众号未发布"
    _, text = day_alerts(findings, DAY, AT)
    assert "❌鹭川青年0：公众号未发布" in text.splitlines()
    assert "另有 2 个：鹭川青年8 鹭川青年9" in text.splitlines()
    assert "lc_youth" not in text


def test_the_notice_to_operators_names_what_they_can_do_today() -> None:
    title, text = undelivered_notice(7, "11-20 未达标 2 个", "errcode 45015")
    assert text.splitlines()[0] == title == "第 7 号消息未能送达"
    assert "原因：errcode 45015" in text
    assert "python -m bot doctor" in text


@pytest.mark.parametrize("n_titles", [1, 2, 30, 171, 200, 1000])
def test_a_digest_names_what_it_says_it_names(n_titles: int) -> None:
    titles = [f"G{number:04} 某某镇第{number}青年群 未达标" for number in range(n_titles)]
    heading, text, n_named = fold_titles(titles)
    assert 1 <= n_named <= n_titles
    assert str(n_named) in heading
    assert all(f"G{number:04}" in text for number in range(n_named))
    assert len(text.encode()) <= MOST_BYTES
    assert n_named == n_titles or n_titles > 200


def test_one_endless_title_is_cut_and_still_sent() -> None:
    _, text, n_named = fold_titles(["长" * 3000, "短"])
    assert n_named == 1
    assert len(text.encode()) <= MOST_BYTES


def test_cutting_keeps_whole_characters() -> None:
    assert cut_to("团团团", 9) == "团团团"
    assert cut_to("团团团团", 10) == "团团…"
    assert name_codes(["A1", "A2"], 100) == "A1 A2"


def tally(**numbers: int) -> DutyTally:
    return DutyTally(DAY, **numbers)


def test_the_digest_leads_with_problems_and_folds_the_rest_into_a_count() -> None:
    children = [(f"第{n}市", tally(n_groups=10, n_met=10 - n, n_not_met=n)) for n in range(12)]
    whole = tally(n_groups=120, n_met=54, n_not_met=66, n_poor=3)
    title, text = digest_text(DigestFigures("某省团委", whole, children, ["青春号"], AT))
    lines = text.splitlines()
    assert lines[0] == title == "11-20 某省团委早报：❌66 个群未达标，达标率 45%"
    assert lines[2] == "共 120 个群，达标 54，未达标 66，活跃度差 3"
    assert lines[3].startswith("❌第11市")
    assert "另有 3 个单位，未达标 6 个群" in lines
    assert "✅其余 1 个单位全部达标" in lines
    assert "❌公众号未发布 1 个：青春号" in lines
    assert len(text) <= 600


@pytest.mark.parametrize(
    ("whole", "conclusion"),
    [
        (tally(n_groups=3, n_met=3), "✅3 个群全部达标"),
        (tally(n_groups=3, n_no_data=3), "❔各群均无数据"),
        (tally(n_groups=3, n_met=2, n_no_data=1), "✅2 个群全部达标"),
        (tally(n_groups=1000, n_met=999, n_not_met=1), "❌1 个群未达标，达标率 99%"),
    ],
)
def test_the_digest_says_no_data_and_100_percent_only_when_true(whole: DutyTally, conclusion: str) -> None:
    title, _ = digest_text(DigestFigures("某市", whole, [], [], AT))
    assert title.endswith(conclusion)
