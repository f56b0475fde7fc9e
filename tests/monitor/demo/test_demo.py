"""The demonstration province: real structure, documented names, history by the real receiver and close."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor.classify.relevance import RelevanceModel
from monitor.errors import StateError
from monitor.ledger.registration import NewUnit
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days.tables import ArticleRow, DayGradeRow, PostRow
from monitor.store.people.bindings import load_bound
from monitor.store.tables import GroupRow, GroupSourceRow, UnitRow, table_of
from monitor.store.work_tables import AlertRow, OutboxRow
from monitor.units import Role
from monitor.usecases.demo.chat import write_day
from monitor.usecases.demo.fill import CITY_USER, INVITATIONS, Demonstration, DemoReport
from monitor.usecases.demo.province import build_province
from monitor.usecases.demo.texts import EVERYDAY_LINES, LEAGUE_LINES, TOPIC_LINES, write_line
from monitor.usecases.ledger import register
from monitor.usecases.operations.purge import Retention
from monitor.usecases.people.bind import Binding, ChatAddress, bind
from monitor.usecases.people.sign_in import SignIn
from scoring.rulebook import load_rulebook
from tests.conftest import FrozenClock

TODAY = date(2026, 11, 20)
N_DAYS = 4
PASSWORD = "qingxun-demo-console"
WECOM = "wecom:demo"


def demonstration(database: Database, judge: RelevanceModel, clock: FrozenClock) -> Demonstration:
    return Demonstration(
        database,
        judge,
        load_rulebook("hn-2013"),
        clock,
        pepper="test-pepper",
        wecom_source=WECOM,
        retention=Retention(text_days=3),
        history_days=N_DAYS,
    )


def fill(database: Database, judge: RelevanceModel, clock: FrozenClock) -> DemoReport | None:
    return demonstration(database, judge, clock).fill(SignIn(database, clock), "demo", PASSWORD)


def scalar(database: Database, query: Any) -> Any:
    with database.reading() as connection:
        return connection.execute(query).scalar_one()


def count(database: Database, row: Any, *conditions: Any) -> int:
    return int(scalar(database, select(func.count()).select_from(table_of(row)).where(*conditions)))


@pytest.fixture(scope="module")
def filled(
    judge: RelevanceModel, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One filled database for the tests that only look."""
    file = tmp_path_factory.mktemp("demo") / "demo.db"
    file.write_bytes(sqlite_template.read_bytes())
    opened = Database(f"sqlite:///{file}")
    assert fill(opened, judge, FrozenClock()) is not None
    yield opened
    opened.close()


@pytest.mark.slow
def test_the_province_and_its_history_are_there_and_a_second_run_does_nothing(
    database: Database, judge: RelevanceModel, clock: FrozenClock
) -> None:
    report = fill(database, judge, clock)
    assert report is not None
    unit, source, grade = table_of(UnitRow), table_of(GroupSourceRow), table_of(DayGradeRow)
    assert count(database, UnitRow, unit.c.kind == "市县") == 18
    assert count(database, UnitRow, unit.c.kind == "高校") == 6
    assert count(database, GroupRow) == report.n_groups
    assert scalar(database, select(func.min(source.c.external_id))) == "10001"
    assert scalar(database, select(func.max(source.c.external_id))) == str(10000 + report.n_groups)
    # every past day of every group is closed, and every state occurs
    assert count(database, DayGradeRow) == N_DAYS * report.n_groups
    for duty in ("达标", "未达标", "无微话题", "无数据"):
        assert count(database, DayGradeRow, grade.c.duty == duty) > 0
    for activity in ("优秀", "良好", "一般", "差"):
        assert count(database, DayGradeRow, grade.c.activity == activity) > 50
    assert count(database, ArticleRow) > 50
    assert count(database, AlertRow) > 0
    assert count(database, OutboxRow) > 0
    n_posts = count(database, PostRow)
    clock.advance(days=2)
    assert fill(database, judge, clock) is None
    assert count(database, PostRow) == n_posts


@pytest.mark.slow
def test_texts_are_kept_only_as_long_as_the_retention_says(filled: Database) -> None:
    post = table_of(PostRow)
    first_kept = TODAY - timedelta(days=3)
    old, has_text = post.c.business_day < first_kept, post.c.text != ""
    assert count(filled, PostRow, old) > 100
    assert count(filled, PostRow, old, has_text) == 0
    assert count(filled, PostRow, old, post.c.is_relevant) > 0
    assert count(filled, PostRow, ~old, has_text) > 100


@pytest.mark.slow
def test_nothing_lies_in_the_future_and_todays_posts_are_received_when_written(
    filled: Database, clock: FrozenClock
) -> None:
    post = table_of(PostRow)
    now_ms = int(clock().timestamp() * 1000)
    assert count(filled, PostRow, post.c.business_day == TODAY) > 100
    assert scalar(filled, select(func.max(post.c.received_ms))) <= now_ms
    late = post.c.received_ms - post.c.occurred_ms > 36 * 3600 * 1000
    assert count(filled, PostRow, late) == 0


@pytest.mark.slow
def test_the_documented_codes_bind_and_the_users_sign_in(filled: Database, clock: FrozenClock) -> None:
    roles = {}
    for code in INVITATIONS:
        for openid in ("o-one", "o-two"):  # not used up by the first
            who = ChatAddress("demo", f"{openid}-{code}")
            bound = filled.write(lambda c, w=who, k=code: bind(c, w, k, clock()))
            assert isinstance(bound, Binding)
            assert bound.bound is not None
            roles[code] = bound.bound
    assert [found.viewer.role for found in roles.values()] == [
        Role.INSPECTOR, Role.UNIT_ADMIN, Role.GROUP_MANAGER,
    ]  # fmt: skip
    assert roles["DEMO-CITY"].unit_name == "鹭川团市委"
    with filled.reading() as connection:
        first = directory.load_group_by_source(connection, "demo", "10001")
        assert first is not None
        assert roles["DEMO-MANAGER"].viewer.group_ids == {first.group_id}
        city = directory.load_unit_by_code(connection, "LC")
        assert city is not None
        assert first.unit_path.startswith(city.path)
        assert load_bound(connection, WECOM, "inspector", TODAY) is not None
    sign_in = SignIn(filled, clock)
    for name, role in (("demo", Role.INSPECTOR), (CITY_USER, Role.UNIT_ADMIN)):
        visitor = sign_in.resume(sign_in.enter(name, PASSWORD).token)
        assert visitor is not None
        assert visitor.viewer.role is role


@pytest.mark.slow
def test_an_interrupted_demonstration_goes_on_to_the_same_rows(
    database: Database, judge: RelevanceModel, clock: FrozenClock
) -> None:
    class Interrupted(Exception):
        pass

    def stop(n_done: int, _: int) -> None:
        if n_done == 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        demonstration(database, judge, clock).fill(SignIn(database, clock), "demo", PASSWORD, stop)
    again = fill(database, judge, clock)
    assert again is not None
    assert count(database, DayGradeRow) == N_DAYS * again.n_groups
    expected = sum(
        event.kind == "post" and event.occurred_at < clock() - timedelta(seconds=2)
        for days_ago in range(N_DAYS, -1, -1)
        for event in write_day(_province(), TODAY - timedelta(days=days_ago), days_ago)
    )
    assert count(database, PostRow) == expected


def test_a_database_with_other_units_is_refused(
    database: Database, judge: RelevanceModel, clock: FrozenClock
) -> None:
    database.write(lambda c: register.add_unit(c, NewUnit("HN", "真实的省", "团省委")))
    with pytest.raises(StateError) as caught:
        fill(database, judge, clock)
    assert "只能写入空数据库" in caught.value.user_text
    assert count(database, UnitRow) == 1


def test_the_same_day_has_the_same_events_and_another_day_others() -> None:
    province = _province()
    assert write_day(province, TODAY, 0) == write_day(_province(), TODAY, 0)
    yesterday = write_day(province, TODAY - timedelta(days=1), 1)
    assert {e.event_key for e in yesterday}.isdisjoint(e.event_key for e in write_day(province, TODAY, 0))


def test_everyday_chat_is_off_topic_and_league_work_is_on_topic(judge: RelevanceModel) -> None:
    from monitor.usecases.demo.names import draw_stream

    chance = draw_stream("test")
    for lines, wanted in ((EVERYDAY_LINES, False), (LEAGUE_LINES, True)):
        for line in lines:
            text = write_line(chance, (line,))
            assert judge.judge(text, ()).is_relevant is wanted, text
    province = _province()
    titles = {topic.title for group in province.groups for topic in group.topics}
    assert titles == set(TOPIC_LINES)


def test_events_carry_instants_of_their_business_day() -> None:
    day = date(2026, 11, 14)
    events = write_day(_province(), day, 6)
    low, high = datetime.fromisoformat("2026-11-13T16:00:00Z"), datetime.fromisoformat("2026-11-14T16:01:00Z")
    assert all(low <= event.occurred_at < high for event in events)
    keys = [event.event_key for event in events if event.kind == "post"]
    assert len(keys) == len(set(keys))


def _province() -> Any:
    return build_province(TODAY - timedelta(days=N_DAYS), TODAY - timedelta(days=1))
