"""Journeys of 运维 and 领导: users, jobs, dead messages, announcements, screens; reading and leaving."""

import re

from monitor.delivery.outbox import MessageKind, NewMessage, OutboxState
from monitor.store.console.announcement_tables import AnnouncementReceiptRow
from monitor.store.console.screen_tables import SharedLinkRow
from monitor.store.delivery.outbox import enqueue, settle
from monitor.store.oversight.tables import RerunRow
from monitor.store.tables import ConsoleSessionRow
from monitor.store.work_tables import OutboxRow
from tests.web.browsing import NEEDS
from tests.web.journeys.stage import Person, Stage

pytestmark = NEEDS
WRITING = (
    "保存",
    "提交",
    "登记",
    "作废",
    "确认",
    "公布",
    "撤销",
    "发布",
    "认领",
    "同意",
    "开通",
    "停用",
    "创建",
)


def test_an_operator_keeps_the_installation_running(stage: Stage) -> None:
    """D.8: a user, a role that ends the session, a job once more, a dead message, an announcement."""
    message = NewMessage("k", MessageKind.ALERT, "robot:inspectors", "停更 3 天", "停更 3 天")
    stage.services.database.write(lambda c: enqueue(c, [message], stage.clock()))
    stage.services.database.write(lambda c: settle(c, [1], OutboxState.DEAD, stage.clock()))
    operator = stage.person("h", "desk").arrive("operator")
    newcomer = _add_user(operator, stage)
    _change_role(operator, newcomer)
    _rerun_and_resend(operator, stage)
    _announce(operator, stage)


def _add_user(operator: Person, stage: Stage) -> Person:
    operator.menu("用户管理")
    operator.shot("users")
    operator.follow("增设用户")
    operator.fill("单位编号", "LC")
    operator.choose("角色", "单位管理员")
    operator.fill("用户名", "linhe")
    operator.fill("显示名", "林禾")
    operator.shot("new")
    operator.press("增设用户")
    operator.shot("password")
    password = operator.page.locator(".big-code")
    newcomer = stage.person("h", "phone").arrive("linhe", password.inner_text())
    newcomer.reads("林禾", "单位管理员")
    return newcomer


def _change_role(operator: Person, newcomer: Person) -> None:
    operator.menu("用户管理")
    operator.fill("用户名、单位", "linhe")
    operator.press("查找")
    operator.follow("linhe")
    operator.choose("角色", "领导")
    operator.press("保存更改")
    operator.shot("changed")
    newcomer.page.reload()
    newcomer.reads("登录控制台", "登录已结束")
    newcomer.shot("signed-out")


def _rerun_and_resend(operator: Person, stage: Stage) -> None:
    operator.menu("运行状态")
    operator.shot("ops")
    operator.press("自检")
    operator.shot("examined")
    card = operator.card("重跑")
    print(card.get_by_label("任务").locator("option").all_inner_texts())
    operator.choose("任务", "日结", card)
    operator.fill("日期", "2026-11-18", card)
    operator.fill("原因", "补采集后重算", card)
    operator.press("登记重跑", card)
    operator.shot("rerun")
    stage.services.jobs.run_due()
    assert [row.outcome != "" for row in stage.rows(RerunRow)] == [True]
    operator.menu("推送")
    operator.shot("pushes")
    operator.press("重发")
    operator.reads("已重新排队")
    operator.shot("resent")
    assert [row.state for row in stage.rows(OutboxRow, title="停更 3 天")] == ["失败", "待发送"]


def _announce(operator: Person, stage: Stage) -> None:
    operator.menu("公告")
    operator.fill("单位编号", "QS")
    operator.choose("级别", "重要")
    operator.fill("标题", "周日凌晨维护")
    operator.fill("正文", "2 时至 3 时不能登录。")
    operator.fill("开始日期", "2026-11-20")
    operator.fill("结束日期", "2026-11-22")
    operator.press("发布")
    operator.shot("announced")
    reader = stage.person("h-reader", "phone").arrive("luchuan")
    reader.follow("周日凌晨维护")
    reader.press("已读")
    reader.shot("read")
    assert len(stage.rows(AnnouncementReceiptRow)) >= 1


def test_a_big_screen_is_made_opened_and_revoked(stage: Stage) -> None:
    """B.3: a link without sign-in, that shows no person and no text, and ends when it is revoked."""
    admin = stage.person("h3", "desk").arrive("province")
    admin.menu("大屏与徽章")
    admin.choose("种类", "大屏")
    admin.fill("单位编号", "QS")
    admin.choose("有效期", "7 天")
    admin.fill("用途", "一层大厅")
    admin.press("创建")
    admin.shot("made")
    address = admin.page.get_by_label("链接地址").input_value()
    stranger = stage.person("h3-screen", "desk")
    stranger.page.goto(re.sub(r"^https?://[^/]+", stage.site, address))
    stranger.reads("青屿团省委")
    stranger.shot("screen")
    admin.menu("大屏与徽章")
    admin.page.get_by_role("button", name="撤销链接 1").click()
    admin.shot("revoked")
    stranger.page.reload()
    stranger.reads("大屏无法打开")
    stranger.shot("gone")
    assert [row.revoked_at is not None for row in stage.rows(SharedLinkRow)] == [True]


def test_a_leader_reads_everything_and_changes_nothing(stage: Stage) -> None:
    """D.6: 领导 sees the rooms of the own unit without one button that writes; a brief opens by its link."""
    leader = stage.person("i", "phone").arrive("secretary")
    titles = leader.page.locator("nav.menu ul a").all_inner_texts()
    for title in titles:
        leader.menu(title)
        assert leader.page.locator("h1").count() == 1, title
        buttons = leader.page.locator("main").get_by_role("button").all_inner_texts()
        if title not in ("账号安全", "报表与导出", "公告"):
            assert [words for words in buttons if words.startswith(WRITING)] == [], title
        leader.shot(title)
    link = re.search(r"https?://\S+?(/brief/\S+)", stage.say("领导", "简报 周"))
    assert link
    phone = stage.person("i-brief", "phone")
    phone.page.goto(stage.site + link[1])
    phone.reads("只读链接", "青屿团省委")
    phone.shot("brief")
    leader.page.get_by_role("button", name="退出").click()
    leader.reads("登录控制台")
    leader.page.go_back()
    leader.page.reload()
    leader.reads("登录控制台")
    leader.shot("out")
    assert [row for row in stage.rows(ConsoleSessionRow) if row.user_id == 7] == []
