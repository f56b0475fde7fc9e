"""Journeys of an incident (不良信息事件): found in a real post, judged, disposed of, closed; false alarm."""

from pathlib import Path

from monitor.store.incidents.tables import IncidentEventRow, IncidentRow
from monitor.store.people.dialog_tables import ChatPictureRow
from monitor.store.work_tables import AuditRow, OutboxRow
from tests.web.browsing import NEEDS
from tests.web.journeys.stage import Stage

pytestmark = NEEDS
GAMBLING = "网上赌博平台，注册送彩金，百家乐真人荷官，" + "天天开奖，" * 16 + "加微信 dubo888"
SCREENSHOT = (Path(__file__).parents[3] / "docs" / "overview.png").read_bytes()


def test_harmful_content_is_revealed_confirmed_disposed_of_and_closed(stage: Stage) -> None:
    """D.4, HN-2.1.4: 发现→确认→处置→引导→办结, each by whom it belongs to; the text only on record."""
    for name in ("督导", "鹭川"):
        stage.say_hello(name)
    stage.post("10001", GAMBLING, 601)
    stage.services.jobs.run_due()
    told = [row.text for row in stage.rows(OutboxRow)]
    assert any("事件1" in text for text in told), told
    assert all("dubo888" not in text for text in told)

    inspector = stage.person("b", "desk").arrive("province")
    inspector.shot("overview")
    inspector.menu("预警与处置")
    inspector.shot("board")
    inspector.follow("事件 1")
    assert "dubo888" not in inspector.reads("为什么被识别")
    inspector.shot("card")
    inspector.press("查看全文（记入审计）")
    inspector.reads("dubo888", "本次查看已记入审计")
    inspector.shot("revealed")
    assert [row.subject for row in stage.rows(AuditRow) if "reveal" in row.action] != []
    inspector.menu("预警与处置")
    inspector.follow("事件 1")
    inspector.fill("说明", "确系赌博广告")
    inspector.press("确认")
    inspector.reads("已登记“确认”")

    unit = stage.person("b", "phone").arrive("luchuan")
    unit.menu("预警与处置")
    unit.page.locator("nav.tabs").get_by_role("link", name="确认").click()
    unit.shot("confirmed")
    unit.follow("事件 1")
    answer = stage.say("鹭川", "处置 1 删除 已撤回并移出发送者")
    assert "请发送删除后的截图" in answer, answer
    assert "✅ 截图已收到" in stage.send_picture("鹭川", SCREENSHOT)
    stage.services.jobs.run_due()
    assert [row.state for row in stage.rows(ChatPictureRow)] != []
    unit.page.reload()
    unit.reads("已撤回并移出发送者", "截图 1")
    unit.shot("disposed")
    for act, note in (("引导", "已发布正面引导信息两条"), ("办结", "群内秩序恢复")):
        unit.fill("说明", note)
        unit.press(act)
        unit.reads(f"已登记“{act}”")
    unit.shot("closed")
    inspector.page.reload()
    inspector.reads("确系赌博广告", "已撤回并移出发送者", "已发布正面引导信息两条", "群内秩序恢复")
    inspector.shot("history")
    assert [row.state for row in stage.rows(IncidentRow)] == ["办结"]
    assert len(stage.rows(IncidentEventRow, incident_id=1)) >= 4


def test_a_false_alarm_is_closed_with_its_reason_and_may_be_opened_again(stage: Stage) -> None:
    """D.4: 误报 is a human finding, with a reason, and not the end of the matter."""
    stage.post("10001", GAMBLING, 602)
    inspector = stage.person("b2", "desk").arrive("province")
    inspector.menu("预警与处置")
    inspector.follow("事件 1")
    inspector.fill("说明", "反赌宣传引用原文")
    inspector.press("误报")
    inspector.reads("已登记“误报”", "反赌宣传引用原文")
    inspector.shot("false-alarm")
    assert [row.state for row in stage.rows(IncidentRow)] == ["误报"]
    inspector.fill("说明", "核对后并非引用")
    inspector.press("重开")
    inspector.reads("已登记“重开”", "反赌宣传引用原文", "核对后并非引用")
    assert [row.state for row in stage.rows(IncidentRow)] != ["误报"]
