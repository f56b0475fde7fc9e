"""提醒, 确认: what is open for the asker, and that it has been seen (requirements D.4, D.5)."""

from bot.commands.command import Ask, Command
from bot.commands.incident_numbers import names_incident
from bot.commands.incidents import confirm_incident
from bot.commands.parameters import at_most, find_group, take_number
from bot.permissions import REMINDED, RESPONSIBLE
from bot.replies.phrases import MAX_ROWS, Answer
from bot.replies.reminders import confirm_acknowledgement, confirm_undone, tell_reminders, with_waiting
from monitor.delivery.alerts import AlertKind
from monitor.delivery.outbox import identity_recipient
from monitor.store.people.chat import Connection
from monitor.usecases.delivery import notifications
from monitor.usecases.reminders.urge import load_waiting


def _answer(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 1)
    group = find_group(ask, ask.arguments[0]) if ask.arguments else None
    code = group.code if group else ""
    alerts = ask.notifications.open_alerts(ask.viewer, MAX_ROWS, code)
    count = ask.notifications.count_open(ask.viewer, code)
    due = {
        alert.group_code
        for alert in alerts
        if alert.group_code and alert.kind == AlertKind.TODAY_UNMET and alert.business_day == ask.today
    }
    today = {one: ask.queries.group_day(ask.viewer, one) for one in due}
    answer = tell_reminders(ask.viewer, group.name if group else "", alerts, count, today, ask.now)
    waiting = (
        ask.oversight.read(ask.viewer, lambda chair: load_waiting(chair, _recipient(ask)))
        if not group
        else []
    )
    return with_waiting(answer, waiting)


def _recipient(ask: Ask) -> str:
    return identity_recipient(ask.bound.identity_id) if ask.bound else ""


def _acknowledge(connection: Connection, ask: Ask) -> Answer:
    if names_incident(ask.arguments):
        return confirm_incident(connection, ask)
    alert_id = take_number(ask)
    done = notifications.acknowledge(connection, ask.viewer, alert_id, ask.now)
    return confirm_acknowledgement(done, ask.now)


def take_back_acknowledgement(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Undo a 确认 of the asker (撤销); None if the number is not that of one."""
    undone = notifications.take_back(connection, ask.viewer, number, ask.now) if ask.bound else None
    return confirm_undone(undone[0], number, undone[1], ask.now) if undone else None


REMINDERS = Command(
    name="提醒",
    key="reminders",
    purpose="未办结的预警和提醒，附编号",
    usage="提醒 [群编号]",
    example="提醒",
    roles=REMINDED,
    aliases=("我的提醒", "提醒列表"),
    answer=_answer,
)
ACKNOWLEDGE = Command(
    name="确认",
    key="acknowledge",
    purpose="确认提醒，不再重复提醒",
    usage="确认 编号；确认 事件 事件号",
    example="确认 12",
    roles=RESPONSIBLE,
    aliases=("确认提醒",),
    change=_acknowledge,
)
