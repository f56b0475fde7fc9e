"""督导登记: 通报, 约谈, 调整要求 (HN-2.1.2, HN-2.1.4): lists, entry forms, one entry with its draft."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.registers import CLAUSES, RegisterEntry, RegisterKind
from monitor.texts.oversight import draft_circular
from monitor.usecases.oversight.adjustment_sources import load_suggestions
from monitor.usecases.oversight.desk import Chair, Oversight
from monitor.usecases.oversight.registers import (
    NewEntry,
    close_entry,
    complete_entry,
    find_entry,
    list_entries,
    record_entry,
    reply_to,
)
from web.auth import ADMINS, allowed, current_viewer
from web.forms import Form
from web.presenters.oversight import entry_line

_MOST_SUGGESTED = 10


def add_registers(blueprint: Blueprint, oversight: Oversight, clock: Clock) -> None:
    """Add the list by register and its entry form."""

    def _page(kind: RegisterKind, form: Form) -> str:
        viewer, today = current_viewer(), business_day(clock())
        every = oversight.read(viewer, lambda chair: list_entries(chair, tuple(RegisterKind)))
        suggestions = []
        if kind is RegisterKind.ADJUSTMENT:
            suggestions = oversight.read(viewer, lambda chair: load_suggestions(chair, _MOST_SUGGESTED))
        tabs = [(one, sum(entry.kind is one and entry.is_open for entry in every)) for one in RegisterKind]
        lines = [entry_line(entry, today) for entry in every if entry.kind is kind]
        return render_template(
            "registers.html", kind=kind, tabs=tabs, lines=lines, form=form, suggestions=suggestions,
            clause=CLAUSES[kind], n_late=sum(entry.is_late(today) for entry in every),
        )  # fmt: skip

    @blueprint.get("/registers", endpoint="registers")
    @allowed(ADMINS)
    def _list() -> str:
        asked = {name: request.args.get(name, "") for name in ("unit", "person", "reason")}
        return _page(_kind(request.args.get("kind", "")), Form(asked))

    @blueprint.post("/registers", endpoint="registers_record")
    @allowed(ADMINS)
    def _record() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        kind = _kind(form["kind"])
        new = _read_entry(form, kind)
        if not form.is_refused:
            with form.refusals(place="unit"):
                done = oversight.write(current_viewer(), lambda chair: record_entry(chair, new))
                words = f"已登记{kind.value} {done.entry.entry_id}" if done.number else "已登记过，未重复登记"
                flash(f"{words}。{done.banner}" if done.banner else words)
                return redirect(url_for("console.registers_entry", number=done.entry.entry_id))
        return _page(kind, form), 400


def add_register_entry(blueprint: Blueprint, oversight: Oversight, clock: Clock) -> None:
    """Add the page of one entry, what is done there, and its draft to print."""

    def _page(number: int, form: Form) -> str:
        viewer = current_viewer()
        entry = oversight.read(viewer, lambda chair: find_entry(chair, number))
        is_below = entry.unit_path != viewer.unit_path
        draft = draft_circular(entry, CLAUSES[entry.kind])
        line = entry_line(entry, business_day(clock()))
        return render_template(
            "registers_entry.html", entry=entry, line=line, draft=draft, form=form, is_below=is_below
        )

    @blueprint.get("/registers/<int:number>", endpoint="registers_entry")
    @allowed(ADMINS)
    def _one(number: int) -> str:
        return _page(number, Form())

    @blueprint.post("/registers/<int:number>", endpoint="registers_act")
    @allowed(ADMINS)
    def _act(number: int) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        act = form.one_of("act", "动作", ("补充", "答复", "办结"))
        day = form.day("held_on", "日期") if act == "补充" else None
        if not form.is_refused:
            with form.refusals():
                oversight.write(current_viewer(), lambda chair: _do(chair, number, form, day))
                flash(f"已登记“{act}”")
                return redirect(url_for("console.registers_entry", number=number))
        return _page(number, form), 400


def _do(chair: Chair, number: int, form: Form, day: date | None) -> RegisterEntry:
    if form["act"] == "补充":
        return complete_entry(chair, number, held_on=day, person=form["person"])
    act = reply_to if form["act"] == "答复" else close_entry
    return act(chair, number, form["text"])


def _kind(word: str) -> RegisterKind:
    return next((kind for kind in RegisterKind if kind.value == word), RegisterKind.CIRCULAR)


def _read_entry(form: Form, kind: RegisterKind) -> NewEntry:
    unit, reason = form.required("unit", "单位编号"), form.required("reason", "原因")
    is_adjustment = kind is RegisterKind.ADJUSTMENT
    person = form.required("person", "管理员姓名") if is_adjustment else form["person"]
    due_on = form.day("due_on", "期限") if is_adjustment and form["due_on"] else None
    held_on = form.day("held_on", "日期") if not is_adjustment and form["held_on"] else None
    return NewEntry(kind, unit, reason, person, held_on, due_on)
