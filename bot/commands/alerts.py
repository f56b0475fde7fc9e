"""预警: what is open by level, incidents first (requirement D.2)."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most
from bot.permissions import SCHOOL_ADMINS
from bot.replies.incidents import tell_alerts
from bot.replies.phrases import MAX_ROWS, Answer
from monitor.usecases.incidents.docket import load_open


def _answer(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 0)
    found, n_open = ask.incidents.read(
        ask.viewer, lambda docket: (load_open(docket, MAX_ROWS), docket.count_open())
    )
    alerts = ask.notifications.open_alerts(ask.viewer, MAX_ROWS)
    by_level = sorted(alerts, key=lambda alert: alert.level)
    return tell_alerts(found, n_open, by_level, ask.notifications.count_open(ask.viewer), ask.now)


ALERTS = Command(
    name="预警",
    key="alerts",
    purpose="未办结的事件和预警，按级别",
    usage="预警",
    example="预警",
    roles=SCHOOL_ADMINS,
    aliases=("预警列表", "告警"),
    answer=_answer,
)
