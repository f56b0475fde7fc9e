"""Search: units and groups of the viewer's subtree by code, name or pinyin initials."""

from flask import Blueprint, render_template, request

from monitor.usecases.query import Queries
from web.auth import READERS, allowed, current_viewer
from web.limits import SEARCH, limited

_LONGEST = 40


def add_search(blueprint: Blueprint, queries: Queries) -> None:
    """Add the page behind the search field of the frame."""

    @blueprint.get("/search", endpoint="search")
    @allowed(READERS)
    @limited(SEARCH)
    def _search() -> str:
        viewer, text = current_viewer(), request.args.get("q", "").strip()[:_LONGEST]
        units = queries.find_units(viewer, text)
        groups = queries.find_groups(viewer, text)
        return render_template("search.html", text=text, units=units, groups=groups)
