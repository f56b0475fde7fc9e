"""自报核实: what group managers reported, with their screenshots, to be approved or sent back."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.usecases.days.self_reporting import SelfReports, count_states, decide_report, list_reports
from web.auth import ADMINS, allowed, current_viewer
from web.forms import Form
from web.presenters.overview import cut_page
from web.presenters.self_reports import present_reports, read_state
from web.views.parameters import asked_page, page_urls

_CARDS = 20
_APPROVE, _RETURN = "通过", "退回"


def add_self_reports(blueprint: Blueprint, reports: SelfReports, clock: Clock) -> None:
    """Add the list, the screenshots and the decision; scope and state are decided by the use cases."""

    def _draw(form: Form) -> str:
        viewer, chosen = current_viewer(), read_state(request.args.get("state", ""))
        found, counts = reports.read(
            viewer, lambda bench: (list_reports(bench, (chosen,)), count_states(bench))
        )
        page = present_reports(found, counts, chosen, viewer.identity, business_day(clock()))
        cards, part = cut_page(page.cards, asked_page("page"), _CARDS)
        return render_template(
            "self_reports.html",
            page=page,
            cards=cards,
            slice=part,
            form=form,
            page_url=page_urls("self_reports"),
        )

    @blueprint.get("/self-reports", endpoint="self_reports")
    @allowed(ADMINS)
    def _list() -> str:
        return _draw(Form())

    @blueprint.get("/self-reports/pictures/<int:number>", endpoint="self_reports_picture")
    @allowed(ADMINS)
    def _picture(number: int) -> Response:
        picture = reports.show_picture(current_viewer(), number)
        return Response(picture.content, mimetype=picture.media_type)

    @blueprint.post("/self-reports/<int:number>", endpoint="self_reports_decide")
    @allowed(ADMINS)
    def _decide(number: int) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        is_approved = form.one_of("decision", "核实结果", (_APPROVE, _RETURN)) == _APPROVE
        if not form.is_refused:
            with form.refusals():
                decided = reports.write(
                    current_viewer(),
                    lambda bench: decide_report(
                        bench, number, is_approved=is_approved, reason=form["reason"]
                    ),
                )
                words = f"自报编号 {number} {decided.report.state}"
                flash(f"{words}，编号 {decided.number}" if decided.number else f"{words}，未重复登记")
                return redirect(url_for("console.self_reports"))
        return _draw(form), 400
