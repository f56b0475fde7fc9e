"""系统, 任务, 重跑, 静默, 推送测试, 采集 as an operator uses them; both databases."""

import re
from datetime import timedelta

import pytest

from bot.dispatch import Dispatcher
from bot.replies.operating import tell_system
from monitor.delivery.addresses import AddressBook
from monitor.delivery.outbox import ChannelKind, MessageKind, NewMessage
from monitor.jobs import JobRunner
from monitor.learning.readings import DriftReading, FlaggedDay
from monitor.store.database import Database
from monitor.store.delivery.outbox import enqueue
from monitor.store.oversight.tables import RerunRow
from monitor.store.work_tables import AuditRow, JobSlotRow, OutboxRow
from monitor.units import Role
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.operations.operations import SystemReading
from monitor.usecases.operations.rerun import Reruns
from monitor.usecases.oversight.desk import Office, Oversight
from monitor.usecases.queries.questions import Queries
from tests.bot.scene import HIDDEN, TODAY, Scene
from tests.bot.talk import RULEBOOK, Person
from tests.cast import Cast
from tests.channels import MemoryChannel
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows

BOOK = AddressBook(official_accounts=frozenset({"demo"}))
YESTERDAY = TODAY - timedelta(days=1)


class Machine(Scene):
    """A scene with a channel and a job runner."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        super().__init__(database, cast, clock)
        office = Office(RULEBOOK, BOOK, frozenset({ChannelKind.CUSTOMER_SERVICE}))
        queries = Queries(database, RULEBOOK, clock)
        self.dispatcher = Dispatcher(database, queries, clock, oversight=Oversight(database, clock, office))
        self.channel = MemoryChannel(ChannelKind.CUSTOMER_SERVICE)
        self.sender = AlertSender(database, {self.channel.kind: self.channel}, BOOK, clock)
        reruns = Reruns(database, clock, office)
        self.runner = JobRunner(database, RULEBOOK, clock, self.sender, watches={"reruns": reruns.run_asked})

    def operator(self) -> Person:
        return self.person(Role.OPERATOR)

    def queue(self, kind: MessageKind, key: str, recipient: str) -> None:
        message = NewMessage(key, kind, recipient, "标题", "标题\n正文")
        self.database.write(lambda connection: enqueue(connection, [message], self.clock()))


@pytest.fixture
def machine(database: Database, cast: Cast, clock: FrozenClock) -> Machine:
    made = Machine(database, cast, clock)
    made.counted("LC0001", 4, 2)
    made.counted("LC0001", 4, 2, YESTERDAY)
    return made


@pytest.mark.parametrize(
    ("n_confirmed", "n_false", "is_warned"), [(0, 0, False), (4, 5, False), (5, 5, False), (4, 6, True)]
)
def test_a_classifier_that_is_mostly_wrong_is_named_before_anything_else(
    n_confirmed: int, n_false: int, is_warned: bool, clock: FrozenClock
) -> None:
    drift = DriftReading((FlaggedDay(YESTERDAY, 1000, 3, 12),), n_confirmed, n_false)
    reading = SystemReading({}, None, None, 0, 0, 0, None, None, (), drift=drift, precision_floor=0.5)
    said = tell_system(reading, clock()).text
    assert said.startswith("系统：⚠️模型准确率低\n" if is_warned else "系统：✅正常\n")
    assert "模型近30天：标记 1.20%，准确率" in said
    assert f"（确认 {n_confirmed} 处，误报 {n_false} 处）" in said


def test_the_state_of_the_system_in_seven_lines(machine: Machine) -> None:
    operator = machine.operator()
    lines = operator.says("系统").splitlines()
    assert lines[0] == "系统：✅正常"
    assert lines[2] == "推送队列 0 条，近24小时失败 0 条"
    assert lines[3].startswith("最近回调：私信 11-20 15:00，群消息 11-20 08:05")
    assert lines[4] == "最近任务：尚未运行"
    assert re.fullmatch(r"数据库 \d+\.\d MB，最近备份 无记录", lines[6])
    assert lines[7] == "模型近30天：标记 0.00%，准确率尚无数据（确认 0 处，误报 0 处）"
    machine.runner.run_due()
    assert "最近任务：日结" in operator.says("系统") or "最近任务：早报" in operator.says("系统")


def test_jobs_tell_their_next_and_last_run_and_what_was_missed(machine: Machine) -> None:
    operator = machine.operator()
    assert operator.says("任务").startswith("任务 4 项，尚未运行过")
    machine.runner.run_due()
    reply = operator.says("任务")
    assert reply.startswith("任务 4 项，近7天无漏跑")
    assert "日结：下次 11-21 00:10，上次 11-20 15:00" in reply
    assert "催办提醒：下次 11-20 18:00，未运行过" in reply
    machine.clock.advance(days=2)
    machine.runner.run_due()
    assert "早报：⚠️漏跑 1 次" in operator.says("任务")


def test_a_rerun_of_a_closed_day_needs_a_reason_and_is_done_once(machine: Machine) -> None:
    operator = machine.operator()
    machine.runner.run_due()
    assert operator.says("重跑 日结 昨天").startswith("11-19 的日结已完成并锁定，重跑须写明原因")
    assert operator.says("重跑 日结 昨天 补采数据").startswith("✅ 已登记重跑：日结 11-19")
    assert "未重复登记" in operator.says("重跑 日结 昨天 补采数据")
    assert "reruns" in machine.runner.run_due()
    assert "reruns" not in machine.runner.run_due()
    (done,) = rows(machine.database, RerunRow)
    assert (done.reason, done.done_at, done.outcome != "") == ("补采数据", machine.clock(), True)
    told = [row for row in rows(machine.database, OutboxRow) if row.idempotency_key.startswith("rerun:")]
    assert [row.title for row in told] == ["重跑完成：日结 11-19"]
    asked = next(row for row in rows(machine.database, AuditRow) if row.action == "job.rerun_asked")
    assert asked.detail == {"job": "close_day", "day": "2026-11-19", "reason": "补采数据"}


def test_a_rerun_frees_the_slot_and_sends_nothing_twice(machine: Machine) -> None:
    machine.person(Role.UNIT_ADMIN)
    operator = machine.operator()
    machine.runner.run_due()
    n_messages = len(rows(machine.database, OutboxRow))
    operator.says("重跑 早报 今天 核对")
    machine.clock.advance(minutes=5)
    machine.runner.run_due()
    digests = [row for row in rows(machine.database, JobSlotRow) if row.job == "digest"]
    assert [row.ran_at for row in digests] == [machine.clock()]
    assert len(rows(machine.database, OutboxRow)) == n_messages + 1  # only the operator's own


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("重跑 炒菜 昨天", "没有任务“炒菜”。可选：日结、早报、催办提醒、清理"),
        ("重跑 日结 今天", "日结 在 11-20 没有已到时间的班次"),
        ("重跑 日结", "用法：重跑 任务 日期 [原因]，例：重跑 日结 昨天 补采数据"),
        ("静默 3天", "时长有误。用法：静默 时长；静默 取消，例：静默 2h"),
        ("静默 25h", "静默时长应为 1 分钟至 24 小时，如：静默 2h"),
        ("推送测试 别人", "测试消息只发给您本人。用法：推送测试 我，例：推送测试 我"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(machine: Machine, line: str, reply: str) -> None:
    assert machine.operator().says(line) == reply
    assert rows(machine.database, RerunRow) == []


def test_a_silence_lets_only_urgent_messages_out_and_ends_by_itself(machine: Machine) -> None:
    operator = machine.operator()
    me = "identity:1"
    assert operator.says("静默 2h").startswith("✅ 静默至 11-20 17:00：只发送不良信息预警")
    machine.queue(MessageKind.ALERT, "a", me)
    machine.queue(MessageKind.INCIDENT, "b", me)
    assert machine.sender.drain() == 1
    assert [message.idempotency_key for message in machine.channel.received] == ["b"]
    assert "静默至 11-20 17:00" in operator.says("系统")
    machine.clock.advance(hours=2)
    assert machine.sender.drain() == 1
    assert operator.says("静默 取消") == "当前没有静默"


def test_a_silence_can_be_ended_or_taken_back(machine: Machine) -> None:
    operator = machine.operator()
    operator.says("静默 30分钟")
    assert operator.says("静默 取消").startswith("✅ 静默已取消，推送恢复\n不可撤销")
    number = re.search(r"编号 (\d+)", operator.says("静默 1h"))
    assert number
    assert operator.says(f"撤销 {number[1]}").startswith(f"✅ 已撤销编号 {number[1]}：静默结束")
    machine.queue(MessageKind.ALERT, "a", "identity:1")
    assert machine.sender.drain() == 1
    actions = [row.action for row in rows(machine.database, AuditRow) if row.action.startswith("push.")]
    assert actions == ["push.silenced", "push.silence_ended"] * 2


def test_a_test_message_arrives_and_is_sent_once_a_minute(machine: Machine) -> None:
    operator = machine.operator()
    assert "通道：客服消息" in operator.says("推送测试 我")
    assert operator.says("推送测试 我") == "已收到，1 分钟内不重复发送测试消息"
    assert machine.sender.drain() == 1
    assert machine.channel.received[0].title == "【推送测试】收到即表示推送正常"


def test_how_a_group_is_collected(machine: Machine) -> None:
    operator = machine.operator()
    lines = operator.says("采集 LC0001").splitlines()
    assert lines[0] == "✅LC0001 鹭川团干群：最近数据 6 小时前"
    assert "采集方式 demo（对方编号 10001）" in lines
    assert "采集：最近 11-20 08:05" in lines
    assert operator.says("采集 YS0101").startswith("❔YS0101 松坪青年群：从未收到数据")
    assert operator.says("采集").splitlines()[2] == "demo：5 个群，4 个一天无数据，最近 11-20 08:05"
    assert operator.says("采集 ZZ9999") in (HIDDEN, "无权查看该单位")


@pytest.mark.parametrize("line", ["系统", "任务", "重跑 日结 昨天", "静默 2h", "推送测试 我", "采集 LC0001"])
def test_only_operators_operate(machine: Machine, line: str) -> None:
    for role in (Role.INSPECTOR, Role.UNIT_ADMIN, Role.GROUP_MANAGER):
        assert "不能使用" in machine.person(role, f"{role.name}{line}").says(line)
