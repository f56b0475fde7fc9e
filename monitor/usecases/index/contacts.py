"""Name a school's 负责人 and 联络人 with their terms (GD-5.3).

Key types: `ContactDuty`, `ContactTerm`, `SchoolContacts`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter, OutOfScope
from monitor.index.fact_cells import read_text
from monitor.store.database import Database
from monitor.store.index import contacts as school_contacts
from monitor.store.index.contacts import Connection
from monitor.store.index.facts import load_schools
from monitor.store.ledger import registry
from monitor.units import Role, Unit, Viewer
from monitor.usecases import scope

_PHONE = re.compile(r"[0-9+\- ]{5,20}")
_MAY_NAME = (Role.UNIT_ADMIN, Role.INSPECTOR)


class ContactDuty(StrEnum):
    """What a contact answers for; the value is shown to people."""

    RESPONSIBLE = "负责人"
    LIAISON = "联络人"


@dataclass(frozen=True, slots=True)
class NamedContact:
    """A contact as a person names it."""

    school_code: str
    duty: ContactDuty
    name: str
    phone: str
    since: date


@dataclass(frozen=True, slots=True)
class ContactTerm:
    """A term of office; `until` is None for who holds it now."""

    duty: str
    name: str
    phone: str
    since: date
    until: date | None


class SchoolContacts:
    """Names contacts and lists them; an earlier term ends the day before the next."""

    def __init__(self, database: Database, clock: Clock, unit_kinds: Sequence[str]) -> None:
        """Keep the collaborators; `unit_kinds` are the kinds that count as schools."""
        self._database, self._clock, self._unit_kinds = database, clock, tuple(unit_kinds)

    def name(
        self, viewer: Viewer, school_code: str, duty: ContactDuty, name: str, phone: str, since: date
    ) -> int:
        """Name a contact from a day on; the same person again changes nothing.

        Source: GD-5.3 载明.
        Returns: number of the term.
        Raises: OutOfScope also for what is no school; BadParameter for a wrong phone or a day before the
            present term began or in the future.
        """
        named = NamedContact(school_code, duty, name, phone, since)
        now = self._clock()
        return self._database.write(lambda c: name_contact(c, viewer, self._unit_kinds, named, now))

    def terms(self, viewer: Viewer, school_code: str) -> Sequence[Any]:
        """Return all terms of a school, earlier ones first (rows of school_contact).

        Raises: OutOfScope.
        """
        with self._database.reading() as connection:
            school = _find(connection, viewer, self._unit_kinds, school_code)
            return school_contacts.load_terms(connection, school.unit_id)


def name_contact(
    connection: Connection, viewer: Viewer, unit_kinds: Sequence[str], new: NamedContact, now: datetime
) -> int:
    """Do the same as `SchoolContacts.name` in the caller's transaction.

    Source: GD-5.3 载明.
    Raises: as `SchoolContacts.name`.
    """
    called, phone = read_text(new.name, "姓名"), new.phone.strip()
    if not _PHONE.fullmatch(phone):
        raise BadParameter(f"phone {phone!r}", user_text="电话应为 5–20 位数字")
    if new.since > business_day(now):
        raise BadParameter(f"since {new.since}", user_text="任职日期不能晚于今天")
    school = _find(connection, viewer, unit_kinds, new.school_code)
    if viewer.role not in _MAY_NAME:
        raise OutOfScope(f"{viewer.identity} names contacts of {new.school_code!r}")
    present = _present(school_contacts.load_terms(connection, school.unit_id), new.duty)
    if present is not None and (present.name, present.phone) == (called, phone):
        return int(present.id)
    if present is not None and new.since <= present.since:
        text = f"现任{new.duty.value}自 {present.since} 任职，新任日期应在其后"
        raise BadParameter(f"since {new.since}", user_text=text)
    if present is not None:
        school_contacts.end_term(connection, present.id, new.since - timedelta(days=1))
    values = {
        "unit_id": school.unit_id, "duty": new.duty.value, "name": called, "phone": phone,
        "since": new.since, "until": None, "recorded_at": now, "recorded_by": viewer.identity,
    }  # fmt: skip
    number = school_contacts.insert_term(connection, values)
    detail = {"number": number, "duty": new.duty.value, "since": new.since.isoformat()}
    registry.write_audit(connection, now, viewer.identity, "index.contact", school.code, detail)
    return number


def list_schools(
    connection: Connection, viewer: Viewer, unit_kinds: Sequence[str]
) -> list[tuple[Unit, tuple[ContactTerm, ...]]]:
    """Return every school of the viewer's subtree with all terms, the latest first; one without any, too.

    Source: GD-5.3. A phone number is shown to who has to call: administrators and inspectors.
    Raises: OutOfScope for other roles.
    """
    if viewer.role not in _MAY_NAME:
        raise OutOfScope(f"contacts asked by {viewer.identity}")
    schools = [one for one in load_schools(connection, unit_kinds) if one.path.startswith(viewer.unit_path)]
    terms = school_contacts.load_terms_of(connection, [one.unit_id for one in schools])
    return [
        (school, tuple(_to_term(row) for row in terms if row.unit_id == school.unit_id)) for school in schools
    ]


def _to_term(row: Any) -> ContactTerm:
    return ContactTerm(row.duty, row.name, row.phone, row.since, row.until)


def _find(connection: Connection, viewer: Viewer, unit_kinds: Sequence[str], code: str) -> Unit:
    school = scope.find_unit(connection, viewer, code)
    if school.kind not in unit_kinds:
        raise OutOfScope(f"contacts of {code!r} asked by {viewer.identity}")
    return school


def _present(terms: Sequence[Any], duty: ContactDuty) -> Any | None:
    return next((term for term in terms if term.duty == duty.value and term.until is None), None)
