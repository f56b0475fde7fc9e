"""Makes documents of orders: asks the use cases as the viewer, lays out, writes the format.

The one place that joins readings with `reports`; jobs, command line and chat are given what it makes.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from monitor.briefs import BriefPeriod
from monitor.clock import Clock, business_day
from monitor.exports import (
    ExportFormat,
    ExportKind,
    ExportOrder,
    MadeFile,
    Tell,
    read_order_period,
)
from monitor.units import Role, Viewer
from monitor.usecases.assess import Assessments
from monitor.usecases.query import Queries
from reports.assessment_form import assessment_document
from reports.briefs import brief_document
from reports.document import Document
from reports.groups_list import group_days_document, unmet_document
from reports.ranking_board import ranking_document

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
_READ, _LAID_OUT = 10, 60  # percent


@dataclass(frozen=True, slots=True)
class DocumentMaker:
    """Makes the file of an order; a `monitor.exports.Maker`."""

    queries: Queries
    assessments: Assessments
    clock: Clock

    def __call__(self, viewer: Viewer, order: ExportOrder, made_for: str, tell: Tell) -> MadeFile:
        """Return the finished file.

        Raises: OutOfScope; BadParameter; NoRulebookInForce for a unit that is not assessed.
        """
        today = business_day(self.clock())
        period = read_order_period(order, today)
        tell(_READ)
        document = replace(self._lay_out(viewer, order, period, today), made_for=made_for)
        tell(_LAID_OUT)
        return MadeFile(file_name(document, order, period), write_document(document, order.form))

    def _lay_out(self, viewer: Viewer, order: ExportOrder, period: BriefPeriod, today: date) -> Document:
        if order.kind is ExportKind.BRIEF:
            return brief_document(self.queries.brief(viewer, order.subject, period))
        if order.kind is ExportKind.RANKING:
            days = period.until(today)
            return ranking_document(self.queries.ranking(viewer, days, unit_code=order.subject), today)
        if order.kind is ExportKind.UNMET:
            report = self.queries.unmet(viewer, order.subject, period.first_day)
            return unmet_document(report, today, names_managers=viewer.role is not Role.LEADER)
        if order.kind is ExportKind.GROUP_DAYS:
            return group_days_document(
                self.queries.group_days(viewer, order.subject, period.until(today)), today
            )
        return assessment_document(
            self.assessments.sheet(viewer, period.first_day.year, order.subject), today
        )


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


def file_name(document: Document, order: ExportOrder, period: BriefPeriod) -> str:
    """Return the name under which a person saves a document, without what a file system refuses."""
    name = _NOT_IN_NAMES.sub("_", f"{document.title}_{period.label}").strip("_.")
    shown = "".join(mark for mark in name if mark.isprintable())[:80]
    return f"{shown or '导出'}.{order.form.value}"
