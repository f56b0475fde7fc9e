"""A desk with the cast at it: short ways to enter what the tests of the assessment need."""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import insert, update

from monitor.assessment.dossier import BaseKind, EntryKind
from monitor.assessment.frozen_rules import Selection
from monitor.assessment.sheet import YearSheet
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.assessment.sheets import Connection
from monitor.store.database import Database
from monitor.store.tables import GroupRow, table_of
from monitor.units import Role, Unit, Viewer
from monitor.usecases.assessment import acts as assess_acts
from monitor.usecases.assessment import entries as assess_entries
from monitor.usecases.assessment import publish as assess_publish
from monitor.usecases.assessment import records as assess_records
from monitor.usecases.assessment.evidence import keep_file
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.assessment.sitting import Desk
from scoring.activity import ActivityGrade
from scoring.streak import CheckFact
from tests.cast import OPENED, Cast
from tests.conftest import FrozenClock

R = TypeVar("R")
YEAR = 2026
PDF = b"%PDF-1.4\n%%EOF\n"
INFERRED = ("HN-A2.2a", "HN-A2.2b", "D-18", "D-04", "D-10")


def package(*members: tuple[str, bytes], core: str = "word/document.xml") -> bytes:
    """A packed document with its two obligatory members and some more."""
    wire = io.BytesIO()
    with zipfile.ZipFile(wire, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in (("[Content_Types].xml", b"<Types/>"), (core, b"<w/>"), *members):
            made.writestr(name, content)
    return wire.getvalue()


@dataclass
class Panel:
    """The desk, with an inspector of the province and the administrator of 鹭川 (LC) at it."""

    database: Database
    cast: Cast
    clock: FrozenClock
    folder: Path
    checks: list[CheckFact] = field(default_factory=list)
    selection: Selection = field(default_factory=Selection)
    rulebooks: Path | None = None

    @property
    def desk(self) -> Assessments:
        desk = Desk(selection=self.selection, load_checks=self._load_checks)
        if self.rulebooks:
            desk = replace(desk, folder=self.rulebooks)
        return Assessments(self.database, self.clock, desk, EvidenceFolder(self.folder))

    def _load_checks(self, _connection: Connection, _units: Sequence[Unit], _year: int) -> list[CheckFact]:
        return self.checks

    @property
    def inspector(self) -> Viewer:
        return self.cast.viewer("QS", Role.INSPECTOR)

    @property
    def admin(self) -> Viewer:
        return self.cast.viewer("LC")

    def by(self, viewer: Viewer, act: Callable[..., R], *arguments: Any, **named: Any) -> R:
        return self.desk.write(viewer, lambda sitting: act(sitting, *arguments, **named))

    def judge(self, item: str, points: str, reason: str = "依据", unit: str = "LC") -> assess_entries.Entered:
        return self.by(
            self.inspector, assess_entries.enter, YEAR, unit, EntryKind.PANEL, item, points, reason
        )

    def own(self, item: str, points: str, reason: str = "说明") -> assess_entries.Entered:
        return self.by(self.admin, assess_entries.enter, YEAR, None, EntryKind.SELF, item, points, reason)

    def correct(self, item: str, key: str, number: int | None, unit: str = "LC") -> int:
        act = assess_records.correct_fact
        return self.by(self.inspector, act, YEAR, unit, item, key, number, "核对材料")

    def base(self, kind: BaseKind, number: int, unit: str = "LC") -> int:
        return self.by(self.inspector, assess_records.set_base, YEAR, unit, kind, number, "团统〔2026〕1号")

    def covered(self, item: str, kind: BaseKind, n_covered: int, n_base: int, unit: str = "LC") -> None:
        self.base(kind, n_base, unit)
        self.correct(item, "covered", n_covered, unit)

    def supply(self, item: str, points: str) -> None:
        self.by(self.inspector, assess_records.supply_item, YEAR, item, points, "琼团办字〔2026〕9号")

    def confirm(self, *clauses: str) -> None:
        for clause in clauses:
            self.by(self.inspector, assess_records.confirm_reading, YEAR, clause, "琼团办字〔2026〕10号")

    def sheet(self, unit: str = "LC", viewer: Viewer | None = None) -> YearSheet:
        return self.desk.sheet(viewer or self.inspector, YEAR, unit)

    def points(self, item: str, unit: str = "LC") -> Decimal | None:
        return next(line.line.points for line in self.sheet(unit).lines if line.line.item == item)

    def everything(self, third: str = "2", fourth: str = "1.5", unit: str = "LC", **changed: str) -> None:
        """Score every scorable item in full, and the supplied ones as given; `changed` by short name."""
        full = {"一1": "1", "一2": "1", "二1": "0.2", "三1": "0.5", "三2": "0.5"} | changed
        for item, points in full.items():
            self.judge(item, points, unit=unit)
        self.correct("一3", "document", 1, unit)
        self.correct("一3", "records", 8, unit)
        self.correct("二1", "accounts", 1, unit)
        self.covered("二2a", BaseKind.MEMBERS, 9_500, 10_000, unit)
        self.covered("二2b", BaseKind.GROUPS, 95, 100, unit)
        self.covered("二2c", BaseKind.ORGANISATIONS, 900, 1_000, unit)
        if third:
            self.supply("三3", "2")
            self.judge("三3", third, unit=unit)
        if fourth:
            self.supply("四", "1.5")
            self.judge("四", fourth, unit=unit)

    def begin(self, unit: str = "LC") -> None:
        self.by(self.inspector, assess_publish.start_panel, YEAR, unit, "未交自评")

    def publish(self, unit: str = "LC", *, accept_open: bool = False) -> assess_publish.Published:
        return self.by(self.inspector, assess_publish.publish, YEAR, unit, accept_open=accept_open)

    def disqualify(self, unit: str = "LC") -> int:
        file = keep_file(self.desk, "认定.pdf", PDF)
        act = assess_acts.disqualify
        return self.by(self.inspector, act, YEAR, unit, "未完成微信平台建设工作", "至年底未开通", [file])

    def poor_checks(self, n_checks: int, unit: str = "LC") -> None:
        """Put 差 checks of different groups on record."""
        for number in range(1, n_checks + 1):
            at = datetime.fromisoformat(f"2026-11-0{number}T10:00:00+08:00")
            self.checks.append(CheckFact(unit, f"群{number}", at, ActivityGrade.POOR, id=f"C{number}"))

    def change_group(self, code: str, **values: Any) -> None:
        group = table_of(GroupRow)
        statement = update(group).where(group.c.code == code).values(**values)
        self.database.write(lambda connection: connection.execute(statement).rowcount)

    def add_group(self, code: str, unit: str, members: int, opened_on: date = OPENED) -> None:
        values = {
            "id": 900 + int(code[-2:]),  # the cast's ids are given by hand
            "code": code,
            "name": code,
            "unit_id": self.cast.units[unit],
            "member_count": members,
            "opened_on": opened_on,
        }
        self.insert(GroupRow, **values)

    def insert(self, row: Any, **values: Any) -> None:
        statement = insert(table_of(row)).values(**values)
        self.database.write(lambda connection: connection.execute(statement).rowcount)
