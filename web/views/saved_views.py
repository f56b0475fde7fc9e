"""已存视图: a page's filters under names of one's own, at the head of each list page that has filters."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from monitor.console.saved_views import LONGEST_NAME, SavedView, clean_query
from monitor.errors import BadParameter
from monitor.usecases.console.saved_views import SavedViews
from web.auth import current_viewer, current_visitor, signed_in
from web.presenters.unit_list import PARAMETERS

PAGES: Mapping[str, tuple[str, ...]] = {  # endpoint → the parameters of its address that make a view
    "overview": ("unit", *PARAMETERS),
    "groups": ("unit", "state", "sort", "size"),
    "accounts": ("unit", "state"),
    "alerts": ("unit", "size"),
    "incidents": ("state",),
    "spot_checks": ("unit", "grade", "state", "year"),
    "rankings": ("board", "period", "kind"),
    "ledger": ("unit", "show"),
    "self_reports": ("state",),
}
EVERYTHING = "all"
"""`?view=all` opens a page without its default."""


@dataclass(frozen=True, slots=True)
class ViewsPanel:
    """What the panel of a page shows; `query` is the filter that could be saved now, "" for none."""

    page: str
    views: tuple[tuple[SavedView, str], ...]  # with its address
    query: str
    bare: str
    longest: int = LONGEST_NAME


def add_saved_views(blueprint: Blueprint, saved: SavedViews) -> None:
    """Add the panel, its forms, and the default of a page that is opened without any filter."""

    @blueprint.before_request
    def _open_default() -> Response | None:
        page = _page_of(request.endpoint)
        is_bare = request.method == "GET" and not request.query_string and "HX-Request" not in request.headers
        if not page or not is_bare or current_visitor() is None:
            return None
        query = saved.default_query(current_viewer(), page)
        return redirect(_address(page, query)) if query else None

    @blueprint.app_template_global("saved_views")
    def _panel() -> ViewsPanel | None:
        page = _page_of(request.endpoint)
        if not page or current_visitor() is None:
            return None
        views = tuple((view, _address(page, view.query)) for view in saved.list(current_viewer(), page))
        return ViewsPanel(page, views, _present_query(page), url_for(f"console.{page}", view=EVERYTHING))

    @blueprint.post("/views", endpoint="views_save")
    @signed_in
    def _save() -> Response:
        page = request.form.get("page", "")
        if page not in PAGES:
            raise BadParameter("page", user_text="这个页面不能保存视图")
        view = saved.save(
            current_viewer(), page, PAGES[page], request.form.get("name", ""), request.form.get("query", ""),
            is_default=request.form.get("is_default") == "是",
        )  # fmt: skip
        flash(f"已保存视图“{view.name}”")
        return redirect(_address(page, view.query))

    @blueprint.post("/views/<int:number>/default", endpoint="views_default")
    @signed_in
    def _default(number: int) -> Response:
        is_default = request.form.get("is_default") == "是"
        view = saved.choose_default(current_viewer(), number, is_default=is_default)
        flash(f"“{view.name}”{'已设为' if is_default else '不再是'}默认视图")
        return redirect(_address(view.page, view.query))

    @blueprint.post("/views/<int:number>/delete", endpoint="views_delete")
    @signed_in
    def _delete(number: int) -> Response:
        view = saved.delete(current_viewer(), number)
        flash(f"已删除视图“{view.name}”")
        return redirect(url_for(f"console.{view.page}", view=EVERYTHING))


def _page_of(endpoint: str | None) -> str:
    page = (endpoint or "").removeprefix("console.")
    return page if page in PAGES else ""


def _address(page: str, query: str) -> str:
    return f"{url_for(f'console.{page}')}?{query}"


def _present_query(page: str) -> str:
    try:
        return clean_query(request.query_string.decode("utf-8", "replace"), PAGES[page])
    except BadParameter:
        return ""
