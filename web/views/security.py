"""账号安全: one's own second factor and sessions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.people.sign_in import in_fours
from monitor.usecases.people.second_factor import SecondFactor
from monitor.usecases.people.sessions import SessionsDesk, handle_of
from web.auth import COOKIE, current_viewer, signed_in
from web.forms import Form
from web.presenters.system import present_sessions


def add_security(
    blueprint: Blueprint, second_factor: SecondFactor, sessions: SessionsDesk, clock: Clock
) -> None:
    """Add the page of a person's own account; it shows nobody else's."""

    def _page(form: Form, codes: list[str] | None = None) -> str:
        viewer, token = current_viewer(), request.cookies.get(COOKIE, "")
        factor = second_factor.read(viewer)
        lines = present_sessions(sessions.own(viewer), business_day(clock()), handle_of(token))
        return render_template(
            "security.html",
            form=form,
            factor=factor,
            key=in_fours(factor.key),
            codes=[in_fours(code) for code in codes or ()],
            lines=lines,
        )

    @blueprint.get("/security", endpoint="security")
    @signed_in
    def _show() -> str:
        return _page(Form())

    @blueprint.post("/security/factor", endpoint="security_begin")
    @signed_in
    def _begin() -> Response | tuple[str, int]:
        form = Form()
        with form.refusals():
            second_factor.begin(current_viewer())
            return redirect(url_for("console.security") + "#factor")
        return _page(form), 400

    @blueprint.post("/security/factor/confirm", endpoint="security_confirm")
    @signed_in
    def _confirm() -> str | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            return _page(Form(), second_factor.finish(current_viewer(), form["code"]))
        return _page(form), 400

    @blueprint.post("/security/factor/off", endpoint="security_off")
    @signed_in
    def _off() -> Response | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            second_factor.switch_off(current_viewer(), request.form.get("password", ""))
            flash("已关闭两步验证")
            return redirect(url_for("console.security"))
        form.values.pop("password", None)
        return _page(form), 400


def add_own_sessions(blueprint: Blueprint, sessions: SessionsDesk) -> None:
    """Add the ending of one's own sessions."""

    @blueprint.post("/security/sessions/end", endpoint="security_end")
    @signed_in
    def _end() -> Response:
        sessions.end_own(current_viewer(), request.form.get("handle", ""))
        flash("已结束该登录")
        return redirect(url_for("console.security"))

    @blueprint.post("/security/sessions/end-others", endpoint="security_end_others")
    @signed_in
    def _end_others() -> Response:
        n_ended = sessions.end_others(current_viewer(), request.cookies.get(COOKIE, ""))
        flash(f"已结束其他 {n_ended} 个登录")
        return redirect(url_for("console.security"))
