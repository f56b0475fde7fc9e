"""状态 shows all of the card of requirements D.2 in one answer; what nobody entered is named, never 0."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.replies.phrases import MAX_BYTES, MAX_CHARS, MAX_ROWS
from monitor.assessment.dossier import BaseKind
from monitor.store.assessment.acts import Base, insert_base
from monitor.store.database import Database
from monitor.store.weekly.rows import save_call
from monitor.units import Role
from monitor.weeks import Week
from tests.bot.scene import TODAY, Scene
from tests.cast import Cast
from tests.conftest import FrozenClock


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def test_a_card_with_everything_fits_one_answer(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    bare = inspector.says("状态 鹭川")
    assert "❔覆盖率：三项基数未录入" in bare
    assert "周报：尚未征集" in bare
    assert "❔2026年尚无有效抽查" in bare
    assert "❔2026年考评尚未开始，没有总分" in bare
    scene.counted("LC0001", 12, 0)
    bases = ((BaseKind.MEMBERS, 100), (BaseKind.GROUPS, 0))

    def enter(connection: Any) -> None:
        for kind, number in bases:
            base = Base(kind, number, "团统〔2026〕1号", "chat:1", scene.clock())
            insert_base(connection, scene.cast.units["LC"], 2026, base)
        save_call(connection, Week.of(TODAY).shift(-1), datetime(2026, 11, 16, 4, tzinfo=UTC), scene.clock())

    scene.database.write(enter)
    for line in (
        "抽查登记 LC0001 12",
        "抽查登记 LC0101 1",
        "举报 LC0101 群内出现赌博链接",
        "评分 鹭川 一2 0.8 制度齐全",
    ):
        assert inspector.says(line).startswith(("✅", "已登记", "事件")), line
    card = inspector.says("状态 鹭川")
    lines = card.splitlines()
    assert lines[0] == "鹭川团市委：今天还差 1 个群（另 1 个群无数据）", card
    assert has_all(
        lines[2:],
        "群 2 个：",
        "公众号 1 个：",
        "近7日达标率 无数据",
        "近2次抽查（新→旧）：差",
        "覆盖率：团员青年 80.00%、群 无基数、团组织 基数未录入（HN-A2.2）",
        "周报（第46周）：❌未交",
        "；不良信息未办结 1 件",
        "2026年考评（",
        "近三项期限：",
    ), card
    assert "可评 6.50" in card
    assert "未列出" not in card
    assert len(lines) - 3 <= MAX_ROWS, card
    assert len(card) <= MAX_CHARS
    assert len(card.encode()) <= MAX_BYTES


def has_all(lines: Sequence[str], *wanted: str) -> bool:
    return all(any(words in line for line in lines) for words in wanted)
