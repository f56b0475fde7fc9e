"""抽查, 抽查登记, 抽查作废, 电话检查, 申诉 备案号, and the lines they add elsewhere, as people write them."""

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from monitor.store.database import Database
from monitor.store.spot_checks.tables import SpotCheckRow, SpotDrawRow
from monitor.store.tables import table_of
from monitor.units import Role
from monitor.usecases.days.close_day import close_day
from tests.bot.scene import Scene
from tests.bot.talk import RULEBOOK
from tests.cast import Cast
from tests.conftest import FrozenClock


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def stored(scene: Scene, row: type = SpotCheckRow) -> int:
    with scene.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table_of(row))).scalar_one())


def test_a_draw_names_number_seed_frame_and_groups(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    scene.counted("LC0001", 6, 2, date(2026, 11, 19))
    reply = inspector.says("抽查 鹭川 2")
    assert reply.startswith("已抽取 2 个群，批次号 PC-2026-0001")
    assert "抽样框 2 个群" in reply
    assert re.search(r"种子 [0-9a-f]{32}", reply)
    assert "LC0001 鹭川团干群（上次 未抽查过，7日均 6.0 条）" in reply
    assert "LC0101 柳岸青年群（上次 未抽查过，7日均 ❔无数据）" in reply
    verified = inspector.says("抽查 验证 PC-2026-0001")
    assert verified.startswith("✅ 批次 PC-2026-0001 重新抽取结果一致：2 个群")


def test_without_parameters_every_city_gives_its_share(scene: Scene) -> None:
    assert scene.person(Role.INSPECTOR).says("抽查").startswith("已抽取 3 个群，批次号 PC-2026-0001")


def test_asking_twice_within_a_minute_is_one_draw(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    inspector.says("抽查 鹭川 1")
    assert inspector.says("抽查 鹭川 1").startswith("已收到（批次 PC-2026-0001），未重复抽取")
    scene.clock.advance(minutes=2)
    assert "PC-2026-0002" in inspector.says("抽查 鹭川 1")
    assert stored(scene, SpotDrawRow) == 2


def test_an_empty_frame_says_so(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    inspector.says("抽查登记 YS0001 4")
    inspector.says("抽查登记 YS0101 4")
    assert inspector.says("抽查 云杉").startswith("无可抽群：云杉团市委 2 个群14天内均已抽查")


@pytest.mark.parametrize("size", ["0", "-1", "2.5", "1000"])
def test_a_size_that_cannot_be_is_refused(scene: Scene, size: str) -> None:
    assert scene.person(Role.INSPECTOR).says(f"抽查 鹭川 {size}") == "数量应为1–200的整数"
    assert stored(scene, SpotDrawRow) == 0


def test_a_filing_shows_grade_system_count_run_and_number(scene: Scene) -> None:
    scene.counted("LC0101", 6, 1)
    reply = scene.person(Role.INSPECTOR).says("抽查登记 LC0101 2 下午三点查看")
    assert reply.startswith("✅ 已登记 LC0101 柳岸青年群：2 条，差（暂定）\n备案号 CC-2026-0001")
    assert "检查 2 条，系统 6 条，相差 4 条（并列显示，不覆盖）" in reply
    assert "鹭川团市委 连续差 1/3" in reply
    assert "HN-4.1d" in reply
    assert re.search(r"回复 撤销 \d+", reply)


def test_the_third_poor_check_triggers_the_cap(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    for code in ("LC0101", "LC0001"):
        inspector.says(f"抽查登记 {code} 0")
        scene.clock.advance(days=1)
    reply = inspector.says("抽查登记 LC0101 1")
    assert "连续差 3/3" in reply
    assert "已触发：年底不得评优秀" in reply
    voided = inspector.says("抽查作废 CC-2026-0003 群编号填错")
    assert voided.startswith("✅ 备案号 CC-2026-0003 已作废：群编号填错")
    assert "连续差 2/3" in voided


def test_the_same_filing_is_answered_with_its_number(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    event = inspector.event("抽查登记 LC0101 4")
    first = inspector.sends(event)
    assert inspector.sends(event) == first
    assert inspector.says("抽查登记 LC0101 4").startswith("已收到（编号 CC-2026-0001），未重复登记")
    assert stored(scene) == 1


@pytest.mark.parametrize("count", ["-1", "3.5", "很多", "10000", "1e3"])
def test_a_count_that_cannot_be_is_refused_with_the_text_of_d1(scene: Scene, count: str) -> None:
    assert scene.person(Role.INSPECTOR).says(f"抽查登记 LC0101 {count}") == "条数应为0–9999的整数"
    assert stored(scene) == 0


def test_a_missing_parameter_is_answered_with_a_filled_example(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    usage = "用法：抽查登记 群编号 条数 [备注]，例：抽查登记 LC0101 4"
    assert inspector.says("抽查登记") == usage
    assert inspector.says("抽查登记 LC0101") == usage
    assert "请写明作废原因" in inspector.says("抽查作废 CC-2026-0001")


@pytest.mark.parametrize(
    "written", ["抽查登记 ＬＣ０１０１ ４", "抽查登记 柳岸，四条。", "抽查登记 lc0101、4"]
)
def test_counts_and_codes_are_read_as_people_write_them(scene: Scene, written: str) -> None:
    assert "LC0101 柳岸青年群：4 条，一般" in scene.person(Role.INSPECTOR).says(written)


def test_more_than_five_hundred_is_asked_about(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    asked = inspector.says("抽查登记 LC0101 501 活动当天")
    assert asked.startswith("条数 501 超过 500，是否登记？")
    assert stored(scene) == 0
    assert inspector.says("确认").startswith("✅ 已登记 LC0101 柳岸青年群：501 条，优秀")
    inspector.says("抽查登记 LC0101 502")
    inspector.says("取消")
    assert stored(scene) == 1
    assert "✅ 已登记" in inspector.says("抽查登记 LC0101 500")


def test_a_filing_is_taken_back_within_ten_minutes_and_its_number_stays(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    number = re.search(r"撤销 (\d+)", inspector.says("抽查登记 LC0101 4"))
    assert number
    assert "CC-2026-0001 已作废：登记人撤销" in inspector.says(f"撤销 {number[1]}")
    again = re.search(r"撤销 (\d+)", inspector.says("抽查登记 LC0101 4"))
    assert again
    scene.clock.advance(minutes=11)
    assert "已超过10分钟" in inspector.says(f"撤销 {again[1]}")


def test_a_unit_objects_and_the_inspector_agrees(scene: Scene) -> None:
    inspector, city = scene.person(Role.INSPECTOR), scene.person(Role.UNIT_ADMIN)
    inspector.says("抽查登记 LC0101 1")
    assert city.says("申诉 CC-2026-0001 当天有活动通知，漏计3条").startswith("✅ 已提出申诉：CC-2026-0001")
    assert city.says("申诉 CC-2026-0001 再说一次").startswith("已收到（CC-2026-0001 的申诉）")
    assert "待答复（12-05前）" in city.says("申诉 查询")
    inspector.says("抽查作废 CC-2026-0001 核实漏计")
    assert "已采纳：已作废：核实漏计" in city.says("申诉 查询")
    inspector.says("抽查登记 YS0001 1")
    assert city.says("申诉 CC-2026-0002 别人的") == "未找到该备案号，可回复 抽查 记录 列出"


def test_records_are_listed_and_one_is_shown_whole(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    assert inspector.says("抽查 记录").startswith("尚无抽查记录")
    inspector.says("抽查 鹭川 2")
    inspector.says("抽查登记 LC0101 1 群内较冷清")
    listed = inspector.says("抽查 记录")
    assert "CC-2026-0001 LC0101 差（暂定）" in listed
    assert "批次 PC-2026-0001 抽 2 个群" in listed
    record = inspector.says("抽查 记录 cc-2026-0001")
    assert ("批次 PC-2026-0001" in record, "群内较冷清" in record) == (True, True)
    assert inspector.says("抽查 记录 CC-2026-0009") == "未找到该备案号，可回复 抽查 记录 列出"


def test_others_cannot_draw_or_file(scene: Scene) -> None:
    assert scene.person(Role.LEADER).says("抽查登记 LC0101 4") == "您的角色为只读"
    assert "不能使用“抽查登记”" in scene.person(Role.UNIT_ADMIN).says("抽查登记 LC0101 4")
    assert stored(scene) == 0


def test_a_phone_check_is_filed_once_and_can_be_taken_back(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    reply = inspector.says("电话检查 临河 群内每日有专人维护")
    assert reply.startswith("✅ 已登记 临河镇团委 电话检查\n编号 DH-2026-0001")
    assert "未重复登记" in inspector.says("电话检查 临河 群内每日有专人维护")
    number = re.search(r"撤销 (\d+)", reply)
    assert number
    assert inspector.says(f"撤销 {number[1]}").startswith("✅ 已撤销 电话检查 DH-2026-0001")


def test_the_card_the_overview_and_the_alerts_tell_of_runs(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    for _ in range(2):
        inspector.says("抽查登记 LC0101 1")
        scene.clock.advance(days=1)
        close_day(
            scene.database, RULEBOOK, scene.clock, scene.clock().date().replace(day=scene.clock().day - 1)
        )
    card = inspector.says("状态 鹭川")
    assert "近2次抽查（新→旧）：差、差；连续差 2/3" in card
    assert "连续差" in inspector.says("预警")
    assert "2/3 的 1 个单位" in scene.person(Role.LEADER).says("总览")
