"""Schools with facts: short ways to import, run and publish in the tests of the Guangdong assessment."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from monitor.index.account_wci import MediaRules
from monitor.index.facts import Fact, FactKind
from monitor.index.periods import RunPeriod
from monitor.index.rows import LAYOUTS
from monitor.store.database import Database
from monitor.store.index.facts import save_facts
from monitor.store.index.runs import Result
from monitor.store.tables import UnitRow, table_of
from monitor.units import UnitId, child_path
from monitor.usecases.index.import_facts import FactsImport, import_facts
from monitor.usecases.index.run import IndexRuns, RunReport
from monitor.usecases.ledger.import_tables import TableRow
from scoring.index_rules import IndicatorKind, load_index_rulebook
from scoring.switches import load_switches
from tests.cast import Cast
from tests.conftest import FrozenClock

RULES, SWITCHES = load_index_rulebook(), load_switches()
MEDIA = MediaRules(RULES, SWITCHES)
AFTER_MARCH = datetime(2019, 4, 10, 2, tzinfo=UTC)
LAYOUT = {layout.name: layout for layout in LAYOUTS}
COLUMNS = {
    "指标": ("高校编号", "月份", "指标", "分子", "分母", "数值"),
    "评分": ("高校编号", "月份", "团员数", "5分", "4分", "3分", "2分", "1分"),
    "业务申请": ("高校编号", "申请编号", "类型", "申请时间", "审核时间"),
    "青年之声活动": ("高校编号", "活动编号", "发布日期", "报名人数", "现场照片数", "无效原因"),
    "公众号文章": ("高校编号", "公众号", "发布日期", "文章", "头条", "阅读", "在看", "点赞", "分享"),
}
# W-2 of the requirements: d 7, n 10, R 7000, Z 70, Rt 4200, Zt 42, Rmax 1500, Zmax 20
W_2 = (
    ("是", 1500, 20), ("是", 1350, 11), ("是", 1350, 11),
    *[("否", 400, 4)] * 6, ("否", 400, 4),
)  # fmt: skip

SCHOOLS = (  # code, name, parent
    ("QA", "青屿师范学院团委", "QS"),
    ("QB", "青屿理工学院团委", "QS"),
    ("LD", "鹭川学院团委", "LC"),
    ("LE", "鹭川职业学院团委", "LC"),
)


class IndexStage:
    """The cast's province on 2019-04-10 with more schools: QA and QB 省属, LD and LE of 鹭川."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        self.database, self.cast, self.clock = database, cast, clock
        clock.now = AFTER_MARCH
        self.units = database.write(lambda connection: _add_schools(connection, cast))

    def load(self, table: str, *rows: tuple[Any, ...], is_check: bool = False) -> FactsImport:
        """Import rows of a table, cells in the order of COLUMNS; row numbers begin with 2."""
        cells = [
            TableRow(number, {name: str(cell) for name, cell in zip(COLUMNS[table], row, strict=False)})
            for number, row in enumerate(rows, start=2)
        ]
        return import_facts(self.database, self.clock, RULES, LAYOUT[table], cells, "test", is_check=is_check)

    def ratio(
        self, school: str, indicator: str, numerator: Any, denominator: Any, month: str = "2019-03"
    ) -> None:
        """Import one numerator and denominator, which must be taken."""
        found = self.load("指标", (school, month, indicator, numerator, denominator))
        assert not found.bad, found.bad

    def articles(self, school: str, days: list[str], figures: tuple[tuple[str, int, int], ...] = ()) -> None:
        """Import articles, one for each day, with (headline, reads, 在看) in turn."""
        figures = figures or (("是", 1000, 10),)
        rows = [
            (school, f"青春{school}", day, f"第{number}篇", *figures[number % len(figures)])
            for number, day in enumerate(days)
        ]
        found = self.load("公众号文章", *rows)
        assert not found.bad, found.bad

    def rename(self, school: str, name: str) -> None:
        unit = table_of(UnitRow)
        change = update(unit).where(unit.c.code == school).values(name=name)
        self.database.write(lambda connection: connection.execute(change))

    def close_schools(self) -> None:
        """Make every school inactive."""
        unit = table_of(UnitRow)
        change = update(unit).where(unit.c.kind == "高校").values(is_active=False)
        self.database.write(lambda connection: connection.execute(change))

    def add_many_schools(self, n_schools: int) -> None:
        """Add schools with twelve months of every indicator."""
        kinds = {
            IndicatorKind.RATINGS: {"counts": dict.fromkeys("12345", 40), "members": 900},
            IndicatorKind.SCORE: {"value": "88"},
            IndicatorKind.MEAN: {"numerator": "3600.5", "denominator": 900},
        }
        ids = [UnitId(1000 + number) for number in range(n_schools)]
        units = [(id_, f"S{id_}", f"第{id_}学院", "QS") for id_ in ids]
        facts = [
            Fact(
                FactKind.INDICATOR, id_, indicator.id, f"2019-{month:02d}", date(2019, month, 1),
                kinds.get(indicator.kind, {"numerator": 855 + month, "denominator": 900}),
            )
            for id_ in ids
            for month in range(1, 13)
            for indicator in RULES.indicators.values()
        ]  # fmt: skip

        def work(connection: Connection) -> None:
            connection.execute(insert(table_of(UnitRow)), [_school_row(*unit, self.cast) for unit in units])
            save_facts(connection, facts, self.clock())

        self.database.write(work)

    def runs(self, media: MediaRules = MEDIA) -> IndexRuns:
        return IndexRuns(self.database, self.clock, media)

    def run(self, period: RunPeriod, media: MediaRules = MEDIA) -> RunReport:
        return self.runs(media).run(period, "test")

    def publish(self, period: RunPeriod) -> RunReport:
        report = self.run(period)
        self.runs().publish(report.run_id, "test")
        return report

    def result(self, report: RunReport, school: str) -> Result:
        """Return the only result of a school or city."""
        (found,) = [result for result in report.results if result.unit_id == self.units[school]]
        return found


def _add_schools(connection: Connection, cast: Cast) -> dict[str, UnitId]:
    """Insert the schools under fixed ids; returns the ids of all units by code."""
    ids = {code: UnitId(number) for number, (code, _, _) in enumerate(SCHOOLS, start=101)}
    rows = [_school_row(ids[code], code, name, parent, cast) for code, name, parent in SCHOOLS]
    connection.execute(insert(table_of(UnitRow)), rows)
    return cast.units | ids


def _school_row(unit_id: UnitId, code: str, name: str, parent: str, cast: Cast) -> dict[str, Any]:
    path = child_path(cast.paths[parent], unit_id)
    row = {"id": unit_id, "code": code, "name": name, "kind": "高校", "parent_id": cast.units[parent]}
    return row | {"path": path, "pinyin": "", "is_active": True}
