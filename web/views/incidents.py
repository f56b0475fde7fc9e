"""预警与处置: the board of incidents and the card of one, with its next steps."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.incidents.course import IncidentAct
from monitor.usecases.incidents.acts import (
    acknowledge_incident,
    act_on,
    add_note,
    object_to_incident,
    reveal_text,
)
from monitor.usecases.incidents.desk import Docket, Incidents
from monitor.usecases.incidents.docket import load_board, load_card, show_picture
from web.auth import ADMINS, READERS, allowed, current_viewer
from web.forms import Form
from web.presenters.incidents import OFFERED, present_board, present_card

_BESIDE = (IncidentAct.ACKNOWLEDGE, IncidentAct.NOTE, IncidentAct.OBJECT)


def add_incidents(blueprint: Blueprint, incidents: Incidents, clock: Clock) -> None:
    """Add board, card, pictures and acts; scope and state are decided by the use cases."""

    def _card(incident_id: int, form: Form, revealed: str = "") -> str:
        viewer, now = current_viewer(), clock()
        card = incidents.read(viewer, lambda docket: load_card(docket, incident_id))
        page = present_card(card, viewer.role, now, business_day(now))
        return render_template("incident.html", page=page, form=form, revealed=revealed)

    @blueprint.get("/incidents", endpoint="incidents")
    @allowed(READERS)
    def _board() -> str:
        columns = incidents.read(current_viewer(), load_board)
        page = present_board(columns, request.args.get("state", ""), clock())
        return render_template("incidents.html", page=page)

    @blueprint.get("/incidents/<int:number>", endpoint="incidents_card")
    @allowed(READERS)
    def _one(number: int) -> str:
        return _card(number, Form())

    @blueprint.get("/incidents/picture/<int:number>", endpoint="incidents_picture")
    @allowed(ADMINS)
    def _picture(number: int) -> Response:
        picture = show_picture(incidents, current_viewer(), number)
        return Response(picture.content, mimetype=picture.media_type)

    @blueprint.post("/incidents/<int:number>/reveal", endpoint="incidents_reveal")
    @allowed(ADMINS)
    def _reveal(number: int) -> str:
        text = incidents.write(current_viewer(), lambda docket: reveal_text(docket, number))
        return _card(number, Form(), text or "原文已按保存期限清除")

    @blueprint.post("/incidents/<int:number>/act", endpoint="incidents_act")
    @allowed(ADMINS)
    def _act(number: int) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        act = IncidentAct(form.one_of("act", "动作", [one.value for one in (*OFFERED, *_BESIDE)]))
        if form.is_refused:
            return _card(number, form), 400
        with form.refusals():
            flash(incidents.write(current_viewer(), lambda docket: _do(docket, number, act, form["note"])))
            return redirect(url_for("console.incidents_card", number=number))
        return _card(number, form), 400


def _do(docket: Docket, number: int, act: IncidentAct, note: str) -> str:
    if act is IncidentAct.ACKNOWLEDGE:
        acted = acknowledge_incident(docket, number)
    elif act is IncidentAct.NOTE:
        acted = add_note(docket, number, note)
    elif act is IncidentAct.OBJECT:
        acted = object_to_incident(docket, number, note)
    else:
        acted = act_on(docket, number, act, note)
    return f"已登记“{act.value}”，编号 {acted.number}" if acted.number else "此前已登记，未重复登记"
