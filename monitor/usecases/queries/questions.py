"""What people ask: one object of questions for chat, console and API. Reads only.

Every question takes the viewer first, reads one snapshot and the clock once, and answers with the
values of `monitor.days.readings`. Scope is enforced in `query_scope`; what lies outside raises OutOfScope
whether or not it exists. Key type: `Queries`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from monitor.clock import Clock, Period
from monitor.days.briefs import Brief, BriefPeriod
from monitor.days.list_readings import AccountList, AlertList, Cut, DutyFilter, GroupList
from monitor.days.readings import (
    Explanation,
    GroupDay,
    Overview,
    PostReading,
    Ranking,
    UnitStatus,
    UnmetReport,
)
from monitor.errors import BadParameter
from monitor.index.boards import Board
from monitor.index.periods import RunKind, RunPeriod
from monitor.rules.readings import RulesReading
from monitor.rules.settings import DayRules
from monitor.store import directory, search_queries
from monitor.store.database import Database
from monitor.store.days.queries import Connection
from monitor.store.index.runs import Result, Run
from monitor.units import Group, Role, Unit, Viewer
from monitor.usecases.index import boards as query_boards
from monitor.usecases.index import questions as query_index
from monitor.usecases.queries import briefs as query_brief
from monitor.usecases.queries import card_lines, overview_lines
from monitor.usecases.queries import explain as query_explain
from monitor.usecases.queries import lists as query_lists
from monitor.usecases.queries import posts as query_posts
from monitor.usecases.queries import ranking as query_ranking
from monitor.usecases.queries import units as query_units
from monitor.usecases.queries.asking import (
    Question,
    find_breadcrumb,
    find_day,
    find_group,
    find_unit,
    only_groups,
    require_inspector,
)
from monitor.usecases.queries.days import load_day, load_group_days
from monitor.usecases.reminders import deadlines
from monitor.usecases.rules.in_force import AnyRules, DatedRules, RuleSource, dated

MOST_DAYS = 400
MOST_FOUND = 5


class Queries:
    """Answers questions about units and groups; thread-safe, one per process."""

    def __init__(self, database: Database, rules: AnyRules, clock: Clock) -> None:
        """Keep the collaborators; `rules` judge every day by what is in force on it."""
        self._database = database
        self._rules = rules
        self._clock = clock

    def rules_on(self, day: date) -> DayRules:
        """Return the rules in force on a day, for who shows their clauses."""
        with self._database.reading() as connection:
            return dated(self._rules, connection).on(day)

    def dated_rules(self, connection: Connection) -> DatedRules:
        """Return the rules by day as a transaction has them, for a command that writes in it."""
        return dated(self._rules, connection)

    def rules(self, viewer: Viewer, day: date | None = None) -> RulesReading:
        """Return everything about the rules on a day (规则): they are the same for every unit.

        Raises: CommandError for who is not an inspector.
        """
        source = self._rules if isinstance(self._rules, RuleSource) else RuleSource()
        with self._ask(viewer) as question:
            require_inspector(question)
            return source.read(question.connection, day or question.today)

    def overview(
        self,
        viewer: Viewer,
        unit_code: str | None = None,
        day: date | None = None,
        n_days: int = 30,
        choose: query_units.Choice | None = None,
    ) -> Overview:
        """Return a unit's day (总览): headline numbers, children worst first with `n_days` days of history.

        `choose` picks the children that get a history, where they are many.

        Raises: OutOfScope; BadParameter for a day in the future or more than 400 days.
        """
        _require_days(n_days)
        with self._ask(viewer) as question:
            unit = find_unit(question, unit_code)
            return query_units.answer_overview(question, unit, find_day(question, day), n_days, choose)

    def overview_lines(self, viewer: Viewer, day: date | None = None) -> tuple[str, ...]:
        """Return the further lines of 总览 about the viewer's unit, those only that can be said (D.6).

        Raises: BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            return overview_lines.load_lines(question, find_unit(question, None), find_day(question, day))

    def card_lines(self, viewer: Viewer, unit_code: str | None = None) -> tuple[str, ...]:
        """Return the further lines of 状态 as of now, those only that can be said (D.2).

        Raises: OutOfScope.
        """
        with self._ask(viewer) as question:
            return card_lines.load_card_lines(question, find_unit(question, unit_code))

    def unit_status(
        self, viewer: Viewer, unit_code: str | None = None, day: date | None = None
    ) -> UnitStatus:
        """Return the card of a unit (状态).

        Raises: OutOfScope; BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            unit = find_unit(question, unit_code)
            return query_units.answer_unit_status(question, unit, find_day(question, day))

    def unmet(self, viewer: Viewer, unit_code: str | None = None, day: date | None = None) -> UnmetReport:
        """Return who has not met the daily duty (未达标).

        Raises: OutOfScope; BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            unit = find_unit(question, unit_code)
            return query_units.answer_unmet(question, unit, find_day(question, day))

    def groups(self, viewer: Viewer, unit_code: str | None = None, day: date | None = None) -> list[GroupDay]:
        """Return the groups of a unit's subtree, worst first, at most 500; a group manager's own ones.

        Raises: OutOfScope; BadParameter for a day in the future.
        """
        if viewer.role is Role.GROUP_MANAGER and unit_code is None:
            return self.managed_groups(viewer, day)
        with self._ask(viewer) as question:
            unit = find_unit(question, unit_code)
            return query_units.answer_groups(question, unit, find_day(question, day))

    def group_list(
        self,
        viewer: Viewer,
        unit_code: str | None,
        day: date | None,
        wanted: DutyFilter,
        cut: Cut,
        *,
        by_unit: bool = False,
    ) -> GroupList:
        """Return one page of the groups of a unit's subtree in some states: the rows behind a number.

        Raises: OutOfScope; BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            unit = find_unit(question, unit_code)
            asked = find_day(question, day)
            return query_lists.answer_group_list(question, unit, asked, wanted, cut, by_unit=by_unit)

    def account_list(self, viewer: Viewer, unit_code: str | None, day: date | None) -> AccountList:
        """Return the official accounts of a unit's subtree on a day.

        Raises: OutOfScope; BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            unit = find_unit(question, unit_code)
            return query_lists.answer_account_list(question, unit, find_day(question, day))

    def alert_list(self, viewer: Viewer, unit_code: str | None, cut: Cut) -> AlertList:
        """Return one page of the alerts of a unit's subtree that are not over.

        Raises: OutOfScope.
        """
        with self._ask(viewer) as question:
            return query_lists.answer_alert_list(question, find_unit(question, unit_code), cut)

    def managed_groups(self, viewer: Viewer, day: date | None = None) -> list[GroupDay]:
        """Return the groups that the viewer manages, worst first; empty for who manages none.

        Raises: BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            groups = search_queries.load_groups_by_id(question.connection, sorted(viewer.group_ids))
            return query_units.answer_groups_of(question, groups, find_day(question, day))

    def group_day(self, viewer: Viewer, group_code: str, day: date | None = None) -> GroupDay:
        """Return one group on one day.

        Raises: OutOfScope; BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            group = find_group(question, group_code)
            return load_day(question, [group], find_day(question, day))[0]

    def group_days(self, viewer: Viewer, group_code: str, period: Period) -> list[GroupDay]:
        """Return every day of a group up to today, days without data included, oldest first.

        `manager_name` is that of the period's last day.

        Raises: OutOfScope; BadParameter for more than 400 days.
        """
        _require_days(len(period))
        with self._ask(viewer) as question:
            group = find_group(question, group_code)
            if period.first_day > question.today:
                return []
            until = min(period.last_day, question.today)
            return load_group_days(question, [group], Period(period.first_day, until))

    def day_posts(self, viewer: Viewer, group_code: str, day: date) -> list[PostReading]:
        """Return the newest 200 posts of a group's day, oldest first; names masked above its unit.

        Raises: OutOfScope; BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            group = find_group(question, group_code)
            return query_posts.answer_day_posts(question, group, find_day(question, day))

    def ranking(
        self, viewer: Viewer, period: Period, kind: str = "", *, unit_code: str | None = None
    ) -> Ranking:
        """Return the board (排名) of the viewer's level, or of a unit's children, over closed days.

        Args:
            kind: unit kind to rank (市县, 高校 …); empty for all.
            unit_code: compare the children of this unit of the viewer's subtree instead.

        Raises: OutOfScope; BadParameter for more than 400 days.
        """
        _require_days(len(period))
        with self._ask(viewer) as question:
            return query_ranking.answer_ranking(question, period, kind, unit_code)

    def deadlines(self, viewer: Viewer, unit_code: str | None = None) -> tuple[deadlines.Deadline, ...]:
        """Return the next three deadlines of a unit (近三项期限), of any part that has some.

        Raises: OutOfScope.
        """
        with self._ask(viewer) as question:
            unit = directory.load_unit(question.connection, viewer.unit_id)
            if unit_code is not None or unit is None:
                unit = find_unit(question, unit_code)
            return deadlines.load_deadlines(question, unit)

    def brief(self, viewer: Viewer, unit_code: str | None, period: BriefPeriod) -> Brief:
        """Return a unit's brief (简报) over a day, week, month or year that has begun.

        Raises: OutOfScope.
        """
        with self._ask(viewer) as question:
            return query_brief.answer_brief(question, find_unit(question, unit_code), period)

    def explain(self, viewer: Viewer, group_code: str, day: date | None = None) -> Explanation:
        """Return why (为什么) a group's day got its grade and duty, step by step.

        Raises: OutOfScope; BadParameter for a day in the future.
        """
        with self._ask(viewer) as question:
            group = find_group(question, group_code)
            on_day = load_day(question, [group], find_day(question, day))[0]
            return query_explain.explain_day(question, on_day)

    def bottom_lines(self, viewer: Viewer, unit_code: str | None = None) -> query_index.SchoolReading:
        """Return a school's or city's result in the latest assessment run (底线, GD-3.1n).

        Raises: OutOfScope.
        """
        with self._ask(viewer) as question:
            return query_index.answer_bottom_lines(question, find_unit(question, unit_code))

    def failing_schools(
        self, viewer: Viewer, unit_code: str | None = None
    ) -> tuple[Unit, Run | None, list[Result]]:
        """Return a unit with the latest run's results in its subtree, most failed bottom lines first.

        Raises: OutOfScope.
        """
        with self._ask(viewer) as question:
            unit = find_unit(question, unit_code)
            return (unit, *query_index.answer_failing(question, unit.path))

    def account_index(
        self, viewer: Viewer, unit_code: str | None, kind: RunKind
    ) -> list[query_index.AccountReading]:
        """Return the WCI (微信传播指数) of a school's accounts over the last finished week or month.

        Raises: OutOfScope.
        """
        with self._ask(viewer) as question:
            unit, media = find_unit(question, unit_code), question.rules.media_on(question.today)
            return query_index.answer_accounts(question, unit, kind, media)

    def account_board(self, viewer: Viewer, kind: RunKind) -> Board:
        """Return the latest WCI board (排名) of a kind that the viewer may see.

        Raises: NotFound.
        """
        with self._ask(viewer) as question:
            return query_boards.answer_account_board(question, kind)

    def sheet_board(self, viewer: Viewer, word: str = "", period: RunPeriod | None = None) -> Board:
        """Return the board (排名) of 省属 schools by total or by one indicator; for the province.

        Raises: OutOfScope; NotFound.
        """
        with self._ask(viewer) as question:
            return query_boards.answer_sheet_board(question, word, period)

    def find_units(self, viewer: Viewer, text: str, limit: int = MOST_FOUND) -> list[Unit]:
        """Return the units of the viewer's subtree that a text means, best kind of match only.

        A code, else a whole name, else part of a name, else pinyin initials.
        """
        text = text.strip()
        if not text or viewer.role is Role.GROUP_MANAGER:
            return []
        with self._ask(viewer) as question:
            return search_queries.find_units(question.connection, viewer.unit_path, text, limit)

    def breadcrumb(self, viewer: Viewer, unit: Unit) -> tuple[Unit, ...]:
        """Return the units from the viewer's own down to a unit, both included."""
        with self._ask(viewer) as question:
            return find_breadcrumb(question, unit)

    def find_groups(self, viewer: Viewer, text: str, limit: int = MOST_FOUND) -> list[Group]:
        """Return the groups that the viewer may see and a text means; see `find_units`."""
        text = text.strip()
        if not text:
            return []
        with self._ask(viewer) as question:
            only = only_groups(viewer)
            return search_queries.find_groups(question.connection, viewer.unit_path, only, text, limit)

    def find_accounts(
        self, viewer: Viewer, text: str, limit: int = MOST_FOUND
    ) -> list[search_queries.FoundAccount]:
        """Return the accounts (公众号) of the viewer's subtree that a text means; see `find_units`."""
        text = text.strip()
        if not text or viewer.role is Role.GROUP_MANAGER:
            return []
        with self._ask(viewer) as question:
            return search_queries.find_accounts(question.connection, viewer.unit_path, text, limit)

    @contextmanager
    def _ask(self, viewer: Viewer) -> Iterator[Question]:
        with self._database.reading() as connection:
            yield Question(connection, viewer, dated(self._rules, connection), self._clock())


def _require_days(n_days: int) -> None:
    if not 1 <= n_days <= MOST_DAYS:
        raise BadParameter(f"{n_days} days asked for", user_text=f"天数应为 1–{MOST_DAYS}")
