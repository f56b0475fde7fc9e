"""A few incidents of the demonstration province: adverts such as every chat group knows, in several states.

The posts go through the real receiver and classifier and the steps through the real use cases; only the
instants are set back, so that timers and history have something to show. No real person, shop or number.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from monitor.events import EventKind, InboundEvent, PostKind, stable_key
from monitor.incidents.course import IncidentAct
from monitor.ledger.registration import NewGroup
from monitor.ports import HarmJudge, RelevanceJudge
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.incidents import queries as incident_queries
from monitor.store.incidents.queries import Connection
from monitor.units import Role, Viewer
from monitor.usecases.days.receive import Receiver
from monitor.usecases.demo.names import NICKNAMES, PROVINCE_CODE
from monitor.usecases.incidents.acts import act_on
from monitor.usecases.incidents.desk import Docket, Incidents
from monitor.usecases.rules.in_force import AnyRules

_ACTOR = "demo:inspector"


class _Story(NamedTuple):
    """One incident: its text, how long ago, in which groups (by place in the list), and what was done."""

    text: str
    minutes_ago: int
    groups: tuple[int, ...]
    steps: tuple[tuple[int, IncidentAct, str], ...] = ()  # minutes after the finding, act, note


_STORIES = (
    _Story(
        "兼职刷单日结三百，加微信 demo1234 领取任务",
        1_700,
        (12,),
        (
            (9, IncidentAct.CONFIRM, ""),
            (35, IncidentAct.WARN, "已约谈发布人"),
            (240, IncidentAct.GUIDE, "已在群内发布防范网络诈骗提示"),
            (1_500, IncidentAct.CLOSE, ""),
        ),
    ),
    _Story(
        "诚招网络兼职，刷单返现，日赚500元，加V：demo99881",
        300,
        (9,),
        ((14, IncidentAct.CONFIRM, ""), (50, IncidentAct.DELETE, "已删除，并提醒发布人")),
    ),
    _Story("特价门票，扫码进群领取优惠券", 45, (0, 3, 7)),
    _Story("加微信 demo8888 代刷网课，包过，低价", 12, (5,)),
)


def add_incidents(
    database: Database,
    judge: RelevanceJudge,
    harm_judge: HarmJudge,
    rules: AnyRules,
    groups: Sequence[NewGroup],
    now: datetime,
    *,
    pepper: str,
) -> int:
    """Let the adverts appear and be handled; return how many incidents there are. Again adds nothing.

    Args:
        database: with the demonstration's groups.
        judge: of topics, as in the running receiver.
        harm_judge: the classifier of the running receiver.
        rules: where D-03 is read.
        groups: of the province, in a fixed order.
        now: the present instant.
        pepper: of the running receiver.
    """
    moment = now
    receiver = Receiver(database, judge, lambda: moment, pepper=pepper, harm_judge=harm_judge)
    incidents = Incidents(database, lambda: now, rules)
    viewer = _find_inspector(database)
    n_incidents = 0
    for story in _STORIES:
        found_at = moment = now - timedelta(minutes=story.minutes_ago)
        known = incidents.read(viewer, _load_ids)
        receiver.receive(
            [_event(groups[index % len(groups)], story.text, found_at) for index in story.groups]
        )
        for incident_id in incidents.read(viewer, _load_ids) - known:
            n_incidents += 1
            for n_minutes, act, note in story.steps:
                at = found_at + timedelta(minutes=n_minutes)
                database.write(
                    partial(_take, incidents, viewer, at, incident_id=incident_id, act=act, note=note)
                )
    return n_incidents


def _take(
    incidents: Incidents,
    viewer: Viewer,
    at: datetime,
    connection: Connection,
    *,
    incident_id: int,
    act: IncidentAct,
    note: str,
) -> None:
    act_on(incidents.docket(connection, viewer, at), incident_id, act, note)


def _load_ids(docket: Docket) -> set[int]:
    found = incident_queries.load_incidents(docket.connection, docket.viewer, docket.setting)
    return {incident.incident_id for incident in found}


def _event(group: NewGroup, text: str, at: datetime) -> InboundEvent:
    source, external_id = group.sources[0]
    key = stable_key(source, external_id, text)
    name = NICKNAMES[int(external_id) % len(NICKNAMES)]
    sender = f"wxid_demo_{external_id}_advert"
    return InboundEvent(EventKind.POST, source, key, at, external_id, sender, name, PostKind.TEXT, text, key)


def _find_inspector(database: Database) -> Viewer:
    """Return the demonstration's inspector, who acts for the whole province."""
    with database.reading() as connection:
        unit = directory.load_unit_by_code(connection, PROVINCE_CODE)
    assert unit is not None  # noqa: S101  it was registered before
    return Viewer(_ACTOR, Role.INSPECTOR, unit.unit_id, unit.path, "督导员（演示）")
