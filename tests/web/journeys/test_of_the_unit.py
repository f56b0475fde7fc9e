"""Journeys of the people of a unit: bound by invitation, a group claimed, approved and staffed."""

import re

from monitor.store.tables import GroupManagerRow, GroupRow, GroupSourceRow
from tests.web.browsing import NEEDS
from tests.web.journeys.stage import Person, Stage

pytestmark = NEEDS
NEWCOMER = "新任干部"


def test_a_unit_binds_claims_a_group_and_names_its_manager(stage: Stage) -> None:
    """HN-2.2.2, D.1: invitation, chat, sign-in at a desk by code, claim, approval by the unit above."""
    province = stage.person("a", "desk").arrive("province")
    _invite(province, stage)
    unit = _come_in(stage)
    unit.menu("台账")
    opening = unit.card("开通新群")
    unit.unfold("开通新群")
    unit.fill("群名称", "鹭川青年志愿者群", opening)
    unit.fill("人数", "35", opening)
    unit.shot("opening")
    unit.press("开通", opening)
    unit.reads("待审批")
    unit.shot("asked")
    _approve(province, "鹭川青年志愿者群")
    unit.menu("台账")
    code = re.search(r"(LC\w+) 鹭川青年志愿者群", unit.page.inner_text("main"))
    assert code
    province.menu("未登记的群")
    province.reads("20001", "demo")
    province.shot("unregistered")

    unit.menu("未登记的群")
    unit.fill("外部编号", "20001")
    unit.fill("认领到群编号", code[1])
    unit.press("认领")
    unit.reads("待审批")
    unit.shot("claimed")
    assert stage.rows(GroupSourceRow, external_id="20001") == []
    _approve(province, "20001")
    group = stage.rows(GroupRow, code=code[1])[0]
    assert [row.group_id for row in stage.rows(GroupSourceRow, external_id="20001")] == [group.id]

    unit.menu("台账")
    unit.follow(f"{code[1]} 鹭川青年志愿者群")
    unit.shot("group")
    unit.fill("到任：姓名", "李青")
    unit.press("登记到任")
    unit.reads("李青", "在任")
    unit.menu("台账")
    line = unit.page.locator("tr", has_text="鹭川青年志愿者群").first
    assert "李青" in line.inner_text()
    unit.shot("ledger")
    assert [row.name for row in stage.rows(GroupManagerRow, group_id=group.id)] == ["李青"]
    assert "鹭川青年志愿者群" in stage.say(NEWCOMER, "群")


def _invite(province: Person, stage: Stage) -> None:
    province.menu("专责与管理员")
    invite = province.card("邀请管理员")
    province.fill("下级单位或群编号", "LC", invite)
    province.fill("姓名", "陈晓", invite)
    province.press("生成邀请码", invite)
    province.shot("invited")
    code = re.search(r"绑定 ([0-9A-F]{10})", province.reads("只显示这一次"))
    assert code
    assert stage.say(NEWCOMER, f"绑定 {code[1]}").startswith("✅ 已绑定")
    stage.post("20001", "周六志愿服务报名", 501)  # a group that nobody registered


def _come_in(stage: Stage) -> Person:
    unit = stage.person("a", "phone")
    unit.page.goto(stage.site + "/sign-in")
    unit.shot("sign-in")
    unit.press("用微信确认登录")
    unit.shot("code")
    code = re.search(r"登录 (\d+)", unit.reads())
    assert code
    assert "是本人登录吗" in stage.say(NEWCOMER, f"登录 {code[1]}")
    assert "✅" in stage.say(NEWCOMER, "1")
    unit.press("我已确认，进入控制台")
    unit.reads("鹭川团市委")
    unit.shot("overview")
    return unit


def _approve(province: Person, words: str) -> None:
    province.menu("审批")
    card = province.page.locator("section.card", has_text=words)
    province.shot("request")
    province.press("同意", card)
    assert "没有待您审批" in province.reads()
