"""提醒 and 确认: what is open, by the number that the pushed message carries; who may answer it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from monitor.clock import shanghai_instant
from monitor.delivery.alerts import AlertKind, Finding
from monitor.store.database import Database
from monitor.store.delivery.alerts import load_alert_ids, raise_alerts, resolve_alerts
from monitor.store.work_tables import AlertRow, AuditRow, OutboxRow
from monitor.units import Role
from monitor.usecases.reminders.remind import remind
from tests.bot.scene import HIDDEN, TODAY, Scene
from tests.bot.talk import RULEBOOK
from tests.cast import GROUPS, Cast
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows

YESTERDAY = TODAY - timedelta(days=1)
UNIT_OF = {code: unit for code, _, unit, _, _ in GROUPS}
NAME_OF = {code: name for code, name, _, _, _ in GROUPS}
UNKNOWN = "没有该编号的提醒，可回复 提醒 查看编号"


class Alerts(Scene):
    """A scene in which alerts have been raised."""

    def alert(self, code: str, kind: AlertKind = AlertKind.GROUP_UNMET, day: date = YESTERDAY) -> int:
        """Raise an alert about a group of the cast, or about 鹭川青年; return its number."""
        is_account = kind is AlertKind.ACCOUNT_UNMET
        unit = "LC" if is_account else UNIT_OF[code]
        return self.alert_about(None if is_account else self.cast.groups[code], code, unit, kind, day)

    def alert_about(
        self, group_id: int | None, code: str, unit: str, kind: AlertKind, day: date, name: str = ""
    ) -> int:
        key = f"{kind.name.lower()}:{group_id or 2}:{day}"
        found = Finding(
            kind, key, day, self.cast.units[unit], self.cast.paths[unit], group_id, code,
            name or NAME_OF.get(code, "鹭川青年"), "理由",
        )  # fmt: skip

        def work(connection: Any) -> int:
            raise_alerts(connection, [found], self.clock())
            return load_alert_ids(connection, [key])[key]

        return self.database.write(work)

    def actions(self) -> list[str]:
        return [row.action for row in rows(self.database, AuditRow) if row.action.startswith("alert.")]

    def stored(self, number: int) -> Any:
        return next(row for row in rows(self.database, AlertRow) if row.id == number)


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Alerts:
    return Alerts(database, cast, clock)


def test_open_alerts_are_listed_with_their_number_day_and_clause_worst_first(scene: Alerts) -> None:
    no_topic = scene.alert("LC0001", AlertKind.NO_TOPIC)
    unmet, account = scene.alert("LC0101"), scene.alert("lcqn", AlertKind.ACCOUNT_UNMET)
    scene.alert("YS0001")
    assert scene.person(Role.UNIT_ADMIN).says("提醒").splitlines() == [
        "未办结的预警和提醒 3 条",
        "数据截至 11-20 15:00",
        f"1. ❌鹭川青年 公众号未发布（11-19，编号 {account}）",
        f"2. ❌LC0101 柳岸青年群 未达标（11-19，编号 {unmet}）",
        f"3. ⚠️LC0001 鹭川团干群 无微话题（11-19，编号 {no_topic}）",
        "依据：公众号 HN-2.1.3a、每日职责 HN-2.1.3b",
        f"回复行首的数字查看详情，或回复：确认 {account}",
    ]


def test_a_row_opens_the_day_it_is_about(scene: Alerts) -> None:
    scene.counted("LC0101", 2, 0, YESTERDAY)
    scene.alert("LC0101", AlertKind.NO_TOPIC)
    scene.alert("lcqn", AlertKind.ACCOUNT_UNMET)
    person = scene.person(Role.UNIT_ADMIN)
    person.says("提醒")
    assert person.says("2").startswith("柳岸青年群：11-19 2 条(差)")
    assert person.says("1").startswith("鹭川团市委 11-19：")


def test_nothing_open_is_said(scene: Alerts) -> None:
    scene.alert("YS0001")
    for role, own in ((Role.UNIT_ADMIN, "状态"), (Role.GROUP_MANAGER, "今日")):
        reply = scene.person(role).says("提醒")
        assert reply == f"没有未办结的预警和提醒 ✅\n数据截至 11-20 15:00\n可回复：{own}"


@pytest.mark.parametrize("role", [Role.UNIT_ADMIN, Role.BRANCH_ADMIN, Role.GROUP_MANAGER])
def test_everybody_sees_and_acknowledges_the_own_ones_only(scene: Alerts, role: Role) -> None:
    own, foreign = scene.alert("LC0101"), scene.alert("YS0001")
    above = scene.alert("LC0001")
    person = scene.person(role)
    reply = person.says("提醒")
    assert f"编号 {own}）" in reply
    assert f"编号 {foreign}）" not in reply
    assert (f"编号 {above}）" in reply) is (role is Role.UNIT_ADMIN)
    assert person.says(f"确认 {own}").startswith(f"✅ 已确认编号 {own}：LC0101 柳岸青年群 未达标（11-19）\n")
    hidden = [foreign, 4711, 0, "99999999999999999999"] + [above] * (role is not Role.UNIT_ADMIN)
    assert {person.says(f"确认 {number}") for number in hidden} == {UNKNOWN}
    assert scene.stored(foreign).acknowledged_at is None


def test_an_acknowledgement_echoes_what_is_stored_and_closes_nothing(scene: Alerts) -> None:
    number = scene.alert("LC0101")
    person = scene.person(Role.GROUP_MANAGER)
    lines = person.says(f"确认 {number}").splitlines()
    record = next(row.id for row in rows(scene.database, AuditRow) if row.action == "alert.acknowledged")
    assert lines[1:] == [
        "此项不再重复提醒。确认不等于办结，办结后自动结束",
        f"登记时间 11-20 15:00，记录编号 {record}",
        f"回复 撤销 {record} 可恢复原状（10分钟内）",
        "可回复：提醒",
    ]
    stored = scene.stored(number)
    assert stored.acknowledged_at is not None
    assert stored.resolved_at is None
    reply = person.says("提醒")
    assert reply.startswith("未办结的预警和提醒 1 条，其中已确认 1 条\n")
    assert f"编号 {number}，已确认）" in reply


def test_a_second_acknowledgement_is_not_registered_again(scene: Alerts) -> None:
    number = scene.alert("LC0101")
    scene.person(Role.GROUP_MANAGER).says(f"确认 {number}")
    scene.clock.advance(minutes=20)
    reply = scene.person(Role.UNIT_ADMIN).says(f"确认{number}")
    assert reply.splitlines() == [
        f"已确认(编号 {number})，未重复登记",
        "LC0101 柳岸青年群 未达标（11-19）",
        "登记时间 11-20 15:00",
        "可回复：提醒",
    ]
    assert scene.actions() == ["alert.acknowledged"]


def test_an_alert_that_is_over_needs_none(scene: Alerts) -> None:
    number = scene.alert("LC0101")
    scene.database.write(lambda connection: resolve_alerts(connection, [number], scene.clock()))
    reply = scene.person(Role.GROUP_MANAGER).says(f"确认 {number}")
    assert reply.startswith(f"编号 {number} 已于 11-20 15:00 结束，无需确认\n")
    assert scene.actions() == []


def test_an_acknowledgement_is_taken_back_within_ten_minutes_by_its_maker_alone(scene: Alerts) -> None:
    number = scene.alert("LC0101")
    manager, admin = scene.person(Role.GROUP_MANAGER), scene.person(Role.UNIT_ADMIN)
    record = re.search("撤销 (\\d+)", manager.says(f"确认 {number}"))
    assert record is not None
    refused = "没有可撤销的记录：编号有误，或已超过10分钟"
    assert admin.says(f"撤销 {record[1]}") == refused
    reply = manager.says(f"撤销 {record[1]}")
    assert reply.startswith(f"✅ 已撤销编号 {record[1]}。提醒 {number} 恢复为未确认\n")
    assert scene.stored(number).acknowledged_at is None
    assert manager.says(f"撤销 {record[1]}") == refused, "it is undone already"
    again = re.search("撤销 (\\d+)", manager.says(f"确认 {number}"))
    assert again is not None
    scene.clock.advance(minutes=10)
    assert manager.says(f"撤销 {again[1]}") == refused
    assert scene.actions() == ["alert.acknowledged", "alert.unacknowledged", "alert.acknowledged"]


def test_a_leader_reads_and_does_not_acknowledge_and_an_inspector_has_neither(scene: Alerts) -> None:
    number = scene.alert("LC0101")
    leader = scene.person(Role.LEADER)
    lines = leader.says("提醒").splitlines()
    assert lines[2] == f"❌LC0101 柳岸青年群 未达标（11-19，编号 {number}）"
    assert "确认" not in lines[-1]
    assert leader.says(f"确认 {number}") == "您的角色为只读"
    inspector = scene.person(Role.INSPECTOR)
    for text in ("提醒", f"确认 {number}"):
        assert inspector.says(text).startswith("您的角色（督导检查）不能使用")


def test_long_lists_are_cut_say_how_many_more_and_start_with_what_nobody_acknowledged(scene: Alerts) -> None:
    scene.many_unmet_groups(20)
    name = "村团支部青年学习交流群" * 5
    numbers = [
        scene.alert_about(group_id, f"M{group_id}", "LC01", AlertKind.GROUP_UNMET, YESTERDAY, name)
        for group_id in range(100, 120)
    ]
    person = scene.person(Role.UNIT_ADMIN)
    person.says(f"确认 {numbers[-1]}")
    reply = person.says("提醒")
    assert reply.startswith("未办结的预警和提醒 20 条，其中已确认 1 条\n")
    assert len(reply) <= 600
    assert len(reply.encode()) <= 2000
    shown = [int(number) for number in re.findall("编号 (\\d+)", reply)]
    assert shown == sorted(shown, reverse=True)
    assert numbers[-1] not in shown
    assert f"…… 另 {20 - len(shown)} 项未列出" in reply
    assert reply.splitlines()[-1].endswith(f"确认 {numbers[-2]}")


def test_the_alerts_of_one_group_can_be_asked_for(scene: Alerts) -> None:
    scene.alert("LC0001")
    number = scene.alert("LC0101")
    person = scene.person(Role.UNIT_ADMIN)
    reply = person.says("提醒 LC0101")
    assert reply.startswith("柳岸青年群：未办结的预警和提醒 1 条\n")
    assert re.findall("编号 (\\d+)", reply)[:1] == [str(number)]
    assert person.says("提醒 YS0001") == HIDDEN


@pytest.mark.parametrize(
    ("n_posts", "n_relevant", "words"),
    [(4, 1, "✅LC0101 柳岸青年群 今日已完成"), (4, 0, "LC0101 柳岸青年群 今日未完成"),
     (None, None, "❔LC0101 柳岸青年群 今日无数据")],
)  # fmt: skip
def test_a_reminder_of_today_says_how_things_stand_now(
    scene: Alerts, n_posts: int | None, n_relevant: int | None, words: str
) -> None:
    number = scene.alert("LC0101", AlertKind.TODAY_UNMET, TODAY)
    if n_posts is not None and n_relevant is not None:
        scene.counted("LC0101", n_posts, n_relevant)
    reply = scene.person(Role.GROUP_MANAGER).says("提醒")
    assert reply.splitlines()[2] == f"1. {words}（11-20，编号 {number}）"
    assert reply.endswith("今日" if n_relevant else f"确认 {number}")


def test_the_number_in_the_pushed_reminder_is_the_one_that_stops_it(scene: Alerts) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    scene.counted("LC0101", 2, 0)

    def remind_at(hour: int) -> list[str]:
        n_before = len(rows(scene.database, OutboxRow))
        slot = shanghai_instant(TODAY) + timedelta(hours=hour)
        scene.clock.now = slot
        remind(scene.database, RULEBOOK, scene.clock, slot)
        return [row.text for row in rows(scene.database, OutboxRow)][n_before:]

    (text,) = remind_at(12)
    command = re.search("回复“(确认 \\d+)”", text)
    number = re.search("编号 (\\d+)：LC0101", text)
    assert command is not None
    assert number is not None
    assert command[1] == f"确认 {number[1]}"
    assert f"编号 {number[1]}）" in manager.says("提醒")
    assert manager.says(command[1]).startswith("✅ 已确认")
    assert remind_at(18) == []


def test_an_acknowledgement_delivered_twice_is_answered_alike(scene: Alerts) -> None:
    number = scene.alert("LC0101")
    person = scene.person(Role.GROUP_MANAGER)
    event = person.event(f"确认 {number}")
    assert person.sends(event) == person.sends(event)
    assert scene.actions() == ["alert.acknowledged"]
