"""The weekly draw (每周抽查, D-06): Monday morning, every 市县 gives its share, inspectors are told."""

from datetime import datetime, time, timedelta

from monitor.clock import Clock
from monitor.delivery.outbox import MessageKind, NewMessage
from monitor.schedule import Job
from monitor.spot_checks import DrawMethod
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.delivery import alerts as alert_rows
from monitor.store.delivery.outbox import enqueue
from monitor.store.spot_checks.rows import Connection
from monitor.texts.spot_checks import draw_text
from monitor.units import Role, Viewer, ancestor_ids
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do
from monitor.usecases.rules.in_force import AnyRules
from monitor.usecases.spot_checks.desk import SpotChecks, SpotSitting
from monitor.usecases.spot_checks.draw import NothingToDraw, make_draw, preview_frame

WEEKLY_DRAW = Job("spot_check_draw", (time(8, 30),), timedelta(days=2), weekdays=(0,))
_ACTOR = "job:spot_check_draw"


def draw_weekly(database: Database, rules: AnyRules, clock: Clock, slot: datetime) -> str | None:
    """Make the draw of one week for the whole province; None if it was made.

    Where D-06 says 人工指定 nothing is drawn by itself. Source: HN-4.1c, D-06 默认.
    """
    now = clock()
    desk = SpotChecks(database, clock, rules)

    def effect(connection: Connection) -> str:
        path = grades.load_root_path(connection)
        unit = directory.load_unit(connection, ancestor_ids(path)[0]) if path else None
        if unit is None:
            return "尚未登记单位"
        viewer = Viewer(_ACTOR, Role.INSPECTOR, unit.unit_id, unit.path, "每周自动抽查")
        return _draw(desk.sit(connection, viewer, now))

    return claim_and_do(database, WEEKLY_DRAW, slot, now, effect)


WEEKLY_DRAW_TASK = ScheduledTask(WEEKLY_DRAW, draw_weekly)


def _draw(sitting: SpotSitting) -> str:
    if preview_frame(sitting, None).rule.method is DrawMethod.MANUAL:
        return "抽查方法为人工指定（D-06），未自动抽取"
    try:
        drawn = make_draw(sitting)
    except NothingToDraw as nothing:
        return nothing.user_text
    stored = drawn.stored
    title, text = draw_text(stored.number, len(stored.draw.frame), [code for _, code in stored.drawn])
    messages = [
        NewMessage(
            f"draw:{stored.number}:{each.recipient}", MessageKind.REMINDER, each.recipient, title, text
        )
        for each in alert_rows.load_watchers(sitting.connection, sitting.today)
        if each.role == Role.INSPECTOR and each.unit_path == sitting.viewer.unit_path
    ]
    enqueue(sitting.connection, messages, sitting.now, sitting.quiet)
    return title
