"""Journeys of 督导: a spot check from the draw to the objection, and a reading of the rules tried out."""

import re

from monitor.store.rules.tables import RuleChangeRow
from monitor.store.spot_checks.tables import SpotCheckRow, SpotObjectionRow
from tests.web.browsing import NEEDS
from tests.web.journeys.stage import Person, Stage

pytestmark = NEEDS


def test_a_spot_check_is_drawn_filed_voided_and_objected_to(stage: Stage) -> None:
    """HN-4.1c–e: sampled, filed under a number, three 差 in a row seen, one void with its reason."""
    inspector = stage.person("c", "desk").arrive("province")
    inspector.menu("抽查")
    inspector.shot("empty")
    drawing = inspector.card("随机抽取")
    inspector.choose("单位", "鹭川团市委", drawing)
    inspector.press("看抽样框", drawing)
    inspector.fill("数量", "3", inspector.card("随机抽取"))
    inspector.press("抽取", inspector.card("随机抽取"))
    inspector.shot("drawn")
    for number, group in enumerate(("LC0001", "LC0002", "LC0101"), start=1):
        _file(inspector, group, str(number - 1), f"CC-2026-{number:04}")
    inspector.menu("抽查")
    inspector.reads("连续差", "优秀封顶")
    inspector.shot("run-of-three")
    inspector.follow("CC-2026-0002")
    inspector.fill("作废原因", "群名登记有误，重新抽查")
    inspector.press("作废", inspector.card("作废"))
    inspector.reads("群名登记有误，重新抽查")
    inspector.shot("void")
    inspector.menu("抽查")
    inspector.shot("run-of-two")
    assert [row.n_posts for row in stage.rows(SpotCheckRow)] == [0, 1, 2]
    inspector.follow("CC-2026-0001")
    inspector.page.emulate_media(media="print")
    inspector.shot("print")
    inspector.page.emulate_media(media="screen")

    unit = stage.person("c", "phone").arrive("luchuan")
    unit.menu("抽查")
    unit.shot("unit")
    unit.follow("CC-2026-0001")
    unit.fill("申诉理由", "当日采集中断，群内实有 4 条")
    unit.press("提出申诉")
    unit.reads("当日采集中断，群内实有 4 条")
    unit.shot("objected")
    inspector.page.reload()
    inspector.fill("答复", "以检查时群内所见为准，维持")
    inspector.press("维持")
    inspector.reads("以检查时群内所见为准，维持")
    inspector.shot("answered")
    unit.page.reload()
    unit.reads("以检查时群内所见为准，维持")
    unit.shot("answer")
    assert len(stage.rows(SpotObjectionRow)) == 1


def _file(inspector: Person, group: str, n_posts: str, filing_no: str) -> None:
    inspector.menu("抽查")
    card = inspector.card("登记一次抽查")
    inspector.fill("群编号", group, card)
    inspector.fill("条数", n_posts, card)
    inspector.press("登记", card)
    inspector.reads(filing_no, "差")


def test_another_reading_is_tried_selected_confirmed_and_taken_back(stage: Stage) -> None:
    """D-07: a trial shows whose grade would change and stores nothing; a change has its reason."""
    inspector = stage.person("f", "desk").arrive("province")
    inspector.menu("规则与试算")
    inspector.shot("rules")
    inspector.follow("试算：换一种读法会怎样")
    inspector.fill("期间", "2026-11")
    inspector.fill("换一种读法", "D-07=relevant")
    inspector.press("试算")
    assert re.search(r"[1-9]\d* 个群会变", inspector.reads("→ 差（暂定）"))
    inspector.shot("trial")
    assert stage.rows(RuleChangeRow) == []
    for act, subject, reference in (
        ("选用一种读法", "D-07=relevant", ""),
        ("确认条款或开关", "D-07", "团省委〔2026〕8号"),
        ("撤销确认", "D-07", ""),
        ("选用一种读法", "D-07=all", ""),
    ):
        inspector.menu("规则与试算")
        inspector.choose("动作", act)
        inspector.fill("开关或条款", subject)
        inspector.fill("文件依据", reference)
        inspector.fill("理由", "省级办公会研究")
        inspector.press("记录")
        inspector.shot(f"act-{act[:2]}")
    inspector.reads("省级办公会研究", "团省委〔2026〕8号")
    assert len(stage.rows(RuleChangeRow)) == 4
