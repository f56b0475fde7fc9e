"""Fill an empty database with the demonstration province and 60 days of its history.

Posts and articles go through the real receiver and every past day through the real close; only the
receiver's clock is set back, so that a post is received when it was written. Key types: `Demonstration`.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.clock import Clock, business_day
from monitor.errors import StateError
from monitor.events import InboundEvent
from monitor.ports import HarmJudge, RelevanceJudge
from monitor.store.database import Database
from monitor.store.days.queries import close_slot
from monitor.store.ledger import registry
from monitor.store.ledger.registry import Connection
from monitor.store.people import bindings
from monitor.store.people.bindings import Holding
from monitor.units import Role
from monitor.usecases.days.close_day import close_day
from monitor.usecases.days.receive import Receipt, Receiver
from monitor.usecases.demo.chat import write_day
from monitor.usecases.demo.incidents import add_incidents
from monitor.usecases.demo.ledger import add_ledger_changes
from monitor.usecases.demo.names import CITIES, PROVINCE_CODE
from monitor.usecases.demo.oversight import add_registers
from monitor.usecases.demo.province import FIRST_GROUP, Province, build_province
from monitor.usecases.demo.spot_checks import add_spot_checks
from monitor.usecases.demo.weekly import add_self_reports, add_weekly
from monitor.usecases.ledger import register
from monitor.usecases.operations.purge import Retention, purge
from monitor.usecases.people.sign_in import SignIn
from monitor.usecases.rules.in_force import AnyRules

HISTORY_DAYS = 60
CITY_USER = "demo-city"
INVITATIONS = ("DEMO-INSPECTOR", "DEMO-CITY", "DEMO-MANAGER")
_BATCH = 5_000
_DELIVERY = timedelta(seconds=2)
_ACTOR = "cli:demo"
_BEGUN, _FILLED = "demo.begun", "demo.filled"


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was written; `n_stored` are events that were new (posts, recalls, notices, articles)."""

    n_units: int
    n_groups: int
    n_days: int
    n_stored: int


class Demonstration:
    """Writes the demonstration province. The same present day gives the same rows."""

    def __init__(
        self,
        database: Database,
        judge: RelevanceJudge,
        rules: AnyRules,
        clock: Clock,
        *,
        pepper: str,
        wecom_source: str = "",
        retention: Retention | None = None,
        history_days: int = HISTORY_DAYS,
        harm_judge: HarmJudge | None = None,
    ) -> None:
        """Keep the collaborators.

        Args:
            database: with a current schema and no units.
            judge: as in the running receiver.
            rules: by which past days are closed.
            clock: tells the present day.
            pepper: of the running receiver, so that members keep their keys.
            wecom_source: name of the WeCom application by which people can be reached, "" for none.
            retention: how long texts are kept; older ones are purged.
            history_days: days before the present one.
            harm_judge: as in the running receiver; without one there are no incidents to show.
        """
        self._judge, self._harm_judge, self._pepper = judge, harm_judge, pepper
        self._database, self._rules, self._clock = database, rules, clock
        self._wecom_source, self._retention, self._n_days = wecom_source, retention, history_days
        self._moment = clock()
        self._receiver = Receiver(database, judge, lambda: self._moment, pepper=pepper)

    def fill(
        self,
        sign_in: SignIn,
        user: str,
        password: str,
        on_day: Callable[[int, int], None] = lambda done, of: None,
    ) -> DemoReport | None:
        """Write everything, or go on where an earlier run was interrupted.

        Args:
            sign_in: saves the two users of the console, the inspector `user` and `demo-city`.
            user: name of the inspector.
            password: of both.
            on_day: told after each day, for a progress bar.
        Returns: None if the demonstration is there already.
        Raises: StateError if the database holds other units.
        """
        now = self._clock()
        begun = self._load_begun()
        if begun is not None and self._is_filled():
            return None
        today = begun or business_day(now)
        province = build_province(today - timedelta(days=self._n_days), today - timedelta(days=1))
        if begun is None:
            self._database.write(lambda connection: self._settle(connection, province, today, now))
        sign_in.save_user(user, password, Role.INSPECTOR, PROVINCE_CODE, display_name="督导员（演示）")
        sign_in.save_user(
            CITY_USER, password, Role.UNIT_ADMIN, CITIES[0].code, display_name="鹭川管理员（演示）"
        )
        n_stored = 0
        for n_done, (day, events) in enumerate(_days_ahead(province, today, self._n_days), start=1):
            n_stored += self._receive([event for event in events if event.occurred_at < now - _DELIVERY])
            if day < today:
                close_day(self._database, self._rules, _clock_of_close(day, now), day)
            on_day(n_done, self._n_days + 1)
        self._add_incidents(province, now)
        add_ledger_changes(self._database, self._rules, province.groups, now)
        add_spot_checks(self._database, self._rules, self._clock, self._n_days)
        add_registers(self._database, self._rules, now)
        add_weekly(self._database, self._rules, now)
        add_self_reports(self._database, province.groups, now)
        purge(self._database, self._clock, self._retention)
        report = DemoReport(len(province.units), len(province.groups), self._n_days, n_stored)
        self._database.write(lambda connection: self._note(connection, _FILLED, today, now))
        return report

    def _add_incidents(self, province: Province, now: datetime) -> None:
        if self._harm_judge is not None:
            judges = (self._judge, self._harm_judge)
            add_incidents(self._database, *judges, self._rules, province.groups, now, pepper=self._pepper)

    def _load_begun(self) -> date | None:
        """Return the present day of an earlier run, None if there was none."""
        with self._database.reading() as connection:
            detail = registry.load_audit_detail(connection, _BEGUN)
            if detail is None and registry.has_units(connection):
                raise StateError(
                    "the database holds other units", user_text="数据库中已有单位，演示数据只能写入空数据库"
                )
        return date.fromisoformat(detail["today"]) if detail else None

    def _is_filled(self) -> bool:
        with self._database.reading() as connection:
            return registry.load_audit_detail(connection, _FILLED) is not None

    def _note(self, connection: Connection, action: str, today: date, now: datetime) -> None:
        registry.write_audit(connection, now, _ACTOR, action, "demo", {"today": today.isoformat()})

    def _settle(self, connection: Connection, province: Province, today: date, now: datetime) -> None:
        """Register everything that is there before the first post, in one transaction."""
        since = today - timedelta(days=2 * self._n_days)
        units = register.add_units(connection, province.units)
        group_ids = register.add_groups(connection, province.groups, since)
        for account in province.accounts:
            register.add_account(
                connection, account.key, account.original_id, account.name, account.unit_code
            )
        for unit_code, name in province.officers:
            register.add_officer(connection, unit_code, name, since)
        for person in province.people if self._wecom_source else ():
            group_id = group_ids[person.group_code] if person.group_code else None
            unit_id = units[person.unit_code].unit_id
            holding = Holding(person.role.value, unit_id, group_id, person.display_name)
            bindings.save_holding(connection, self._wecom_source, person.user_id, holding, now)
            if group_id is not None:
                bindings.take_up_term(connection, self._wecom_source, person.user_id, holding, today)
        _invite(connection, province)
        self._note(connection, _BEGUN, today, now)

    def _receive(self, events: list[InboundEvent]) -> int:
        n_stored = 0
        for start in range(0, len(events), _BATCH):
            batch = events[start : start + _BATCH]
            self._moment = batch[-1].occurred_at + _DELIVERY
            n_stored += self._receiver.receive(batch).count(Receipt.ACCEPTED)
        return n_stored


def _clock_of_close(day: date, now: datetime) -> Clock:
    """Return the clock by which a day is closed.

    The last day is closed as if on time, so that its alerts go out whenever the demonstration is begun;
    older days are closed now: nobody wants sixty days of messages.
    """
    on_time = close_slot(day) + _DELIVERY
    return lambda: on_time if day == business_day(now) - timedelta(days=1) else now


def _days_ahead(province: Province, today: date, n_days: int) -> Iterator[tuple[date, list[InboundEvent]]]:
    """Yield the days of the history and the present one; the next is written while one is stored."""
    with ThreadPoolExecutor(1) as pool:
        coming: Future[list[InboundEvent]] | None = None
        for days_ago in range(n_days, -1, -1):
            day = today - timedelta(days=days_ago)
            events = coming.result() if coming else write_day(province, day, days_ago)
            if days_ago > 0:
                coming = pool.submit(write_day, province, day + timedelta(days=1), days_ago - 1)
            yield day, events


def _invite(connection: Connection, province: Province) -> None:
    """Store the documented invitation codes; each binds any number of people."""
    inspector, city, manager = INVITATIONS
    register.add_invitation(
        connection, inspector, Role.INSPECTOR, PROVINCE_CODE, display_name="督导员", is_reusable=True
    )
    city_code = CITIES[0].code
    register.add_invitation(
        connection, city, Role.UNIT_ADMIN, city_code, display_name="鹭川管理员", is_reusable=True
    )
    first = next(group for group in province.groups if group.code == FIRST_GROUP)
    register.add_invitation(
        connection,
        manager,
        Role.GROUP_MANAGER,
        first.unit_code,
        group_code=FIRST_GROUP,
        display_name=first.managers[0],  # the name of the term of office, which the person then takes up
        is_reusable=True,
    )
