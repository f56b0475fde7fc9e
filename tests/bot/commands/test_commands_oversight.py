"""催办, 通报, 约谈, 调整要求, 休假, 简报 as people use them in chat; both databases."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.dispatch import Dispatcher
from monitor.delivery.addresses import AddressBook
from monitor.delivery.outbox import ChannelKind, OutboxState
from monitor.store.database import Database
from monitor.store.delivery.alerts import load_watchers
from monitor.store.oversight.tables import BriefLinkRow, LeaveRow, RegisterEntryRow, UrgeRow
from monitor.store.tables import ChatIdentityRow, table_of
from monitor.store.work_tables import AuditRow, OutboxRow
from monitor.units import Role
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.oversight.brief_link import BriefPages, LinkNotFound
from monitor.usecases.oversight.desk import Office, Oversight
from monitor.usecases.queries.questions import Queries
from tests.bot.scene import HIDDEN, TODAY, Scene
from tests.bot.talk import RULEBOOK, Person
from tests.cast import Cast
from tests.channels import MemoryChannel
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows

BOOK = AddressBook(official_accounts=frozenset({"demo"}))
READ_ONLY = "您的角色为只读"


class Desk(Scene):
    """A scene whose installation has the channel of customer-service messages."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        super().__init__(database, cast, clock)
        office = Office(
            RULEBOOK, BOOK, frozenset({ChannelKind.CUSTOMER_SERVICE}), public_url="https://q.example"
        )
        self.queries = Queries(database, RULEBOOK, clock)
        self.dispatcher = Dispatcher(
            database, self.queries, clock, oversight=Oversight(database, clock, office)
        )

    def deliver(self) -> int:
        channel = MemoryChannel(ChannelKind.CUSTOMER_SERVICE)
        return AlertSender(self.database, {channel.kind: channel}, BOOK, self.clock).drain()

    def messages(self, prefix: str) -> list[Any]:
        return [row for row in rows(self.database, OutboxRow) if row.idempotency_key.startswith(prefix)]

    def named(self, role: Role, openid: str, name: str) -> Person:
        person = self.person(role, openid)
        identity = table_of(ChatIdentityRow)
        statement = update(identity).where(identity.c.address == openid).values(display_name=name)
        self.database.write(lambda connection: connection.execute(statement).rowcount)
        return person

    def forget_chats(self) -> None:
        """Let the 48 h window of everybody be over."""
        identity = table_of(ChatIdentityRow)
        self.database.write(
            lambda connection: connection.execute(update(identity).values(last_chat_at=None)).rowcount
        )

    def identity_of(self, openid: str) -> int:
        return next(int(row.id) for row in rows(self.database, ChatIdentityRow) if row.address == openid)


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Desk:
    made = Desk(database, cast, clock)
    made.counted("LC0101", 2, 0)
    made.counted("LC0001", 4, 2)
    made.counted("YS0001", 1, 0)
    return made


def test_an_administrator_urges_the_managers_of_failing_groups(scene: Desk) -> None:
    scene.person(Role.GROUP_MANAGER)
    admin = scene.person(Role.UNIT_ADMIN)
    lines = admin.says("催办 全部").splitlines()
    assert lines[0] == "✅ 已登记催办 鹭川团市委：1 人"
    assert re.fullmatch(r"登记时间 11-20 15:00，编号 \d+，今日第 1/3 次", lines[1])
    assert lines[2:] == ["已送达 0 / 待发送 1", "通道：客服消息", "不可撤销：催办已发出。可回复：催办 查询"]
    (message,) = scene.messages("urge:")
    assert message.text.splitlines()[0] == "【催办】鹭川团市委：今天还有 1 个群未达标"
    assert "LC0101 柳岸青年群，今日 2 条，话题相关 0 条" in message.text
    assert scene.deliver() == 1
    assert "11-20 15:00 鹭川团市委：已送达 1（客服消息）" in admin.says("催办 查询")
    card = admin.says("1")
    assert card.startswith("催办 鹭川团市委：已送达 1（客服消息）")
    assert "群管理员：已送达 11-20 15:00 客服消息" in card
    assert "今日没有该编号的催办" in admin.says("催办 查询 99")


def test_who_no_channel_reaches_is_said_at_once_and_finds_the_message(scene: Desk) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    admin = scene.person(Role.UNIT_ADMIN)
    scene.forget_chats()
    assert "待拉取 1" in admin.says("催办 LC0101")
    assert scene.deliver() == 0
    assert "【催办】柳岸青年群" in manager.says("提醒")


def test_an_inspector_urges_the_administrators_of_any_unit_below(scene: Desk) -> None:
    scene.person(Role.UNIT_ADMIN)
    inspector = scene.person(Role.INSPECTOR)
    assert inspector.says("催办 鹭川 请补报周报").startswith("✅ 已登记催办 鹭川团市委：请补报周报：1 人")
    assert "请补报周报" in scene.messages("urge:")[0].text
    assert "没有已绑定的负责人" in inspector.says("催办 云杉")
    reply = inspector.says("催办 全部")
    assert reply.startswith("✅ 已登记催办 1 个单位，1 人")
    assert "未发 云杉团市委：云杉团市委 没有已绑定的负责人" in reply


def test_the_same_is_sent_once_and_a_unit_three_times_a_day(scene: Desk) -> None:
    scene.person(Role.GROUP_MANAGER)
    admin = scene.person(Role.UNIT_ADMIN)
    admin.says("催办 全部")
    assert admin.says("催办 全部").startswith("已收到，10 分钟内的相同催办未重复发送")
    assert len(rows(scene.database, UrgeRow)) == 1
    for _ in range(2):
        scene.clock.advance(minutes=11)
        assert admin.says("催办 全部").startswith("✅")
    scene.clock.advance(minutes=11)
    assert admin.says("催办 全部") == "该单位今天已催办 3 次，请明天再试或电话联系"
    scene.clock.advance(days=1)
    assert admin.says("催办 全部 请核对").startswith("✅")


def test_an_urge_needs_a_reason_a_scope_and_cannot_be_taken_back(scene: Desk) -> None:
    scene.person(Role.GROUP_MANAGER)
    admin, town = scene.person(Role.UNIT_ADMIN), scene.person(Role.BRANCH_ADMIN)
    assert "今天没有未达标的群" in admin.says("催办 LC0001")
    assert admin.says("催办 YS0001") == HIDDEN
    assert admin.says("催办 不存在的") == HIDDEN
    assert town.says("催办 LC0001") == HIDDEN
    assert town.says("催办 全部").startswith("✅ 已登记催办 临河镇团委：1 人")
    number = re.search(r"编号 (\d+)", admin.says("催办 LC0101"))
    assert number
    assert admin.says(f"撤销 {number[1]}") == "催办已发出，不能撤销。可回复：催办 查询"
    assert "不能使用" in scene.person(Role.GROUP_MANAGER, "other").says("催办 全部")
    assert scene.person(Role.LEADER).says("催办 全部") == READ_ONLY


def test_a_talk_asks_for_day_and_person_and_keeps_its_outcome(scene: Desk) -> None:
    inspector = scene.person(Role.INSPECTOR)
    reply = inspector.says("约谈 鹭川 三次抽查为差，整改不力。")
    assert reply.startswith("✅ 已登记约谈 1：鹭川团市委\n原因：三次抽查为差，整改不力")
    assert reply.splitlines()[-1] == "请回复约谈日期：1. 11-20  2. 11-23  3. 11-27，或直接写日期（5分钟内）"
    assert inspector.says("下个月") == "请回复 1–3 或日期，如 11-25"
    assert inspector.says("2").splitlines()[0] == "约谈日期：2026-11-23"
    assert inspector.says("1").startswith("✅ 约谈 1 已补充：鹭川团市委，2026-11-23，主要负责人")
    assert "编号 1 鹭川团市委 主要负责人：三次抽查为差，整改不力" in inspector.says("约谈")
    assert inspector.says("约谈 结果 1 已明确整改期限").startswith("✅ 约谈 1（鹭川团市委）已办结")
    assert inspector.says("约谈 结果 1 再来") == "该件已办结，不能重复登记结果"
    assert rows(scene.database, RegisterEntryRow)[0].outcome == "已明确整改期限"
    actions = [row.action for row in rows(scene.database, AuditRow) if row.action.startswith("register.")]
    assert actions == ["register.recorded", "register.completed", "register.completed", "register.closed"]


def test_registers_are_kept_once_taken_back_in_time_and_limited_to_units_below(scene: Desk) -> None:
    inspector, admin = scene.person(Role.INSPECTOR), scene.person(Role.UNIT_ADMIN)
    number = re.search(r"记录编号 (\d+)", inspector.says("通报 鹭川 未报周报"))
    assert number
    assert inspector.says("通报 鹭川 未报周报").startswith("已收到（编号 1），未重复登记")
    assert inspector.says(f"撤销 {number[1]}").startswith(f"✅ 已撤销编号 {number[1]}：通报 1（鹭川团市委）")
    assert rows(scene.database, RegisterEntryRow)[0].state == "已撤销"
    assert admin.says("通报 LC 原因") == "只能对下级单位登记，不能对本单位登记"
    assert admin.says("通报 YS 原因") == HIDDEN
    assert admin.says("通报 结果 1 好了") == "没有该编号的登记，可回复 通报、约谈 或 调整要求 列出"
    late = re.search(r"记录编号 (\d+)", admin.says("通报 LC01 未设管理员"))
    assert late
    scene.clock.advance(minutes=11)
    assert "已撤销" not in admin.says(f"撤销 {late[1]}")


def test_an_adjustment_goes_to_the_unit_and_comes_back_answered(scene: Desk) -> None:
    admin = scene.person(Role.UNIT_ADMIN)
    inspector = scene.person(Role.INSPECTOR)
    reply = inspector.says("调整要求 LC 王某 连续14天无动作 10个工作日")
    assert "管理员：王某，期限 2026-12-04，已通知 1 名管理员" in reply
    (message,) = scene.messages("register:1:new")
    assert "回复“答复 1 内容”" in message.text
    assert rows(scene.database, RegisterEntryRow)[0].reason == "连续14天无动作"
    assert "12-04 调整要求 1 答复" in admin.says("状态")
    assert scene.person(Role.BRANCH_ADMIN).says("答复 1 好").startswith("没有该编号的登记")
    assert admin.says("答复 1 已更换为李某").startswith("✅ 已答复调整要求 1：已更换为李某")
    assert admin.says("答复 1 再答") == "该件已答复，无需答复"
    assert "答复：已更换为李某" in scene.messages("register:1:reply")[0].text
    assert inspector.says("调整要求 办结 1 情况属实").startswith("✅ 调整要求 1（鹭川团市委）已办结")


@pytest.mark.parametrize("term", ["11-20", "2026-11-01", "2099-01-01"])
def test_a_due_date_lies_ahead_and_within_a_year(scene: Desk, term: str) -> None:
    reply = scene.person(Role.INSPECTOR).says(f"调整要求 LC 王某 无动作 {term}")
    assert "期限" in reply
    assert rows(scene.database, RegisterEntryRow) == []


def test_a_leave_needs_a_deputy_of_the_unit_who_then_gets_the_reminders(scene: Desk) -> None:
    me = scene.named(Role.GROUP_MANAGER, "me", "王某")
    assert me.says("休假 11-20 11-25").startswith("休假须指定代管人。本单位没有其他已绑定的管理员")
    scene.named(Role.GROUP_MANAGER, "deputy", "李某")
    scene.named(Role.BRANCH_ADMIN, "above", "赵某")
    assert me.says("休假 11-20 11-25 赵某") == "代管人须为本单位已绑定的管理员。可选：李某"
    assert me.says("休假 11-25 11-20 李某") == "休假止日早于起日，请重新填写"
    reply = me.says("休假 11-20 11-25 李某")
    assert reply.startswith("✅ 已登记休假 11-20 至 11-25，代管人 李某\n期间的提醒发给代管人")
    assert "未重复登记" in me.says("休假 11-20 11-25 李某")
    assert "重叠" in me.says("休假 11-24 11-30 李某")
    with scene.database.reading() as connection:
        told = {one.identity_id for one in load_watchers(connection, TODAY) if one.role == "群管理员"}
        after = {one.identity_id for one in load_watchers(connection, date(2026, 11, 26))}
    assert told == {scene.identity_of("deputy")}
    assert scene.identity_of("me") in after
    assert me.says("休假 取消").startswith("✅ 休假已取消（代管人 李某）")
    assert rows(scene.database, LeaveRow)[0].ended_at is not None
    assert "（已取消）" in me.says("休假")


def test_a_deputy_sees_the_groups_of_who_is_away(scene: Desk) -> None:
    scene.named(Role.GROUP_MANAGER, "me", "王某")
    deputy = scene.named(Role.GROUP_MANAGER, "deputy", "李某")
    identity = table_of(ChatIdentityRow)
    statement = update(identity).where(identity.c.address == "deputy").values(group_id=None)
    scene.database.write(lambda connection: connection.execute(statement).rowcount)
    scene.clock.advance(minutes=1)
    assert deputy.says("今日").startswith("您名下没有登记的群")
    Person(scene.dispatcher, scene.clock, "me").says("休假 今天 明天 李某")
    scene.clock.advance(minutes=1)
    assert deputy.says("今日").startswith("柳岸青年群：今日 2 条")


def test_a_brief_is_one_link_for_a_day_that_can_be_revoked(scene: Desk) -> None:
    leader = scene.person(Role.LEADER)
    reply = leader.says("简报")
    token = re.search(r"https://q\.example/brief/([\w-]+)", reply)
    assert token
    assert "11-21 15:00 前有效" in reply
    stored = rows(scene.database, BriefLinkRow)[0]
    assert token[1] not in stored.token_hash
    pages = BriefPages(scene.database, scene.queries, scene.clock)
    assert pages.open(token[1])[0].unit.code == "QS"
    assert leader.says("简报 作废").startswith("✅ 已作废 1 个简报链接\n不可撤销")
    with pytest.raises(LinkNotFound):
        pages.open(token[1])
    again = re.search(r"/brief/([\w-]+)", leader.says("简报 周"))
    assert again
    scene.clock.advance(hours=23, minutes=59)
    assert pages.open(again[1], "week")[0].period.kind.value == "周报"
    scene.clock.advance(minutes=1)
    with pytest.raises(LinkNotFound):
        pages.open(again[1])
    assert "不能使用" in scene.person(Role.UNIT_ADMIN).says("简报")


def test_no_stored_text_holds_the_token(scene: Desk) -> None:
    leader = scene.person(Role.LEADER)
    token = re.search(r"/brief/([\w-]+)", leader.says("简报"))
    assert token
    details = [str(row.detail) for row in rows(scene.database, AuditRow)]
    assert not any(token[1] in detail for detail in details)


def test_states_of_messages_are_those_of_the_outbox(scene: Desk) -> None:
    scene.person(Role.GROUP_MANAGER)
    scene.person(Role.UNIT_ADMIN).says("催办 LC0101")
    outbox = table_of(OutboxRow)
    with scene.database.reading() as connection:
        states = connection.execute(select(outbox.c.state)).scalars().all()
    assert states == [OutboxState.WAITING.value]
    scene.clock.advance(hours=2)
    scene.deliver()
    assert rows(scene.database, OutboxRow)[0].state == OutboxState.PULL_ONLY.value  # too late to push
    assert scene.clock.now - rows(scene.database, OutboxRow)[0].created_at == timedelta(hours=2)
