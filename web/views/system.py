"""系统: sessions, audit, retention."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day, day_interval
from monitor.usecases.operations.audit_trail import AuditFilter, AuditTrail
from monitor.usecases.people.sessions import SessionsDesk, handle_of
from web.auth import COOKIE, INSPECTORS, OPERATORS, allowed, current_viewer
from web.forms import Form
from web.limits import SEARCH, limited
from web.presenters.overview import cut_page
from web.presenters.system import (
    next_purge_words,
    present_audit,
    present_retention,
    present_sessions,
    slot_words,
)
from web.views.parameters import asked_number, asked_page

_FILTERS = ("actor", "action", "subject", "day")


def add_system_sessions(blueprint: Blueprint, sessions: SessionsDesk, clock: Clock) -> None:
    """Add the live sessions of the subtree, each with its end (强制下线)."""

    @blueprint.get("/system/sessions", endpoint="sessions")
    @allowed(OPERATORS)
    def _list() -> str:
        here = handle_of(request.cookies.get(COOKIE, ""))
        rows = present_sessions(sessions.all(current_viewer()), business_day(clock()), here)
        shown, slice_ = cut_page(rows, asked_page("page"))
        return render_template(
            "sessions.html",
            lines=shown,
            slice=slice_,
            page_url=lambda _, number: url_for("console.sessions", page=number),
        )

    @blueprint.post("/system/sessions/end", endpoint="sessions_end")
    @allowed(OPERATORS)
    def _end() -> Response:
        sessions.end_any(current_viewer(), request.form.get("handle", ""))
        flash("已强制下线")
        return redirect(url_for("console.sessions"))


def add_audit(blueprint: Blueprint, trail: AuditTrail, clock: Clock) -> None:
    """Add the audit and what is kept how long; neither can be changed here."""

    @blueprint.get("/system/audit", endpoint="audit")
    @allowed(OPERATORS | INSPECTORS)
    @limited(SEARCH)
    def _list() -> tuple[str, int]:
        today, form = (
            business_day(clock()),
            Form({name: request.args.get(name, "").strip() for name in _FILTERS}),
        )
        day = form.day("day", "日期") if form["day"] else None
        page = trail.page(current_viewer(), _wanted(form, day))
        older: dict[str, Any] = {name: form[name] for name in _FILTERS if form[name]}
        words = render_template(
            "audit.html",
            form=form,
            lines=present_audit(page, today),
            is_filtered=bool(older),
            is_first="before" not in request.args,
            older_url=url_for("console.audit", **older, before=page.next_before) if page.next_before else "",
            newest_url=url_for("console.audit", **older),
        )
        return words, 400 if form.is_refused else 200

    @blueprint.get("/system/retention", endpoint="retention")
    @allowed(OPERATORS)
    def _retention() -> str:
        reading, today = trail.retention(current_viewer()), business_day(clock())
        return render_template(
            "retention.html",
            lines=present_retention(reading),
            next_purge=next_purge_words(reading.now),
            last_purge=slot_words(reading.last_purge, today),
            last_seal=slot_words(reading.last_seal, today),
        )


def _wanted(form: Form, day: date | None) -> AuditFilter:
    since, until = day_interval(day) if day else (None, None)
    before = asked_number("before")
    return AuditFilter(form["actor"], form["action"], form["subject"], since, until, before)
