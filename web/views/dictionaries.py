"""字典: lists of words with source and uses, changes to unit kinds, and the table of holidays."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from monitor.usecases.console import dictionaries as dictionary_desk
from monitor.usecases.oversight.desk import Chair, Oversight
from monitor.usecases.reminders.desk import import_workdays, read_holidays
from web.auth import INSPECTORS, OPERATORS, allowed, current_viewer
from web.forms import Form

_WORKS = {"上班": True, "休息": False}
_MOST_NOTE = 100


def add_dictionaries(blueprint: Blueprint, oversight: Oversight) -> None:
    """Add the page, renaming and switching of unit kinds, and days that work or rest by exception."""

    @blueprint.get("/system/dictionaries", endpoint="dictionaries")
    @allowed(OPERATORS | INSPECTORS)
    def _show() -> str:
        return _draw(oversight, Form())

    @blueprint.post("/system/dictionaries/rename", endpoint="dictionaries_rename")
    @allowed(OPERATORS)
    def _rename() -> Response | tuple[str, int]:
        form = Form.of_request()
        word, new = form.required("word", "类别"), form.required("new", "新名称")

        def change(chair: Chair) -> int:
            return dictionary_desk.rename_unit_kind(chair, word, new)

        if not form.is_refused:
            with form.refusals("new"):
                n_units = oversight.write(current_viewer(), change)
                flash(f"已将 {n_units} 个单位的类别由“{word}”改为“{new}”")
                return redirect(url_for("console.dictionaries"))
        return _draw(oversight, form), 400

    @blueprint.post("/system/dictionaries/switch", endpoint="dictionaries_switch")
    @allowed(OPERATORS)
    def _switch() -> Response | tuple[str, int]:
        form = Form.of_request()
        word, is_on = form.required("word", "类别"), form["act"] == "启用"
        if not form.is_refused:
            with form.refusals():
                done = oversight.write(
                    current_viewer(), lambda chair: dictionary_desk.switch_unit_kind(chair, word, is_on=is_on)
                )
                state = "启用" if is_on else "停用，新单位不能再用，已有单位不变"
                flash(f"“{word}”已{state}" if done else f"“{word}”状态与现在相同，未更改")
                return redirect(url_for("console.dictionaries"))
        return _draw(oversight, form), 400

    @blueprint.post("/system/dictionaries/day", endpoint="dictionaries_day")
    @allowed(INSPECTORS)
    def _day() -> Response | tuple[str, int]:
        form = Form.of_request()
        day, works = form.day("day", "日期"), form.one_of("works", "上班或休息", list(_WORKS))
        if day is not None and not form.is_refused:
            days = {day: (_WORKS[works], form["note"][:_MOST_NOTE])}
            with form.refusals():
                n_days = oversight.write(current_viewer(), lambda chair: import_workdays(chair, days))
                flash(f"已登记 {day} {works}" if n_days else f"{day} 已是{works}，未重复登记")
                return redirect(url_for("console.dictionaries"))
        return _draw(oversight, form), 400


def _draw(oversight: Oversight, form: Form) -> str:
    """Return the page, with a form as it was sent."""
    viewer = current_viewer()
    years, exceptions = oversight.read(viewer, read_holidays)
    lists = oversight.read(viewer, dictionary_desk.read_word_lists)
    return render_template(
        "dictionaries.html",
        form=form,
        lists=lists,
        kinds=[(word.text, word.text) for word in lists[0].words if not word.locked_by],
        may_keep=oversight.read(viewer, dictionary_desk.may_keep),
        may_change_days=viewer.role in INSPECTORS and viewer.unit_path.count("/") == 2,
        years=years,
        exceptions=exceptions,
        works=[(word, word) for word in _WORKS],
    )
