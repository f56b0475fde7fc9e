"""公布 and 投稿 in chat: a look first, the numbered confirmation, what has changed in between."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.replies.phrases import fits
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.ledger.register import add_invitation
from tests.bot.scene import Scene
from tests.bot.talk import Person
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.assess_help import Panel

VIDEO = "投稿 https://v.example.cn/Ab1?x=2 木棉花开 春日 15秒 9:16"


@pytest.fixture
def panel(database: Database, cast: Cast, clock: FrozenClock, tmp_path: Path) -> Panel:
    return Panel(database, cast, clock, tmp_path / "evidence")


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


@pytest.fixture
def school(scene: Scene) -> Person:
    scene.database.write(lambda c: add_invitation(c, "CODE-QD", Role.UNIT_ADMIN, "QD", is_reusable=True))
    person = Person(scene.dispatcher, scene.clock, "school")
    assert "已绑定" in person.says("绑定 CODE-QD")
    return person


def test_a_year_is_published_after_a_look_and_taken_back_with_a_reason(scene: Scene, panel: Panel) -> None:
    panel.everything()
    panel.begin()
    inspector = scene.person(Role.INSPECTOR)
    look = inspector.says("公布 鹭川")
    assert look.startswith("鹭川团市委 2026年考评尚未公布：已评 10.00")
    assert "1. 确认公布，公布后不再变动" in look
    assert fits(look)
    assert panel.sheet().dossier.assessment.state.value == "考评中"
    done = inspector.says("1")
    assert done.startswith("✅ 已公布 鹭川团市委 2026年考评：")
    assert "公布编号 1" in done
    assert inspector.says("公布 鹭川").startswith("鹭川团市委 2026 年考评已公布，该期已锁定")
    assert inspector.says("公布 撤回 鹭川") == "请填写理由"
    assert inspector.says("公布 撤回 鹭川 数据有误").startswith(
        "✅ 已撤回 鹭川团市委 2026年的公布，现为考评中"
    )


def test_open_items_are_listed_and_may_be_accepted(scene: Scene, panel: Panel) -> None:
    panel.judge("一1", "1")
    panel.begin()
    inspector = scene.person(Role.INSPECTOR)
    look = inspector.says("公布 鹭川 ")
    assert "1. 按“待补充”公布，没有等次" in look
    assert "待补充：一2" in look
    assert "不产生奖惩后果" in inspector.says("1")


def test_what_has_changed_since_the_look_is_not_published(scene: Scene, panel: Panel) -> None:
    panel.everything()
    panel.begin()
    inspector = scene.person(Role.INSPECTOR)
    inspector.says("公布 鹭川")
    panel.judge("一1", "0.5")
    assert inspector.says("1") == "考评表已有变动或未经核对，未公布。请重新发送：公布 2026 LC"
    assert inspector.says("公布 鹭川 确认公布").startswith("考评表已有变动或未经核对，未公布")
    assert panel.sheet().dossier.assessment.state.value == "考评中"


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("公布", "用法：公布 单位；公布 撤回 单位 理由，例：公布 海口"),
        ("公布 鹭川", "鹭川团市委 2026 年尚在“自评中”，须先开始考评"),
        ("公布 撤回 鹭川 理由", "鹭川团市委 2026 年考评尚未公布"),
        ("公布 没有这个", "未找到，可回复 群 列出"),
    ],
)
def test_what_cannot_be_published(scene: Scene, said: str, reply: str) -> None:
    assert scene.person(Role.INSPECTOR).says(said) == reply


def test_only_inspectors_publish(scene: Scene) -> None:
    assert scene.person(Role.UNIT_ADMIN).says("公布 鹭川").startswith("您的角色（单位管理员）不能使用“公布”")
    assert scene.person(Role.LEADER).says("公布 鹭川") == "您的角色为只读"


def test_a_video_is_checked_then_handed_in_once(scene: Scene, school: Person, clock: FrozenClock) -> None:
    clock.now = datetime(2026, 11, 10, 7, tzinfo=UTC)
    assert "本月尚无按时的合格投稿，还有 5 天" in school.says("投稿")
    look = school.says(VIDEO)
    assert look.startswith("青屿大学团委《木棉花开 春日》合格，尚未投稿")
    assert "✅时长 15 秒，画幅 9:16；符合要求 → 合格\n✅按时（2026-11）" in look
    assert "已投 0 部" in school.says("投稿")
    school.says(VIDEO)
    done = school.says("1")
    first = "✅ 已投稿 青屿大学团委 2026-11《木棉花开 春日》合格"
    assert done.startswith(f"{first}\n登记时间 11-10 15:00，投稿编号 1")
    assert school.says(f"{VIDEO} 确认投稿").startswith("已收到，未重复登记")
    assert "✅本月已按时投稿 1 部合格作品" in school.says("投稿")
    assert all(fits(text) for text in (look, done))


@pytest.mark.parametrize(
    ("said", "piece"),
    [
        ("投稿 https://v.example.cn/a 花开 31秒 9:16", "❌未投稿：青屿大学团委《花开》不合格"),
        ("投稿 https://v.example.cn/a 花开 15秒 16:9", "画幅 16:9 不是 9:16"),
        ("投稿 https://v.example.cn/a 花开 25 1080x1920", "合格（提醒），尚未投稿"),
        ("投稿 https://v.example.cn:8080/a 花开 15 1080×1920", "合格，尚未投稿"),
        ("投稿 https://v.example.cn/a 花开 15 1080x1920", "❌逾期：晚于每月 15 日"),
        ("投稿 花开 15秒 9:16", "请写明链接。用法：投稿"),
        ("投稿 https://v.example.cn/a 花开 15秒", "请写明画幅。用法：投稿"),
        ("投稿 https://v.example.cn/a 花开 很长 9:16", "请写明秒数。用法：投稿"),
        ("投稿 https://v.example.cn/a 15秒 9:16", "请写明名称。用法：投稿"),
        ("投稿 ftp://v.example.cn/a 花开 15秒 9:16", "请写明链接"),
        ("投稿 https://v.example.cn/a 花开 0秒 9:16", "时长应为大于 0 的秒数"),
        ("投稿 https://v.example.cn/a 花开 15秒 0:16", "画面宽、高应为正整数"),
    ],
)
def test_how_a_video_is_read_and_what_is_refused(school: Person, said: str, piece: str) -> None:
    reply = school.says(said)
    assert piece in reply
    assert "已投 0 部" in school.says("投稿")


def test_last_months_video_is_not_original_this_month(school: Person, clock: FrozenClock) -> None:
    clock.now = datetime(2026, 10, 10, 7, tzinfo=UTC)
    assert "✅ 已投稿" in school.says(f"{VIDEO} 确认投稿")
    clock.now = datetime(2026, 11, 10, 7, tzinfo=UTC)
    look = school.says(VIDEO)
    assert look.startswith("❌未投稿")
    assert "与已投稿作品相同（编号 1）" in look


def test_a_city_hands_in_no_video(scene: Scene) -> None:
    assert scene.person(Role.UNIT_ADMIN).says(VIDEO) == "投稿由高校的单位管理员办理（GD-3.3a）"
    assert scene.person(Role.INSPECTOR).says(VIDEO).startswith("您的角色（督导检查）不能使用“投稿”")
