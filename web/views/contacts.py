"""高校联络: contacts of schools with their terms, and the feedback box with its answers (GD-5.3)."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.units import Role, Viewer
from monitor.usecases.index.contacts import ContactDuty, NamedContact, list_schools, name_contact
from monitor.usecases.index.feedback import answer_feedback, list_feedback, send_feedback
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.oversight.desk import Chair, Oversight
from web.auth import INSPECTORS, SCHOOL_ADMINS, allowed, current_viewer
from web.forms import Form
from web.presenters.overview import cut_page
from web.views.parameters import asked_page, page_urls
from web.wording import day_words, moment_words

_ROWS = 25


def add_contacts(blueprint: Blueprint, oversight: Oversight, clock: Clock) -> None:
    """Add the page and the form that names a contact; scope and roles are decided by the use case."""

    @blueprint.get("/contacts", endpoint="contacts")
    @allowed(SCHOOL_ADMINS)
    def _show() -> str:
        return _show_page(oversight, clock, Form({"since": business_day(clock()).isoformat()}))

    @blueprint.post("/contacts", endpoint="contacts_name")
    @allowed(SCHOOL_ADMINS)
    def _name() -> BaseResponse | tuple[str, int]:
        form, viewer = Form.of_request(), current_viewer()
        duty = form.one_of("duty", "职责", [one.value for one in ContactDuty])
        since, school = form.day("since", "任职首日"), form.required("school", "高校")
        if since is not None and not form.is_refused:
            with form.refusals():
                new = NamedContact(school, ContactDuty(duty), form["name"], form["phone"], since)
                kinds = _school_kinds()
                oversight.write(viewer, lambda c: name_contact(c.connection, viewer, kinds, new, c.now))
                return _done(f"{duty}已登记，历任保留")
        return _show_page(oversight, clock, form), 400


def add_feedback(blueprint: Blueprint, oversight: Oversight, clock: Clock) -> None:
    """Add the forms of the feedback box, which lies on the page of contacts."""

    @blueprint.post("/contacts/feedback", endpoint="contacts_feedback")
    @allowed(SCHOOL_ADMINS)
    def _feed_back() -> BaseResponse | tuple[str, int]:
        form, viewer = Form.of_request(), current_viewer()
        with form.refusals("text"):
            number, is_new = oversight.write(
                viewer, lambda c: send_feedback(c.connection, viewer, _recipient(viewer), form["text"], c.now)
            )
            return _done(f"反馈已登记，编号 {number}" if is_new else f"已收到（编号 {number}），未重复登记")
        return _show_page(oversight, clock, form), 400

    @blueprint.post("/contacts/feedback/<int:number>", endpoint="contacts_answer")
    @allowed(INSPECTORS)
    def _answer(number: int) -> BaseResponse | tuple[str, int]:
        form, viewer = Form.of_request(), current_viewer()
        with form.refusals():
            oversight.write(
                viewer, lambda c: answer_feedback(c.connection, viewer, number, form["answer"], c.now)
            )
            return _done(f"反馈 {number} 已答复")
        return _show_page(oversight, clock, form), 400


def _show_page(oversight: Oversight, clock: Clock, form: Form) -> str:
    viewer, today = current_viewer(), business_day(clock())

    def ask(chair: Chair) -> str:
        schools = list_schools(chair.connection, viewer, _school_kinds())
        shown, part = cut_page(schools, asked_page("page"), _ROWS)
        feedback, feedback_part = cut_page(
            list_feedback(chair.connection, viewer), asked_page("feedback"), _ROWS
        )
        return render_template(
            "contacts.html",
            form=form,
            schools=shown,
            choices=[school for school, _ in schools],
            slice=part,
            duties=[(duty.value, duty.value) for duty in ContactDuty],
            feedback=feedback,
            feedback_slice=feedback_part,
            page_url=page_urls("contacts"),
            is_inspector=viewer.role is Role.INSPECTOR,
            today=today,
            day_words=lambda day: day_words(day, today),
            moment_words=lambda at: moment_words(at, today),
        )

    return oversight.read(viewer, ask)


def _school_kinds() -> tuple[str, ...]:
    return tuple(shipped_media().rules.head.unit_kinds)


def _recipient(viewer: Viewer) -> str:
    """Return where the answer goes in chat; who has only a console account reads it on the page."""
    kind, _, number = viewer.identity.partition(":")
    return f"identity:{number}" if kind == "chat" else ""


def _done(words: str) -> BaseResponse:
    flash(words)
    return redirect(url_for("console.contacts"))
