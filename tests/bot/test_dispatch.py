"""One event, one answer: deliveries that overlap, retries, privacy, the 48 h window, hostile text."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bot.commands import COMMANDS
from monitor.errors import StorageError
from monitor.events import EventKind, PostKind, clean_text
from monitor.store.database import Database
from monitor.store.tables import ChatIdentityRow, ChatMenuRow, ChatMessageRow, table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from tests.bot.talk import NOT_BOUND, Person, dispatcher_of, invite_everyone
from tests.cast import Cast
from tests.conftest import FrozenClock


@pytest.fixture
def person(database: Database, cast: Cast, clock: FrozenClock) -> Person:
    assert cast
    invite_everyone(database)
    return Person(dispatcher_of(database, clock), clock)


def rows(database: Database, row: Any) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(table_of(row))))


def count(database: Database, row: Any) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table_of(row))).scalar_one())


def last_chat_at(database: Database) -> datetime | None:
    return rows(database, ChatIdentityRow)[0].last_chat_at


@pytest.mark.parametrize("text", ["你好", "状态", "天气", "绑定 CODE-CITY", "绑定 WRONG", "群 列出"])
@pytest.mark.parametrize("is_bound", [False, True])
def test_twenty_overlapping_deliveries_are_answered_alike_and_stored_once(
    person: Person, database: Database, text: str, is_bound: bool
) -> None:
    if is_bound:
        person.bound_as(Role.INSPECTOR)
    n_messages, n_audited = count(database, ChatMessageRow), count(database, AuditRow)
    event = person.event(text)
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: person.dispatcher.reply(event), range(20)))
    assert len(set(replies)) == 1
    assert replies[0]
    assert count(database, ChatMessageRow) == n_messages + 1
    assert count(database, AuditRow) - n_audited == ("绑定" in text)


def test_two_processes_answer_one_event_alike(
    database_url: str, database: Database, person: Person, clock: FrozenClock
) -> None:
    other = Database(database_url)
    try:
        both = [person.dispatcher, dispatcher_of(other, clock)]
        for text in ("绑定 CODE-CITY", "状态", "天气", "解绑"):
            event = person.event(text)
            with ThreadPoolExecutor(8) as pool:
                replies = list(pool.map(lambda n, e=event: both[n % 2].reply(e), range(8)))
            assert len(set(replies)) == 1, text
            clock.advance(minutes=2)
        assert [row.action for row in rows(database, AuditRow)] == ["chat.bind", "chat.unbind"]
    finally:
        other.close()


def test_a_retry_gets_the_first_answer_although_things_have_changed(person: Person) -> None:
    before = person.says("状态")
    event = person.events[-1]
    person.bound_as(Role.INSPECTOR)
    assert before == person.dispatcher.reply(event) == NOT_BOUND


def test_a_retry_of_a_binding_neither_binds_again_nor_undoes_what_followed(
    person: Person, database: Database
) -> None:
    bound = person.says("绑定 CODE-CITY")
    event = person.events[-1]
    person.says("解绑")
    assert person.dispatcher.reply(event) == bound
    assert rows(database, ChatIdentityRow) == []


def test_a_late_retry_does_not_bring_back_its_choices(person: Person, clock: FrozenClock) -> None:
    person.bound_as(Role.INSPECTOR)
    person.says("状态 团市委")
    event = person.events[-1]
    clock.advance(seconds=1)
    person.says("群 列出")
    clock.advance(seconds=10)
    person.dispatcher.reply(event)
    assert "团干群" in person.says("1") or "青年群" in person.says("1")


def test_the_same_number_from_two_accounts_is_two_events(person: Person, database: Database) -> None:
    event = person.event("你好")
    person.dispatcher.reply(event)
    person.dispatcher.reply(replace(event, source="lcqn"))
    assert count(database, ChatMessageRow) == 2


def test_a_binding_counts_at_once_in_this_process(person: Person) -> None:
    assert person.says("状态") == NOT_BOUND
    person.bound_as(Role.INSPECTOR)
    assert person.says("状态").startswith("青屿团省委")
    person.says("解绑")
    assert person.says("状态") == NOT_BOUND


def test_a_role_changed_elsewhere_is_noticed_within_half_a_minute(
    person: Person, database: Database, cast: Cast, clock: FrozenClock
) -> None:
    person.bound_as(Role.INSPECTOR)
    assert person.says("状态").startswith("青屿团省委")
    move = update(table_of(ChatIdentityRow)).values(unit_id=cast.units["LC"])
    database.write(lambda connection: connection.execute(move).rowcount)
    clock.advance(seconds=30)
    assert person.says("状态").startswith("鹭川团市委")


def test_the_text_of_a_stranger_is_not_stored(person: Person, database: Database) -> None:
    for text in ("你好，我是张三", "状态", "绑定 WRONG-CODE", "绑定 CODE-CITY"):
        person.says(text)
    assert {row.text for row in rows(database, ChatMessageRow)} == {""}


def test_of_a_bound_person_only_commands_are_stored_and_no_codes(person: Person, database: Database) -> None:
    person.bound_as(Role.INSPECTOR)
    expected = {
        "状态 昨天": "状态 昨天",
        "今天心情不好啊": "",
        "绑定 CODE-CITY": "绑定",
        "状态 2027-01-01": "状态 2027-01-01",
    }
    stored = {}
    for text in expected:
        person.says(text)
        by_key = {row.event_key: row.text for row in rows(database, ChatMessageRow)}
        stored[text] = by_key[person.events[-1].event_key]
    assert stored == expected


def test_a_message_opens_the_window_at_most_once_a_minute(
    person: Person, database: Database, clock: FrozenClock
) -> None:
    person.bound_as(Role.INSPECTOR)
    start = clock()
    assert last_chat_at(database) == start
    clock.advance(seconds=59)
    person.says("帮助")
    assert last_chat_at(database) == start
    clock.advance(seconds=1)
    person.says("帮助")
    assert last_chat_at(database) == start + timedelta(seconds=60)


def test_a_menu_click_does_not_open_the_window(
    person: Person, database: Database, clock: FrozenClock
) -> None:
    person.bound_as(Role.INSPECTOR)
    start = clock()
    clock.advance(minutes=5)
    assert person.triggers("CLICK", "status").startswith("青屿团省委")
    assert last_chat_at(database) == start


def test_a_menu_click_runs_the_command_of_its_key(person: Person) -> None:
    for role in (Role.INSPECTOR, Role.GROUP_MANAGER):
        person.bound_as(role)
        for command in COMMANDS:
            if not command.writes:
                assert person.triggers("CLICK", command.key) == person.says(command.name), command.name


def test_an_old_menu_key_is_explained_and_reveals_nothing_to_strangers(person: Person) -> None:
    assert person.triggers("CLICK", "gone") == NOT_BOUND
    assert person.triggers("CLICK", "status") == NOT_BOUND
    person.bound_as(Role.INSPECTOR)
    assert "菜单已更新" in person.triggers("CLICK", "gone")


def test_a_new_follower_is_told_how_to_bind_and_nothing_else(person: Person) -> None:
    greeting = person.triggers("subscribe")
    assert NOT_BOUND in greeting
    assert "青屿" not in greeting
    person.bound_as(Role.INSPECTOR)
    assert "督导检查" in person.triggers("SUBSCRIBE", "qrscene_1")


def test_other_events_are_not_answered(person: Person, database: Database) -> None:
    for name in ("unsubscribe", "VIEW", "LOCATION", "SCAN", "TEMPLATESENDJOBFINISH", "enter_agent", ""):
        assert person.triggers(name) == "", name
    for kind in (EventKind.POST, EventKind.RECALL, EventKind.NOTICE, EventKind.IGNORED, EventKind.ARTICLES):
        assert person.sends(person.event("状态", kind=kind)) == "", kind
    assert count(database, ChatMessageRow) == 0


def test_an_event_without_a_sender_is_not_answered(person: Person) -> None:
    assert person.sends(person.event("状态", sender_id="")) == ""


HOSTILE = [
    "\x00\x01\x02",
    "<xml><ToUserName><![CDATA[x]]></ToUserName></xml>",
    "]]></Content><Content><![CDATA[",
    "'; DROP TABLE unit; --",
    "{{7*7}}",
    "=1+1",
    "😀😀😀",
    "\u202e状态\u202d",
    "\ud800",
    "a" * 65_536,
    "状" * 65_536,
    "状态 " + "海" * 65_536,
    "群 <script>alert(1)</script>",
    "状态 ' OR 1=1 --",
    "状态 %",
    "状态 _",
    "群 %%%",
    "为什么 \x00\ud83d",
    "1" * 500,
    "²",
    "９" * 30,
    "撤销 " + "9" * 400,
    "撤销 -1",
    "排名 ' UNION SELECT",
]


@pytest.mark.parametrize("is_cleaned", [True, False])
def test_hostile_text_is_answered_clearly_and_changes_nothing(
    person: Person, database: Database, clock: FrozenClock, is_cleaned: bool
) -> None:
    person.bound_as(Role.INSPECTOR)
    audited, bound = count(database, AuditRow), rows(database, ChatIdentityRow)
    for text in HOSTILE:
        reply = person.says(clean_text(text) if is_cleaned else text)
        assert reply, text
        assert len(reply) <= 600, text
        assert len(reply.encode()) <= 2000, text
        assert not set(reply) & set("<>{}\x00"), text
        clock.advance(seconds=20)
        assert person.says("帮助").startswith("您的角色"), text
        clock.advance(seconds=40)
    assert count(database, AuditRow) == audited
    assert [row.role for row in rows(database, ChatIdentityRow)] == [row.role for row in bound]


def test_hostile_text_of_a_stranger_reveals_nothing(person: Person) -> None:
    assert {person.says(text) for text in HOSTILE} == {NOT_BOUND}


def test_a_hostile_code_is_a_wrong_code(person: Person) -> None:
    replies = {person.says(f"绑定 {code}") for code in ("'DROP-TABLE--", "<b>", "码" * 600)}
    assert len(replies) == 1
    assert "邀请码无效" in replies.pop()


def test_an_answer_that_cannot_be_stored_is_not_given(person: Person, database: Database) -> None:
    person.bound_as(Role.INSPECTOR)
    event = person.event("状态")

    def drop(connection: Any) -> None:
        connection.exec_driver_sql("ALTER TABLE chat_message RENAME TO chat_message_away")

    def restore(connection: Any) -> None:
        connection.exec_driver_sql("ALTER TABLE chat_message_away RENAME TO chat_message")

    database.write(drop)
    try:
        with pytest.raises(StorageError):
            person.dispatcher.reply(event)
        with pytest.raises(StorageError):
            person.dispatcher.reply(person.event("解绑"))
    finally:
        database.write(restore)
    assert count(database, ChatIdentityRow) == 1
    assert person.dispatcher.reply(event).startswith("青屿团省委")


def test_choices_of_a_command_that_is_gone_are_explained(
    person: Person, database: Database, clock: FrozenClock
) -> None:
    person.bound_as(Role.INSPECTOR)
    stale = {"account": "demo", "address": person.openid, "commands": ["", "旧", "魑魅 1"]}
    row = insert(table_of(ChatMenuRow)).values(**stale, expires_at=clock() + timedelta(minutes=5))
    database.write(lambda connection: connection.execute(row).rowcount)
    assert "菜单已更新" in person.says("1")


def test_an_attachment_without_an_open_step_is_explained(person: Person) -> None:
    words = {PostKind.IMAGE: "图片", PostKind.VOICE: "语音", PostKind.FILE: "文件", PostKind.OTHER: "消息"}
    assert {person.sends_a(kind) for kind in words} == {NOT_BOUND}
    person.bound_as(Role.GROUP_MANAGER)
    for kind, word in words.items():
        assert person.sends_a(kind).startswith(f"已收到{word}，未关联事项。")
