"""The jobs that run by themselves besides closes, digest, reminders and purge: one line for each."""

from bot.settings import Settings
from monitor.usecases.assessment.sitting import Desk
from monitor.usecases.days.signals import SIGNALS_TASK
from monitor.usecases.index.jobs import INDEX_TASKS
from monitor.usecases.learning.retrain import Retraining
from monitor.usecases.ledger.reconcile import LEDGER_TASKS
from monitor.usecases.operations.scheduled import ScheduledTask, require_distinct
from monitor.usecases.operations.seal_audit import SEAL_AUDIT, seal_audit
from monitor.usecases.reminders.dues import VIDEO_DUE, SelfAssessmentReminders, remind_of_videos
from monitor.usecases.reminders.visits import SITE_VISIT_TASK
from monitor.usecases.spot_checks.jobs import WEEKLY_DRAW_TASK
from monitor.usecases.weekly.remind import WEEKLY_TASKS


def build_tasks(settings: Settings, desk: Desk) -> tuple[ScheduledTask, ...]:
    """Return every scheduled task of this installation, in the order in which they run."""
    index = (*INDEX_TASKS, ScheduledTask(VIDEO_DUE, remind_of_videos)) if settings.index.is_used else ()
    sealing = ScheduledTask(SEAL_AUDIT, seal_audit)
    return require_distinct(
        (
            *index,
            sealing,
            SIGNALS_TASK,
            Retraining().task(),
            SelfAssessmentReminders(desk).task(),
            SITE_VISIT_TASK,
            WEEKLY_DRAW_TASK,
            *WEEKLY_TASKS,
            *LEDGER_TASKS,
        )
    )
