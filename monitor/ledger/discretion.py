"""What leaders read of the ledger: figures and posts, no name of a person below unit level (D.6). Pure.

Designated officers (专责人员) stand at unit level and keep their names; group managers and whoever asked for
a change do not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from monitor.ledger.ledger import LedgerChange, LedgerGroup, LedgerReading
from monitor.ledger.terms import Term, TermUse

IN_OFFICE, FORMER = "在任", "已卸任"
_NAMES = frozenset(("name", "names"))


def hide_names(reading: LedgerReading) -> LedgerReading:
    """Return a unit's ledger without names.

    Source: requirement D.6.
    """
    return replace(
        reading,
        groups=_hide_managers(reading.groups),
        opened=_hide_managers(reading.opened),
        closed=_hide_managers(reading.closed),
        changes=hide_in_changes(reading.changes),
    )


def hide_in_changes(changes: Iterable[LedgerChange]) -> tuple[LedgerChange, ...]:
    """Return changes without the names that they are about, who asked, and who decided."""
    return tuple(
        replace(
            one,
            before=_without_names(one.before),
            after=_without_names(one.after),
            asked_by_name="",
            decided_by_name="",
        )
        for one in changes
    )


def hide_in_terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return terms of group managers that say only whether they go on."""
    return tuple(one._replace(name=FORMER if one.until else IN_OFFICE) for one in terms)


def hide_in_uses(uses: Iterable[TermUse]) -> tuple[TermUse, ...]:
    """Return how group managers are used without who they are."""
    return tuple(one._replace(term=one.term._replace(name=IN_OFFICE)) for one in uses)


def _hide_managers(groups: Iterable[LedgerGroup]) -> tuple[LedgerGroup, ...]:
    return tuple(one._replace(managers=IN_OFFICE if one.managers else "") for one in groups)


def _without_names(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in values.items() if key not in _NAMES}
