"""The jobs that run by themselves besides closes, digest, reminders and purge: one line for each."""

from monitor.usecases.scheduled import ScheduledTask, require_distinct


def build_tasks() -> tuple[ScheduledTask, ...]:
    """Return every scheduled task of this installation."""
    return require_distinct(())
