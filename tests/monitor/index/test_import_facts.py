"""Facts of the Guangdong assessment: what is taken, what is refused and why, what stays in the history."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from monitor.errors import BadPayload
from monitor.index.periods import RunKind, month_period, week_period, year_period
from monitor.store.index.facts import load_changes, load_facts_by_key
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.usecases.index.import_facts import read_fact_table
from tests.monitor.index_stage import COLUMNS, IndexStage

FEES = "GD-3.1c"
REFUSED = [
    ("指标", ("ZZ", "2019-03", "GD-3.1a", 1, 2), "未知的高校：ZZ"),
    ("指标", ("LC", "2019-03", "GD-3.1a", 1, 2), "未知的高校：LC"),  # a city is no school
    ("指标", ("", "2019-03", "GD-3.1a", 1, 2), "未知的高校：（空）"),
    ("指标", ("QD", "2019-03", "GD-9.9", 1, 2), "未知的指标：GD-9.9"),
    ("指标", ("QD", "2019-13", "GD-3.1a", 1, 2), "月份应写作 2019-03；全年数据写作 2019"),
    ("指标", ("QD", "2019-05", "GD-3.1a", 1, 2), "日期在未来，尚无数据"),
    ("指标", ("QD", "2019-03", "GD-3.1a", -1, 2), "分子不能为负数"),
    ("指标", ("QD", "2019-03", "GD-3.1a", "1.5", 2), "分子应为不小于 0 的整数"),
    ("指标", ("QD", "2019-03", "GD-3.1a", "=1+1", 2), "分子应为不小于 0 的整数"),
    ("指标", ("QD", "2019-03", "GD-3.1a", "", 2), "分子为空"),
    ("指标", ("QD", "2019-03", "GD-3.1a", 3, 2), "比例大于 1：3/2"),
    ("指标", ("QD", "2019-03", "GD-3.1a", 1, 10**13), "分母应为不小于 0 的整数"),
    ("指标", ("QD", "2019-03", "GD-3.1a", "", "", "0.95"), "学生团员报到须填分子和分母"),
    ("指标", ("QD", "2019-03", "GD-3.2c", 8, 2, 4), "分子、分母与数值只能填一种"),
    ("指标", ("QD", "2019-03", "GD-3.2c", 8, "2.5"), "分母应为不小于 0 的整数"),
    ("指标", ("QD", "2019-03", "GD-3.1l", "", "", "100.1"), "百分制数值应在 0–100"),
    ("指标", ("QD", "2019-03", "GD-3.1k", 1, 2), "评分请用评分表"),
    ("评分", ("QD", "2019-03", 200, 1, 1, -1, 0, 0), "3分不能为负数"),
    ("业务申请", ("QD", "R1", "换届审核", "2019-03-01 09:00:00", ""), "类型应为：团员报到审核、"),
    ("业务申请", ("QD", "R1", "团员报到审核", "2019-03-02 09:00", "2019-03-01 09:00"), "审核时间早于申请"),
    ("业务申请", ("QD", "R1", "团员报到审核", "2019-03-01", ""), "申请时间应写作 2019-03-05 09:00:00"),
    ("业务申请", ("QD", "R1", "团员报到审核", "2019-05-01 09:00", ""), "申请时间在未来"),
    ("青年之声活动", ("QD", "A1", "2019-03-01", 5, 1, "太少"), "无效原因应为：恶意刷数据、"),
    ("公众号文章", ("QD", "青春", "2019-03-01", "一", "头", 9, 9), "头条应为：是、否"),
    ("公众号文章", ("QD", "青春", "2019-03-01", "一", "是", "很多", 9), "阅读应为不小于 0 的整数"),
    ("公众号文章", ("QD", "青春", "2019-03-01", "无发布", "", 9, 9), "无发布的行不填数字"),
    ("公众号文章", ("QD", "", "2019-03-01", "一", "是", 9, 9), "公众号为空"),
    ("公众号文章", ("QD", "青春", "三月", "一", "是", 9, 9), "发布日期应写作 2019-03-05"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "reason"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_row_that_cannot_be_is_refused_with_its_reason(
    index_stage: IndexStage, table: str, row: tuple[Any, ...], reason: str
) -> None:
    found = index_stage.load(table, row)
    assert (found.n_good, len(found.bad)) == (0, 1)
    assert found.bad[0].number == 2
    assert found.bad[0].reason.startswith(reason)


def test_good_rows_are_kept_beside_bad_ones(index_stage: IndexStage) -> None:
    found = index_stage.load(
        "指标",
        ("QD", "2019-03", "GD-3.1a", 95, 100),
        ("ZZ", "2019-03", "GD-3.1a", 95, 100),
        ("青屿师范学院团委", "2019年3月", "团费收缴", "９５", "１００"),  # names and full-width digits
        ("QD", "201903", "GD-3.1a", 94, 100),
    )
    assert (found.n_added, [row.number for row in found.bad]) == (2, [3, 5])
    assert found.bad[1].reason == "与第 2 行重复"


def test_a_name_that_two_schools_share_names_neither(index_stage: IndexStage) -> None:
    index_stage.rename("QA", "青屿大学团委")
    found = index_stage.load(
        "指标", *[(name, "2019-03", FEES, 95, 100) for name in ("青屿大学团委", "QD", "QA")]
    )
    assert (found.n_added, found.bad[0].reason) == (2, "未知的高校：青屿大学团委")


def test_a_rate_per_head_may_exceed_one_and_a_base_of_zero_is_kept(index_stage: IndexStage) -> None:
    found = index_stage.load(
        "指标",
        ("QD", "2019-03", "GD-3.1g.signups", 300, 200),
        ("QD", "2019-03", "GD-3.1a", 0, 0),
        ("QD", "2019-03", "GD-3.2c", "390.5", 100),
    )
    assert (found.n_added, found.n_without_base, found.bad) == (3, 1, ())


def test_a_check_writes_nothing(index_stage: IndexStage) -> None:
    row = ("QD", "2019-03", "GD-3.1a", 95, 100)
    assert index_stage.load("指标", row, is_check=True).n_added == 1
    assert index_stage.load("指标", row).n_added == 1


def test_a_second_import_of_a_cell_replaces_it_and_keeps_what_was_there(index_stage: IndexStage) -> None:
    index_stage.ratio("QD", "GD-3.1a", 94, 100)
    again = index_stage.load("指标", ("QD", "2019-03", "GD-3.1a", 94, 100))
    assert (again.n_added, again.n_changed, again.n_unchanged) == (0, 0, 1)
    changed = index_stage.load("指标", ("QD", "2019-03", "GD-3.1a", 95, 100))
    assert (changed.n_changed, changed.bad) == (1, ())
    key = ("指标", 4, "GD-3.1a", "2019-03")
    with index_stage.database.reading() as connection:
        (history,) = load_changes(connection, 4)  # type: ignore[arg-type]
        now = load_facts_by_key(connection, [key])[key].content
        audits = connection.execute(select(table_of(AuditRow).c.detail)).scalars().all()
    assert (history.before["numerator"], history.after["numerator"], history.actor) == (94, 95, "test")
    assert now == {"numerator": 95, "denominator": 100}
    assert [audit["n_changed"] for audit in audits] == [0, 0, 1]


def test_a_published_month_is_locked_until_it_is_withdrawn(index_stage: IndexStage) -> None:
    index_stage.ratio("QD", "GD-3.1a", 94, 100)
    march = month_period(index_stage.clock.now.date().replace(month=3))
    index_stage.publish(march)
    changed, unchanged = ("QD", "2019-03", "GD-3.1a", 95, 100), ("QD", "2019-03", "GD-3.1a", 94, 100)
    assert index_stage.load("指标", changed).bad[0].reason == "月度考核 2019-03 已发布，数据已锁定"
    assert index_stage.load("指标", ("QA", "2019-03", "GD-3.1a", 1, 2)).bad
    assert index_stage.load("指标", unchanged).n_unchanged == 1
    assert index_stage.load("指标", ("QD", "2019-02", "GD-3.1a", 95, 100)).n_added == 1
    index_stage.runs().withdraw(march, "test", "数据有误")
    assert index_stage.load("指标", changed).n_changed == 1


def test_a_published_board_locks_its_articles_only(index_stage: IndexStage) -> None:
    index_stage.articles("QD", ["2019-03-04", "2019-03-05", "2019-03-06"])
    index_stage.publish(month_period(date(2019, 2, 1), RunKind.WCI_MONTH))
    index_stage.publish(week_period(index_stage.clock.now.date().replace(month=3, day=5)))
    article = ("QD", "青春QD", "2019-03-09", "迟到", "是", 5, 5)
    assert index_stage.load("公众号文章", article).bad[0].reason.startswith(RunKind.WCI_WEEK.value)
    assert index_stage.load("公众号文章", ("QD", "青春QD", "2019-03-10", "下周", "是", 5, 5)).n_added == 1
    assert index_stage.load("指标", ("QD", "2019-02", "GD-3.1a", 95, 100)).n_added == 1


def test_figures_of_the_whole_year_are_locked_by_the_year_only(index_stage: IndexStage) -> None:
    index_stage.clock.now = datetime(2020, 1, 10, tzinfo=UTC)
    index_stage.publish(month_period(date(2019, 1, 1)))
    whole = ("QD", "2019", "GD-3.1a", 95, 100)
    assert index_stage.load("指标", whole).n_added == 1
    index_stage.publish(year_period(2019))
    assert index_stage.load("指标", ("QA", *whole[1:])).bad[0].reason == "年度考核 2019 已发布，数据已锁定"
    assert index_stage.load("指标", ("QD", "2019-06", "GD-3.1a", 95, 100)).bad


def write_xlsx(file: Path, rows: list[tuple[Any, ...]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file


@pytest.mark.parametrize("table", list(COLUMNS))
def test_a_table_is_known_by_its_columns(tmp_path: Path, table: str) -> None:
    file = write_xlsx(tmp_path / "facts.xlsx", [COLUMNS[table], ("QD", *[1] * (len(COLUMNS[table]) - 1))])
    layout, rows = read_fact_table(file)
    assert (layout.name, len(rows)) == (table, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "facts.csv"
    file.write_text("高校编号,月份,指标,分子,分母\nQD,2019-03,学生团员报到,95,100\n", encoding)
    layout, rows = read_fact_table(file)
    assert (layout.name, rows[0].cells["指标"]) == ("指标", "学生团员报到")


def test_a_table_of_unknown_columns_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    file = tmp_path / "facts.csv"
    file.write_text("学校,月\nQD,3\n", "utf-8")
    with pytest.raises(BadPayload, match="指标表：高校编号、月份、指标"):
        read_fact_table(file)
