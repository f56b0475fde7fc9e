"""Spot checks and visits in the console, as inspector, unit and leader use them."""

import pytest
from flask.testing import FlaskClient

from monitor.clock import business_day
from tests.conftest import FrozenClock
from tests.web.conftest import Login
from tests.web.test_assess import send


def draw(client: FlaskClient, **fields: str) -> str:
    response = send(client, "/checks/draw", seen="/checks", **fields)
    assert response.status_code == 302, response.text
    return str(response.location)


def file(client: FlaskClient, group: str, n_posts: str, **fields: str) -> str:
    response = send(client, "/checks/file", seen="/checks", group=group, n_posts=n_posts, **fields)
    assert response.status_code == 302, response.text
    return str(response.location)


def test_the_frame_is_shown_before_drawing_and_a_draw_can_be_verified(login: Login) -> None:
    client = login("province")
    page = client.get("/checks?unit=LC").text
    assert "鹭川团市委：抽样框 4 个群（共 4 个在用），按“等概率”将抽取 1 个" in page
    batch = draw(client, unit="LC", size="2")
    assert batch == "/checks/draw/PC-2026-0001"
    shown = client.get(batch).text
    assert ("待抽查" in shown, "SHA-256" in shown, "重新抽取结果一致" in shown) == (True, True, False)
    assert (
        "重新抽取结果一致：用所存抽样框、种子和数量得到同样的 2 个群" in client.get(batch + "?verify=1").text
    )


def test_a_filing_is_shown_as_a_record_and_can_be_declared_void(login: Login) -> None:
    client = login("province")
    record = file(client, "LC0001", "1", note="<b>冷清</b>")
    assert record == "/checks/CC-2026-0001"
    page = client.get(record).text
    assert ("系统现计数" in page, "4 条，相差 3 条（并列显示，不覆盖）" in page) == (True, True)
    assert ("暂定" in page, "&lt;b&gt;冷清" in page) == (True, True)
    refused = send(client, record + "/void", seen=record, reason="")
    assert (refused.status_code, "请写明作废原因" in refused.text) == (400, True)
    assert send(client, record + "/void", seen=record, reason="群编号填错").status_code == 302
    assert "群编号填错" in client.get(record).text
    assert "CC-2026-0001" in client.get("/checks?state=void").text
    assert "没有符合条件的抽查登记" in client.get("/checks?state=valid").text


@pytest.mark.parametrize("n_posts", ["-1", "3.5", "10000", "很多", ""])
def test_a_count_that_cannot_be_keeps_the_form(login: Login, n_posts: str) -> None:
    client = login("province")
    response = send(client, "/checks/file", seen="/checks", group="LC0001", n_posts=n_posts, note="看过")
    assert response.status_code == 400
    assert ("条数应为 0–9999 的整数" in response.text, 'value="看过"' in response.text) == (True, True)


def test_runs_are_listed_worst_first(login: Login, clock: FrozenClock) -> None:
    for _ in range(3):
        file(login("province"), "LC0001", "0")
        clock.advance(days=1)
    client = login("province")
    file(client, "YS0001", "12")
    page = client.get("/checks").text
    assert "1 个单位触发优秀封顶" in page
    assert page.index("年底不得评优秀") < page.index("未触发")
    assert business_day(clock()).year == 2026


def test_a_unit_reads_and_objects_within_its_own_subtree_only(login: Login) -> None:
    inspector, own, other, leader = (login(name) for name in ("province", "luchuan", "yunshan", "leader"))
    record = file(inspector, "LC0001", "1")
    assert "提出申诉" in own.get(record).text
    assert send(own, record + "/object", seen=record, objection="当天有活动").status_code == 302
    assert "当天有活动" in inspector.get(record).text
    assert send(inspector, record + "/answer", seen=record, answer="截图核对无误").status_code == 302
    assert "未采纳：截图核对无误" in own.get(record).text
    assert (other.get(record).status_code, other.get("/checks/CC-2026-0999").status_code) == (404, 404)
    assert "CC-2026-0001" not in other.get("/checks").text
    assert leader.get(record).status_code == 200
    assert inspector.get("/checks/draw/PC-2026-0009").status_code == 404


def test_visits_are_planned_crosswise_and_recorded(login: Login) -> None:
    client = login("province")
    fields = {"unit": "LC", "planned_on": "2026-12-08", "visitor": "LC"}
    refused = send(client, "/visits/plan", seen="/visits", **fields)
    assert (refused.status_code, "不能由本单位" in refused.text) == (400, True)
    assert send(client, "/visits/plan", seen="/visits", **fields | {"visitor": "YS"}).status_code == 302
    page = client.get("/visits").text
    assert ("DD-2026-0001" in page, "待督导" in page) == (True, True)
    done = {"visited_on": "2026-11-19", "findings": "台账齐全"}
    assert send(client, "/visits/findings/DD-2026-0001", seen="/visits", **done).status_code == 302
    assert "台账齐全" in login("luchuan").get("/visits").text
    assert "台账齐全" not in login("yunshan").get("/visits").text


def test_a_phone_check_keeps_role_and_a_masked_name(login: Login) -> None:
    client = login("province")
    fields = {"called": "LC01", "whom_role": "书记", "whom_name": "张小某", "finding": "每日有人维护"}
    assert send(client, "/visits/phone", seen="/visits", **fields).status_code == 302
    page = client.get("/visits").text
    assert ("张＊＊" in page, "张小某" in page, "每日有人维护" in page) == (True, False, True)
