"""Objecting to a spot check (申诉) and answering. In the caller's transaction.

An inspector who agrees declares the check void (`void_spot_check`), which answers every objection to it.
"""

from dataclasses import dataclass
from datetime import timedelta

from monitor.assessment.dossier import OBJECTION_DAYS
from monitor.delivery.outbox import MessageKind, NewMessage
from monitor.errors import CommandError, StateError
from monitor.store.delivery import alerts as alert_rows
from monitor.store.delivery.outbox import enqueue
from monitor.store.spot_checks import visits as site_visits
from monitor.store.spot_checks.visits import SpotObjection as SpotObjection
from monitor.texts.spot_checks import answer_text, objection_text
from monitor.units import Role
from monitor.usecases.spot_checks.desk import (
    SpotReading,
    SpotSitting,
    clean_text,
    require_inspector,
    require_writer,
)
from monitor.usecases.spot_checks.file import SpotCheckVoid


@dataclass(frozen=True, slots=True)
class ObjectionFiled:
    """An objection as filed; `is_new` is False if the unit had one open already."""

    reading: SpotReading
    objection: SpotObjection
    is_new: bool


def object_to_check(sitting: SpotSitting, filing_no: str, reason: str) -> ObjectionFiled:
    """Object to a check in one's own subtree; the inspectors are told. The check counts until it is void.

    Source: none (HN states no procedure); requirement D.3, E-10 (b).
    Raises: SpotCheckNotFound, SpotCheckVoid; ReadOnlyRole; CommandError for who is no unit admin;
        BadParameter without a reason.
    """
    require_writer(sitting.viewer)
    if sitting.viewer.role is not Role.UNIT_ADMIN:
        raise CommandError("not a unit admin", user_text="申诉由市县、高校的单位管理员提出")
    why = clean_text(reason, "申诉理由")
    reading = sitting.find_check(filing_no)
    check = reading.check
    if check.is_void:
        raise SpotCheckVoid(filing_no, user_text=f"{filing_no} 已作废，无需申诉")
    known = [each for each in _load(sitting, check.check_id) if each.answered_at is None]
    if known:
        return ObjectionFiled(reading, known[0], is_new=False)
    site_visits.insert_objection(
        sitting.connection,
        spot_check_id=check.check_id,
        actor=sitting.viewer.identity,
        actor_name=sitting.actor_name,
        reason=why,
        at=sitting.now,
        due_on=sitting.today + timedelta(days=OBJECTION_DAYS),
    )
    sitting.record("spot_check.objected", f"spot_check:{filing_no}", reason=why)
    title, text = objection_text(check.city_name, filing_no, sitting.actor_name, why)
    _tell(sitting, f"spot:{filing_no}:objection:{sitting.now.timestamp():.0f}", title, text, check.unit_path)
    return ObjectionFiled(reading, _load(sitting, check.check_id)[0], is_new=True)


def reject_objection(sitting: SpotSitting, filing_no: str, answer: str) -> SpotReading:
    """Answer the open objections to a check: it stands as filed.

    Raises: CommandError for who is not an inspector; SpotCheckNotFound; BadParameter without an answer;
        StateError if none is open.
    """
    require_inspector(sitting.viewer)
    said = clean_text(answer, "答复")
    reading = sitting.find_check(filing_no)
    check_id = reading.check.check_id
    objectors = {each.actor for each in _load(sitting, check_id) if each.answered_at is None}
    written = {"answered_at": sitting.now, "answered_by": sitting.actor_name, "answer": said}
    if not site_visits.answer_objections(sitting.connection, check_id, is_upheld=False, **written):
        raise StateError(f"no open objection to {filing_no}", user_text="没有待答复的申诉")
    sitting.record("spot_check.objection_rejected", f"spot_check:{filing_no}", answer=said)
    title, text = answer_text(filing_no, is_upheld=False, answer=said)
    messages = [
        NewMessage(f"spot:{filing_no}:answer:{check_id}:{actor}", MessageKind.ALERT, actor, title, text)
        for actor in sorted(each.replace("chat:", "identity:") for each in objectors if "chat:" in each)
    ]
    enqueue(sitting.connection, messages, sitting.now, sitting.quiet)
    return reading


def list_objections(sitting: SpotSitting) -> list[SpotObjection]:
    """Return the objections to checks in the subtree, open ones first."""
    return site_visits.load_objections(sitting.connection, sitting.viewer.unit_path)


def objections_to(sitting: SpotSitting, reading: SpotReading) -> list[SpotObjection]:
    """Return the objections to one check, open ones first."""
    return _load(sitting, reading.check.check_id)


def _load(sitting: SpotSitting, check_id: int) -> list[SpotObjection]:
    return site_visits.load_objections(sitting.connection, sitting.viewer.unit_path, [check_id])


def _tell(sitting: SpotSitting, key: str, title: str, text: str, unit_path: str) -> None:
    watchers = alert_rows.load_watchers(sitting.connection, sitting.today)
    messages = [
        NewMessage(f"{key}:{watcher.recipient}", MessageKind.ALERT, watcher.recipient, title, text)
        for watcher in watchers
        if watcher.role == Role.INSPECTOR and unit_path.startswith(watcher.unit_path)
    ]
    enqueue(sitting.connection, messages, sitting.now, sitting.quiet)
