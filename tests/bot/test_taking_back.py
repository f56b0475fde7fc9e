"""撤销 of every writing command (requirement D.0): the echo offers it, or says 不可撤销 and why.

The story below is told in one installation; the command table decides which commands must be in it.
"""

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot.commands import COMMANDS
from bot.dispatch import Dispatcher
from bot.replies.phrases import fits
from monitor.delivery.alerts import AlertKind, Finding
from monitor.store.assessment.tables import PublicationRow
from monitor.store.database import Database
from monitor.store.days.posts import insert_posts
from monitor.store.days.tables import DayCountRow
from monitor.store.delivery.alerts import load_alert_ids, raise_alerts
from monitor.store.incidents.tables import IncidentEventRow
from monitor.store.learning.tables import LabelledExampleRow
from monitor.store.tables import UnregisteredGroupRow, table_of
from monitor.units import Role
from monitor.usecases.ledger.register import add_invitation
from monitor.usecases.people.chat_sign_in import ChatSignIn
from monitor.usecases.queries.questions import Queries
from tests.bot.scene import TODAY, Scene
from tests.bot.talk import RULEBOOK, Person
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.assess_help import Panel
from tests.monitor.incident_help import suspect

OFFER = re.compile(r"撤销 (\d+)")
NOTES_ONLY = {"公告", "图"}
"""Opening an announcement notes 已读, a picture is only asked for: nothing is registered to be taken back."""
TAKEN, OFFERED, FINAL, SETUP = "taken back", "offered", "final", "setup"
STORY = (  # who, what is said, what the echo must do; `taken back` says 撤销 at once
    ("督导", "抽查 鹭川 1", FINAL),
    ("督导", "抽查登记 LC0001 4", TAKEN),
    ("督导", "抽查登记 LC0001 2", OFFERED),
    ("督导", "抽查作废 CC-2026-0002 群编号填错", TAKEN),
    ("鹭川", "申诉 CC-2026-0002 当日是停电", FINAL),
    ("督导", "电话检查 鹭川 有专人维护", TAKEN),
    ("鹭川", "处置 1 确认", TAKEN),
    ("鹭川", "处置 1 引导 已发正面信息", TAKEN),
    ("鹭川", "误报 1 学校通知", TAKEN),
    ("鹭川", "处置 1 删除 已删除", TAKEN),
    ("鹭川", "处置 1 警示 已提醒", SETUP),
    ("鹭川", "处置 1 办结 已清理", TAKEN),
    ("柳岸", "已处置 2 已撤回", TAKEN),
    ("柳岸", "确认 事件 2", TAKEN),
    ("鹭川", "申诉 事件2 是校方通知", FINAL),
    ("柳岸", "举报 群里有人卖课", TAKEN),
    ("鹭川", "催办 全部", FINAL),
    ("柳岸", "上报 8 2", TAKEN),
    ("柳岸", "上报 7 2", SETUP),
    ("临河", "核实 {report} 通过", TAKEN),
    ("临河", "核实 {report} 退回 截图不符", TAKEN),
    ("鹭川", "有关 LC0001 今天 1", TAKEN),
    ("鹭川", "无关 LC0001 今天 1", TAKEN),
    ("鹭川", "周报 改 新开 5", TAKEN),
    ("鹭川", "周报 提交", SETUP),
    ("鹭川", "确认", TAKEN),
    ("柳岸", "确认 {alert}", TAKEN),
    ("张三", "今日", SETUP),
    ("柳岸", "休假 11-23 11-27 张三", TAKEN),
    ("柳岸", "休假 11-24 11-27 张三", SETUP),
    ("柳岸", "休假 取消", FINAL),
    ("督导", "通报 鹭川 周报逾期", TAKEN),
    ("督导", "约谈 鹭川 三次抽查为差", OFFERED),
    ("督导", "1", SETUP),
    ("督导", "1", TAKEN),
    ("督导", "约谈 云杉 周报逾期", SETUP),
    ("督导", "1", SETUP),
    ("督导", "1", SETUP),
    ("督导", "约谈 结果 {entry} 已整改", TAKEN),
    ("督导", "调整要求 LC01 王某 连续14天无动作", TAKEN),
    ("督导", "调整要求 LC01 李某 连续14天无动作", SETUP),
    ("临河", "答复 {entry} 已更换", FINAL),
    ("领导", "简报", TAKEN),
    ("领导", "简报", SETUP),
    ("领导", "简报 作废", FINAL),
    ("运维", "重跑 日结 昨天", FINAL),
    ("运维", "静默 2h", TAKEN),
    ("运维", "静默 1h", SETUP),
    ("运维", "静默 取消", FINAL),
    ("运维", "推送测试 我", FINAL),
    ("临河", "开通 群 临河青年二群 80", SETUP),
    ("鹭川", "审批 {request} 同意", TAKEN),
    ("鹭川", "开通 群 鹭川新群 80", TAKEN),
    ("鹭川", "变更 LC0001 人数 120", TAKEN),
    ("鹭川", "专责 临河镇团委 张一", TAKEN),
    ("鹭川", "管理员 邀请 LC01 张一", TAKEN),
    ("柳岸", "话题 新 义务植树 植树", TAKEN),
    ("鹭川", "停用 YS0001 错号", SETUP),
    ("鹭川", "停用 LC0101Q 错号", SETUP),
    ("督导", "认领 7777 YS0001", TAKEN),
    ("督导", "停用 YS0101 并群", TAKEN),
    ("高校", "投稿 https://v.example.cn/Ab1 木棉花开 15秒 9:16", SETUP),
    ("高校", "1", FINAL),
    ("鹭川", "反馈 台账人数不一致", FINAL),
    ("督导", "反馈 回复 1 已修复", FINAL),
    ("云杉", "自评 一3 0.7 开会5次", TAKEN),
    ("督导", "评分 云杉 一2 0.8 制度齐全", TAKEN),
    ("督导", "公布 鹭川", SETUP),
    ("督导", "1", TAKEN),
    ("督导", "公布 鹭川", SETUP),
    ("督导", "1", SETUP),
    ("鹭川", "申诉 一3 会议记录6次只计5次", FINAL),
    ("督导", "公布 撤回 鹭川 数据有误", FINAL),
    ("督导", "登录 {desk}", SETUP),
    ("督导", "2", FINAL),
    ("云杉", "绑定 CODE-TOWN", TAKEN),
    ("云杉", "解绑", TAKEN),
)
PEOPLE = {
    "督导": "CODE-INSPECTOR",
    "领导": "CODE-LEADER",
    "运维": "CODE-OPERATOR",
    "鹭川": "CODE-CITY",
    "云杉": "CODE-YS",
    "高校": "CODE-QD",
    "临河": "CODE-TOWN",
    "柳岸": "CODE-MANAGER",
    "张三": "CODE-DEPUTY",
}


class Office(Scene):
    """A scene with all the people of the story, two incidents, a post and an unmet group."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        super().__init__(database, cast, clock)
        self.sign_ins = ChatSignIn(database, clock, "k" * 32)
        self.dispatcher = Dispatcher(
            database, Queries(database, RULEBOOK, clock), clock, sign_ins=self.sign_ins
        )
        for unit in ("YS", "QD"):
            self._invite(f"CODE-{unit}", Role.UNIT_ADMIN, unit)
        self._invite("CODE-DEPUTY", Role.GROUP_MANAGER, "LC0101", "LC0101")
        self.people: dict[str, Person] = {}
        for code, text in (("LC0001", "扫码进群领优惠券"), ("LC0101", "兼职刷单日结三百")):
            database.write_bulk(insert_posts, [suspect(cast.groups[code], clock(), text)])
        at = {"first_seen_at": clock(), "last_seen_at": clock(), "n_events": 3}
        self.insert(UnregisteredGroupRow, source="demo", external_id="7777", **at)
        self.found: dict[str, str] = {}

    def _invite(self, code: str, role: Role, unit: str, group: str = "") -> None:
        name = "张三" if group else ""
        self.database.write(
            lambda c: add_invitation(
                c, code, role, unit, group_code=group, display_name=name, is_reusable=True
            )
        )

    def prepare(self) -> None:
        """Raise an alert to be acknowledged, let a browser wait."""
        finding = Finding(
            AlertKind.GROUP_UNMET, "unmet", TODAY, self.cast.units["LC0101"], self.cast.paths["LC0101"],
            self.cast.groups["LC0101"], "LC0101", "柳岸青年群", "未达标",
        )  # fmt: skip

        def work(connection: Connection) -> int:
            raise_alerts(connection, [finding], self.clock())
            return load_alert_ids(connection, [finding.key])[finding.key]

        self.found["alert"] = str(self.database.write(work))
        self.found["desk"] = self.sign_ins.begin(user_agent="Chrome/140", address="192.0.2.7").code

    def says(self, name: str, line: str) -> str:
        if name not in self.people:
            person = self.people[name] = Person(self.dispatcher, self.clock, name)
            assert "✅" in person.says(f"绑定 {PEOPLE[name]}")
        reply = self.people[name].says(line.format(**self.found))
        for key, pattern in (("report", r"登记自报：[\s\S]*?编号 (\d+)"), ("request", r"申请 (\d+)，批准后"),
                             ("entry", r"✅ 已登记(?:约谈|调整要求) (\d+)")):  # fmt: skip
            if found := re.search(pattern, reply):
                self.found[key] = found[1]
        return reply


@pytest.fixture
def office(database: Database, cast: Cast, clock: FrozenClock) -> Office:
    return Office(database, cast, clock)


def number_in(reply: str) -> str:
    found = OFFER.search(reply)
    assert found, reply
    return found[1]


def tell(office: Office, story: tuple[tuple[str, str, str], ...]) -> list[str]:
    """Tell a story; return what did not answer as it should."""
    wrong = []
    for name, line, what in story:
        reply = office.says(name, line)
        offers, is_final = OFFER.search(reply), "不可撤销" in reply
        good = {TAKEN: bool(offers), OFFERED: bool(offers), FINAL: is_final, SETUP: True}[what]
        if not good or not fits(reply):
            wrong.append(f"{name} {line}: {reply}")
        if what == TAKEN and offers:
            undone = office.says(name, f"撤销 {offers[1]}")
            if not undone.startswith("✅") or "不可撤销" not in undone:
                wrong.append(f"{name} {line} / 撤销: {undone}")
    return wrong


def test_every_writing_command_offers_to_take_back_or_says_why_not(
    office: Office, cast: Cast, clock: FrozenClock, tmp_path: Path
) -> None:
    panel = Panel(office.database, cast, clock, tmp_path / "evidence")
    panel.everything()
    panel.begin()
    office.prepare()
    wrong = tell(office, STORY)
    assert not wrong, "\n---\n".join(wrong)


def test_the_story_holds_every_writing_command() -> None:
    told = {line.format_map(_Blank()).split()[0] for _, line, _ in STORY}
    told |= {"撤销"}  # said after every echo that offers it
    missing = {command.name for command in COMMANDS if command.writes} - told - NOTES_ONLY
    assert not missing, f"撤销 or 不可撤销 of these is in no story: {missing}"


class _Blank(dict[str, str]):
    def __missing__(self, _key: str) -> str:
        return ""


def test_an_act_on_an_incident_is_taken_back_with_its_counts_and_its_lesson(office: Office) -> None:
    city, started = "鹭川", count_of(office)
    assert started == 1
    acted = office.says(city, "处置 1 警示 已提醒")
    assert count_of(office) == 0  # confirmed 不良信息 is no 发布信息 (D-07)
    assert taught(office) == ["广告"]
    undone = office.says(city, f"撤销 {number_in(acted)}")
    assert "事件1 的“警示”，当前“发现”" in undone
    assert count_of(office) == started
    assert taught(office) == []
    assert history(office) == ["发现", "警示", "撤销登记"]
    assert "没有可撤销的记录" in office.says("督导", f"撤销 {number_in(acted)}")  # another's


def test_an_act_that_was_gone_on_with_is_not_taken_back(office: Office) -> None:
    first = number_in(office.says("鹭川", "处置 1 确认"))
    second = number_in(office.says("督导", "处置 1 删除 已删除"))
    assert office.says("鹭川", f"撤销 {first}").startswith("事件1 此后已登记“删除”，不能撤销")
    office.clock.advance(minutes=11)
    assert "没有可撤销的记录" in office.says("督导", f"撤销 {second}")
    assert history(office) == ["发现", "确认", "删除"]


def test_a_verified_report_waits_again_until_a_newer_one_comes(office: Office) -> None:
    office.says("柳岸", "上报 8 2")
    number = number_in(office.says("临河", "核实 {report} 通过"))
    assert "恢复“待核”" in office.says("临河", f"撤销 {number}")
    again = number_in(office.says("临河", "核实 {report} 退回 截图不符"))
    office.says("柳岸", "上报 9 2")
    assert office.says("临河", f"撤销 {again}") == "当日此后已有新的自报，不能撤销"


def test_a_publication_is_kept_as_withdrawn_and_stands_once_it_was_objected_to(
    office: Office, cast: Cast, clock: FrozenClock, tmp_path: Path
) -> None:
    panel = Panel(office.database, cast, clock, tmp_path / "evidence")
    panel.everything()
    panel.begin()
    office.says("督导", "公布 鹭川")
    published = number_in(office.says("督导", "1"))
    assert "现为考评中" in office.says("督导", f"撤销 {published}")
    office.says("督导", "公布 鹭川")
    again = number_in(office.says("督导", "1"))
    office.says("鹭川", "申诉 一3 会议记录6次只计5次")
    assert "已对公布结果提出申诉，不能撤销" in office.says("督导", f"撤销 {again}")
    with office.database.reading() as connection:
        kept = connection.execute(select(table_of(PublicationRow).c.withdraw_reason)).scalars().all()
    assert [bool(reason) for reason in kept] == [True, False]


def count_of(office: Office) -> int:
    """Return the posts that count for 鹭川's group today."""
    count = table_of(DayCountRow).c
    query = select(count.n_posts).where(count.group_id == office.cast.groups["LC0001"])
    with office.database.reading() as connection:
        return int(connection.execute(query).scalar() or 0)


def taught(office: Office) -> list[str]:
    with office.database.reading() as connection:
        return list(connection.execute(select(table_of(LabelledExampleRow).c.label)).scalars())


def history(office: Office) -> list[str]:
    event = table_of(IncidentEventRow).c
    query = select(event.act).where(event.incident_id == 1).order_by(event.id)
    with office.database.reading() as connection:
        return list(connection.execute(query).scalars())
