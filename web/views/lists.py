"""群、公众号、待处理预警: the rows that the numbers of 总览 and 单位 count."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from monitor.clock import Clock, business_day
from monitor.days.list_readings import Cut, DutyFilter, count_in, select_accounts
from monitor.usecases.queries.questions import Queries
from web.auth import READERS, allowed, current_viewer
from web.presenters.overview import Slice, cut_page, present_group
from web.views.parameters import asked_day, asked_page
from web.wording import count_words, day_words, duty_badge, long_day_words

TABS = {"all": DutyFilter.ALL, "unmet": DutyFilter.UNMET, "nodata": DutyFilter.NO_DATA, "met": DutyFilter.MET}
SORTS = {"": "差者在前", "unit": "按单位"}
SIZES = (25, 50, 100)
_KEPT = ("unit", "day", "state", "sort", "size", "page")


def add_lists(blueprint: Blueprint, queries: Queries, clock: Clock) -> None:
    """Add the lists; the queries refuse units outside the viewer's scope."""

    @blueprint.get("/groups", endpoint="groups")
    @allowed(READERS)
    def _groups() -> str:
        today = business_day(clock())
        key, sort = _asked("state", TABS, "all"), _asked("sort", SORTS, "")
        found = queries.group_list(
            current_viewer(), request.args.get("unit") or None,
            asked_day(request.args.get("day"), today), TABS[key], _asked_cut(), by_unit=sort == "unit",
        )  # fmt: skip
        tabs = [(name, one.value, count_in(found.tally, one)) for name, one in TABS.items()]
        return render_template(
            "groups.html",
            found=found,
            lines=[present_group(one, today) for one in found.groups],
            tabs=tabs,
            key=key,
            sort=sort,
            sorts=SORTS,
            sizes=SIZES,
            slice=_slice(found.cut, count_in(found.tally, TABS[key])),
            day_words=long_day_words(found.day),
            **_links("console.groups"),
        )

    @blueprint.get("/accounts", endpoint="accounts")
    @allowed(READERS)
    def _accounts() -> str:
        today = business_day(clock())
        key = _asked("state", TABS, "all")
        day = asked_day(request.args.get("day"), today)
        found = queries.account_list(current_viewer(), request.args.get("unit") or None, day)
        wanted, slice_ = cut_page(select_accounts(found.accounts, TABS[key]), asked_page("page"), SIZES[1])
        return render_template(
            "accounts.html",
            found=found,
            lines=[
                (one, duty_badge(one.duty, one.day, today), count_words(one.n_articles)) for one in wanted
            ],
            tabs=[(name, one.value, len(select_accounts(found.accounts, one))) for name, one in TABS.items()],
            key=key,
            slice=slice_,
            day_words=long_day_words(found.day),
            **_links("console.accounts"),
        )

    @blueprint.get("/alerts", endpoint="alerts")
    @allowed(READERS)
    def _alerts() -> str:
        today = business_day(clock())
        found = queries.alert_list(current_viewer(), request.args.get("unit") or None, _asked_cut())
        return render_template(
            "alerts.html",
            found=found,
            lines=[(one, day_words(one.day, today)) for one in found.alerts],
            slice=_slice(found.cut, found.n_alerts),
            **_links("console.alerts"),
        )


def _asked(name: str, known: dict[str, Any], default: str) -> str:
    value = request.args.get(name, default)
    return value if value in known else default


def _asked_cut() -> Cut:
    size = request.args.get("size", SIZES[0], type=int)
    return Cut(max(asked_page("page"), 1), size if size in SIZES else SIZES[0])


def _slice(cut: Cut, total: int) -> Slice:
    n_pages = max(1, -(-total // cut.size))
    return Slice(cut.offset + 1, min(cut.offset + cut.size, total), total, cut.page, n_pages)


def _links(endpoint: str) -> dict[str, Any]:
    """Return what builds the addresses of a list: other parameters stay, a new choice begins at page 1."""

    def _with(**changed: object) -> str:
        kept: dict[str, Any] = {name: request.args.get(name) for name in _KEPT}
        return url_for(endpoint, **(kept | {"page": None} | changed))

    return {
        "with_": _with,
        "kept": {name: request.args[name] for name in ("unit", "day", "state") if name in request.args},
        "page_url": lambda name, number: _with(**{name: number}),
        "unit_url": lambda code: url_for("console.overview", unit=code, day=request.args.get("day")),
    }
