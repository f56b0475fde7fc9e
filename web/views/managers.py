"""管理员, 审批, 未登记的群: posts and how they are used, requests to decide, groups to claim."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.errors import CommandError, OutOfScope
from monitor.usecases.ledger.desk import Clerk, Ledger
from monitor.usecases.ledger.groups import claim_group, decide_request
from monitor.usecases.ledger.people import Invited, invite_manager, set_officer
from monitor.usecases.ledger.reading import read_managers, read_place, read_requests, read_unknown
from monitor.usecases.ledger.vacancies import read_vacancies
from web.auth import ADMINS, READERS, allowed, current_viewer
from web.forms import Form
from web.presenters.ledger import present_change, use_badge
from web.presenters.overview import cut_page
from web.views.ledger_acts import told
from web.views.parameters import asked_page, page_urls
from web.wording import moment_words

_ROWS = 10  # of what is wrong: a phone shows the forms below without much scrolling
_DECISIONS = {"approve": True, "return": False}


def add_managers(blueprint: Blueprint, ledger: Ledger, clock: Clock) -> None:
    """Add the page of posts, and what administrators do there."""

    @blueprint.get("/managers", endpoint="managers")
    @allowed(READERS)
    def _managers() -> str:
        return show_managers(ledger, clock, Form())

    @blueprint.post("/managers/officer", endpoint="managers_officer")
    @allowed(ADMINS)
    def _officer() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        unit, name = form.required("officer_unit", "单位编号"), form.required("officer", "姓名")
        if not form.is_refused:
            with form.refusals(place="officer_unit"):
                flash(told(ledger.write(current_viewer(), lambda clerk: set_officer(clerk, unit, name))))
                return redirect(url_for("console.managers"))
        return show_managers(ledger, clock, form), 400

    @blueprint.post("/managers/invite", endpoint="managers_invite")
    @allowed(ADMINS)
    def _invite() -> str | tuple[str, int]:
        form = Form.of_request()
        place, name = form.required("place", "单位或群编号"), form.required("invited", "姓名")
        if not form.is_refused:
            with form.refusals(place="place"):
                invited = ledger.write(current_viewer(), lambda clerk: _invite_to(clerk, place, name))
                return show_managers(ledger, clock, Form(), invited)
        return show_managers(ledger, clock, form), 400


def add_approvals(blueprint: Blueprint, ledger: Ledger, clock: Clock) -> None:
    """Add the queue of requests and the list of unregistered groups."""

    @blueprint.get("/approvals", endpoint="approvals")
    @allowed(ADMINS)
    def _approvals() -> str:
        return _show_approvals(ledger, clock, Form())

    @blueprint.post("/approvals/<int:number>", endpoint="approvals_decide")
    @allowed(ADMINS)
    def _decide(number: int) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        is_approved = _DECISIONS[form.one_of("decision", "同意或退回", _DECISIONS)]
        if not form.is_refused:
            with form.refusals():
                note = form["note"]
                acted = ledger.write(
                    current_viewer(),
                    lambda clerk: decide_request(clerk, number, is_approved=is_approved, note=note),
                )
                flash(told(acted))
                return redirect(url_for("console.approvals"))
        return _show_approvals(ledger, clock, form), 400

    @blueprint.get("/unregistered", endpoint="unregistered")
    @allowed(ADMINS)
    def _unregistered() -> str:
        return _show_unknown(ledger, clock, Form())

    @blueprint.post("/unregistered/claim", endpoint="unregistered_claim")
    @allowed(ADMINS)
    def _claim() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        its_id, code = form.required("external_id", "外部编号"), form.required("code", "群编号")
        if not form.is_refused:
            with form.refusals("code", place="code"):
                source = form["source"]
                flash(told(ledger.write(current_viewer(), lambda c: claim_group(c, its_id, code, source))))
                return redirect(url_for("console.unregistered"))
        return _show_unknown(ledger, clock, form), 400


def show_managers(ledger: Ledger, clock: Clock, form: Form, invited: Invited | None = None) -> str:
    """Return the page of posts, with a form as it was sent and a code that is shown once."""
    viewer, today = current_viewer(), business_day(clock())
    code = request.args.get("unit") or None
    reading = ledger.read(viewer, lambda clerk: read_managers(clerk, code))
    crumbs, children = ledger.read(viewer, lambda clerk: read_place(clerk, reading.unit))
    vacant = ledger.read(viewer, lambda clerk: read_vacancies(clerk, reading, children))
    vacancies, vacant_slice = cut_page(vacant.near, asked_page("vacant"), _ROWS)
    below, below_slice = cut_page(vacant.below, asked_page("below"), _ROWS)
    uses, use_slice = cut_page(
        sorted(reading.uses, key=lambda use: (not use.suggestion, use.group_code)), asked_page("page"), _ROWS
    )
    posts, post_slice = cut_page(reading.posts, asked_page("post"))
    return render_template(
        "managers.html",
        reading=reading,
        page_url=lambda name, number: url_for("console.managers", unit=code, **{name: number}),
        crumbs=crumbs,
        children=children,
        vacant=vacant,
        vacancies=vacancies,
        below=below,
        below_slice=below_slice,
        vacant_slice=vacant_slice,
        uses=uses,
        suggested_uses=[(use, use_badge(use)) for use in uses if use.suggestion],
        other_uses=[(use, use_badge(use)) for use in uses if not use.suggestion],
        asked_page="page" in request.args,
        asked_post="post" in request.args,
        use_slice=use_slice,
        posts=posts,
        post_slice=post_slice,
        form=form,
        invited=invited,
        now_words=moment_words(clock(), today),
        until=moment_words(invited.expires_at, today) if invited else "",
        may_write=viewer.role in ADMINS,
    )


def _show_approvals(ledger: Ledger, clock: Clock, form: Form) -> str:
    today = business_day(clock())
    waiting, own = ledger.read(current_viewer(), read_requests)
    shown, part = cut_page(waiting, asked_page("page"), _ROWS)
    own_shown, own_part = cut_page(own, asked_page("own"), _ROWS)
    return render_template(
        "approvals.html",
        waiting=[present_change(one, today) for one in shown],
        waiting_slice=part,
        own=[present_change(one, today) for one in own_shown],
        own_slice=own_part,
        page_url=page_urls("approvals"),
        form=form,
        now_words=moment_words(clock(), today),
    )


def _show_unknown(ledger: Ledger, clock: Clock, form: Form) -> str:
    today = business_day(clock())
    try:
        found, notice = ledger.read(current_viewer(), read_unknown), ""
    except CommandError as error:
        found, notice = [], error.user_text
    shown, part = cut_page(found, asked_page("page"))
    return render_template(
        "unregistered.html",
        lines=[
            (one, moment_words(one.first_seen_at, today), moment_words(one.last_seen_at, today))
            for one in shown
        ],
        slice=part,
        page_url=page_urls("unregistered"),
        notice=notice,
        form=form,
        now_words=moment_words(clock(), today),
    )


def _invite_to(clerk: Clerk, code: str, name: str) -> Invited:
    """Invite for a group if the code is one in sight, else for a unit."""
    try:
        return invite_manager(clerk, clerk.find_group(code), name)
    except OutOfScope:
        return invite_manager(clerk, clerk.find_unit(code), name)
