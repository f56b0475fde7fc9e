"""提醒与催办: policies per duty, today's 催办 with delivery, who is on leave."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.reminders.policies import (
    ReminderPolicy,
    read_month_days,
    read_quiet,
    read_times,
    show_times,
)
from monitor.units import Role
from monitor.usecases.delivery.notifications import Notifications
from monitor.usecases.oversight.desk import Oversight
from monitor.usecases.reminders.desk import change_policy, list_present_leaves, read_policies, reset_policy
from monitor.usecases.reminders.urge import list_urges, urge_all, urge_unit
from web.auth import ADMINS, INSPECTORS, allowed, current_viewer
from web.forms import Form
from web.presenters.oversight import urge_line
from web.wording import day_words, moment_words


def add_reminders(
    blueprint: Blueprint, oversight: Oversight, notifications: Notifications, clock: Clock
) -> None:
    """Add the page and its forms; scope and limits are decided by the use cases."""

    def _page(form: Form) -> str:
        viewer, now = current_viewer(), clock()
        today = business_day(now)
        return render_template(
            "reminders.html",
            form=form,
            policies=oversight.read(viewer, read_policies),
            urges=[urge_line(one, today) for one in oversight.read(viewer, list_urges)],
            leaves=oversight.read(viewer, list_present_leaves),
            states=notifications.count_states(viewer),
            may_set=viewer.role is Role.INSPECTOR and viewer.unit_path.count("/") == 2,
            show_times=show_times,
            day_words=lambda day: day_words(day, today),
            now_words=moment_words(now, today),
        )

    @blueprint.get("/reminders", endpoint="reminders")
    @allowed(ADMINS)
    def _show() -> str:
        return _page(Form())

    @blueprint.post("/reminders/urge", endpoint="reminders_urge")
    @allowed(ADMINS)
    def _urge() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        unit, matter = form["unit"], form["matter"]
        with form.refusals(place="unit"):
            if unit:
                done = [oversight.write(current_viewer(), lambda chair: urge_unit(chair, unit, matter))]
            else:
                done = oversight.write(current_viewer(), lambda chair: urge_all(chair, matter))[0]
            flash(f"已登记催办 {len(done)} 个单位，{sum(one.reading.n_recipients for one in done)} 人")
            return redirect(url_for("console.reminders"))
        return _page(form), 400

    @blueprint.post("/reminders/policy", endpoint="reminders_policy")
    @allowed(INSPECTORS)
    def _policy() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        policy = _set_policy(oversight, form)
        if policy is None:
            return _page(form), 400
        flash(f"{policy.title}的提醒策略已保存：{show_times(policy.times)}")
        return redirect(url_for("console.reminders"))


def _set_policy(oversight: Oversight, form: Form) -> ReminderPolicy | None:
    """Store what a form says of a policy; None if it is refused, with the problem beside its field."""
    viewer, job = current_viewer(), form["job"]
    if form["act"] == "恢复默认":
        with form.refusals():
            return oversight.write(viewer, lambda chair: reset_policy(chair, job))
        return None
    with form.refusals("times"):
        times = read_times(form["times"])
    with form.refusals("month_days"):
        month_days = read_month_days(form["month_days"])
    with form.refusals("quiet"):
        quiet = read_quiet(form["quiet"])
    if form.is_refused:
        return None
    with form.refusals("times"):
        return oversight.write(viewer, lambda chair: change_policy(
            chair, job, times=times, month_days=month_days, quiet=quiet,
            escalates=form["escalates"] == "是", is_on=form["is_on"] == "是",
        ))  # fmt: skip
    return None
