"""The pages of the assessment, as unit, panel and stranger use them."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import FrozenClock
from tests.web.conftest import Login, csrf_token

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def send(client: FlaskClient, address: str, *, seen: str = "/", **fields: object) -> TestResponse:
    """Send a form with the token of a page."""
    return client.post(address, data={"csrf_token": csrf_token(client.get(seen).text), **fields})


def enter(
    client: FlaskClient, item: str, kind: str, points: str, reason: str = "", version: int = 0
) -> TestResponse:
    return send(
        client, f"/assess/2026/LC/{item}", kind=kind, points=points, reason=reason, version=str(version)
    )


def test_a_unit_is_led_to_its_own_sheet_and_sees_no_other(login: Login) -> None:
    client = login("luchuan")
    response = client.get("/assess", follow_redirects=True)
    assert response.request.path == "/assess/2026/LC"
    assert "已评 0.20 / 可评 6.50 / 满分 10（原文残缺 3.5）" in response.text
    assert "等次待补充" in response.text
    assert "原文缺失" in response.text
    for path in ("/assess/2026/YS", "/assess/2026/YS/HN-A1.3", "/assess/2026/nowhere"):
        assert client.get(path).status_code == 404
    assert client.get("/assess/2026/LC/HN-A9.9").status_code == 404


def test_the_province_sees_every_unit_with_its_stage(login: Login) -> None:
    page = login("province").get("/assess/2026").text
    assert "鹭川团市委" in page
    assert "青屿大学团委" in page
    assert "未开始" in page


def test_three_columns_stand_side_by_side_and_the_total_follows(login: Login) -> None:
    unit, panel = login("luchuan"), login("province")
    assert enter(unit, "HN-A1.3", "自评", "0.7", "开会五次").status_code == 302
    assert "0.70" in unit.get("/assess/2026/LC/HN-A1.3").text
    assert enter(panel, "HN-A1.2", "考评", "0.8", "制度齐全").status_code == 302
    assert enter(panel, "HN-A1.2", "考察", "0.6", "现场查看").status_code == 302
    page = panel.get("/assess/2026/LC").text
    assert "已评 1.00 / 可评 6.50" in page
    item = panel.get("/assess/2026/LC/HN-A1.2").text
    assert ("制度齐全" in item, "现场查看" in item, "仅供参考，不加分" in item) == (True, True, True)
    hidden = unit.get("/assess/2026/LC/HN-A1.2").text
    assert ("制度齐全" in hidden, "现场查看" in hidden) == (False, False)


@pytest.mark.parametrize(
    ("points", "reason", "says"),
    [("1.5", "多给", "0 到 1 分"), ("-0.5", "少给", "0 到 1 分"), ("好", "字", "数字"), ("0.5", "", "依据")],
)
def test_a_refused_entry_keeps_what_was_typed(login: Login, points: str, reason: str, says: str) -> None:
    panel = login("province")
    response = enter(panel, "HN-A1.2", "考评", points, reason)
    assert response.status_code == 400
    assert says in response.text
    assert f'value="{points}"' in response.text
    assert "已评 0.20" in panel.get("/assess/2026/LC").text


def test_the_second_of_two_edits_is_told_both_values(login: Login) -> None:
    first, second = login("province"), login("province")
    assert enter(first, "HN-A1.2", "考评", "0.8", "甲的依据").status_code == 302
    response = enter(second, "HN-A1.2", "考评", "0.5", "乙的依据")
    assert response.status_code == 400
    assert ("0.8" in response.text, 'value="0.5"' in response.text, "乙的依据" in response.text) == (
        True,
    ) * 3
    assert enter(second, "HN-A1.2", "考评", "0.5", "乙的依据", version=1).status_code == 302


def test_evidence_is_judged_by_content_and_given_back_as_a_download(login: Login) -> None:
    unit = login("luchuan")
    bad = send(unit, "/assess/2026/LC/HN-A1.3/evidence", slot="document", file=(BytesIO(b"MZ\x90"), "a.pdf"))
    assert bad.status_code == 400
    good = send(unit, "/assess/2026/LC/HN-A1.3/evidence", slot="document", file=(BytesIO(PDF), "制度.pdf"))
    assert good.status_code == 302
    page = unit.get("/assess/2026/LC/HN-A1.3").text
    assert "制度.pdf" in page
    with unit.get("/evidence/1") as file:
        assert (file.data, file.headers["Content-Disposition"].split(";")[0]) == (PDF, "attachment")
    assert login("yunshan").get("/evidence/1").status_code == 404
    empty = send(unit, "/assess/2026/LC/HN-A1.3/evidence", slot="document")
    assert (empty.status_code, "请选择文件" in empty.text) == (400, True)


def test_a_sheet_goes_from_self_assessment_to_publication_and_objection(
    login: Login, clock: FrozenClock
) -> None:
    unit, panel = login("luchuan"), login("province")
    act = "/assess/2026/LC/act/"
    early = send(unit, act + "hand-in")
    assert (early.status_code, "一3" in early.text) == (400, True)
    for item, points in (("HN-A1.3", "0.7"), ("HN-A2.2c", "0.3")):
        assert enter(unit, item, "自评", points, "见材料").status_code == 302
    assert send(unit, act + "hand-in").status_code == 302
    assert enter(unit, "HN-A1.3", "自评", "0.9", "改", version=1).status_code == 400
    assert send(panel, act + "base", kind="团员青年数", number="10000", source="统计年报").status_code == 302
    assert send(panel, act + "base", kind="团员青年数", number="一万", source="统计年报").status_code == 400
    assert send(panel, act + "take-up", reason="").status_code == 302
    refused = send(panel, act + "publish")
    assert (refused.status_code, "待补充" in refused.text) == (400, True)
    assert send(panel, act + "publish", accept_open="yes").status_code == 302
    assert send(unit, act + "object", item="一3", text="会议记录未计入").status_code == 302
    page = panel.get("/assess/2026/LC").text
    assert ("会议记录未计入" in page, "须于" in page) == (True, True)
    assert send(panel, act + "answer", number="1", outcome="维持", reply="记录不完整").status_code == 302
    assert "维持：记录不完整" in unit.get("/assess/2026/LC").text
    assert send(panel, act + "withdraw", reason="补录").status_code == 302
    assert send(panel, act + "nothing").status_code == 404


def test_a_leader_looks_and_changes_nothing(app: Flask, login: Login) -> None:
    leader = login("leader")
    assert leader.get("/assess/2026/LC").status_code == 200
    assert 'name="points"' not in leader.get("/assess/2026/LC/HN-A1.2").text
    token = csrf_token(leader.get("/").text)
    fields = {"csrf_token": token, "kind": "考评", "points": "1", "version": "0"}
    assert leader.post("/assess/2026/LC/HN-A1.2", data=fields).status_code == 403
