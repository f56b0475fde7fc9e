"""Sign-in page and sign-out."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.usecases.sign_in import Entry, SignIn, SignInBusy, SignInRefused
from web.auth import begin_session, current_visitor, end_session, public, safe_next, signed_in
from web.wording import moment_words


def add_sign_in(blueprint: Blueprint, sign_in: SignIn, clock: Clock) -> None:
    """Add the views by which people come in and go out."""

    @blueprint.get("/sign-in", endpoint="sign_in_page")
    @public
    def _page() -> Response | str:
        target = safe_next(request.args.get("next", ""))
        return redirect(target) if current_visitor() else _form(target)

    @blueprint.post("/sign-in", endpoint="sign_in")
    @public
    def _enter() -> Response | tuple[str, int]:
        name, target = request.form.get("name", ""), safe_next(request.form.get("next", ""))
        agent, address = request.headers.get("User-Agent", ""), request.remote_addr or ""
        try:
            entry = sign_in.enter(name, request.form.get("password", ""), user_agent=agent, address=address)
        except SignInRefused as refusal:
            return _form(target, name=name, problem=refusal.user_text), 401
        except SignInBusy as refusal:
            return _form(target, name=name, problem=refusal.user_text), 503
        response = redirect(target)
        begin_session(response, entry)
        flash(_welcome(entry, clock))
        return response

    @blueprint.post("/sign-out", endpoint="sign_out")
    @signed_in
    def _leave() -> Response:
        response = redirect(url_for("console.sign_in_page"))
        end_session(response, sign_in)
        return response


def _form(target: str, *, name: str = "", problem: str = "") -> str:
    return render_template("sign_in.html", next=target, name=name, problem=problem)


def _welcome(entry: Entry, clock: Clock) -> str:
    """Say when the user was last here, so that a stranger's visit is noticed."""
    if entry.last_sign_in_at is None:
        text = "首次登录"
    else:
        text = f"上次登录：{moment_words(entry.last_sign_in_at, business_day(clock()))}"
    if entry.n_failures:
        text += f"，此后有 {entry.n_failures} 次密码错误；如非本人操作，请联系系统运维"
    return text
