"""报表: choose a document, see one's own exports, download; and the printable page of a brief."""

from datetime import timedelta
from math import ceil

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.days.briefs import read_period
from monitor.errors import OutOfScope
from monitor.exports import CHARTED, PERIODS, ExportFormat, ExportKind, TooManyExports, clean_order
from monitor.units import Viewer
from monitor.usecases.operations.exports import Exports
from monitor.usecases.queries.questions import Queries
from reports.briefs import brief_document
from web.auth import PROVINCE, READERS, allowed, current_viewer
from web.downloads import attach
from web.forms import Form
from web.presenters.exports import is_pending, present_exports, shortcuts

_MEDIA = {
    "pdf": "application/pdf",
    "png": "image/png",
}
"""Everything else is no more than a file to the browser."""
_FIELDS = ("kind", "subject", "period", "form")
_NOT_THERE = "没有这个单位或群，或不在您的范围内，请核对编号"


def add_reports(blueprint: Blueprint, exports: Exports, clock: Clock) -> None:
    """Add the page of one's exports, the order of a new one, the download."""

    def _list(viewer: Viewer) -> dict[str, object]:
        found = exports.list_own(viewer)
        return {"lines": present_exports(found, business_day(clock())), "is_pending": is_pending(found)}

    def _draw(form: Form) -> str:
        return render_template(
            "reports.html",
            form=form,
            kinds=[(kind.value, _kind_words(kind)) for kind in ExportKind],
            forms=[(each.value, _form_words(each)) for each in ExportFormat],
            shortcuts=shortcuts(business_day(clock())),
            is_wechat="MicroMessenger" in request.user_agent.string,
            may_ask_chat=current_viewer().role in PROVINCE,
            **_list(current_viewer()),
        )

    @blueprint.get("/reports", endpoint="reports")
    @allowed(READERS)
    def _page() -> str:
        form = Form({name: request.args.get(name, "")[:64] for name in _FIELDS})
        form.values["form"] = form["form"] or ExportFormat.PDF.value
        return _draw(form)

    @blueprint.get("/reports/list", endpoint="reports_list")
    @allowed(READERS)
    def _fragment() -> str:
        return render_template("_exports.html", **_list(current_viewer()))

    @blueprint.post("/reports", endpoint="reports_order")
    @allowed(READERS)
    def _order() -> BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
        form, wait = Form.of_request(), timedelta()
        try:
            with form.refusals():
                order = clean_order(form["kind"], form["subject"], form["period"], form["form"])
                try:
                    number, is_new = exports.order(current_viewer(), order)
                except TooManyExports as error:
                    wait = error.wait
                    raise
                state = "已受理，完成后在下方下载" if is_new else "同一份刚已受理，未重复制作"
                flash(f"{state}（编号 {number}）")
                return redirect(url_for("console.reports"))
        except OutOfScope:
            form.refuse(_NOT_THERE, "subject")
        if wait:
            return _draw(form), 429, {"Retry-After": str(ceil(wait.total_seconds()))}
        return _draw(form), 400

    @blueprint.get("/reports/<int:number>/file", endpoint="reports_file")
    @allowed(READERS)
    def _download(number: int) -> Response:
        made = exports.fetch(current_viewer(), number)
        suffix = made.name.rpartition(".")[2]
        return attach(made.content, _MEDIA.get(suffix, "application/octet-stream"), made.name)


def add_brief(blueprint: Blueprint, queries: Queries, clock: Clock) -> None:
    """Add the printable page of a brief, from the same document that is exported."""

    @blueprint.get("/brief/<string(maxlength=12):period>", endpoint="reports_brief")
    @allowed(READERS)
    def _brief(period: str) -> str:
        asked = read_period(period, business_day(clock()))
        brief = queries.brief(current_viewer(), request.args.get("unit") or None, asked)
        return render_template("brief.html", document=brief_document(brief), brief=brief)


def _kind_words(kind: ExportKind) -> str:
    """Return a kind with the periods it knows, so that a wrong one is rare."""
    periods = "、".join(period.value[0] for period in PERIODS[kind])
    return f"{kind.value}（按{periods}）"


def _form_words(form: ExportFormat) -> str:
    """Return a format; a chart is drawn of some kinds only."""
    if form is not ExportFormat.PNG:
        return form.value.upper()
    return f"PNG（图：{'、'.join(kind.value for kind in ExportKind if kind in CHARTED)}）"
