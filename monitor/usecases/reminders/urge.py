"""催办: remind the people responsible now, at most three times a day and unit (requirements D.2–D.4).

Inspectors reach the administrators of units, administrators the managers of their groups. What was sent
cannot be taken back. Key types: `Urged`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.delivery.alerts import AlertKind, Finding, admins_by_path, managers_by_group, nearest_admins
from monitor.delivery.outbox import MessageKind, NewMessage
from monitor.errors import NotFound, StateError
from monitor.masking import mask_name
from monitor.registers import clean_text
from monitor.store import directory
from monitor.store.days import grades
from monitor.store.delivery import alerts
from monitor.store.delivery import outbox as outbox_rows
from monitor.store.reminders import urges
from monitor.store.reminders.urges import Delivery as Delivery
from monitor.store.reminders.urges import UrgeReading as UrgeReading
from monitor.texts.oversight import urge_text
from monitor.units import Group, Role, Unit
from monitor.usecases.oversight.desk import Chair, require_writer
from monitor.usecases.reminders.remind import load_unmet

MOST_A_DAY = 3
SAME_WITHIN = timedelta(minutes=10)
URGED = "urge.sent"
_MOST_LISTED = 8
_MOST_A_DAY_IN_ALL = 1000


class UrgedTooOften(StateError):
    """The unit has been urged three times today."""

    code = "urged_too_often"
    user_text = "该单位今天已催办 3 次，请明天再试或电话联系"


class NobodyToUrge(StateError):
    """Nobody responsible is bound, or nothing is unmet."""

    code = "nobody_to_urge"
    user_text = "没有可催办的对象"


class UrgeNotFound(NotFound):
    """No 催办 of that number today, or none in scope: the same text."""

    code = "urge_not_found"
    user_text = "今日没有该编号的催办，可回复：催办 查询"


@dataclass(frozen=True, slots=True)
class Urged:
    """A 催办 as stored. `number` is that of the record, 0 if the same was sent just before."""

    reading: UrgeReading
    number: int
    n_today: int
    n_findings: int
    without_person: tuple[str, ...]  # codes of groups whose manager is not bound


@dataclass(frozen=True, slots=True)
class _Target:
    """What is urged: a unit's subtree, or one group of it."""

    unit: Unit
    group: Group | None = None

    @property
    def name(self) -> str:
        return self.group.name if self.group else self.unit.name

    def holds(self, finding: Finding) -> bool:
        if self.group is not None:
            return finding.group_id == self.group.group_id
        return finding.unit_path.startswith(self.unit.path)


def urge_unit(chair: Chair, code: str, matter: str = "") -> Urged:
    """Urge a unit of the viewer's subtree; its own for an administrator's 「全部」.

    Raises: OutOfScope; UrgedTooOften; NobodyToUrge; ReadOnlyRole.
    """
    return _urge(chair, _Target(chair.unit(code)), matter)


def urge_group(chair: Chair, code: str, matter: str = "") -> Urged:
    """Urge the managers of a group; without one that is bound, the nearest administrators.

    Raises: OutOfScope; UrgedTooOften; NobodyToUrge; ReadOnlyRole.
    """
    group = chair.group(code)
    unit = directory.load_unit(chair.connection, group.unit_id)
    assert unit is not None  # noqa: S101  a group has a unit
    return _urge(chair, _Target(unit, group), matter)


def urge_all(chair: Chair, matter: str = "") -> tuple[list[Urged], list[str]]:
    """Urge everything below the viewer's unit: an inspector every unit with unmet groups, others their own.

    Returns: what was sent, and the names of units that could not be urged, with the reason.
    Raises: NobodyToUrge if nothing at all was sent.
    """
    if chair.viewer.role is not Role.INSPECTOR:
        own = directory.load_unit(chair.connection, chair.viewer.unit_id)
        return [urge_unit(chair, own.code if own else "", matter)], []
    unmet = load_unmet(chair.connection, chair.office.rules, chair.today)
    sent, skipped = [], []
    for unit in directory.load_children(chair.connection, chair.viewer.unit_id):
        if not matter and not any(one.unit_path.startswith(unit.path) for one in unmet):
            continue
        try:
            sent.append(_urge(chair, _Target(unit), matter))
        except StateError as error:
            skipped.append(f"{unit.name}：{error.user_text}")
    if not sent:
        text = "；".join(skipped) or "今天没有未达标的群，无需催办"
        raise NobodyToUrge("nothing sent", user_text=text)
    return sent, skipped


def list_urges(chair: Chair) -> list[UrgeReading]:
    """Return today's 催办 in the viewer's subtree with the state of their messages, newest first."""
    return urges.load_urges(chair.connection, chair.viewer.unit_path, chair.today, _MOST_LISTED)


def load_urge_deliveries(chair: Chair, urge_id: int) -> tuple[UrgeReading, list[Delivery]]:
    """Return one 催办 of today with the delivery to each person; names are masked above the person's unit.

    Raises: UrgeNotFound.
    """
    found = next((one for one in list_all_urges(chair) if one.urge_id == urge_id), None)
    if found is None:
        raise UrgeNotFound(f"urge {urge_id} asked by {chair.viewer.identity}")
    rows = urges.load_deliveries(chair.connection, urge_id)
    own = chair.viewer.unit_id
    return found, [one if one.unit_id == own else one._replace(name=mask_name(one.name)) for one in rows]


def list_all_urges(chair: Chair) -> list[UrgeReading]:
    """Return every 催办 of today in the viewer's subtree, newest first."""
    return urges.load_urges(chair.connection, chair.viewer.unit_path, chair.today, _MOST_A_DAY_IN_ALL)


def load_waiting(chair: Chair, recipient: str) -> list[str]:
    """Return the latest 催办 to a person that no channel could bring (待拉取), of two days."""
    since = chair.now - timedelta(days=2)
    return list(urges.load_waiting_texts(chair.connection, recipient, since, 2))


def _urge(chair: Chair, target: _Target, matter: str) -> Urged:
    require_writer(chair.viewer)
    said = clean_text(matter, "催办事项") if matter.strip() else ""
    urges.lock_unit(chair.connection, target.unit.unit_id)
    same = _find_same(chair, target, said)
    if same is not None:
        return same
    n_today = urges.count_urges(chair.connection, target.unit.unit_id, chair.today)
    if n_today >= MOST_A_DAY:
        raise UrgedTooOften(f"unit {target.unit.code} was urged {n_today} times")
    findings = [
        one for one in load_unmet(chair.connection, chair.office.rules, chair.today) if target.holds(one)
    ]
    if not findings and not said:
        text = f"{target.name} 今天没有未达标的群。如为其他事项，请写明：催办 {target.unit.code} 事项"
        raise NobodyToUrge("nothing is unmet", user_text=text)
    told, without = _find_responsible(chair, target, said, findings)
    if not told:
        text = f"{target.name} 没有已绑定的负责人，无法催办。可先发放邀请码或电话联系"
        raise NobodyToUrge("nobody is bound", user_text=text)
    return _send(chair, target, said, findings, told, n_today, without)


def _find_same(chair: Chair, target: _Target, matter: str) -> Urged | None:
    group_id = target.group.group_id if target.group else None
    known = urges.find_same(
        chair.connection,
        target.unit.unit_id,
        group_id,
        matter,
        chair.viewer.identity,
        chair.now - SAME_WITHIN,
    )
    if known is None:
        return None
    n_today = urges.count_urges(chair.connection, target.unit.unit_id, chair.today)
    return Urged(urges.load_urge(chair.connection, known), 0, n_today, 0, ())


def _find_responsible(
    chair: Chair, target: _Target, matter: str, findings: Sequence[Finding]
) -> tuple[dict[str, list[Finding]], tuple[str, ...]]:
    """Return who is told of what, and the codes of groups about which nobody can be told."""
    watchers = alerts.load_watchers(chair.connection, chair.today)
    admins = admins_by_path(watchers)
    if chair.viewer.role is Role.INSPECTOR and target.group is None:
        return {one: list(findings) for one in nearest_admins(target.unit.path, admins)}, ()
    managers = managers_by_group(watchers)
    told: dict[str, list[Finding]] = {}
    without = []
    for finding in findings if not matter else _all_groups(chair, target):
        found = managers.get(finding.group_id or 0, [])
        if not found:
            without.append(finding.code)
            found = nearest_admins(target.unit.path, admins) if target.group else []
        for recipient in found:
            told.setdefault(recipient, []).append(finding)
    return told, tuple(without)


def _all_groups(chair: Chair, target: _Target) -> list[Finding]:
    """Return every open group of the target: another matter concerns them whether or not they are unmet."""
    found = []
    for group in grades.load_open_groups(chair.connection, chair.today):
        row = Finding(
            AlertKind.TODAY_UNMET, "", chair.today, group.unit_id, group.unit_path, group.group_id,
            group.code, group.name, "",
        )  # fmt: skip
        if target.holds(row):
            found.append(row)
    return found


def _send(
    chair: Chair,
    target: _Target,
    matter: str,
    findings: Sequence[Finding],
    told: Mapping[str, Sequence[Finding]],
    n_today: int,
    without: tuple[str, ...],
) -> Urged:
    values = {
        "unit_id": target.unit.unit_id, "group_id": target.group.group_id if target.group else None,
        "matter": matter, "business_day": chair.today, "n_recipients": len(told), "made_at": chair.now,
        "made_by": chair.viewer.identity,
    }  # fmt: skip
    urge_id = urges.insert_urge(chair.connection, values)
    by = chair.viewer.signature
    messages = [
        NewMessage(
            urges.message_key(urge_id, recipient), MessageKind.REMINDER, recipient,
            *urge_text(by, target.name, matter, rows),
        )
        for recipient, rows in told.items()
    ]  # fmt: skip
    outbox_rows.enqueue(chair.connection, messages, chair.now, chair.office.quiet)
    urges.settle_unreachable(chair.connection, urge_id, _find_unreachable(chair, list(told)), chair.now)
    number = chair.record(URGED, f"urge:{urge_id}", unit=target.unit.code, matter=matter, to=len(told))
    reading = urges.load_urge(chair.connection, urge_id)
    return Urged(reading, number, n_today + 1, len(findings), without)


def _find_unreachable(chair: Chair, recipients: Sequence[str]) -> list[str]:
    known = outbox_rows.load_addresses(chair.connection, recipients)
    book, channels = chair.office.address_book, chair.office.channels
    return [one for one in recipients if not channels.intersection(book.find_targets(one, known, chair.now))]
