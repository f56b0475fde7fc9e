"""The rows behind each number of 总览: groups, official accounts, alerts of a subtree."""

from datetime import date

from monitor.days.list_readings import AccountList, AlertList, Cut, DutyFilter, GroupList, count_in
from monitor.store import search_queries
from monitor.store.days import queries as day_queries
from monitor.store.days import unit_queries
from monitor.store.days.tallies import WORST_FIRST, Listing
from monitor.units import Unit
from monitor.usecases.queries.asking import Question, find_breadcrumb
from monitor.usecases.queries.days import load_day
from monitor.usecases.queries.tallies import tally_day
from monitor.usecases.queries.units import load_account_days

_ORDER = {state: rank for rank, state in enumerate(WORST_FIRST)}


def answer_group_list(
    question: Question, unit: Unit, day: date, wanted: DutyFilter, cut: Cut, *, by_unit: bool = False
) -> GroupList:
    """Return one page of the groups of a subtree in some states, worst first or by unit and code.

    A page beyond the end is the last one.
    """
    connection = question.connection
    least = question.rules_on(day).rulebook.group_duty.min_posts
    counted = tally_day(question, unit, (), day, Listing(wanted.states, least, by_unit, cut.size, cut.offset))
    fitting = cut.within(count_in(counted.total, wanted))
    if fitting != cut:
        cut = fitting
        listing = Listing(wanted.states, least, by_unit, cut.size, cut.offset)
        counted = tally_day(question, unit, (), day, listing)
    groups = search_queries.load_groups_by_id(connection, counted.listed)
    return GroupList(
        unit=unit,
        breadcrumb=find_breadcrumb(question, unit),
        day=day,
        data_at=counted.data_at,
        is_closed=counted.is_closed,
        tally=counted.total,
        groups=tuple(load_day(question, groups, day)),
        cut=cut,
    )


def answer_account_list(question: Question, unit: Unit, day: date) -> AccountList:
    """Return the accounts of a subtree on a day: 未达标, then 无数据, then 达标 (HN-2.1.3a)."""
    is_closed = day_queries.is_day_closed(question.connection, day)
    accounts = load_account_days(question, unit, day, is_closed=is_closed)
    ordered = sorted(accounts, key=lambda account: _ORDER[account.duty])
    return AccountList(unit, find_breadcrumb(question, unit), day, is_closed, tuple(ordered))


def answer_alert_list(question: Question, unit: Unit, cut: Cut) -> AlertList:
    """Return one page of the alerts of a subtree that are not over."""
    connection = question.connection
    n_alerts = unit_queries.count_open_alerts(connection, unit.path)
    cut = cut.within(n_alerts)
    alerts = unit_queries.load_open_alerts(connection, unit.path, cut)
    return AlertList(unit, find_breadcrumb(question, unit), n_alerts, tuple(alerts), cut)
