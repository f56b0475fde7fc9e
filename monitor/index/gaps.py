"""Which facts (考核数据) a run still lacks, and for which schools. Pure. Key type: `Gap`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from monitor.index.facts import ENTERED_INDICES

_ARTICLES = "公众号文章"
_PART = "parts."


class Gap(NamedTuple):
    """One kind of fact and the codes of the schools that lack it, in order."""

    title: str
    schools: tuple[str, ...]


def find_sheet_gaps(
    sheets: Iterable[tuple[str, Mapping[str, Any]]], indicators: Mapping[str, Mapping[str, Any]]
) -> list[Gap]:
    """Return what monthly or yearly sheets lack, the most missed first.

    What the source lost is no gap of the facts: only indices that a person can enter are named.

    Args:
        sheets: code and stored detail of each school.
        indicators: of the rulebook the run was made by, with their titles.
    """
    lacking: dict[str, list[str]] = {}
    for code, detail in sheets:
        found = [indicators[key]["title"] for key in detail["no_data"]]
        parts = [f"part.{key.removeprefix(_PART)}" for key in detail["missing"] if key.startswith(_PART)]
        found += [ENTERED_INDICES[key] for key in parts if key in ENTERED_INDICES]
        if _lacks_articles(detail["accounts"].values()):
            found.append(_ARTICLES)
        for title in found:
            lacking.setdefault(title, []).append(code)
    return _in_order(lacking)


def find_board_gaps(accounts: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Gap]:
    """Return which schools lack articles, or figures of articles, on a WCI board."""
    codes = dict.fromkeys(code for code, detail in accounts if _lacks_articles([detail]))
    return _in_order({_ARTICLES: list(codes)} if codes else {})


def _lacks_articles(accounts: Iterable[Mapping[str, Any]]) -> bool:
    every: Sequence[Mapping[str, Any]] = list(accounts)
    return not every or any(account["n_posts"] is None or account["missing"] for account in every)


def _in_order(lacking: Mapping[str, Sequence[str]]) -> list[Gap]:
    gaps = [Gap(title, tuple(codes)) for title, codes in lacking.items()]
    return sorted(gaps, key=lambda gap: (-len(gap.schools), gap.title))
