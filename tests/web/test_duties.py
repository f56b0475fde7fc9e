"""对下考核 and 高校联络 in the console, as units, inspectors and leaders use them."""

from tests.web.conftest import Login
from tests.web.test_assess import send

RECORD = {
    "title": "对下考核办法",
    "document": "鹭团发〔2026〕3号",
    "copies_rubric": "是",
    "points-LC01": "8.5",
    "grade-LC01": "优秀",
}


def test_a_unit_records_how_it_assesses_its_lower_level_and_the_province_reads_it(login: Login) -> None:
    own, inspector, leader = login("luchuan"), login("province"), login("leader")
    assert "还没有登记对下考核" in own.get("/lower").text
    wrong = send(own, "/lower/2026", seen="/lower", **RECORD | {"points-LC01": "八分"})
    assert (wrong.status_code, "得分应为数字" in wrong.text) == (400, True)
    assert "鹭团发〔2026〕3号" in wrong.text  # nothing typed is lost
    assert send(own, "/lower/2026", seen="/lower", **RECORD).status_code == 302
    page = inspector.get("/lower?year=2026").text
    assert ("鹭川团市委《对下考核办法》" in page, "照用综合考评表" in page, "8.5" in page) == (
        True,
        True,
        True,
    )
    assert "对下考核《对下考核办法》" in inspector.get("/assess/2026/LC/HN-A1.2").text
    assert leader.get("/lower").status_code == 200
    assert "对下考核办法" not in login("yunshan").get("/lower").text
    void = send(own, "/lower/2026/1/void", seen="/lower", reason="办法已修订")
    assert void.status_code == 302
    assert "已作废" in inspector.get("/lower").text
    assert send(own, "/lower/2026/9/void", seen="/lower", reason="无").status_code == 404


def test_contacts_have_terms_and_stay_within_the_subtree(login: Login) -> None:
    inspector = login("province")
    assert "未明确" in inspector.get("/contacts").text
    fields = {
        "school": "QD",
        "duty": "联络人",
        "name": "周某",
        "phone": "0898-1234567",
        "since": "2026-09-01",
    }
    assert send(inspector, "/contacts", seen="/contacts", **fields).status_code == 302
    fields |= {"name": "吴某", "since": "2026-11-01"}
    assert send(inspector, "/contacts", seen="/contacts", **fields).status_code == 302
    page = inspector.get("/contacts").text
    assert ("吴某 0898-1234567" in page, "联络人 周某（09-01 至 10-31）" in page) == (True, True)
    wrong = send(inspector, "/contacts", seen="/contacts", **fields | {"phone": "<b>", "since": "2026-11-02"})
    assert (wrong.status_code, "电话应为 5–20 位数字" in wrong.text) == (400, True)
    city = login("luchuan")
    assert ("本范围没有高校" in city.get("/contacts").text, "吴某" in city.get("/contacts").text) == (
        True,
        False,
    )
    assert send(city, "/contacts", seen="/contacts", **fields).status_code == 404
    assert login("leader").get("/contacts").status_code == 403  # no names of persons (D.6)


def test_feedback_is_answered_on_the_page(login: Login) -> None:
    city, inspector = login("luchuan"), login("province")
    assert send(city, "/contacts/feedback", seen="/contacts", text="").status_code == 400
    assert send(city, "/contacts/feedback", seen="/contacts", text="团员数不一致").status_code == 302
    assert "团员数不一致" in inspector.get("/contacts").text
    assert "团员数不一致" not in login("yunshan").get("/contacts").text
    answer = send(inspector, "/contacts/feedback/1", seen="/contacts", answer="平台已修复")
    assert answer.status_code == 302
    assert "平台已修复" in city.get("/contacts").text
    again = send(inspector, "/contacts/feedback/1", seen="/contacts", answer="再答")
    assert (again.status_code, "已答复" in again.text) == (400, True)


def test_counters_of_a_month_are_listed_with_source_and_nothing_is_computed(login: Login) -> None:
    inspector, leader = login("province"), login("leader")
    page = inspector.get("/videos?month=2026-11").text
    assert ("原文未载明" in page, "没有投稿" in page) == (True, True)
    assert leader.get("/videos?month=坏").status_code == 200
    fields = {"number": "1", "day": "2026-11-20", "plays": "1200", "source": "平台后台"}
    missing = send(inspector, "/videos/2026-11/count", seen="/contacts", **fields)
    assert missing.status_code == 404
    wrong = send(inspector, "/videos/2026-11/count", seen="/contacts", **fields | {"plays": "一千"})
    assert (wrong.status_code, "播放量应为 0 以上的整数" in wrong.text) == (400, True)
