"""Where suggestions to change a manager come from (HN-2.1.4, D-02): parts give sources, a person decides."""

from collections.abc import Callable, Iterable, Sequence

from monitor.registers import Suggestion
from monitor.store import directory
from monitor.usecases.ledger.desk import Clerk
from monitor.usecases.ledger.reading import read_managers
from monitor.usecases.oversight.desk import Chair
from monitor.usecases.rules.in_force import dated

AdjustmentSource = Callable[[Chair], Iterable[Suggestion]]
"""Gives suggestions within the viewer's subtree, the most urgent first."""


def suggest_from_ledger(chair: Chair) -> Iterable[Suggestion]:
    """Return the group managers whose change D-02 suggests, with what they did not do."""
    clerk = Clerk(
        chair.connection,
        chair.viewer,
        chair.now,
        dated(chair.office.rules, chair.connection),
        chair.office.quiet,
    )
    for use in read_managers(clerk).suggested:
        yield Suggestion(use.unit_name, use.unit_name, use.term.name, f"群 {use.group_code} {use.suggestion}")


ADJUSTMENT_SOURCES: Sequence[AdjustmentSource] = (suggest_from_ledger,)


def load_suggestions(chair: Chair, n_most: int) -> list[Suggestion]:
    """Return at most so many suggestions about units below the viewer's own."""
    own = directory.load_unit(chair.connection, chair.viewer.unit_id)
    every = (one for source in ADJUSTMENT_SOURCES for one in source(chair))
    return [one for one in every if own is None or one.unit_name != own.name][:n_most]
