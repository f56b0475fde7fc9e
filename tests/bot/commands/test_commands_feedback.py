"""反馈 in chat (GD-5.3): sent once, answered by inspectors of the subtree, told to who asked."""

import pytest

from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.ledger.register import add_invitation
from tests.bot.scene import Scene
from tests.bot.talk import Person
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import rows

PROBLEM = "平台显示团员数与台账不一致"


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def test_a_feedback_is_stored_once_answered_and_told(scene: Scene) -> None:
    city, inspector = scene.person(Role.UNIT_ADMIN), scene.person(Role.INSPECTOR)
    assert city.says(f"反馈 {PROBLEM}").splitlines()[0] == "✅ 已登记反馈，编号 1"
    assert city.says(f"反馈 {PROBLEM}").startswith("已收到（编号 1），未重复登记")
    assert "待答复" in city.says("反馈")
    listed = inspector.says("反馈")
    assert listed.startswith("待答复的反馈 1 条")
    assert "编号 1 鹭川团市委：平台显示团员数" in listed
    assert inspector.says("反馈 回复 1 平台已修复，请核对").startswith("✅ 已答复 鹭川团市委 的反馈 1")
    (told,) = [row for row in rows(scene.database) if row.idempotency_key == "feedback:1"]
    assert told.title == "您的反馈 1 已答复"
    assert "答复：平台已修复" in told.text
    assert "平台已修复" in city.says("反馈")
    assert inspector.says("反馈 回复 1 再答一次") == "反馈 1 已答复"
    assert inspector.says("反馈").startswith("待答复的反馈 0 条")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("反馈 回复 1", "用法：反馈 回复 编号 内容"),
        ("反馈 回复 一号 内容", "编号应为数字"),
        ("反馈 回复 99 内容", "未找到反馈 99"),
    ],
)
def test_a_wrong_answer_is_refused(scene: Scene, text: str, answer: str) -> None:
    assert scene.person(Role.INSPECTOR).says(text).startswith(answer)


def test_an_inspector_of_another_city_neither_sees_nor_answers(scene: Scene) -> None:
    scene.person(Role.UNIT_ADMIN).says(f"反馈 {PROBLEM}")
    scene.database.write(lambda c: add_invitation(c, "CODE-YS", Role.INSPECTOR, "YS", is_reusable=True))
    other = Person(scene.dispatcher, scene.clock, "other")
    other.says("绑定 CODE-YS")
    assert other.says("反馈").startswith("待答复的反馈 0 条")
    assert other.says("反馈 回复 1 内容") == "未找到反馈 1"


def test_others_see_only_what_they_sent(scene: Scene) -> None:
    city = scene.person(Role.UNIT_ADMIN)
    city.says(f"反馈 {PROBLEM}")
    assert scene.person(Role.BRANCH_ADMIN).says("反馈").startswith("您的反馈 0 条")
    assert "只读" in scene.person(Role.LEADER).says("反馈 试试")
