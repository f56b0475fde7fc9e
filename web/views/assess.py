"""考评: the year's list, a unit's sheet with its items, and the files behind them."""

import re
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.assessment.dossier import BaseKind, EntryKind
from monitor.clock import Clock, business_day
from monitor.units import Role
from monitor.usecases.assessment.entries import enter
from monitor.usecases.assessment.evidence import hand_in, show_evidence
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.assessment.year_list import list_year
from web.auth import ADMINS, READERS, allowed, current_viewer
from web.downloads import attach
from web.forms import Form
from web.presenters.assess import SheetPage, find_line, present_sheet, present_year_lines
from web.presenters.overview import cut_page
from web.views.parameters import asked_page

SHEET_READERS = READERS - {Role.BRANCH_ADMIN}
SHEET_WRITERS = ADMINS - {Role.BRANCH_ADMIN}
_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{1,4})?")
_SLOTS = {
    "": "本项佐证",
    "document": "制度文件",
    "promoted_document": "推动出台的文件",
    "complete_document": "配套文件",
}
Answer = str | BaseResponse | tuple[str, int]


@dataclass(frozen=True, slots=True)
class SheetDesk:
    """Draws the pages of one unit's sheet for whoever asks."""

    assessments: Assessments
    clock: Clock

    def lay_out(self, year: int, code: str) -> SheetPage:
        """Return a unit's sheet as the viewer may see it. Raises: OutOfScope."""
        viewer = current_viewer()
        return present_sheet(self.assessments.sheet(viewer, year, code), viewer, business_day(self.clock()))

    def draw(self, year: int, code: str, form: Form) -> str:
        """Return the page of a sheet with a form as it was typed."""
        page = self.lay_out(year, code)
        return render_template("assess_sheet.html", page=page, form=form, bases=tuple(BaseKind))

    def draw_item(self, year: int, code: str, item: str, form: Form) -> str:
        """Return the page of one item with a form as it was typed."""
        page = self.lay_out(year, code)
        line = find_line(page, item)
        if line is None:
            abort(404)
        return render_template("assess_item.html", page=page, line=line, form=form, slots=_SLOTS.items())


def add_assess(blueprint: Blueprint, desk: SheetDesk) -> None:
    """Add what can be looked at; the use cases decide about scope and what is published."""

    @blueprint.get("/assess", endpoint="assess")
    @allowed(SHEET_READERS)
    def _here() -> BaseResponse:
        return redirect(url_for("console.assess_year", year=desk.assessments.present_year()))

    @blueprint.get("/assess/<int:year>", endpoint="assess_year")
    @allowed(SHEET_READERS)
    def _year(year: int) -> Answer:
        viewer = current_viewer()
        if viewer.role is Role.UNIT_ADMIN:
            unit = desk.assessments.sheet(viewer, year).dossier.assessment.unit
            return redirect(url_for("console.assess_sheet", year=year, code=unit.code))
        page = asked_page("page")
        sheets, rows = desk.assessments.read(viewer, lambda s: cut_page(list_year(s, year), page))
        return render_template(
            "assess_year.html",
            year=year,
            lines=present_year_lines(sheets),
            slice=rows,
            page_url=lambda _name, number: url_for("console.assess_year", year=year, page=number),
        )

    @blueprint.get("/assess/<int:year>/<code>", endpoint="assess_sheet")
    @allowed(SHEET_READERS)
    def _sheet(year: int, code: str) -> str:
        return desk.draw(year, code, Form())

    @blueprint.get("/assess/<int:year>/<code>/<item>", endpoint="assess_item")
    @allowed(SHEET_READERS)
    def _item(year: int, code: str, item: str) -> str:
        return desk.draw_item(year, code, item, Form())

    @blueprint.get("/evidence/<int:number>", endpoint="assess_evidence")
    @allowed(SHEET_READERS)
    def _download(number: int) -> Response:
        shown = show_evidence(desk.assessments, current_viewer(), number)
        return attach(shown.content, shown.media_type, shown.name)


def add_assess_entries(blueprint: Blueprint, desk: SheetDesk) -> None:
    """Add what is entered for one item: points and files."""

    @blueprint.post("/assess/<int:year>/<code>/<item>", endpoint="assess_enter")
    @allowed(SHEET_WRITERS)
    def _enter(year: int, code: str, item: str) -> Answer:
        form = Form.of_request()
        seen = form.whole_number("version", "版本")
        kind = EntryKind(form.one_of("kind", "得分种类", EntryKind))
        if not _NUMBER.fullmatch(form["points"]):
            form.refuse("分数应为数字，如 0.7", "points")
        if form.is_refused:
            return desk.draw_item(year, code, item, form), 400
        with form.refusals():
            entered = desk.assessments.write(
                current_viewer(),
                lambda s: enter(
                    s, year, code, kind, item, form["points"], form["reason"], expected_version=seen
                ),
            )
            stored = f"已登记{kind.value} {entered.entry.points} 分，编号 {entered.number}"
            flash(stored if entered.number else "内容未变，未重复登记")
            return redirect(url_for("console.assess_item", year=year, code=code, item=entered.item.id))
        return desk.draw_item(year, code, item, form), 400

    @blueprint.post("/assess/<int:year>/<code>/<item>/evidence", endpoint="assess_hand_in")
    @allowed(SHEET_WRITERS)
    def _hand_in(year: int, code: str, item: str) -> Answer:
        form, file = Form.of_request(), request.files.get("file")
        if file is None or not file.filename:
            form.refuse("请选择文件", "file")
            return desk.draw_item(year, code, item, form), 400
        with form.refusals():
            link, is_new = hand_in(
                desk.assessments,
                current_viewer(),
                year,
                code,
                item,
                form["slot"],
                file.filename,
                file.read(),
            )
            flash(f"已收下 {link.name}" if is_new else f"{link.name} 已在佐证中，未重复登记")
            return redirect(url_for("console.assess_item", year=year, code=code, item=item))
        return desk.draw_item(year, code, item, form), 400
