"""Search: units, groups and official accounts of the viewer's subtree by code, name or pinyin initials."""

from flask import Blueprint, render_template, request, url_for

from monitor.usecases.queries.questions import Queries
from web.auth import READERS, allowed, current_viewer
from web.limits import SEARCH, limited
from web.presenters.overview import cut_page
from web.views.parameters import asked_page

_LONGEST = 40
MOST, SIZE = 200, 20
_PAGES = ("unit_page", "group_page", "account_page")


def add_search(blueprint: Blueprint, queries: Queries) -> None:
    """Add the page behind the search field of the frame."""

    @blueprint.get("/search", endpoint="search")
    @allowed(READERS)
    @limited(SEARCH)
    def _search() -> str:
        viewer, text = current_viewer(), request.args.get("q", "").strip()[:_LONGEST]
        units, unit_slice = cut_page(queries.find_units(viewer, text, MOST), asked_page("unit_page"), SIZE)
        groups, group_slice = cut_page(
            queries.find_groups(viewer, text, MOST), asked_page("group_page"), SIZE
        )
        accounts, account_slice = cut_page(
            queries.find_accounts(viewer, text, MOST), asked_page("account_page"), SIZE
        )
        kept = {name: request.args[name] for name in _PAGES if name in request.args}
        return render_template(
            "search.html",
            text=text,
            units=units,
            unit_slice=unit_slice,
            groups=groups,
            group_slice=group_slice,
            accounts=accounts,
            account_slice=account_slice,
            most=MOST,
            page_url=lambda name, number: url_for("console.search", **{"q": text, **kept, name: number}),
        )
