"""Signing in by chat (用微信确认登录), and inside WeChat (微信内登录)."""

from hmac import compare_digest

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, as_shanghai
from monitor.people.sign_in import SignInState
from monitor.usecases.people.chat_sign_in import CODE_LIFE, PICK_UP_WITHIN, TooManyDesks
from monitor.usecases.people.entrances import Entrances
from monitor.usecases.people.wechat_sign_in import STATE_LIFE, WeChatSignInRefused
from web.auth import clear_cookie, here_from, public, safe_next, set_cookie
from web.limits import SIGN_IN, limited
from web.views.sign_in import welcome

DESK_COOKIE, STATE_COOKIE = "qingxun_desk", "qingxun_state"
_CODE, _UNTIL = "desk_code", "desk_until"  # in the form cookie: the browser shows them again after a reload
_STOP_POLLING = 286
_WORDS = {
    SignInState.WAITING: "等待您在微信中发送验证码…",
    SignInState.ASKED: "已收到验证码，请在微信中回复 1 确认…",
    SignInState.REFUSED: "已在微信中拒绝，本次登录作废。",
    None: "验证码已过期或已使用，请重新获取。",
}


def add_chat_sign_in(blueprint: Blueprint, entrances: Entrances, clock: Clock) -> None:
    """Add the page that shows a code and waits, by script or by its button."""

    @blueprint.post("/sign-in/chat", endpoint="sign_in_chat_begin")
    @public
    @limited(SIGN_IN)
    def _begin() -> BaseResponse | tuple[str, int]:
        target = safe_next(request.form.get("next", ""))
        try:
            ticket = entrances.chat.begin(**here_from())
        except TooManyDesks as refusal:
            words = {"next": target, "name": "", "problem": refusal.user_text, "accounts": ()}
            return render_template("sign_in.html", **words), 429
        response = redirect(url_for("console.sign_in_chat", next=target))
        set_cookie(response, DESK_COOKIE, ticket.browser, int((CODE_LIFE + PICK_UP_WITHIN).total_seconds()))
        session[_CODE], session[_UNTIL] = ticket.code, f"{as_shanghai(ticket.expires_at):%H:%M:%S}"
        return response

    @blueprint.get("/sign-in/chat", endpoint="sign_in_chat")
    @public
    def _show() -> str:
        state = entrances.chat.look(request.cookies.get(DESK_COOKIE, ""))
        return render_template(
            "sign_in_chat.html",
            next=safe_next(request.args.get("next", "")),
            code=session.get(_CODE, "") if state is SignInState.WAITING else "",
            until=session.get(_UNTIL, ""),
            is_open=state not in (None, SignInState.REFUSED),
            words=_WORDS.get(state, ""),
        )

    @blueprint.post("/sign-in/chat/enter", endpoint="sign_in_chat_enter")
    @public
    def _enter() -> BaseResponse:
        target, browser = safe_next(request.form.get("next", "")), request.cookies.get(DESK_COOKIE, "")
        state = entrances.chat.look(browser)
        entry = entrances.chat.claim(browser, **here_from()) if state is SignInState.CONFIRMED else None
        is_fragment = "HX-Request" in request.headers
        if entry is None:
            if not is_fragment:
                return redirect(url_for("console.sign_in_chat", next=target))
            status = 200 if state in (SignInState.WAITING, SignInState.ASKED) else _STOP_POLLING
            return Response(_WORDS.get(state, ""), status, mimetype="text/html")
        response = welcome(entry, target, clock)
        if is_fragment:
            response.status_code = _STOP_POLLING
            response.headers["HX-Redirect"] = response.headers.pop("Location")
        clear_cookie(response, DESK_COOKIE)
        return response


def add_wechat_sign_in(blueprint: Blueprint, entrances: Entrances, clock: Clock, public_url: str) -> None:
    """Add the way out to the platform and the way back. The state is bound to the browser by a cookie."""

    @blueprint.get("/wechat-sign-in/<account>", endpoint="wechat_sign_in")
    @public
    @limited(SIGN_IN)
    def _go(account: str) -> BaseResponse:
        target = safe_next(request.args.get("next", ""))
        back = public_url.rstrip("/") + url_for("console.wechat_sign_in_back", account=account)
        state, address = entrances.wechat.begin(account, target, back)
        response = redirect(address)
        set_cookie(response, STATE_COOKIE, state, int(STATE_LIFE.total_seconds()))
        return response

    @blueprint.get("/wechat-sign-in/<account>/back", endpoint="wechat_sign_in_back")
    @public
    @limited(SIGN_IN)
    def _back(account: str) -> BaseResponse | tuple[str, int]:
        state, kept = request.args.get("state", ""), request.cookies.get(STATE_COOKIE, "")
        try:
            if not kept or not compare_digest(state.encode(), kept.encode()):
                raise WeChatSignInRefused("state of another browser")
            code = request.args.get("code", "")
            entry, target = entrances.wechat.finish(account, code, state, **here_from())
        except WeChatSignInRefused as refusal:
            words = {
                "next": "/",
                "name": "",
                "problem": refusal.user_text,
                "accounts": entrances.wechat.accounts,
            }
            return render_template("sign_in.html", **words), 401
        response = welcome(entry, safe_next(target), clock)
        clear_cookie(response, STATE_COOKIE)
        return response
