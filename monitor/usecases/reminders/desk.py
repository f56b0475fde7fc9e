"""Reminder policies (提醒策略) and exceptions to the holidays, read and changed by people (D.5, D.8)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time

from monitor.delivery.outbox import QuietHours
from monitor.errors import BadParameter, CommandError
from monitor.reminders.leaves import Leave
from monitor.reminders.policies import ReminderPolicy, default_policy, require_sensible
from monitor.store.reminders import leaves
from monitor.store.reminders import settings as reminder_settings
from monitor.units import Role
from monitor.usecases.oversight.desk import Chair


def read_policies(chair: Chair) -> list[ReminderPolicy]:
    """Return the policies of all duties: the same for every unit."""
    return reminder_settings.load_policies(chair.connection)


def change_policy(
    chair: Chair,
    job: str,
    *,
    times: tuple[time, ...] | None = None,
    month_days: tuple[int, ...] | None = None,
    quiet: QuietHours | None = None,
    escalates: bool | None = None,
    is_on: bool | None = None,
) -> ReminderPolicy:
    """Change what is given of a duty's policy; the change is recorded with what was before.

    Raises: CommandError for who is not an inspector of the province; NotFound; BadParameter for times in the
        quiet hours.
    """
    _require_province(chair)
    before = reminder_settings.load_policy(chair.connection, job)
    after = replace(
        before,
        times=before.times if times is None else times,
        month_days=before.month_days if month_days is None else month_days,
        quiet=before.quiet if quiet is None else quiet,
        escalates=before.escalates if escalates is None else escalates,
        is_on=before.is_on if is_on is None else is_on,
    )
    require_sensible(after)
    if after != before:
        reminder_settings.save_policy(chair.connection, after, chair.viewer.identity, chair.now)
        chair.record("reminder.policy", before.job, before=_words(before), after=_words(after))
    return reminder_settings.load_policy(chair.connection, job)


def reset_policy(chair: Chair, job: str) -> ReminderPolicy:
    """Return a duty to the default of D.8.

    Raises: CommandError; NotFound.
    """
    _require_province(chair)
    before, default = reminder_settings.load_policy(chair.connection, job), default_policy(job)
    if before != default:
        reminder_settings.forget_policy(chair.connection, default.job)
        chair.record("reminder.policy", default.job, before=_words(before), after=_words(default))
    return default


def import_workdays(chair: Chair, days: Mapping[date, tuple[bool, str]]) -> int:
    """Keep days that work or rest against the table of holidays; returns how many are new or different.

    Raises: CommandError; BadParameter for no day.
    """
    _require_province(chair)
    if not days:
        raise BadParameter("no days", user_text="文件中没有日期")
    n_days = reminder_settings.save_exceptions(chair.connection, days, chair.viewer.identity, chair.now)
    if n_days:
        chair.record("workdays.imported", "workdays", days=n_days)
    return n_days


def read_holidays(chair: Chair) -> tuple[dict[int, bool], list[tuple[date, bool, str]]]:
    """Return whether holidays of this year and the next are known, and the exceptions of both years."""
    year = chair.today.year
    workdays = reminder_settings.load_workdays(chair.connection)
    exceptions = reminder_settings.load_exceptions(chair.connection, date(year, 1, 1))
    return {each: workdays.is_known(each) for each in (year, year + 1)}, exceptions


def list_present_leaves(chair: Chair) -> list[Leave]:
    """Return the leaves of the viewer's subtree that are not over, given up ones left out."""
    found = leaves.load_leaves_in(chair.connection, chair.viewer.unit_path, chair.today)
    return [leave for leave in found if leave.ended_at is None]


def _require_province(chair: Chair) -> None:
    if chair.viewer.role is not Role.INSPECTOR or chair.viewer.unit_path.count("/") != 2:
        raise CommandError("not the province", user_text="提醒策略由团省委督导检查设置")


def _words(policy: ReminderPolicy) -> dict[str, object]:
    return {
        "times": [f"{at:%H:%M}" for at in policy.times],
        "month_days": list(policy.month_days),
        "quiet": f"{policy.quiet.begins:%H:%M}-{policy.quiet.ends:%H:%M}",
        "escalates": policy.escalates,
        "on": policy.is_on,
    }
