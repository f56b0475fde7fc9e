"""Boards (排名): the duty rate of sibling units over a period, from the roll-ups of closed days."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

from monitor.clock import Period, last_days
from monitor.days.readings import Ranking, RankingRow
from monitor.store import directory
from monitor.store.days import queries as day_queries
from monitor.store.days import tallies as tally_queries
from monitor.units import Role, Unit, UnitId
from monitor.usecases.queries.asking import Question, find_unit

SMALL_SAMPLE = 5  # group-days with data; fewer say little
Sums = Mapping[UnitId, tuple[int, int]]


def answer_ranking(question: Question, period: Period, kind: str, unit_code: str | None) -> Ranking:
    """Return the board of a unit's children, best first; ties share a rank (1, 1, 3).

    Units without data have no rank and come last. Movement compares with the period of equal length
    before: positive is better.
    """
    board = find_board(question, unit_code)
    children = directory.load_children(question.connection, board.unit_id)
    units = [child for child in children if kind in ("", child.kind)]
    ids = [unit.unit_id for unit in units]
    sums = tally_queries.load_duty_sums(question.connection, ids, period)
    earlier = last_days(period.first_day - timedelta(days=1), len(period))
    sums_before = tally_queries.load_duty_sums(question.connection, ids, earlier)
    closes = day_queries.load_closes(question.connection, period)
    return Ranking(
        unit=board,
        kind=kind,
        first_day=period.first_day,
        last_day=period.last_day,
        data_at=max(closes.values(), default=None),
        rows=tuple(build_rows(units, sums, sums_before)),
    )


def find_board(question: Question, unit_code: str | None) -> Unit:
    """Return the unit whose children are compared.

    Without a code: the viewer's own unit; for admins of a unit below the root the one above it,
    because boards are the exception to scope (requirements D.0): an admin sees the own level.

    Raises: OutOfScope.
    """
    own = find_unit(question, unit_code)
    is_admin = question.viewer.role in (Role.UNIT_ADMIN, Role.BRANCH_ADMIN)
    if unit_code is None and is_admin and own.parent_id is not None:
        return directory.load_unit(question.connection, own.parent_id) or own
    return own


def rank_units(sums: Sums) -> dict[UnitId, int]:
    """Return the rank of each unit with data, 1 best, by exact ratio of group-days; ties share a rank."""
    ratios = {unit_id: Fraction(met, base) for unit_id, (met, base) in sums.items() if base}
    ordered = sorted(ratios.values(), reverse=True)
    places = {ratio: place for place, ratio in reversed(list(enumerate(ordered, start=1)))}
    return {unit_id: places[ratio] for unit_id, ratio in ratios.items()}


def build_rows(units: Sequence[Unit], sums: Sums, sums_before: Sums) -> list[RankingRow]:
    """Return the places of units, best first; see `answer_ranking`."""
    ranks, ranks_before = rank_units(sums), rank_units(sums_before)
    rows = []
    for unit in units:
        n_met, n_with_data = sums.get(unit.unit_id, (0, 0))
        rank, before = ranks.get(unit.unit_id), ranks_before.get(unit.unit_id)
        rows.append(
            RankingRow(
                rank=rank,
                unit=unit,
                met_ratio=n_met / n_with_data if n_with_data else None,
                n_met=n_met,
                n_with_data=n_with_data,
                movement=None if rank is None or before is None else before - rank,
                is_small_sample=n_with_data < SMALL_SAMPLE,
            )
        )
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.unit.code))
