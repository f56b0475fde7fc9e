"""Rankings, search, rules, trials and indices: who sees what, and what a form changes."""

import pytest

from tests.web.conftest import Login
from tests.web.test_assess import send


def test_a_unit_finds_itself_on_the_board_of_its_level(login: Login) -> None:
    page = login("luchuan").get("/rankings?period=month&kind=市县").text
    assert "青屿团省委下级市县达标率" in page
    assert "云杉团市委" in page  # boards are the exception to scope
    assert page.count("本单位") == 1
    assert "青屿大学团委" not in page


@pytest.mark.parametrize("board", ["wci-week", "wci-month", "total"])
def test_a_board_without_a_run_says_so(login: Login, board: str) -> None:
    response = login("luchuan").get(f"/rankings?board={board}")
    assert (response.status_code, "没有可显示的榜单" in response.text) == (200, True)


def test_search_finds_by_name_and_initials_inside_the_subtree(login: Login) -> None:
    client = login("luchuan")
    assert "临河镇团委" in client.get("/search?q=临河").text
    assert "云杉团市委" not in client.get("/search?q=云杉").text
    assert "云杉团市委" in login("province").get("/search?q=云杉").text
    assert "没有找到单位" in client.get("/search?q=<b>%00=1").text


def test_rules_show_status_and_lost_text_and_a_change_is_recorded(login: Login) -> None:
    client = login("province")
    page = client.get("/rules").text
    for words in ("原文残缺清单：海南 2013", "原文残缺清单：广东 2019", "D-07", "默认"):
        assert words in page
    figures = client.get("/rules/figures").text
    assert ("推定" in figures, "原文未载明" in figures) == (True, True)
    wrong = send(client, "/rules", act="select", subject="D-07=nobody", reason="试")
    assert (wrong.status_code, 'value="D-07=nobody"' in wrong.text) == (400, True)
    assert send(client, "/rules", act="select", subject="D-10=half-up", reason="省里决定").status_code == 302
    page = client.get("/rules").text
    assert ("选用 D-10" in page, "省里决定" in page) == (True, True)
    assert send(client, "/rules", act="confirm", subject="HN-4.1d", reason="文件明确").status_code == 400
    confirmed = {"act": "confirm", "subject": "HN-4.1d", "reason": "文件明确", "reference": "团字〔2026〕1号"}
    assert send(client, "/rules", **confirmed).status_code == 302


def test_a_trial_tells_who_would_change_and_stores_nothing(login: Login) -> None:
    client = login("province")
    found = send(client, "/rules/trial", period="2026", switch="D-10=half-up", figure="", clause="")
    assert (found.status_code, "年度考评表：" in found.text) == (200, True)
    days = send(client, "/rules/trial", period="2026-11", switch="D-07=relevant", figure="", clause="")
    assert (days.status_code, "每日等次：" in days.text) == (200, True)
    empty = send(client, "/rules/trial", period="2026", switch="", figure="", clause="")
    assert empty.status_code == 400
    assert "没有调整过" in client.get("/rules").text


def test_a_school_sees_its_own_index_and_no_other(login: Login) -> None:
    client = login("luchuan")
    page = client.get("/index", follow_redirects=True)
    assert page.request.path == "/index/LC"
    assert "尚未运行考核" in page.text
    assert client.get("/index/QD").status_code == 404
    assert "尚未运行考核" in login("province").get("/index").text
