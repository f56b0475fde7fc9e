"""The board and the card of incidents, as inspector, unit and leader use them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from monitor.store.database import Database
from monitor.store.days.posts import insert_posts
from monitor.store.incidents.tables import IncidentRow
from monitor.store.tables import GroupRow, table_of
from monitor.store.work_tables import AuditRow
from tests.conftest import FrozenClock
from tests.monitor.incident_help import ADVERT, suspect
from tests.web.conftest import Login
from tests.web.test_assess import send


@pytest.fixture
def address(filled: Database, clock: FrozenClock) -> dict[str, str]:
    """Addresses of two incidents: `advert`, `doubtful`.

    One advertisement in a group of 鹭川 and one of 云杉, found 40 minutes ago; a doubtful one
    in another group of 鹭川.
    """
    with filled.reading() as connection:
        group = table_of(GroupRow)
        ids = {row.code: row.id for row in connection.execute(select(group.c.code, group.c.id))}
    at = clock.now - timedelta(minutes=40)
    posts = [suspect(ids["LC0001"], at), suspect(ids["YS0001"], at)]
    posts.append(suspect(ids["LC0101"], at, "加群领资料，名额有限", is_harmful=False))
    filled.write_bulk(insert_posts, posts)
    row = table_of(IncidentRow)
    with filled.reading() as connection:
        ids = {row.text: row.id for row in connection.execute(select(row.c.text, row.c.id))}
    return {
        "advert": f"/incidents/{ids[ADVERT]}",
        "doubtful": f"/incidents/{next(ids[text] for text in ids if text != ADVERT)}",
    }


@pytest.mark.usefixtures("address")
def test_the_board_shows_what_is_late_first_and_each_viewer_their_places(login: Login) -> None:
    page = login("province").get("/incidents").text
    assert "1 件未办结，其中 1 件有步骤超时" in page
    assert ("等 2 处" in page, "确认已超时 10 分钟" in page) == (True, True)
    own = login("luchuan").get("/incidents").text
    assert ("鹭川团干群" in own, "等 2 处" in own, "云杉" in own) == (True, False, False)
    assert "加群领资料" in login("luchuan").get("/incidents?state=待审").text
    assert "没有事件" in login("luchuan").get("/incidents?state=办结").text


def test_a_case_goes_from_confirmation_to_closure_with_its_history(
    login: Login, address: dict[str, str]
) -> None:
    unit, case = login("luchuan"), address["advert"]
    for act, note in (("确认", ""), ("删除", "已撤回并清理"), ("引导", "已说明"), ("办结", "")):
        card = unit.get(case).text
        assert f'name="act" value="{act}"' in card
        assert send(unit, case + "/act", seen=case, act=act, note=note).status_code == 302
    card = unit.get(case).text
    assert ("办结" in card, "已撤回并清理" in card, 'value="引导"' in card) == (True, True, False)
    assert 'value="重开"' in card
    refused = send(unit, case + "/act", seen=case, act="重开", note="")
    assert refused.status_code == 400
    assert send(unit, case + "/act", seen=case, act="随便", note="字").status_code == 400
    assert send(unit, case + "/act", seen=case, act="备注", note="后续观察").status_code == 302


def test_the_full_text_is_shown_once_asked_for_and_audited(
    filled: Database, login: Login, address: dict[str, str]
) -> None:
    unit, case = login("luchuan"), address["advert"]
    shown = send(unit, case + "/reveal", seen=case)
    assert (shown.status_code, f"</strong>{ADVERT}" in shown.text) == (200, True)
    with filled.reading() as connection:
        audit, subject = table_of(AuditRow), "incident:" + case.rpartition("/")[2]
        rows = connection.execute(
            select(func.count()).where(audit.c.action == "incident.reveal", audit.c.subject == subject)
        )
        assert rows.scalar() == 1


def test_foreign_and_missing_incidents_look_alike_and_leaders_see_no_text(
    login: Login, address: dict[str, str]
) -> None:
    stranger = login("yunshan")
    assert stranger.get(address["doubtful"]).status_code == 404
    assert stranger.get("/incidents/999").status_code == 404
    assert stranger.get("/incidents/picture/1").status_code == 404
    leader = login("leader").get(address["advert"]).text
    assert ("优惠券领取" in leader, ADVERT in leader, "正文不显示" in leader) == (False, False, True)
    assert 'name="act"' not in leader
