"""公告 on the pages: the banner in scope until 已读, messages beside fields, withdrawal."""

import pytest

from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.people.sign_in import SignIn
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login
from tests.web.filling import MARKUP, PASSWORD
from tests.web.test_assess import send

FIELDS = {
    "unit": "LC", "level": "重要", "title": f"周五前上报 {MARKUP[:8]}", "text": f"第一行\n{MARKUP}",
    "first_day": "2026-11-20", "last_day": "2026-11-27",
}  # fmt: skip


def test_a_banner_stays_until_it_is_read_and_goes_when_withdrawn(login: Login) -> None:
    province, leader, yunshan = login("province"), login("leader"), login("yunshan")
    made = send(province, "/announcements", **FIELDS)
    assert made.location == "/announcements/1"
    banner = "公告（重要）：周五前上报"
    assert (banner in leader.get("/").text, banner in yunshan.get("/").text) == (True, False)
    page = leader.get("/announcements/1").text
    assert ("第一行" in page, MARKUP in page, "应读" in page) == (True, False, False)
    assert yunshan.get("/announcements/1").status_code == yunshan.get("/announcements/9").status_code == 404
    send(leader, "/announcements/1/read", seen="/announcements/1")
    assert (banner in leader.get("/").text, banner in login("luchuan").get("/").text) == (False, True)
    assert "已读 1 / 应读 2" in province.get("/announcements/1").text
    send(province, "/announcements/1/withdraw", seen="/announcements/1")
    assert banner not in login("luchuan").get("/").text
    assert leader.get("/announcements/1").status_code == 404
    assert "已撤回" in province.get("/announcements").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit": "ZZ"}, "没有该单位"),
        ({"title": ""}, "请填写标题"),
        ({"level": "天大"}, "请选择级别"),
        ({"last_day": "明天"}, "结束日期应为日期"),
        ({"last_day": "2026-11-01"}, "结束日期不能早于开始日期"),
    ],
)
def test_a_refused_announcement_keeps_what_was_typed(
    filled: Database, clock: FrozenClock, login: Login, change: dict[str, str], words: str
) -> None:
    SignIn(filled, clock, QUICK).save_user("operator", PASSWORD, Role.OPERATOR, "QS")
    refused = send(login("operator"), "/announcements", **(FIELDS | change))
    assert (refused.status_code, words in refused.text, "第一行" in refused.text) == (400, True, True)
    assert 'class="problem"' in refused.text
