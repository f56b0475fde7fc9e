"""公告: who sees what, receipts counted by unit without names, withdrawal; on both databases."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from monitor.console.announcements import BadAnnouncement, Level, NewAnnouncement, clean_announcement
from monitor.errors import CommandError, ReadOnlyRole
from monitor.store.database import Database
from monitor.store.tables import ChatIdentityRow, table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.console import announce
from monitor.usecases.oversight.desk import Oversight
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.conversation_stage import Conversation
from tests.monitor.days.test_receive import rows

TODAY = date(2026, 11, 20)
NEW = NewAnnouncement("LC", Level.NOTICE, "停机维护", "今晚 22:00 停机。\n请提前上报。", TODAY, TODAY)


def viewer_of(cast: Cast, unit: str, role: Role, identity: str) -> Viewer:
    return Viewer(identity, role, UnitId(cast.units[unit]), cast.paths[unit], identity)


@pytest.fixture
def people(database: Database, cast: Cast, clock: FrozenClock) -> dict[str, Viewer]:
    """An inspector, an administrator, a leader and a branch below 鹭川, a neighbour; all but one bound."""
    wanted = {
        "city": ("LC", Role.UNIT_ADMIN),
        "branch": ("LC01", Role.BRANCH_ADMIN),
        "leader": ("LC", Role.LEADER),
        "neighbour": ("YS", Role.UNIT_ADMIN),
    }
    found = {"inspector": viewer_of(cast, "QS", Role.INSPECTOR, "console:1")}
    identity = table_of(ChatIdentityRow)
    for name, (unit, role) in wanted.items():
        values = {
            "account": "demo", "address": f"of-{name}", "role": role.value, "unit_id": cast.units[unit],
            "display_name": name, "bound_at": clock.now,
        }  # fmt: skip
        statement = insert(identity).values(values).returning(identity.c.id)
        number = database.write(lambda connection, one=statement: connection.execute(one).scalar_one())
        found[name] = viewer_of(cast, unit, role, f"chat:{number}")
    return found


def test_a_subtree_is_told_reads_and_is_counted_without_names(
    database: Database, people: dict[str, Viewer], clock: FrozenClock
) -> None:
    desk = Oversight(database, clock)
    made = desk.write(people["inspector"], lambda chair: announce.publish(chair, NEW))
    again = desk.write(people["inspector"], lambda chair: announce.publish(chair, NEW))
    number = made.announcement.announcement_id
    assert (made.number > 0, again.number, again.announcement.announcement_id) == (True, 0, number)
    shown = {name: desk.read(one, announce.list_showing) for name, one in people.items()}
    assert {name: len(found) for name, found in shown.items()} == {
        "inspector": 0, "city": 1, "branch": 1, "leader": 1, "neighbour": 0
    }  # fmt: skip
    for name in ("branch", "branch", "leader", "neighbour"):
        desk.note(people[name], lambda chair: announce.acknowledge(chair, [number, 99]))
    _, readings = desk.read(people["inspector"], lambda chair: announce.read_announcement(chair, number))
    counts = [(one.unit_code, one.n_read, one.n_due) for one in readings]
    assert counts == [("", 1, 2), ("LC01", 1, 1)]
    assert desk.read(people["city"], lambda chair: announce.read_announcement(chair, number))[1] == ()
    with pytest.raises(announce.AnnouncementNotFound):
        desk.read(people["neighbour"], lambda chair: announce.read_announcement(chair, number))


def test_what_is_withdrawn_or_over_is_shown_no_more(
    database: Database, people: dict[str, Viewer], clock: FrozenClock
) -> None:
    desk, inspector = Oversight(database, clock), people["inspector"]
    urgent = replace(NEW, level=Level.URGENT, title="紧急事项", last_day=TODAY + timedelta(days=3))
    first = desk.write(inspector, lambda chair: announce.publish(chair, NEW)).announcement
    second = desk.write(inspector, lambda chair: announce.publish(chair, urgent)).announcement
    titles = [one.announcement.title for one in desk.read(people["city"], announce.list_showing)]
    assert titles == ["紧急事项", "停机维护"]
    clock.advance(days=1)
    assert [one.announcement for one in desk.read(people["city"], announce.list_showing)] == [second]
    withdrawn = [
        desk.write(inspector, lambda chair: announce.withdraw(chair, second.announcement_id)) for _ in "12"
    ]
    assert withdrawn == [True, False]
    assert desk.read(people["city"], announce.list_showing) == []
    assert [line[0].announcement_id for line in desk.read(inspector, announce.list_published)] == [
        second.announcement_id, first.announcement_id
    ]  # fmt: skip
    actions = [row.action for row in rows(database, AuditRow) if row.action.startswith("announcement")]
    assert actions == ["announcement.published"] * 2 + ["announcement.withdrawn"]


def test_only_publishers_publish_and_only_below_themselves(
    database: Database, people: dict[str, Viewer], cast: Cast, clock: FrozenClock
) -> None:
    desk = Oversight(database, clock)
    below = viewer_of(cast, "LC", Role.OPERATOR, "console:7")
    with pytest.raises(CommandError):
        desk.write(people["city"], lambda chair: announce.publish(chair, NEW))
    with pytest.raises(ReadOnlyRole):
        desk.write(people["leader"], lambda chair: announce.publish(chair, NEW))
    for unit in ("QS", "YS", "nowhere"):
        with pytest.raises(BadAnnouncement) as refused:
            desk.write(below, lambda chair, code=unit: announce.publish(chair, replace(NEW, unit_code=code)))
        assert (refused.value.field, "没有该单位" in refused.value.user_text) == ("unit", True)
    above = desk.write(
        people["inspector"], lambda chair: announce.publish(chair, replace(NEW, unit_code="QS"))
    )
    with pytest.raises(announce.AnnouncementNotFound):
        desk.write(below, lambda chair: announce.withdraw(chair, above.announcement.announcement_id))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "长" * 41}, "title"),
        ({"text": "\u200b\n "}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"last_day": TODAY - timedelta(days=1)}, "last_day"),
        ({"first_day": TODAY - timedelta(days=9), "last_day": TODAY - timedelta(days=1)}, "last_day"),
        ({"last_day": TODAY + timedelta(days=366)}, "last_day"),
        ({"first_day": date(2028, 1, 1), "last_day": date(2028, 1, 2)}, "first_day"),
    ],
)
def test_what_cannot_stand_is_named_by_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadAnnouncement) as refused:
        clean_announcement(replace(NEW, **change), TODAY)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_in_chat_the_list_leads_to_the_text_and_reading_counts(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "chat.db"
    file.write_bytes(sqlite_template.read_bytes())
    talk = Conversation(f"sqlite:///{file}", tmp_path)
    inspector = Viewer("console:1", Role.INSPECTOR, UnitId(1), "/1/", "办公室")
    oversight = talk.services.oversight
    long = replace(NEW, unit_code="LC", text="请各单位按期上报。" * 200)
    oversight.write(inspector, lambda chair: announce.publish(chair, long))
    talk.say("鹭川", "你好")
    assert ("停机维护" in talk.say("鹭川", "公告"), "当前没有公告" in talk.say("云杉", "公告")) == (
        True,
        True,
    )
    opened = talk.say("鹭川", "1")
    assert ("【通知】停机维护" in opened, "余下见控制台" in opened, len(opened) <= 600) == (True, True, True)
    assert "未读 0 条" in talk.say("鹭川", "公告")
    assert talk.say("云杉", "公告 1") == talk.say("云杉", "公告 77")
    talk.close()
