"""抽查: draws, filings, runs of 差, one record, one draw with its proof."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.spot_checks import NumberKind, read_number
from monitor.units import Role
from monitor.usecases.spot_checks.desk import SpotCheckNotFound, SpotChecks, SpotSitting
from monitor.usecases.spot_checks.draw import find_draw, list_draw_lines, make_draw, repeat_draw, size_frame
from monitor.usecases.spot_checks.file import file_spot_check, void_spot_check
from monitor.usecases.spot_checks.objections import object_to_check, objections_to, reject_objection
from monitor.usecases.spot_checks.query import Wanted, page_checks
from monitor.usecases.spot_checks.runs import load_city_run, load_runs
from monitor.usecases.spot_checks.visits import list_visitable
from scoring.activity import ActivityGrade
from web.auth import INSPECTORS, READERS, allowed, current_viewer
from web.forms import Form
from web.presenters.overview import cut_page
from web.presenters.spot_checks import (
    RecordPage,
    present_check,
    present_draw,
    present_preview,
    present_record,
    present_repetition,
    present_run,
)
from web.views.parameters import asked_page, asked_year, page_urls

_STATES = {"valid": False, "void": True}
_MOST_DRAWS = 10
_DRAWN_ROWS, _RUN_ROWS = 50, 12


def add_spot_checks(blueprint: Blueprint, desk: SpotChecks, clock: Clock) -> None:
    """Add the pages that read."""

    @blueprint.get("/checks", endpoint="spot_checks")
    @allowed(READERS)
    def _list() -> str:
        return show_list(desk, clock, Form())

    @blueprint.get("/checks/draw/<number>", endpoint="spot_checks_batch")
    @allowed(INSPECTORS)
    def _batch(number: str) -> str:
        def ask(sitting: SpotSitting) -> str:
            reading = find_draw(sitting, number)
            page = present_draw(reading, sitting.today)
            proof = present_repetition(repeat_draw(sitting, number)) if request.args.get("verify") else None
            groups, part = cut_page(page.groups, asked_page("page"), _DRAWN_ROWS)
            url = page_urls("spot_checks_batch", number=number)
            return render_template(
                "spot_draw.html", page=page, groups=groups, slice=part, proof=proof, page_url=url
            )

        return desk.read(current_viewer(), ask)

    @blueprint.get("/checks/<number>", endpoint="spot_checks_record")
    @allowed(READERS)
    def _record(number: str) -> str:
        return show_record(desk, number, Form())


def add_spot_check_acts(blueprint: Blueprint, desk: SpotChecks, clock: Clock) -> None:
    """Add drawing and filing."""

    @blueprint.post("/checks/draw", endpoint="spot_checks_draw")
    @allowed(INSPECTORS)
    def _draw() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        size = form.whole_number("size", "数量", most=200) if form["size"] else None
        codes = form["codes"].replace("，", " ").replace(",", " ").split()
        if not form.is_refused:
            with form.refusals():
                drawn = desk.write(
                    current_viewer(), lambda s: make_draw(s, form["unit"] or None, size, codes)
                )
                flash(f"已抽取 {len(drawn.groups)} 个群，批次号 {drawn.stored.number}")
                return redirect(url_for("console.spot_checks_batch", number=drawn.stored.number))
        return show_list(desk, clock, form), 400

    @blueprint.post("/checks/file", endpoint="spot_checks_file")
    @allowed(INSPECTORS)
    def _file() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        n_posts = form.whole_number("n_posts", "条数")
        code = form.required("group", "群编号")
        day = form.day("day", "抽查日") if form["day"] else None
        if not form.is_refused:
            with form.refusals():
                filed = desk.write(
                    current_viewer(), lambda s: file_spot_check(s, code, n_posts, form["note"], day)
                )
                no = filed.reading.check.filing_no
                flash(f"已登记，备案号 {no}" if filed.number else f"已收到（编号 {no}），未重复登记")
                return redirect(url_for("console.spot_checks_record", number=no))
        return show_list(desk, clock, form), 400


def add_spot_check_answers(blueprint: Blueprint, desk: SpotChecks, _clock: Clock) -> None:
    """Add what follows a filing: voiding it, objecting to it, answering."""

    @blueprint.post("/checks/<number>/void", endpoint="spot_checks_void")
    @allowed(INSPECTORS)
    def _void(number: str) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            desk.write(current_viewer(), lambda s: void_spot_check(s, _stored(number), form["reason"]))
            flash(f"{number} 已作废，记录保留")
            return redirect(url_for("console.spot_checks_record", number=number))
        return show_record(desk, number, form), 400

    @blueprint.post("/checks/<number>/object", endpoint="spot_checks_object")
    @allowed(frozenset((Role.UNIT_ADMIN,)))
    def _object(number: str) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            filed = desk.write(
                current_viewer(), lambda s: object_to_check(s, _stored(number), form["objection"])
            )
            flash("已提出申诉" if filed.is_new else "已有待答复的申诉，未重复登记")
            return redirect(url_for("console.spot_checks_record", number=number))
        return show_record(desk, number, form), 400

    @blueprint.post("/checks/<number>/answer", endpoint="spot_checks_answer")
    @allowed(INSPECTORS)
    def _answer(number: str) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            desk.write(current_viewer(), lambda s: reject_objection(s, _stored(number), form["answer"]))
            flash("已答复，维持原登记")
            return redirect(url_for("console.spot_checks_record", number=number))
        return show_record(desk, number, form), 400


def show_list(desk: SpotChecks, clock: Clock, form: Form) -> str:
    """Show draws, filings and runs; the filters are those of the address."""
    viewer, today = current_viewer(), business_day(clock())
    filters = Form({name: request.args.get(name, "") for name in ("unit", "grade", "state", "size")})
    year = asked_year(today)
    wanted = Wanted(
        filters["unit"],
        year,
        next((grade for grade in ActivityGrade if grade.value == filters["grade"]), None),
        _STATES.get(filters["state"]),
    )
    is_inspector = viewer.role is Role.INSPECTOR

    def ask(sitting: SpotSitting) -> str:
        rows, cut = cut_page(page_checks(sitting, wanted), asked_page("page"))
        runs = [present_run(run) for run in load_runs(sitting, year)]
        shown_runs, run_cut = cut_page(runs, asked_page("run"), _RUN_ROWS)
        preview = size_frame(sitting, filters["unit"] or None) if is_inspector else None
        units = [(unit.code, unit.name) for unit in list_visitable(sitting)]
        return render_template(
            "spot_checks.html",
            form=form,
            filters=filters,
            year=year,
            is_inspector=is_inspector,
            preview=present_preview(preview) if preview else "",
            by_hand=bool(preview) and preview.rule.method.value == "manual" if preview else False,
            units=units,
            grades=[(grade.value, grade.value) for grade in ActivityGrade],
            draws=list_draw_lines(sitting, _MOST_DRAWS) if is_inspector else [],
            runs=runs,
            shown_runs=shown_runs,
            run_slice=run_cut,
            lines=[present_check(each, today) for each in rows],
            slice=cut,
            page_url=page_urls("spot_checks"),
        )

    return desk.read(viewer, ask)


def show_record(desk: SpotChecks, number: str, form: Form) -> str:
    """Show one record. Raises: SpotCheckNotFound."""
    viewer = current_viewer()

    def ask(sitting: SpotSitting) -> RecordPage:
        reading = sitting.find_check(_stored(number))
        run = load_city_run(sitting, reading.check.city_id, reading.check.year)
        return present_record(reading, run, objections_to(sitting, reading), sitting.today)

    return render_template("spot_check.html", page=desk.read(viewer, ask), form=form, role=viewer.role.name)


def _stored(number: str) -> str:
    """Return a filing number as stored. Raises: SpotCheckNotFound."""
    found = read_number(NumberKind.SPOT_CHECK, number)
    if found is None:
        raise SpotCheckNotFound(f"no filing number: {number!r}")
    return found
