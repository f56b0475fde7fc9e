"""运行: jobs, adapters, database (/ops) and pushes with 重发 (/pushes), for operators."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.delivery.outbox import OutboxState
from monitor.texts.operations import job_title
from monitor.usecases.delivery.notifications import Notifications
from monitor.usecases.operations import operations
from monitor.usecases.operations.doctor import Finding
from monitor.usecases.operations.rerun import ask_rerun
from monitor.usecases.oversight.desk import Oversight
from web.auth import OPERATORS, allowed, current_viewer
from web.forms import Form
from web.limits import EXAMINE, limited
from web.presenters.operations import error_lines, system_facts
from web.presenters.oversight import job_lines, push_line
from web.presenters.overview import cut_page
from web.views.parameters import asked_page
from web.wording import NONE, moment_words

_MOST_PUSHES, _ROWS = 200, 18


def add_operations(blueprint: Blueprint, oversight: Oversight, clock: Clock) -> None:
    """Add the page of jobs, adapters, machine and errors, with the form of a rerun and the self-test."""

    @blueprint.get("/ops", endpoint="ops")
    @allowed(OPERATORS)
    def _show() -> str:
        return _draw(oversight, clock, Form())

    @blueprint.post("/ops/examine", endpoint="ops_examine")
    @allowed(OPERATORS)
    @limited(EXAMINE)
    def _examine() -> str:
        premises = oversight.office.premises
        findings = premises.examine(clock) if premises else []
        n_bad = sum(not one.is_good for one in findings)
        oversight.write(current_viewer(), lambda chair: chair.record("system.examined", "system", bad=n_bad))
        return _draw(oversight, clock, Form(), findings)

    @blueprint.post("/ops/rerun", endpoint="ops_rerun")
    @allowed(OPERATORS)
    def _rerun() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        job, day = form.required("job", "任务"), form.day("day", "日期")
        if day is not None and not form.is_refused:
            with form.refusals():
                number, title = oversight.write(
                    current_viewer(), lambda chair: ask_rerun(chair, job, day, form["reason"], "")
                )
                flash(f"已登记重跑：{title}，约半分钟内执行" if number else f"{title}正等待重跑，未重复登记")
                return redirect(url_for("console.ops"))
        return _draw(oversight, clock, form), 400


def _draw(oversight: Oversight, clock: Clock, form: Form, findings: Sequence[Finding] = ()) -> str:
    """Return the page, with what a self-test has found."""
    viewer, now, premises = current_viewer(), clock(), oversight.office.premises
    today = business_day(now)
    reading = oversight.read(viewer, operations.read_system)
    sources = oversight.read(viewer, operations.read_sources)
    versions = oversight.read(viewer, lambda chair: premises.versions(chair.connection)) if premises else []
    return render_template(
        "ops.html",
        form=form,
        reading=reading,
        jobs=job_lines(reading.jobs, now),
        has_run=any(job.last for job in reading.jobs),
        sources=[(one, moment_words(one.last_at, today) if one.last_at else NONE) for one in sources],
        choices=[(job.job.name, job_title(job.job.name)) for job in reading.jobs],
        at=lambda instant: moment_words(instant, today) if instant else "无记录",
        now_words=moment_words(now, today),
        today=today.isoformat(),
        facts=system_facts(reading, premises.disk() if premises else None, now),
        versions=versions,
        errors=error_lines(reading.error_events, today),
        findings=findings,
        may_examine=premises is not None,
    )


def add_pushes(blueprint: Blueprint, notifications: Notifications, clock: Clock) -> None:
    """Add the list of pushes by state, and 重发."""

    @blueprint.get("/pushes", endpoint="pushes")
    @allowed(OPERATORS)
    def _list() -> str:
        viewer, today = current_viewer(), business_day(clock())
        counts = notifications.count_states(viewer)
        asked = request.args.get("state", "")
        chosen = next((state for state in OutboxState if state.value == asked), None)
        if chosen is None and counts.get(OutboxState.DEAD) and not asked:
            chosen = OutboxState.DEAD
        found = notifications.messages(viewer, frozenset({chosen}) if chosen else frozenset(), _MOST_PUSHES)
        shown, slice_ = cut_page(found, asked_page("page"), _ROWS)
        return render_template(
            "pushes.html",
            tabs=[(state.value, counts.get(state.value, 0)) for state in OutboxState],
            chosen=chosen.value if chosen else "全部",
            n_all=sum(counts.values()),
            n_failed=counts.get(OutboxState.DEAD, 0),
            lines=[push_line(message, today) for message in shown],
            slice=slice_,
            page_url=lambda _, number: url_for("console.pushes", state=asked or None, page=number),
            now_words=moment_words(clock(), today),
        )

    @blueprint.post("/pushes/<int:number>/again", endpoint="pushes_again")
    @allowed(OPERATORS)
    def _again(number: int) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            flash(f"已重新排队，编号 {notifications.send_again(current_viewer(), number)}")
        for text in form.problems.values():
            flash(f"未重发：{text}")
        return redirect(url_for("console.pushes"))
