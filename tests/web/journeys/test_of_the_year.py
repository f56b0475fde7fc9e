"""The journey of a year: self-assessment (自评) to publication (公布), objection and withdrawal."""

from pathlib import Path

from monitor.store.assessment.tables import AssessmentEntryRow, EvidenceFileRow, PublicationRow
from tests.web.browsing import NEEDS
from tests.web.journeys.stage import Person, Stage
from tests.web.test_assess import PDF

pytestmark = NEEDS


def test_a_sheet_goes_from_self_assessment_to_publication_and_back(stage: Stage, tmp_path: Path) -> None:
    """HN-4.2, HN-4.3: every step by whom it belongs to; what the source lost stays 待补充."""
    unit = _hand_in(stage, tmp_path)
    first = _score(stage)
    _publish(stage, first)
    _object_and_withdraw(stage, unit, first)


def _hand_in(stage: Stage, folder: Path) -> Person:
    unit = stage.person("e", "phone").arrive("luchuan")
    unit.menu("年度考评")
    unit.reads("待补充", "原文缺失")
    unit.shot("sheet")
    unit.press("提交自评")
    unit.shot("refused")
    unit.reads("一3")
    file = folder / "例会制度.pdf"
    file.write_bytes(PDF)
    _assess_self(unit, "一3", "0.7", "例会制度和五次会议记录")
    unit.hand_over("文件", file)
    unit.press("上传佐证")
    unit.reads("例会制度.pdf")
    unit.shot("item")
    assert len(stage.rows(EvidenceFileRow)) == 1
    unit.follow("鹭川团市委")
    _assess_self(unit, "二2c", "0.3", "台账")
    unit.follow("鹭川团市委")
    unit.press("提交自评")
    unit.reads("自评已提交并锁定")
    unit.shot("handed-in")
    return unit


def _score(stage: Stage) -> Person:
    first = stage.person("e", "desk").arrive("province")
    second = stage.person("e-second", "desk").arrive("panel")
    _open_sheet(first)
    first.shot("year")
    first.unfold("开始考评")
    first.press("开始考评", first.card("考评组"))
    first.reads("已开始考评")
    first.shot("panel")
    for person in (first, second):
        _open_sheet(person)
        person.follow("一2")
    before = first.page.inner_text(".fresh")
    _enter(first, "考察", "0.6", "现场查看")
    _enter(first, "考评", "0.8", "制度齐全")
    assert first.page.inner_text(".fresh") != before
    first.shot("scored")
    _enter(second, "考评", "0.5", "缺两次记录")
    second.reads("0.8")
    second.shot("conflict")
    kept = second.page.locator("section.card", has_text="考评分").last
    assert "缺两次记录" in kept.get_by_label("依据").input_value()
    assert [row.points for row in stage.rows(AssessmentEntryRow, item="HN-A1.2", kind="考评")] != []
    return first


def _publish(stage: Stage, first: Person) -> None:
    first.follow("鹭川团市委")
    first.unfold("公布结果")
    first.press("公布", first.card("考评组"))
    first.shot("not-yet")
    first.unfold("公布结果")
    first.page.get_by_label("有待补充项目也公布").check()
    first.press("公布", first.card("考评组"))
    first.reads("已公布")
    first.shot("published")
    assert len(stage.rows(PublicationRow)) == 1


def _object_and_withdraw(stage: Stage, unit: Person, first: Person) -> None:
    unit.menu("年度考评")
    unit.fill("项号", "一3")
    unit.fill("理由", "会议记录未计入")
    unit.press("提交申诉")
    unit.reads("申诉已登记")
    unit.shot("objected")
    first.page.reload()
    first.choose("处理结果", "维持")
    first.fill("答复", "记录不完整")
    first.press("答复", first.card("考评组"))
    first.reads("维持：记录不完整")
    first.unfold("撤回公布")
    first.fill("理由", "补录会议记录")
    first.press("撤回", first.card("考评组"))
    first.reads("已撤回公布")
    first.shot("withdrawn")
    assert len(stage.rows(PublicationRow)) == 1


def _assess_self(unit: Person, item: str, points: str, reason: str) -> None:
    unit.follow(item)
    _enter(unit, "自评", points, reason)


def _enter(person: Person, kind: str, points: str, reason: str) -> None:
    form = person.page.locator("section.card").filter(
        has=person.page.get_by_role("button", name=f"保存{kind}")
    )
    person.fill(f"{kind}分", points, form)
    person.fill("依据", reason, form)
    person.press(f"保存{kind}", form)


def _open_sheet(person: Person) -> None:
    person.menu("年度考评")
    person.follow("鹭川团市委")
