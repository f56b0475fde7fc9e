"""Makes documents of orders: asks the use cases as the viewer, lays out, writes the format.

The one place that joins readings with `reports`; jobs, command line and chat are given what it makes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.clock import Clock, business_day
from monitor.days.briefs import BriefPeriod
from monitor.days.readings import Ranking
from monitor.exports import (
    ExportFormat,
    ExportKind,
    ExportOrder,
    MadeFile,
    Tell,
    filing_number,
    read_order_period,
)
from monitor.units import Role, Viewer
from monitor.usecases import scope
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.ledger.reading import read_ledger
from monitor.usecases.queries.questions import Queries
from monitor.usecases.spot_checks.desk import SpotChecks
from monitor.usecases.spot_checks.register import read_file, read_register
from monitor.usecases.weekly.desk import WeeklyDesk, WeeklyReports
from monitor.usecases.weekly.reading import load_summary
from monitor.weeks import Week
from reports.assessment_form import assessment_document
from reports.briefs import brief_document
from reports.charts import Chart, brief_chart, draw, ranking_chart
from reports.document import Document
from reports.groups_list import group_days_document, unmet_document
from reports.ledger import ledger_document
from reports.ranking_board import ranking_document
from reports.spot_check_record import file_document, register_document
from reports.weekly_summary import WeeklyTable, weekly_document

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
_READ, _LAID_OUT = 10, 60  # percent


@dataclass(frozen=True, slots=True)
class Layout:
    """One order while it is laid out: who asks for what, over which days."""

    viewer: Viewer
    order: ExportOrder
    period: BriefPeriod
    today: date


@dataclass(frozen=True, slots=True)
class DocumentMaker:
    """Makes the file of an order; a `monitor.exports.Maker`."""

    queries: Queries
    assessments: Assessments
    spot_checks: SpotChecks
    ledger: Ledger
    weekly: WeeklyReports
    clock: Clock

    def __call__(self, viewer: Viewer, order: ExportOrder, made_for: str, tell: Tell) -> MadeFile:
        """Return the finished file.

        Raises: OutOfScope; BadParameter; NoRulebookInForce for a unit that is not assessed.
        """
        today = business_day(self.clock())
        layout = Layout(viewer, order, read_order_period(order, today), today)
        tell(_READ)
        if order.form is ExportFormat.PNG:
            return self._draw(layout, tell)
        document = replace(lay_out(self, viewer, order, today), made_for=made_for)
        tell(_LAID_OUT)
        name = file_name(document.title, order, layout.period)
        return MadeFile(name, write_document(document, order.form))

    def _draw(self, layout: Layout, tell: Tell) -> MadeFile:
        chart = _CHARTS[layout.order.kind](self, layout)
        tell(_LAID_OUT)
        name = file_name(chart.title, layout.order, layout.period)
        return MadeFile(name, draw(chart), f"{chart.words}\n{chart.data_time}")

    def _brief(self, layout: Layout) -> Document:
        return brief_document(self.queries.brief(layout.viewer, layout.order.subject, layout.period))

    def _ranking(self, layout: Layout) -> Document:
        return ranking_document(self._board(layout), layout.today)

    def _board(self, layout: Layout) -> Ranking:
        days = layout.period.until(layout.today)
        return self.queries.ranking(layout.viewer, days, unit_code=layout.order.subject)

    def _own_board(self, layout: Layout) -> Ranking:
        """Return the board of the viewer's own level over closed days, as 排名 in chat answers it."""
        closed = max(layout.period.first_day, layout.today - timedelta(days=1))
        return self.queries.ranking(layout.viewer, layout.period.until(closed))

    def _unmet(self, layout: Layout) -> Document:
        viewer = layout.viewer
        report = self.queries.unmet(viewer, layout.order.subject, layout.period.first_day)
        return unmet_document(report, layout.today, names_managers=viewer.role is not Role.LEADER)

    def _group_days(self, layout: Layout) -> Document:
        days = layout.period.until(layout.today)
        found = self.queries.group_days(layout.viewer, layout.order.subject, days)
        return group_days_document(found, layout.today)

    def _assessment(self, layout: Layout) -> Document:
        year = layout.period.first_day.year
        sheet = self.assessments.sheet(layout.viewer, year, layout.order.subject)
        return assessment_document(sheet, layout.today)

    def _spot_checks(self, layout: Layout) -> Document:
        """Lay out one filing where its number was given, else the register of a unit."""
        filing_no = filing_number(layout.order)
        if filing_no:
            file = self.spot_checks.read(layout.viewer, lambda s: read_file(s, filing_no))
            return file_document(file)
        days = layout.period.until(layout.today)
        register = self.spot_checks.read(
            layout.viewer, lambda s: read_register(s, layout.order.subject, days)
        )
        return register_document(register, layout.today)

    def _ledger(self, layout: Layout) -> Document:
        days = layout.period.until(layout.today)
        reading = self.ledger.read(layout.viewer, lambda c: read_ledger(c, layout.order.subject, days))
        return ledger_document(reading, layout.today, names_people=layout.viewer.role is not Role.LEADER)

    def _weekly(self, layout: Layout) -> Document:
        def read(desk: WeeklyDesk) -> WeeklyTable:
            unit = scope.find_unit(desk.connection, desk.viewer, layout.order.subject)
            summary = load_summary(desk, Week(layout.period.first_day))
            rows = tuple(row for row in summary.rows if row.unit.path.startswith(unit.path))
            return WeeklyTable(unit, replace(summary, rows=rows), desk.now)

        return weekly_document(self.weekly.read(layout.viewer, read), layout.today)

    def _own_ranking(self, layout: Layout) -> Document:
        return ranking_document(self._own_board(layout), layout.today)

    def _own_ranking_chart(self, layout: Layout) -> Chart:
        return ranking_chart(self._own_board(layout), layout.today)

    def _ranking_chart(self, layout: Layout) -> Chart:
        return ranking_chart(self._board(layout), layout.today)

    def _brief_chart(self, layout: Layout) -> Chart:
        return brief_chart(self.queries.brief(layout.viewer, layout.order.subject, layout.period))


_LAYOUTS: Mapping[ExportKind, Callable[[DocumentMaker, Layout], Document]] = {
    ExportKind.BRIEF: DocumentMaker._brief,
    ExportKind.RANKING: DocumentMaker._ranking,
    ExportKind.UNMET: DocumentMaker._unmet,
    ExportKind.GROUP_DAYS: DocumentMaker._group_days,
    ExportKind.ASSESSMENT: DocumentMaker._assessment,
    ExportKind.SPOT_CHECKS: DocumentMaker._spot_checks,
    ExportKind.BOARD: DocumentMaker._own_ranking,
    ExportKind.LEDGER: DocumentMaker._ledger,
    ExportKind.WEEKLY: DocumentMaker._weekly,
}
_CHARTS: Mapping[ExportKind, Callable[[DocumentMaker, Layout], Chart]] = {
    ExportKind.BRIEF: DocumentMaker._brief_chart,
    ExportKind.RANKING: DocumentMaker._ranking_chart,
    ExportKind.BOARD: DocumentMaker._own_ranking_chart,
}


def lay_out(maker: DocumentMaker, viewer: Viewer, order: ExportOrder, today: date) -> Document:
    """Return the document of an order before any format. Raises: as `DocumentMaker`."""
    layout = Layout(viewer, order, read_order_period(order, today), today)
    return _LAYOUTS[order.kind](maker, layout)


def write_document(document: Document, form: ExportFormat) -> bytes:
    """Return a document in a format; its library is loaded when the first such file is made."""
    if form is ExportFormat.PDF:
        from reports.pdf import write_pdf

        return write_pdf(document)
    if form is ExportFormat.DOCX:
        from reports.docx import write_docx

        return write_docx(document)
    from reports.xlsx import write_xlsx

    return write_xlsx(document)


def file_name(title: str, order: ExportOrder, period: BriefPeriod) -> str:
    """Return the name under which a person saves a document, without what a file system refuses."""
    name = _NOT_IN_NAMES.sub("_", f"{title}_{period.label}").strip("_.")
    shown = "".join(mark for mark in name if mark.isprintable())[:80]
    return f"{shown or '导出'}.{order.form.value}"
