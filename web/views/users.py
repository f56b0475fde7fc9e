"""用户管理: users of the operator's subtree. Passwords are shown once, on the page that made them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock
from monitor.people.granting import grantable_roles
from monitor.units import Role
from monitor.usecases.people.administer import Administration, NewUser
from monitor.usecases.queries.questions import Queries
from web.auth import OPERATORS, allowed, current_viewer
from web.forms import Form
from web.limits import SEARCH, limited
from web.presenters.overview import cut_page
from web.presenters.system import present_user
from web.views.parameters import asked_page


def add_users(blueprint: Blueprint, users: Administration, queries: Queries, clock: Clock) -> None:
    """Add list, new user, and the page of one."""

    def _new(form: Form, status: int = 200) -> tuple[str, int]:
        viewer, text = current_viewer(), request.args.get("q", "").strip()[:40]
        found = queries.find_units(viewer, text)
        roles = [(role.value, role.value) for role in grantable_roles(viewer)]
        page = render_template("user_new.html", form=form, roles=roles, text=text, found=found)
        return page, status

    @blueprint.get("/system/users", endpoint="users")
    @allowed(OPERATORS)
    @limited(SEARCH)
    def _list() -> str:
        text = request.args.get("q", "").strip()[:40]
        lines, now = users.users(current_viewer(), text), clock()
        shown, slice_ = cut_page([present_user(line, now) for line in lines], asked_page("page"))
        return render_template(
            "users.html",
            lines=shown,
            slice=slice_,
            text=text,
            page_url=lambda _, number: url_for("console.users", q=text or None, page=number),
        )

    @blueprint.get("/system/users/new", endpoint="users_new")
    @allowed(OPERATORS)
    @limited(SEARCH)
    def _ask() -> tuple[str, int]:
        return _new(Form({"unit": request.args.get("unit", "")[:40]}))

    @blueprint.post("/system/users/new", endpoint="users_create")
    @allowed(OPERATORS)
    def _create() -> tuple[str, int]:
        form, viewer = Form.of_request(), current_viewer()
        name, unit = form.required("name", "用户名"), form.required("unit", "单位编号")
        role = Role(form.one_of("role", "角色", [role.value for role in grantable_roles(viewer)]))
        if not form.is_refused:
            with form.refusals():
                user_id, password = users.create(viewer, NewUser(name, role, unit, form["display_name"]))
                words = {"name": name, "password": password, "user_id": user_id}
                return render_template("user_password.html", **words), 200
        return _new(form, 400)


def add_user_acts(blueprint: Blueprint, users: Administration, queries: Queries, clock: Clock) -> None:
    """Add the page of one user and what can be done there."""

    def _page(user_id: int, form: Form | None = None) -> tuple[str, int]:
        viewer = current_viewer()
        user = users.user(viewer, user_id)
        row = present_user(user, clock())
        shown = form or Form({"role": row.role, "unit": row.unit_code})
        text = request.args.get("q", "").strip()[:40]
        roles = [(role.value, role.value) for role in grantable_roles(viewer)]
        found = queries.find_units(viewer, text)
        page = render_template("user.html", user=row, form=shown, roles=roles, text=text, found=found)
        return page, 400 if shown.is_refused else 200

    @blueprint.get("/system/users/<int:number>", endpoint="users_one")
    @allowed(OPERATORS)
    @limited(SEARCH)
    def _one(number: int) -> tuple[str, int]:
        form = (
            Form({"role": users.user(current_viewer(), number).role, "unit": request.args["unit"][:40]})
            if ("unit" in request.args)
            else None
        )
        return _page(number, form)

    @blueprint.post("/system/users/<int:number>/change", endpoint="users_change")
    @allowed(OPERATORS)
    def _change(number: int) -> Response | tuple[str, int]:
        form, viewer = Form.of_request(), current_viewer()
        unit = form.required("unit", "单位编号")
        role = Role(form.one_of("role", "角色", [role.value for role in grantable_roles(viewer)]))
        if not form.is_refused:
            with form.refusals():
                is_new = users.change(viewer, number, role, unit)
                flash("已更改，该用户需重新登录" if is_new else "与现在相同，未更改")
                return redirect(url_for("console.users_one", number=number))
        return _page(number, form)

    @blueprint.post("/system/users/<int:number>/<act>", endpoint="users_act")
    @allowed(OPERATORS)
    def _act(number: int, act: str) -> Response | tuple[str, int]:
        viewer, form = current_viewer(), Form()
        with form.refusals():
            if act == "password":
                name, password = users.user(viewer, number).name, users.reset_password(viewer, number)
                words = {"name": name, "password": password, "user_id": number}
                return render_template("user_password.html", **words), 200
            if act == "factor":
                done = users.reset_second_factor(viewer, number)
                flash("已解除两步验证，该用户需重新登录" if done else "该用户没有开启两步验证")
            elif act in ("on", "off"):
                done = users.switch(viewer, number, is_active=act == "on")
                flash(("已启用" if act == "on" else "已停用，登录随即结束") if done else "状态与现在相同")
            else:
                form.refuse("没有这个操作")
        return (
            _page(number, form) if form.is_refused else redirect(url_for("console.users_one", number=number))
        )
