"""有关, 无关: chosen from a list or by number, in scope only, told back with what follows."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from monitor.events import stable_key
from monitor.store.database import Database
from monitor.store.days.posts import NewPost, insert_posts
from monitor.store.days.tables import DayCountRow
from monitor.store.learning.tables import LabelledExampleRow
from monitor.store.tables import table_of
from monitor.units import Role
from tests.bot.scene import HIDDEN, Scene
from tests.cast import Cast
from tests.conftest import FrozenClock

TEXTS = ("今天的晚霞真好看", "志愿服务报名请接龙", "食堂新出了麻辣烫")


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    made = Scene(database, cast, clock)
    clock.now = datetime.fromisoformat("2026-11-20T15:00:00+08:00")
    posts = []
    for n, text in enumerate(TEXTS):
        at = int(datetime.fromisoformat(f"2026-11-20T0{8 + n // 2}:1{n}:00+08:00").timestamp() * 1000)
        key, is_relevant = stable_key(text), n == 1
        posts.append(
            NewPost(cast.groups["LC0101"], date(2026, 11, 20), key, key, "采集", "text", at, at, n, "张小明",
                    text, key, True, is_relevant, "话题词：志愿服务" if is_relevant else "未见话题词或团务词")
        )  # fmt: skip
    database.write_bulk(insert_posts, posts)
    return made


def n_relevant(scene: Scene) -> int:
    with scene.database.reading() as connection:
        return int(connection.execute(select(table_of(DayCountRow).c.n_relevant)).scalar_one())


def test_a_post_is_chosen_from_the_list_and_the_count_follows(scene: Scene) -> None:
    admin = scene.person(Role.BRANCH_ADMIN)
    asked = admin.says("有关 LC0101")
    assert asked.splitlines()[0] == "LC0101 柳岸青年群 11-20 判为“无关”的 2 条，认定哪一条“有关”？"
    assert "1. 第3条 09:12 食堂新出了麻辣烫" in asked
    assert "2. 第1条 08:10 今天的晚霞真好看" in asked
    done = admin.says("2")
    assert done.startswith(
        "✅ 已认定“有关”：LC0101 11-20 第1条\n“今天的晚霞真好看”\n登记时间 11-20 15:00，编号 "
    )
    assert "当日话题相关条数已更新，已日结的将重新结算（HN-2.1.3b）" in done
    assert n_relevant(scene) == 2
    back = done.splitlines()[-1].removeprefix("可回复：")
    assert admin.says(back).startswith("✅ 已认定“无关”：LC0101 11-20 第1条")
    assert n_relevant(scene) == 1
    assert admin.says(back) == "已认定“无关”（LC0101 11-20 第1条），未重复登记"


def test_a_word_that_agrees_is_kept_as_an_example(scene: Scene) -> None:
    admin = scene.person(Role.UNIT_ADMIN)
    assert "与系统判断一致，条数不变" in admin.says("有关 LC0101 今天 第2条")
    with scene.database.reading() as connection:
        rows = connection.execute(select(table_of(LabelledExampleRow))).all()
    assert [(row.text, row.label, row.question) for row in rows] == [(TEXTS[1], "有关", "话题相关")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("有关", "用法：有关 群编号 [日期] [条号]"),
        ("有关 LC0101 9", "LC0101 11-20 只有 3 条逐条记录，没有第 9 条"),
        ("有关 LC0101 0", "没有第 0 条"),
        ("无关 LC0101 三", "条号应为数字"),
        ("有关 LC0101 3 4", "参数过多"),
        ("有关 LC0101 昨天", "没有逐条记录"),
        ("有关 LC0101 明天 1", "尚未到来"),
        ("有关 YS0001 1", HIDDEN),
        ("有关 XX9999 1", HIDDEN),
    ],
)
def test_bad_input_is_told_and_changes_nothing(scene: Scene, line: str, words: str) -> None:
    before = n_relevant(scene)
    assert words in scene.person(Role.UNIT_ADMIN).says(line)
    assert n_relevant(scene) == before


def test_nothing_is_left_to_be_said(scene: Scene) -> None:
    admin = scene.person(Role.UNIT_ADMIN)
    for number in (1, 3):
        admin.says(f"有关 LC0101 {number}")
    assert "3 条都已认定“有关”" in admin.says("有关 LC0101")


@pytest.mark.parametrize("role", [Role.GROUP_MANAGER, Role.LEADER])
def test_managers_do_not_judge_their_own_groups_and_leaders_only_read(scene: Scene, role: Role) -> None:
    assert "✅" not in scene.person(role).says("有关 LC0101 1")
    assert n_relevant(scene) == 1
