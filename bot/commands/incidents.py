"""举报, 处置, 已处置, 误报, 事件: incidents from the report to the closing (requirements D.3–D.5)."""

from bot.commands.command import Ask, Command, Continuation, Continued, Undecided
from bot.commands.incident_numbers import take_incident_number
from bot.commands.parameters import at_most, require, rest_of
from bot.permissions import ADMINS, ADMINS_AND_LEADERS, ADMINS_AND_MANAGERS, MANAGERS
from bot.replies.incidents import (
    ask_act,
    ask_incident,
    ask_whether,
    confirm_withdrawal,
    offered_acts,
    tell_act_taken_back,
    tell_acted,
    tell_card,
    tell_list,
    tell_picture,
    tell_report,
)
from bot.replies.phrases import MAX_ROWS, Answer, Row, compose
from monitor.errors import BadParameter
from monitor.incidents.course import IncidentAct
from monitor.people.steps import Awaits, await_confirmation, await_picture
from monitor.store.people.chat import Connection
from monitor.units import Role
from monitor.usecases.incidents import acts as incident_acts
from monitor.usecases.incidents.desk import Docket
from monitor.usecases.incidents.docket import INCIDENT_PICTURE, load_card, load_open
from monitor.usecases.incidents.report import report_incident, take_back_report
from monitor.usecases.incidents.undo import undo_act

_ACT_STEP = "incident.act"
_ACTS = {
    act.value: act
    for act in (
        IncidentAct.CONFIRM,
        IncidentAct.DELETE,
        IncidentAct.WARN,
        IncidentAct.GUIDE,
        IncidentAct.CLOSE,
        IncidentAct.FALSE_ALARM,
        IncidentAct.REOPEN,
    )
}


def docket_of(connection: Connection, ask: Ask) -> Docket:
    """Return the docket of the asker in the transaction of the answer."""
    return ask.incidents.docket(connection, ask.viewer, ask.now)


def take_back_incident_report(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Undo an act or a report of the asker (撤销); None if the number is not that of one."""
    if not ask.bound or ask.viewer.role is Role.LEADER:
        return None
    docket = docket_of(connection, ask)
    taken = undo_act(docket, number)
    if taken is not None:
        return tell_act_taken_back(taken, number, ask.now)
    incident_id = take_back_report(docket, number)
    return None if incident_id is None else confirm_withdrawal(incident_id, number, ask.now)


def confirm_incident(connection: Connection, ask: Ask) -> Answer:
    """Confirm an incident that 确认 names: an admin finds it true, a manager has seen it."""
    number, words, _ = take_incident_number(ask)
    at_most(ask, words, 0)
    docket = docket_of(connection, ask)
    if ask.viewer.role is Role.GROUP_MANAGER:
        acted = incident_acts.acknowledge_incident(docket, number)
    else:
        acted = incident_acts.act_on(docket, number, IncidentAct.CONFIRM)
    return tell_acted(acted, ask.viewer, ask.now)


def _report(connection: Connection, ask: Ask) -> Answer:
    require(ask, ask.arguments)
    docket = docket_of(connection, ask)
    group_code, n_words = _take_group(docket, ask)
    reported = report_incident(docket, rest_of(ask, n_words), group_code)
    answer = tell_report(reported, ask.now)
    return Answer(answer.text, step=await_picture(INCIDENT_PICTURE, reported.incident_id))


def _take_group(docket: Docket, ask: Ask) -> tuple[str, int]:
    """Return the group's code and how many words name it; a manager of several groups is asked.

    Raises: Undecided.
    """
    viewer, word = ask.viewer, ask.arguments[0]
    if word.isascii() and ask.queries.find_groups(viewer, word) and len(ask.arguments) > 1:
        found = [group for group in ask.queries.find_groups(viewer, word) if group.code == word.upper()]
        if found:
            return found[0].code, 1
    if viewer.role is Role.GROUP_MANAGER and len(viewer.group_ids) > 1:
        text = rest_of(ask, 0)
        own = docket.groups_of_viewer()
        rows = [Row(f"{group.code} {group.name}", f"举报 {group.code} {text}") for group in own]
        raise Undecided(compose("请选择举报所在的群", "", rows))
    return "", 0


def _take_picture(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    docket = docket_of(connection, ask)
    incident = incident_acts.note_picture(docket, continued.step.subject_id, continued.picture_id)
    return tell_picture(incident, ask.now)


def _dispose(connection: Connection, ask: Ask) -> Answer:
    docket = docket_of(connection, ask)
    if not ask.arguments:
        return ask_incident(load_open(docket, MAX_ROWS), ask.command.name, ask.now)
    number, words, n_words = take_incident_number(ask)
    if not words:
        incident = docket.find(number)
        return ask_act(incident, offered_acts(incident, ask.viewer))
    act = _ACTS.get(words[0])
    if act is None:
        text = f"动作应为：{'、'.join(_ACTS)}。{ask.command.usage_line}"
        raise BadParameter(f"act {words[0]!r}", user_text=text)
    return _act(docket, ask, number, act, rest_of(ask, n_words + 1))


def _act(docket: Docket, ask: Ask, number: int, act: IncidentAct, note: str) -> Answer:
    """Do an act, after asking when it touches several places at once."""
    incident = docket.find(number)
    if len(incident.places) > 1:
        step = await_confirmation(_ACT_STEP, f"{act.name} {note}", subject_id=number)
        return Answer(ask_whether(incident, act), step=step)
    return _do(docket, ask, number, act, note)


def _go_on(connection: Connection, ask: Ask, continued: Continued) -> Answer:
    name, _, note = continued.step.carried.partition(" ")
    docket = docket_of(connection, ask)
    return _do(docket, ask, continued.step.subject_id, IncidentAct[name], note)


def _do(docket: Docket, ask: Ask, number: int, act: IncidentAct, note: str) -> Answer:
    answer = tell_acted(incident_acts.act_on(docket, number, act, note), ask.viewer, ask.now)
    if act is not IncidentAct.DELETE:
        return answer
    return Answer(
        answer.text, step=await_picture(INCIDENT_PICTURE, number, prompt="请发送删除后的截图（5分钟内）")
    )


def _handled(connection: Connection, ask: Ask) -> Answer:
    docket = docket_of(connection, ask)
    if not ask.arguments:
        return ask_incident(load_open(docket, MAX_ROWS), ask.command.name, ask.now)
    number, _, n_words = take_incident_number(ask)
    return _do(docket, ask, number, IncidentAct.HANDLE, rest_of(ask, n_words))


def _false_alarm(connection: Connection, ask: Ask) -> Answer:
    docket = docket_of(connection, ask)
    if not ask.arguments:
        return ask_incident(load_open(docket, MAX_ROWS), ask.command.name, ask.now)
    number, _, n_words = take_incident_number(ask)
    return _act(docket, ask, number, IncidentAct.FALSE_ALARM, rest_of(ask, n_words))


def _show(ask: Ask) -> Answer:
    if ask.arguments:
        number, words, _ = take_incident_number(ask)
        at_most(ask, words, 0)
        card = ask.incidents.read(ask.viewer, lambda docket: load_card(docket, number))
        return tell_card(card, ask.viewer, ask.now)
    found, n_open = ask.incidents.read(
        ask.viewer, lambda docket: (load_open(docket, MAX_ROWS), docket.count_open())
    )
    return tell_list(found, n_open, ask.viewer, ask.now)


REPORT = Command(
    name="举报",
    key="report_incident",
    purpose="举报群内不良信息，可接着发截图",
    usage="举报 [群编号] 内容",
    example="举报 群内有人发布兼职刷单广告",
    roles=ADMINS_AND_MANAGERS,
    aliases=("举报不良信息", "不良信息"),
    change=_report,
    continuations=(Continuation(INCIDENT_PICTURE, Awaits.PICTURE, _take_picture),),
)
DISPOSE = Command(
    name="处置",
    key="dispose_incident",
    purpose="登记对事件的处置",
    usage="处置 事件号 删除/警示/引导/误报/确认/办结 [说明]",
    example="处置 12 删除 已删除并提醒发布人",
    roles=ADMINS,
    aliases=("处理", "事件处置"),
    change=_dispose,
    continuations=(Continuation(_ACT_STEP, Awaits.CONFIRMATION, _go_on),),
)
HANDLED = Command(
    name="已处置",
    key="handled_incident",
    purpose="本群的事件已处置",
    usage="已处置 事件号 [说明]",
    example="已处置 12 已撤回",
    roles=MANAGERS,
    aliases=("已处理",),
    change=_handled,
)
FALSE_ALARM = Command(
    name="误报",
    key="false_alarm",
    purpose="事件不是不良信息",
    usage="误报 事件号 [原因]",
    example="误报 12 学校通知",
    roles=ADMINS,
    change=_false_alarm,
)
INCIDENTS = Command(
    name="事件",
    key="incidents",
    purpose="未办结的不良信息事件，或一件的详情",
    usage="事件 [事件号]",
    example="事件 12",
    roles=ADMINS_AND_LEADERS | MANAGERS,
    aliases=("事件列表", "不良信息事件"),
    answer=_show,
)
