"""Sign-in page, its second step, and sign-out."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.usecases.people.entrances import Entrances
from monitor.usecases.people.second_factor import SECOND_STEP_LIFE, SecondStepRefused
from monitor.usecases.people.sign_in import Entry, SignInBusy, SignInRefused
from web.auth import (
    begin_session,
    clear_cookie,
    current_visitor,
    end_session,
    here_from,
    public,
    safe_next,
    set_cookie,
    signed_in,
)
from web.forms import Form
from web.limits import SIGN_IN, limited
from web.wording import moment_words

STEP_COOKIE = "qingxun_step"


def add_sign_in(blueprint: Blueprint, entrances: Entrances, clock: Clock) -> None:
    """Add the views by which people come in and go out."""
    sign_in = entrances.sign_in

    def _form(target: str, *, name: str = "", problem: str = "") -> str:
        return render_template(
            "sign_in.html", next=target, name=name, problem=problem, accounts=_offered(entrances)
        )

    @blueprint.get("/sign-in", endpoint="sign_in_page")
    @public
    def _page() -> Response | str:
        target = safe_next(request.args.get("next", ""))
        return redirect(target) if current_visitor() else _form(target)

    @blueprint.post("/sign-in", endpoint="sign_in")
    @public
    @limited(SIGN_IN)
    def _enter() -> Response | tuple[str, int]:
        name, target = request.form.get("name", ""), safe_next(request.form.get("next", ""))
        try:
            entry = sign_in.enter(name, request.form.get("password", ""), **here_from())
        except SignInRefused as refusal:
            return _form(target, name=name, problem=refusal.user_text), 401
        except SignInBusy as refusal:
            return _form(target, name=name, problem=refusal.user_text), 503
        if entry.needs_code:
            response = redirect(url_for("console.sign_in_code", next=target))
            set_cookie(response, STEP_COOKIE, entry.token, int(SECOND_STEP_LIFE.total_seconds()))
            return response
        return welcome(entry, target, clock)

    @blueprint.post("/sign-out", endpoint="sign_out")
    @signed_in
    def _leave() -> Response:
        response = redirect(url_for("console.sign_in_page"))
        end_session(response, sign_in)
        return response


def add_second_step(blueprint: Blueprint, entrances: Entrances, clock: Clock) -> None:
    """Add the page that asks for the code of the second factor."""

    @blueprint.get("/sign-in/code", endpoint="sign_in_code")
    @public
    def _ask() -> Response | str:
        if STEP_COOKIE not in request.cookies:
            return redirect(url_for("console.sign_in_page"))
        return render_template("sign_in_code.html", form=Form({"next": request.args.get("next", "")}))

    @blueprint.post("/sign-in/code", endpoint="sign_in_code_enter")
    @public
    @limited(SIGN_IN)
    def _enter() -> Response | tuple[str, int]:
        form = Form.of_request()
        try:
            token = request.cookies.get(STEP_COOKIE, "")
            entry = entrances.second_factor.enter(token, form["code"], **here_from())
        except SecondStepRefused as refusal:
            form.refuse(refusal.user_text)
            return render_template("sign_in_code.html", form=form), 401
        response = welcome(entry, safe_next(form["next"]), clock)
        clear_cookie(response, STEP_COOKIE)
        return response


def welcome(entry: Entry, target: str, clock: Clock) -> Response:
    """Begin the session and lead on; say when the user was last here, so that a stranger is noticed."""
    response = redirect(target)
    begin_session(response, entry)
    if entry.last_sign_in_at is None:
        text = "这是您首次登录控制台"
    else:
        text = f"上次登录：{moment_words(entry.last_sign_in_at, business_day(clock()))}"
    if entry.n_failures:
        text += f"，此后有 {entry.n_failures} 次密码或验证码错误；如非本人操作，请联系系统运维"
    flash(text)
    return response


def _offered(entrances: Entrances) -> tuple[str, ...]:
    """Return the accounts to sign in with; only WeChat's own browser can."""
    is_wechat = "MicroMessenger" in request.headers.get("User-Agent", "")
    return entrances.wechat.accounts if is_wechat else ()
