"""Saved views (已存视图): a filter of a list page under a name of one's own. Pure.

Only the query string is kept, cut down to the page's own parameters; scope is decided anew at each opening.
Source: none (design).
"""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from monitor.errors import BadParameter

LONGEST_NAME = 20
_LONGEST_VALUE, _LONGEST_QUERY = 60, 400


@dataclass(frozen=True, slots=True)
class SavedView:
    """One saved view of its owner."""

    number: int
    page: str
    name: str
    query: str
    is_default: bool


def clean_query(text: str, parameters: Collection[str]) -> str:
    """Return the part of a query string that a page itself reads, in the order of its parameters.

    Page numbers, days and whatever the page does not know are left out; of a repeated one the first counts.

    Raises: BadParameter if nothing is left, or a value is too long or not printable.
    """
    if len(text) > 4 * _LONGEST_QUERY:
        raise BadParameter("query", user_text="筛选条件过长，未保存")
    found: dict[str, str] = {}
    for name, value in parse_qsl(text):
        found.setdefault(name, value)
    kept = {name: found[name] for name in parameters if found.get(name)}
    if not kept:
        raise BadParameter("query", user_text="请先选择筛选条件，再保存视图")
    if any(len(value) > _LONGEST_VALUE or not value.isprintable() for value in kept.values()):
        raise BadParameter("query", user_text="筛选条件有误，未保存")
    return urlencode(kept)


def clean_name(text: str) -> str:
    """Return a name on one line.

    Raises: BadParameter if it is empty, too long or not printable.
    """
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadParameter("name", user_text=f"视图名称应为 1–{LONGEST_NAME} 个字")
    return name


def unit_of(query: str) -> str | None:
    """Return the unit's code in a saved query, if it has one."""
    return dict(parse_qsl(query)).get("unit")
