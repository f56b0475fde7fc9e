"""Name a school's 负责人 and 联络人 with their terms (GD-5.3).

Key types: `ContactDuty`, `SchoolContacts`.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter, OutOfScope
from monitor.fact_cells import read_text
from monitor.store import registry, school_contacts
from monitor.store.database import Database
from monitor.store.school_contacts import Connection
from monitor.units import Role, Unit, Viewer
from monitor.usecases import scope

_PHONE = re.compile(r"[0-9+\- ]{5,20}")
_MAY_NAME = (Role.UNIT_ADMIN, Role.INSPECTOR)


class ContactDuty(StrEnum):
    """What a contact answers for; the value is shown to people."""

    RESPONSIBLE = "负责人"
    LIAISON = "联络人"


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
        now, called = self._clock(), read_text(name, "姓名")
        if not _PHONE.fullmatch(phone.strip()):
            raise BadParameter(f"phone {phone!r}", user_text="电话应为 5–20 位数字")
        if since > business_day(now):
            raise BadParameter(f"since {since}", user_text="任职日期不能晚于今天")

        def work(connection: Connection) -> int:
            school = self._find(connection, viewer, school_code)
            if viewer.role not in _MAY_NAME:
                raise OutOfScope(f"{viewer.identity} names contacts of {school_code!r}")
            present = _present(school_contacts.load_terms(connection, school.unit_id), duty)
            if present is not None and (present.name, present.phone) == (called, phone.strip()):
                return int(present.id)
            if present is not None and since <= present.since:
                text = f"现任{duty.value}自 {present.since} 任职，新任日期应在其后"
                raise BadParameter(f"since {since}", user_text=text)
            if present is not None:
                school_contacts.end_term(connection, present.id, since - timedelta(days=1))
            values = {
                "unit_id": school.unit_id, "duty": duty.value, "name": called, "phone": phone.strip(),
                "since": since, "until": None, "recorded_at": now, "recorded_by": viewer.identity,
            }  # fmt: skip
            number = school_contacts.insert_term(connection, values)
            detail = {"number": number, "duty": duty.value, "since": since.isoformat()}
            registry.write_audit(connection, now, viewer.identity, "index.contact", school.code, detail)
            return number

        return self._database.write(work)

    def terms(self, viewer: Viewer, school_code: str) -> Sequence[Any]:
        """Return all terms of a school, earlier ones first (rows of school_contact).

        Raises: OutOfScope.
        """
        with self._database.reading() as connection:
            school = self._find(connection, viewer, school_code)
            return school_contacts.load_terms(connection, school.unit_id)

    def _find(self, connection: Connection, viewer: Viewer, code: str) -> Unit:
        school = scope.find_unit(connection, viewer, code)
        if school.kind not in self._unit_kinds:
            raise OutOfScope(f"contacts of {code!r} asked by {viewer.identity}")
        return school


def _present(terms: Sequence[Any], duty: ContactDuty) -> Any | None:
    return next((term for term in terms if term.duty == duty.value and term.until is None), None)
