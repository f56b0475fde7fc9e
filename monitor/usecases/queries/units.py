"""Answers about a unit: overview (总览), card (状态), who has not met the duty (未达标), its groups."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from monitor.days.readings import AccountDay, DutyTally, GroupDay, Overview, UnitRow, UnitStatus, UnmetReport
from monitor.store import directory, search_queries
from monitor.store.days import unit_queries
from monitor.store.days.tallies import WORST_FIRST, Listing
from monitor.units import Group, Unit
from monitor.usecases.queries.asking import Question, find_breadcrumb
from monitor.usecases.queries.days import load_day
from monitor.usecases.queries.tallies import SubtreeTally, load_history, tally_day, week_ratios
from scoring.duty import DutyState, judge_account_duty

MOST_GROUPS = 500  # of a list; the tallies beside it count all of them
MOST_ON_CARD = 50
UNMET = (DutyState.NOT_MET, DutyState.NO_TOPIC)
Choice = Callable[[Sequence[UnitRow]], Sequence[UnitRow]]
"""Picks rows out of many, for what is dear to load."""
_ACCOUNT_ORDER = {state: rank for rank, state in enumerate(WORST_FIRST)}


def answer_overview(
    question: Question, unit: Unit, day: date, n_days: int, choose: Choice | None = None
) -> Overview:
    """Return the first page of a unit: its day, its children worst first, their bars of days.

    Args:
        question: asked by whom, as of when.
        unit: whose page.
        day: business day.
        n_days: length of the bars.
        choose: the children that get a bar, out of all of them worst first; None is all.
    """
    connection = question.connection
    children = directory.load_children(connection, unit.unit_id)
    tally = tally_day(question, unit, children, day)
    weeks = week_ratios(question, [child.unit_id for child in children], day)
    bare = [
        UnitRow(child, tally.by_child.get(child.unit_id, DutyTally(day)), (), weeks[child.unit_id])
        for child in children
    ]
    rows = sorted(bare, key=_worst_row_first)
    shown = [row.unit for row in (choose(rows) if choose else rows)]
    history = load_history(question, unit, shown, tally, n_days)
    rows = [replace(row, history=history.get(row.unit.unit_id, ())) for row in rows]
    accounts = load_account_days(question, unit, day, is_closed=tally.is_closed)
    own_groups = unit_queries.load_own_groups(connection, unit.unit_id, day, MOST_GROUPS)
    return Overview(
        unit=unit,
        day=day,
        data_at=tally.data_at,
        tally=tally.total,
        history=history[unit.unit_id],
        n_accounts=len(accounts),
        n_accounts_met=_count_state(accounts, DutyState.MET),
        n_accounts_no_data=_count_state(accounts, DutyState.NO_DATA),
        n_open_alerts=unit_queries.count_open_alerts(connection, unit.path),
        n_unregistered=_count_unregistered(question),
        rows=tuple(rows),
        breadcrumb=find_breadcrumb(question, unit),
        groups=tuple(sorted(load_day(question, own_groups, day), key=_worst_group_first)),
        is_closed=tally.is_closed,
    )


def answer_unit_status(question: Question, unit: Unit, day: date) -> UnitStatus:
    """Return the card of a unit (状态), with the groups that still owe their duty, worst first."""
    connection = question.connection
    tally = tally_day(question, unit, (), day, _listing(question, day, UNMET, MOST_ON_CARD))
    accounts = load_account_days(question, unit, day, is_closed=tally.is_closed)
    return UnitStatus(
        unit=unit,
        day=day,
        data_at=tally.data_at,
        is_closed=tally.is_closed,
        tally=tally.total,
        week_ratio=week_ratios(question, [unit.unit_id], day)[unit.unit_id],
        n_accounts=len(accounts),
        n_accounts_met=_count_state(accounts, DutyState.MET),
        n_accounts_no_data=_count_state(accounts, DutyState.NO_DATA),
        n_open_alerts=unit_queries.count_open_alerts(connection, unit.path),
        missing=tuple(_load_listed(question, tally, day)),
        breadcrumb=find_breadcrumb(question, unit),
    )


def answer_unmet(question: Question, unit: Unit, day: date) -> UnmetReport:
    """Return who has not met the daily duty (未达标): at most 500 groups, all of them counted by child.

    Accounts: those without a qualifying article, then those without data.
    """
    children = directory.load_children(question.connection, unit.unit_id)
    listing = _listing(question, day, UNMET, MOST_GROUPS, by_unit=True)
    tally = tally_day(question, unit, children, day, listing)
    accounts = load_account_days(question, unit, day, is_closed=tally.is_closed)
    unmet = [account for account in accounts if account.duty is not DutyState.MET]
    named = {unit.unit_id: unit.name} | {child.unit_id: child.name for child in children}
    by_unit = {child.unit_id: _n_unmet(tally.by_child.get(child.unit_id)) for child in children}
    by_unit[unit.unit_id] = _n_unmet(tally.total) - sum(by_unit.values())  # the unit's own groups
    by_child = [(named[unit_id], n_unmet) for unit_id, n_unmet in by_unit.items() if n_unmet > 0]
    return UnmetReport(
        unit=unit,
        day=day,
        data_at=tally.data_at,
        is_closed=tally.is_closed,
        groups=tuple(_load_listed(question, tally, day)),
        n_no_data=tally.total.n_no_data,
        accounts=tuple(sorted(unmet, key=lambda account: _ACCOUNT_ORDER[account.duty])),
        by_child=tuple(sorted(by_child, key=lambda entry: -entry[1])),
    )


def answer_groups(question: Question, unit: Unit, day: date) -> list[GroupDay]:
    """Return the groups of a unit's subtree, worst first; at most 500."""
    listing = _listing(question, day, tuple(DutyState), MOST_GROUPS)
    return _load_listed(question, tally_day(question, unit, (), day, listing), day)


def answer_groups_of(question: Question, groups: Sequence[Group], day: date) -> list[GroupDay]:
    """Return given groups, worst first."""
    return sorted(load_day(question, groups, day), key=_worst_group_first)


def load_account_days(question: Question, unit: Unit, day: date, *, is_closed: bool) -> list[AccountDay]:
    """Return the official accounts (公众号) of a subtree on a day, in order of unit and key (HN-2.1.3a)."""
    days, rule = [], question.rules_on(day).rulebook.account_duty
    for account in unit_queries.load_account_facts(question.connection, unit.path, day):
        n_articles = account.n_articles
        n_qualifying = None if n_articles is None else max(n_articles - account.n_unfit, 0)
        verdict = judge_account_duty(n_qualifying, rule, day_closed=is_closed)
        days.append(
            AccountDay(
                account_code=account.code,
                account_name=account.name,
                unit_name=account.unit_name,
                day=day,
                n_articles=n_articles,
                duty=verdict.outcome,
                status=verdict.result_status,
                duty_reason=verdict.arithmetic,
            )
        )
    return days


def _listing(
    question: Question, day: date, states: Sequence[DutyState], limit: int, *, by_unit: bool = False
) -> Listing:
    return Listing(states, question.rules_on(day).rulebook.group_duty.min_posts, by_unit, limit)


def _load_listed(question: Question, tally: SubtreeTally, day: date) -> list[GroupDay]:
    groups = search_queries.load_groups_by_id(question.connection, tally.listed)
    return load_day(question, groups, day)


def _worst_row_first(row: UnitRow) -> tuple[int, float, int, str]:
    """Units with unmet groups by duty rate, then those without any data, healthy ones, empty ones."""
    tally = row.today
    ratio = tally.met_ratio
    if ratio is None:
        return (1 if tally.n_groups else 3), 0.0, -tally.n_groups, row.unit.code
    return (0 if ratio < 1 else 2), ratio, -_n_unmet(tally), row.unit.code


def _worst_group_first(group_day: GroupDay) -> tuple[int, int, str]:
    n_posts = 1_000_000 if group_day.n_posts is None else group_day.n_posts
    return WORST_FIRST.index(group_day.duty), n_posts, group_day.group.code


def _n_unmet(tally: DutyTally | None) -> int:
    return 0 if tally is None else tally.n_not_met + tally.n_no_topic


def _count_state(accounts: Sequence[AccountDay], state: DutyState) -> int:
    return sum(account.duty is state for account in accounts)


def _count_unregistered(question: Question) -> int:
    """Count the groups nobody registered; they belong to no unit, so only the root's viewers see them."""
    is_root = question.viewer.unit_path.count("/") == 2
    return unit_queries.count_unregistered(question.connection) if is_root else 0
