"""Registers, reminders, the brief's link and the pages of operators, as people use them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from monitor.delivery.outbox import MessageKind, NewMessage, OutboxState
from monitor.store.database import Database
from monitor.store.delivery.outbox import enqueue, settle
from monitor.store.oversight.tables import ReminderPolicyRow, RerunRow
from monitor.store.tables import ChatIdentityRow, table_of
from monitor.store.work_tables import AuditRow, OutboxRow
from monitor.units import Role, Viewer
from monitor.usecases.oversight.brief_link import make_link
from monitor.usecases.oversight.desk import Oversight
from monitor.usecases.people.sign_in import SignIn
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows
from tests.web.conftest import QUICK, Login
from tests.web.filling import PASSWORD
from tests.web.test_assess import send

LEADER = Viewer("chat:99", Role.LEADER, 1, "/1/")  # type: ignore[arg-type]


@pytest.fixture
def operator(filled: Database, clock: FrozenClock) -> str:
    SignIn(filled, clock, QUICK).save_user("operator", PASSWORD, Role.OPERATOR, "QS")
    return "operator"


@pytest.fixture
def bound(filled: Database, clock: FrozenClock) -> int:
    """An administrator of 鹭川 in chat; returns the identity."""
    values = {
        "account": "demo", "address": "admin", "role": Role.UNIT_ADMIN.value, "unit_id": 2,
        "display_name": "鹭川管理员", "bound_at": clock.now, "last_chat_at": clock.now,
    }  # fmt: skip
    identity = table_of(ChatIdentityRow)
    statement = insert(identity).values(values).returning(identity.c.id)
    return int(filled.write(lambda connection: connection.execute(statement).scalar_one()))


def test_an_entry_is_recorded_completed_printed_and_closed(login: Login, filled: Database) -> None:
    province = login("province")
    assert "没有通报登记" in province.get("/registers").text
    done = send(province, "/registers", kind="约谈", unit="LC", reason="三次抽查为差")
    assert done.location == "/registers/1"
    page = province.get("/registers/1").text
    assert ("约谈 1：鹭川团市委" in page, "待补充" in page, "约谈对象：待补充" in page) == (True, True, True)
    send(province, "/registers/1", act="补充", held_on="2026-11-25", person="主要负责人")
    send(province, "/registers/1", act="办结", text="已整改")
    page = province.get("/registers/1").text
    assert ("时间：2026年11月25日" in page, "已办结" in page, "已整改" in page) == (True, True, True)
    assert [row.action for row in rows(filled, AuditRow)][-3:] == [
        "register.recorded", "register.completed", "register.closed"
    ]  # fmt: skip


def test_what_was_typed_stays_when_an_entry_is_refused(login: Login) -> None:
    city = login("luchuan")
    refused = send(city, "/registers", kind="通报", unit="LC", reason="未报周报")
    assert refused.status_code == 400
    assert ("不能对本单位登记" in refused.text, "未报周报" in refused.text) == (True, True)
    empty = send(city, "/registers", kind="调整要求", unit="", reason="", person="")
    assert (empty.status_code, "有 3 处需要修改" in empty.text) == (400, True)


def test_entries_of_others_read_like_none(login: Login) -> None:
    send(
        login("province"),
        "/registers",
        kind="通报",
        unit="LC",
        reason="未报周报",
        held_on="2026-11-20",
        person="甲",
    )
    yunshan = login("yunshan")
    assert yunshan.get("/registers/1").status_code == yunshan.get("/registers/77").status_code == 404
    assert "未报周报" not in yunshan.get("/registers").text
    assert "未报周报" in login("luchuan").get("/registers").text
    refused = [send(yunshan, "/registers", kind="通报", unit=unit, reason="原因甲") for unit in ("LC", "ZZ")]
    assert [answer.status_code for answer in refused] == [400, 400]
    assert all("没有这个编号，或不在您的范围内" in answer.text for answer in refused)
    assert all("原因甲" in answer.text for answer in refused)


def test_a_unit_answers_what_it_is_asked(login: Login, bound: int, filled: Database) -> None:
    send(login("province"), "/registers", kind="调整要求", unit="LC", person="王某", reason="无动作")
    message = next(row for row in rows(filled, OutboxRow))
    assert (message.recipient, message.title) == (
        f"identity:{bound}",
        "【调整要求】编号 1：请调整管理员 王某",
    )
    city = login("luchuan")
    send(city, "/registers/1", act="答复", text="已更换为李某")
    assert "已更换为李某" in login("province").get("/registers/1").text


def test_policies_are_changed_by_the_province_and_return_to_the_default(
    login: Login, filled: Database
) -> None:
    province = login("province")
    fields = {"job": "reminders", "month_days": "", "quiet": "22:00-07:30", "escalates": "是", "is_on": "是"}
    refused = send(province, "/reminders/policy", seen="/reminders", times="23:00", **fields)
    assert (refused.status_code, "23:00 在静默时段内" in refused.text) == (400, True)
    typed = send(province, "/reminders/policy", seen="/reminders", times="乱写", **fields | {"quiet": "全天"})
    kept = ('value="乱写"' in typed.text, 'value="全天"' in typed.text, typed.text.count('class="problem"'))
    assert (typed.status_code, *kept) == (400, True, True, 2)
    send(province, "/reminders/policy", seen="/reminders", times="11:00,17:00", **fields)
    assert rows(filled, ReminderPolicyRow)[0].times == ["11:00", "17:00"]
    assert "11:00、17:00" in login("luchuan").get("/reminders").text
    send(province, "/reminders/policy", seen="/reminders", act="恢复默认", job="reminders")
    assert rows(filled, ReminderPolicyRow) == []
    assert login("luchuan").post("/reminders/policy").status_code in (400, 403)


@pytest.mark.usefixtures("bound")
def test_urging_from_the_page_shows_its_delivery(login: Login) -> None:
    province = login("province")
    send(province, "/reminders/urge", seen="/reminders", unit="LC", matter="请补报周报")
    page = province.get("/reminders").text
    assert ("请补报周报" in page, "待拉取 1" in page) == (True, True)
    refused = send(province, "/reminders/urge", seen="/reminders", unit="YS", matter="请补报周报")
    assert (refused.status_code, "没有已绑定的负责人" in refused.text) == (400, True)


def test_a_link_opens_the_brief_without_a_session(
    app: Flask, filled: Database, clock: FrozenClock, login: Login
) -> None:
    oversight = Oversight(filled, clock)
    made = filled.write(lambda connection: make_link(oversight.chair(connection, LEADER, clock.now)))
    stranger = app.test_client()
    answer = stranger.get(made.path)
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "no-referrer")
    for words in ("群达标率", "11-21 15:00 前有效", "数据截至", "缺数"):
        assert words in answer.text, words
    assert "李群管" not in answer.text
    assert stranger.get(made.path + "?period=month").status_code == 200
    assert stranger.get("/brief/" + "x" * 32).status_code == 404
    assert login("province").get("/brief/2026-11-19").status_code == 200
    clock.advance(hours=25)
    assert stranger.get(made.path).status_code == 404


def test_operators_see_jobs_and_ask_for_a_rerun(login: Login, filled: Database, operator: str) -> None:
    client = login(operator)
    page = client.get("/ops").text
    for words in ("日结", "后三次", "11-21 00:10", "采集方式", "数据库"):
        assert words in page, words
    refused = send(client, "/ops/rerun", seen="/ops", job="close_day", day="2026-11-19", reason="")
    assert (refused.status_code, "重跑须写明原因" in refused.text) == (400, True)
    send(client, "/ops/rerun", seen="/ops", job="close_day", day="2026-11-19", reason="补采数据")
    assert [(row.job, row.reason) for row in rows(filled, RerunRow)] == [("close_day", "补采数据")]


def test_a_dead_push_is_sent_again_and_incidents_are_not_quoted(
    login: Login, filled: Database, clock: FrozenClock, operator: str, bound: int
) -> None:
    def queue(connection: object) -> None:
        for kind, key, title in ((MessageKind.ALERT, "a", "停更"), (MessageKind.INCIDENT, "b", "刷单广告")):
            message = NewMessage(key, kind, f"identity:{bound}", title, title)
            enqueue(connection, [message], clock.now)  # type: ignore[arg-type]
        settle(connection, [1, 2], OutboxState.DEAD, clock.now)  # type: ignore[arg-type]

    filled.write(queue)
    client = login(operator)
    page = client.get("/pushes").text
    assert ("2 条失败" in page, "停更" in page, "刷单广告" in page) == (True, True, False)
    send(client, "/pushes/1/again", seen="/pushes")
    assert "已重新排队" in client.get("/pushes?state=待发送").text
    found = re.search(r"待发送 (\d+)", client.get("/pushes").text)
    assert found
    assert found[1] == "1"


def test_operators_see_machine_queue_and_errors_and_run_the_self_test(
    login: Login, operator: str, app: Flask, filled: Database, clock: FrozenClock
) -> None:
    message = NewMessage("old", MessageKind.OPERATOR, "identity:9", "t", "t")
    filled.write(lambda connection: enqueue(connection, [message], clock.now - timedelta(hours=3)))

    def fail() -> str:
        raise RuntimeError("何某 said 13800000000") from KeyError("text of a person")

    app.view_functions["console.retention"] = declare_like(app.view_functions["console.retention"], fail)
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    client = login(operator)
    shown = [re.findall(r"E-[0-9A-F-]+", client.get("/system/retention").text) for _ in "12"]
    page = client.get("/ops").text
    assert (shown[0] == shown[1], shown[0][0] in page, "13800000000" in page) == (True, True, False)
    assert ("RuntimeError ← KeyError" in page, "3 小时" in page, "剩余" in page) == (True, True, True)
    assert ("数据库结构" in page, "无记录，请运行" in page) == (True, True)
    examined = send(client, "/ops/examine", seen="/ops")
    assert (examined.status_code, "自检结果" in examined.text, "fsync" in examined.text) == (200, True, True)
    assert rows(filled, AuditRow)[-1].action == "system.examined"


def declare_like(view: Callable[..., object], other: Callable[..., object]) -> Callable[..., object]:
    other.access = view.access  # type: ignore[attr-defined]
    return other
