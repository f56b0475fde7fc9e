"""图 and 结果: the key number at once, the picture by a job through the outbox, over the stand-in's wire."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.by_account import ByAccount
from bot.channels.customer_service import CustomerService
from bot.channels.wecom_app import WecomApp
from bot.dispatch import Dispatcher
from bot.replies.phrases import fits
from bot.stored_uploads import DatabaseUploads
from monitor.delivery.addresses import AddressBook
from monitor.delivery.outbox import ChannelKind
from monitor.errors import DeliveryError
from monitor.ports import Channel, OutboundMessage
from monitor.store.database import Database
from monitor.store.operations.export_folder import ExportFolder
from monitor.store.work_tables import OutboxRow
from monitor.units import Role
from monitor.usecases.days.close_day import close_day
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.operations.exports import Exports
from monitor.usecases.oversight.desk import Office, Oversight
from monitor.usecases.queries.questions import Queries
from tests.bot.scene import TODAY, Scene
from tests.bot.talk import RULEBOOK, Person
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.fake_wechat import Accounts, FakeWeChat, Limits
from tests.fake_wechat.people import Received
from tests.fake_wechat.wiring import wire
from tests.monitor.days.test_receive import rows
from tests.reports.making import maker_of

BOOK = AddressBook(official_accounts=frozenset({"demo"}))
NOTE = "图正在生成（编号 1），稍后发送；回复“结果”查看"


@pytest.fixture
def fake() -> Iterator[FakeWeChat]:
    with FakeWeChat(accounts=Accounts(), limits=Limits(is_every_window_open=True)) as server:
        yield server


@dataclass
class Studio:
    """A scene whose charts are drawn by a job and sent over the wire."""

    scene: Scene
    exports: Exports
    sender: AlertSender
    fake: FakeWeChat

    def someone(self, role: Role) -> Person:
        return self.scene.person(role, f"oPerson-{role.name}")

    def work(self) -> int:
        """Do what the jobs do: draw, then send; returns how many were sent."""
        self.exports.make_due(maker_of(self.scene.database, self.scene.clock))
        return self.sender.drain()

    @property
    def shown(self) -> list[Received]:
        return self.fake.received

    def picture(self, place: int = -1) -> bytes:
        word, n_bytes, media_id = self.shown[place].text.split(" ")
        content = self.fake.platform.media.holds(media_id)
        assert (word, int(n_bytes)) == ("[image]", len(content))
        return content


def studio_of(
    database: Database, cast: Cast, clock: FrozenClock, fake: FakeWeChat, folder: Path, book: AddressBook
) -> Studio:
    scene = Scene(database, cast, clock)
    channel: Channel = ByAccount(ChannelKind.CUSTOMER_SERVICE, {"demo": wire(fake).customer_service})
    exports = Exports(database, clock, ExportFolder(folder))
    sender = AlertSender(database, {channel.kind: channel}, book, clock, load_picture=exports.load_chart)
    oversight = Oversight(database, clock, Office(RULEBOOK, book))
    scene.dispatcher = Dispatcher(database, Queries(database, RULEBOOK, clock), clock, oversight=oversight)
    for days, n_relevant in ((1, 2), (2, 0), (3, 1)):
        day = TODAY - timedelta(days=days)
        scene.counted("LC0001", 4, n_relevant, day)
        scene.counted("YS0001", 9, 3, day)
        close_day(database, RULEBOOK, clock, day)
    return Studio(scene, exports, sender, fake)


@pytest.fixture
def studio(database: Database, cast: Cast, clock: FrozenClock, fake: FakeWeChat, tmp_path: Path) -> Studio:
    return studio_of(database, cast, clock, fake, tmp_path / "exports", BOOK)


def size_of(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


def test_the_key_number_comes_at_once_and_the_picture_after_it(studio: Studio) -> None:
    person = studio.someone(Role.INSPECTOR)
    plain = person.says("排名 周")
    reply = person.says("排名 周 图")
    assert reply.splitlines()[0] == plain.splitlines()[0]
    assert reply.endswith(NOTE)
    assert fits(reply)
    assert studio.shown == []
    assert "排队中" in person.says("结果")
    assert studio.work() == 1
    [shown] = studio.shown
    assert (shown.recipient, shown.channel) == ("oPerson-INSPECTOR", "客服消息")
    picture = studio.picture()
    assert size_of(picture)[0] == 750
    assert len(picture) <= 300_000
    assert "已生成" in person.says("结果")
    assert studio.work() == 0


def test_every_role_gets_the_picture_of_what_it_may_read(studio: Studio) -> None:
    asked = (
        (Role.UNIT_ADMIN, "图 排名 月"),
        (Role.UNIT_ADMIN, "状态 图"),
        (Role.INSPECTOR, "状态 LC 图"),
        (Role.LEADER, "总览 图"),
        (Role.LEADER, "简报 月 图"),
    )
    people = {role: studio.someone(role) for role in (*dict(asked), Role.GROUP_MANAGER)}
    for number, (role, line) in enumerate(asked, start=1):
        assert f"图正在生成（编号 {number}）" in people[role].says(line), line
        assert studio.work() == 1
        assert size_of(studio.picture())[0] == 750
    assert "图正在生成" not in people[Role.GROUP_MANAGER].says("图 状态")


def test_the_word_alone_draws_what_was_answered_last(studio: Studio) -> None:
    person = studio.someone(Role.INSPECTOR)
    title = person.says("排名 月").splitlines()[0]
    assert person.says("图").splitlines()[0] == title
    assert "同级排名 2026-11（图）：排队中" in person.says("结果")


def test_a_retry_and_a_second_ask_within_the_minute_make_one_picture(studio: Studio) -> None:
    person = studio.someone(Role.INSPECTOR)
    event = person.event("排名 图")
    assert person.sends(event) == person.sends(event)
    person.says("排名 图")
    assert (studio.work(), studio.work(), len(studio.shown)) == (1, 0, 1)


PICTURE = b"\x89PNG" + b"\x00" * 50


def test_a_second_try_uploads_nothing_and_a_forgotten_picture_is_uploaded_again(fake: FakeWeChat) -> None:
    service = wire(fake).customer_service
    message = OutboundMessage("oPerson", "图", "图", "chart:9", picture=PICTURE)
    fake.fault("cgi-bin/message/custom/send", "errcode:-1", times=1)
    with pytest.raises(DeliveryError) as busy:
        service.send(message)
    assert (busy.value.permanent, busy.value.ambiguous) == (False, False)
    service.send(message)
    assert len(fake.calls("cgi-bin/media/upload")) == 1
    fake.platform.media.forget()
    service.send(message)
    assert len(fake.calls("cgi-bin/media/upload")) == 2
    assert [shown.text.split(" ")[:2] for shown in fake.received] == [["[image]", "54"]] * 2


def test_wecom_shows_the_picture_and_drops_its_repeat(fake: FakeWeChat) -> None:
    app = wire(fake).wecom_app
    message = OutboundMessage("zhang", "图", "图", "chart:9", picture=PICTURE)
    app.send(message)
    app.send(message)
    app.send(replace(message, idempotency_key="chart:10"))
    assert [shown.text.split(" ")[:2] for shown in fake.received] == [["[image]", "54"]] * 2


def test_another_process_sends_what_the_first_uploaded_until_the_platform_forgets_it(
    fake: FakeWeChat, database: Database, clock: FrozenClock
) -> None:
    message = OutboundMessage("zhang", "图", "图", "chart:9", picture=PICTURE)
    parts = wire(fake)

    def process() -> tuple[WecomApp, CustomerService]:
        member, person = (DatabaseUploads(database, clock, account) for account in ("wecom:1", "official:1"))
        return (
            WecomApp(parts.client, parts.wecom_tokens, 1000002, member),
            CustomerService(parts.client, parts.official_tokens, person),
        )

    first, second = process(), process()
    for channels in (first, second):
        channels[0].send(message)  # the second time in the window: the same request, shown once
    assert (len(fake.calls("cgi-bin/media/upload")), len(fake.received)) == (1, 1)
    first[1].send(message)
    second[1].send(replace(message, idempotency_key="chart:10"))  # no platform drops it: one upload will do
    assert (len(fake.calls("cgi-bin/media/upload")), len(fake.received)) == (2, 3)
    clock.advance(days=3)
    second[1].send(message)
    assert len(fake.calls("cgi-bin/media/upload")) == 3


def test_an_upload_that_fails_is_never_doubtful_and_a_template_carries_no_picture(fake: FakeWeChat) -> None:
    message = OutboundMessage("oPerson", "图", "图", "chart:9", picture=PICTURE)
    fake.fault("cgi-bin/media/upload", "drop_answer", times=1)
    with pytest.raises(DeliveryError) as lost:
        wire(fake).customer_service.send(message)
    assert (lost.value.permanent, lost.value.ambiguous) == (False, False)
    with pytest.raises(DeliveryError) as refused:
        wire(fake).template.send(message)
    assert refused.value.permanent
    assert fake.received == []


def test_a_foreign_unit_gets_no_picture_and_no_order(studio: Studio) -> None:
    person = studio.someone(Role.UNIT_ADMIN)
    foreign, missing = person.says("图 状态 YS"), person.says("图 状态 ZZ")
    assert foreign.replace("YS", "ZZ") == missing
    assert person.says("结果").startswith("没有正在生成的内容")
    assert studio.work() == 0


def test_what_has_no_chart_is_told_and_orders_nothing(studio: Studio) -> None:
    person = studio.someone(Role.INSPECTOR)
    for line in ("图 帮助", "图 简报 甲", "图 排名 市县", "图 总览 LC", "图 " + "<b>" * 300):
        assert "图正在生成" not in person.says(line)
    assert studio.work() == 0


def test_where_no_picture_can_be_sent_the_text_says_where_to_find_it(
    database: Database, cast: Cast, clock: FrozenClock, fake: FakeWeChat, tmp_path: Path
) -> None:
    studio = studio_of(database, cast, clock, fake, tmp_path, AddressBook())
    reply = studio.someone(Role.INSPECTOR).says("排名 图")
    assert "当前渠道不能发图，网页 报表 也可下载" in reply
    assert studio.exports.list_own(cast.viewer("QS", Role.INSPECTOR)) == []
    assert rows(database, OutboxRow) == []


def test_a_picture_that_is_gone_leaves_its_key_number(studio: Studio, tmp_path: Path) -> None:
    studio.someone(Role.LEADER).says("图 总览")
    studio.exports.make_due(maker_of(studio.scene.database, studio.scene.clock))
    for file in (tmp_path / "exports").iterdir():
        file.unlink()
    assert studio.sender.drain() == 1
    assert "群达标率" in studio.shown[-1].text
