"""Journeys of papers: the weekly report (微信周报) of a city, and exports that equal their page."""

import io
from pathlib import Path

import docx
import openpyxl

from monitor.store.weekly.tables import WeeklyChangeRow, WeeklyVersionRow
from tests.reports.test_documents import pdftotext, text_of_pdf
from tests.web.browsing import NEEDS
from tests.web.journeys.stage import Person, Stage

pytestmark = NEEDS


def test_a_weekly_report_is_corrected_submitted_and_supplemented(stage: Stage) -> None:
    """HN-4.1a, D-05: filled out of the ledger, one figure changed with its reason, seen by the province."""
    stage.move_to("2026-11-22 18:00")
    unit = stage.person("d", "phone").arrive("luchuan")
    unit.menu("微信周报")
    unit.shot("draft")
    unit.choose("项目", "停用")
    unit.fill("数目", "1")
    unit.press("保存修改")
    unit.fill("原因", "一个群已并入新群")
    unit.shot("change")
    unit.press("保存修改")
    unit.reads("一个群已并入新群")
    unit.press("提交周报")
    unit.reads("第 1 次")
    unit.shot("submitted")
    unit.choose("项目", "停用")
    unit.fill("数目", "2")
    unit.fill("原因", "补报一个停用群")
    unit.press("保存修改")
    unit.press("提交更正")
    unit.reads("第 2 次")
    unit.shot("supplemented")
    assert len(stage.rows(WeeklyVersionRow)) == 2
    assert [row.number for row in stage.rows(WeeklyChangeRow)][-1:] == [2]

    province = stage.person("d", "desk").arrive("province")
    province.menu("微信周报")
    province.follow("下一周")
    province.reads("有人工修改")
    province.shot("summary")
    province.follow("鹭川团市委")
    province.reads("补报一个停用群", "一个群已并入新群")
    province.shot("report")


def test_exports_hold_what_the_page_says(stage: Stage, tmp_path: Path) -> None:
    """D.6: asked for, made behind the scenes, found under 我的导出, the same figures as on the page."""
    province = stage.person("g", "desk").arrive("province")
    province.menu("微信周报")
    page = province.page.locator("table.rows tbody tr", has_text="鹭川团市委").inner_text()
    files = {form: _export(province, stage, form) for form in ("xlsx", "docx", "pdf")}
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    document = docx.Document(io.BytesIO(files["docx"]))
    words = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    for number in page.replace("\n", "\t").split("\t")[3:]:
        assert number.strip() in cells, number
        assert number.strip() in words, number
    assert files["pdf"].startswith(b"%PDF-")
    if pdftotext:
        assert "鹭川团市委" in text_of_pdf(files["pdf"], tmp_path)
    province.menu("报表与导出")
    province.shot("downloaded")


def _export(province: Person, stage: Stage, form: str) -> bytes:
    province.menu("微信周报")
    province.follow("导出汇总")
    province.choose("格式", form.upper())
    province.shot(f"ask-{form}")
    province.press("导出")
    province.shot(f"waiting-{form}")
    stage.services.jobs.run_due()
    link = province.page.locator("#exports a[download]", has_text=f"（{form.upper()}")
    with province.page.expect_download() as download:
        link.click()
    return download.value.path().read_bytes()
