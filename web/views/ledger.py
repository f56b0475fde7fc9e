"""台账: the ledger of a unit and period, one group's register, export, and import with its bad rows."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import EARLIEST_DAY, Clock, Period, business_day
from monitor.errors import InboundError
from monitor.exports import watermark
from monitor.units import Role, Viewer
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.ledger.import_groups import import_for
from monitor.usecases.ledger.import_registry import GROUP_COLUMNS, BadRow, RegistryImport
from monitor.usecases.ledger.import_tables import read_table
from monitor.usecases.ledger.reading import (
    read_group,
    read_ledger,
    read_place,
    read_reconciliation,
)
from reports.comma_table import MEDIA_TYPE as CSV_TYPE
from reports.comma_table import write_csv
from reports.document import Column, Table
from reports.ledger import ledger_document
from reports.xlsx import MEDIA_TYPE as XLSX_TYPE
from reports.xlsx import write_xlsx
from web.auth import ADMINS, READERS, allowed, current_viewer
from web.forms import Form
from web.limits import EXPORT, limited
from web.presenters.ledger import count_findings, present_change, present_ledger
from web.views.parameters import asked_page

_MOST_BAD_ROWS = 500
_MOST_BAD_BYTES = 400_000


def add_ledger(blueprint: Blueprint, ledger: Ledger, clock: Clock) -> None:
    """Add the pages that read the ledger, and its files."""

    @blueprint.get("/ledger", endpoint="ledger")
    @allowed(READERS)
    def _ledger() -> str:
        return show_ledger(ledger, clock, Form())

    @blueprint.get("/ledger/group/<code>", endpoint="ledger_group")
    @allowed(READERS)
    def _group(code: str) -> str:
        return show_group(ledger, clock, code, Form())

    @blueprint.get("/ledger/file/<form>", endpoint="ledger_file")
    @allowed(READERS)
    @limited(EXPORT)
    def _file(form: str) -> Response:
        viewer, today = current_viewer(), business_day(clock())
        period, month = read_month(request.args.get("month", ""), today)
        code = request.args.get("unit") or None
        reading = ledger.read(viewer, lambda c: read_ledger(c, code, period))
        document = ledger_document(reading, today, names_people=viewer.role is not Role.LEADER)
        document = replace(document, made_for=watermark(viewer, f"{reading.unit.name}及下级", clock()))
        if form == "csv":
            return _download(write_csv(document.tables[0]), CSV_TYPE, f"ledger-{month}.csv")
        return _download(write_xlsx(document), XLSX_TYPE, f"ledger-{month}.xlsx")

    @blueprint.post("/ledger/import", endpoint="ledger_import")
    @allowed(ADMINS)
    def _import() -> tuple[str, int] | str | BaseResponse:
        form, file = Form.of_request(), request.files.get("file")
        if file is None or not file.filename:
            form.refuse("请选择文件", "file")
            return show_ledger(ledger, clock, form), 400
        is_check = form["mode"] != "write"
        try:
            done = _import_file(ledger, current_viewer(), file.read(), is_check=is_check)
        except InboundError as error:
            form.refuse(f"无法读取：{error.args[0]}", "file")
            return show_ledger(ledger, clock, form), 400
        bad = done.bad[:_MOST_BAD_ROWS]
        return render_template(
            "ledger_import.html", done=done, bad=bad, is_check=is_check, rows_json=_as_json(bad)
        )

    @blueprint.post("/ledger/bad-rows", endpoint="ledger_bad_rows")
    @allowed(ADMINS)
    def _bad_rows() -> Response | BaseResponse:
        table = _bad_table(request.form.get("rows", "")[:_MOST_BAD_BYTES])
        if table is None:
            return redirect(url_for("console.ledger"))
        return _download(write_csv(table), CSV_TYPE, "bad-rows.csv")


def show_ledger(ledger: Ledger, clock: Clock, form: Form) -> str:
    """Return the page of the ledger, with a form as it was sent."""
    viewer, today = current_viewer(), business_day(clock())
    period, month = read_month(request.args.get("month", ""), today)
    code = request.args.get("unit") or None
    reading = ledger.read(viewer, lambda c: read_ledger(c, code, period))
    _, report = ledger.read(viewer, lambda c: read_reconciliation(c, code))
    crumbs, children = ledger.read(viewer, lambda c: read_place(c, reading.unit))
    page = present_ledger(reading, request.args.get("show", ""), asked_page("page"), month, today)
    return render_template(
        "ledger.html",
        page=page,
        page_url=lambda _name, number: url_for(
            "console.ledger", unit=page.code, month=page.month, show=page.shown, page=number
        ),
        form=form,
        today=today,
        crumbs=crumbs,
        children=children,
        report=report,
        counts=count_findings(report.findings) if report else [],
        may_write=viewer.role in ADMINS,
        may_reorganise=viewer.role in (Role.INSPECTOR, Role.UNIT_ADMIN)
        and reading.unit.unit_id != viewer.unit_id,
    )


def show_group(ledger: Ledger, clock: Clock, code: str, form: Form) -> str:
    """Return the register of one group, with a form as it was sent."""
    viewer, today = current_viewer(), business_day(clock())
    register = ledger.read(viewer, lambda c: read_group(c, code))
    changes = [present_change(one, today) for one in register.changes]
    return render_template(
        "ledger_group.html",
        register=register,
        changes=changes,
        form=form,
        today=today,
        may_write=viewer.role in ADMINS,
    )


def read_month(text: str, today: date) -> tuple[Period, str]:
    """Return the period of a month written as 2026-11, the present one for anything else."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today.replace(day=1)
    first = min(max(first, EARLIEST_DAY), today.replace(day=1))
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(first, min(following - timedelta(days=1), today)), f"{first:%Y-%m}"


def _import_file(ledger: Ledger, viewer: Viewer, body: bytes, *, is_check: bool) -> RegistryImport:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table"
        file.write_bytes(body)
        rows = list(read_table(file, GROUP_COLUMNS))
    return import_for(ledger, viewer, rows, is_check=is_check)


def _as_json(bad: Sequence[BadRow]) -> str:
    rows = [{"行号": str(row.number), "原因": row.reason, **row.cells} for row in bad]
    return json.dumps(rows, ensure_ascii=False)


def _bad_table(text: str) -> Table | None:
    """Return the rows that a page carried, as a table; None for anything else."""
    try:
        rows = json.loads(text)
        names = list(dict.fromkeys(str(name) for row in rows for name in row))
        cells = tuple(tuple(str(row.get(name, "")) for name in names) for row in rows)
    except (ValueError, TypeError, AttributeError):
        return None
    return Table(tuple(Column(name) for name in names), cells) if names else None


def _download(body: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=headers, content_type=media_type)
