"""大屏与徽章: which links are open for one's units, making one, revoking one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.console.screens import LIVES, BadgeFigure, LinkKind
from monitor.usecases.console.shared_links import MadeShare, NewShare, list_shares, make_share, revoke_share
from monitor.usecases.oversight.desk import Oversight
from web.auth import ADMINS, allowed, current_viewer
from web.forms import Form
from web.presenters.overview import cut_page
from web.presenters.shares import present_share
from web.views.parameters import asked_page

_FIGURES = tuple((one.value, one.value) for one in BadgeFigure)
_DAYS = tuple((str(days), f"{days} 天") for days in LIVES)
_KINDS = tuple((one.value, one.value) for one in LinkKind)


def add_shares(blueprint: Blueprint, oversight: Oversight, clock: Clock, public_url: str) -> None:
    """Add the page and its forms; scope and limits are decided by the use cases."""

    def _page(form: Form, made: MadeShare | None = None) -> str:
        now = clock()
        today = business_day(now)
        links, slice_ = cut_page(oversight.read(current_viewer(), list_shares), asked_page("page"))
        return render_template(
            "shares.html",
            form=form,
            made=made,
            made_path=_path(made) if made else "",
            made_url=(public_url or request.host_url).rstrip("/") + _path(made) if made else "",
            lines=[present_share(link, now, today) for link in links],
            slice=slice_,
            kinds=_KINDS,
            figures=_FIGURES,
            lives=_DAYS,
            page_url=lambda name, number: url_for("console.shares", **{name: number}),
        )

    @blueprint.get("/shares", endpoint="shares")
    @allowed(ADMINS)
    def _show() -> str:
        return _page(Form({"kind": LinkKind.SCREEN.value, "days": "30"}))

    @blueprint.post("/shares", endpoint="shares_make")
    @allowed(ADMINS)
    def _make() -> str | tuple[str, int]:
        form = Form.of_request()
        kind = form.one_of("kind", "种类", [one.value for one in LinkKind])
        days = int(form.one_of("days", "有效期", [str(days) for days in LIVES]))
        is_badge = kind == LinkKind.BADGE.value
        figure = form.one_of("figure", "指标", [one.value for one in BadgeFigure]) if is_badge else ""
        unit = form.required("unit", "单位编号")
        if not form.is_refused:
            new = NewShare(
                LinkKind(kind),
                unit,
                form["group"],
                BadgeFigure(figure) if figure else None,
                days,
                form["note"],
            )
            with form.refusals():
                made = oversight.write(current_viewer(), lambda chair: make_share(chair, new))
                return _page(Form({"kind": kind, "days": str(days)}), made)
        return _page(form), 400

    @blueprint.post("/shares/<int:number>/revoke", endpoint="shares_revoke")
    @allowed(ADMINS)
    def _revoke(number: int) -> BaseResponse:
        was_open = oversight.write(current_viewer(), lambda chair: revoke_share(chair, number))
        flash("链接已撤销，打开它的页面即刻失效" if was_open else "该链接此前已失效，未重复操作")
        return redirect(url_for("console.shares"))


def _path(made: MadeShare) -> str:
    endpoint = "console.screen" if made.kind is LinkKind.SCREEN else "console.badge"
    return url_for(endpoint, token=made.token)
