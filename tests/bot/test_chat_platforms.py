"""Facts of the chat platforms, and that the code keeps to them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.chat_platforms import OFFICIAL_ACCOUNT, WECOM_APP, WECOM_BOT, platform_of, wecom_source
from bot.replies.notices import NOT_BOUND
from bot.wechat_codec import WeChatCodec
from monitor.events import EventKind
from monitor.store.database import Database
from monitor.store.tables import ChatIdentityRow, table_of
from tests.bot.talk import Person, dispatcher_of, invite_everyone
from tests.cast import Cast
from tests.conftest import FrozenClock


def test_a_source_tells_its_platform_and_no_account_can_be_taken_for_an_application() -> None:
    assert platform_of("demo") is OFFICIAL_ACCOUNT
    assert platform_of(wecom_source("demo")) is WECOM_APP


def test_a_platform_without_plain_mode_needs_a_key(clock: FrozenClock) -> None:
    for platform in (WECOM_APP, WECOM_BOT):
        with pytest.raises(ValueError, match="EncodingAESKey"):
            WeChatCodec("token", "corp", [], clock, platform=platform)
    WeChatCodec("token", "app", [], clock, platform=OFFICIAL_ACCOUNT)


def test_only_where_there_is_a_reply_window_a_message_is_noted_for_it(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    assert cast
    invite_everyone(database)
    start, dispatcher = clock(), dispatcher_of(database, clock)
    person = Person(dispatcher, clock)
    for source in ("demo", wecom_source("demo")):
        assert "✅" in person.sends(replace(person.event("绑定 CODE-CITY"), source=source))
    clock.advance(minutes=5)
    for source in ("demo", wecom_source("demo")):
        assert "鹭川团市委" in person.sends(replace(person.event("状态"), source=source))
    identity = table_of(ChatIdentityRow)
    with database.reading() as connection:
        seen = {row.account: row.last_chat_at for row in connection.execute(select(identity))}
    assert seen == {"demo": start + timedelta(minutes=5), wecom_source("demo"): start}


def test_somebody_new_is_greeted_in_the_words_of_their_platform(
    database: Database, clock: FrozenClock
) -> None:
    person = Person(dispatcher_of(database, clock), clock)
    arrival = person.event("", kind=EventKind.ACCOUNT, fields={"Event": "subscribe"})
    followed = person.sends(arrival)
    opened = person.sends(replace(arrival, event_key=arrival.event_key + 1, source=wecom_source("demo")))
    assert (followed.startswith("欢迎关注。本号"), "关注" in opened, "本应用" in opened) == (
        True,
        False,
        True,
    )
    assert NOT_BOUND in opened
