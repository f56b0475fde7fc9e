"""Evidence (佐证材料): files under their hash in a folder of their own, and what they are linked to.

The folder lies outside everything that is served; a file is found by its hash only, and verified when it
is read. Key types: `EvidenceFolder`, `Meeting`.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from monitor.assessment.dossier import Evidence
from monitor.assessment.evidence import AcceptedFile
from monitor.store.assessment.sheets import MAX_ID, Connection
from monitor.store.assessment.tables import EvidenceFileRow, EvidenceLinkRow, MeetingRecordRow
from monitor.store.operations.kept_files import keep_file, read_kept
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_file = table_of(EvidenceFileRow)
_link = table_of(EvidenceLinkRow)
_meeting = table_of(MeetingRecordRow)
_HASH = re.compile("[0-9a-f]{64}")


class Meeting(NamedTuple):
    """A registered meeting (专题会议) with its record."""

    number: int
    unit_id: int
    held_on: date
    title: str
    sha256: str
    registered_by: str
    registered_at: datetime
    voided_at: datetime | None


class EvidenceFolder:
    """Files by hash in a folder of the file system."""

    def __init__(self, folder: Path) -> None:
        """Use a folder; it is made when the first file comes."""
        self._folder = folder

    def put(self, file: AcceptedFile) -> None:
        """Keep a file; the same content is kept once. It is on the disk when this returns.

        Raises: StorageError if the disk refuses.
        """
        target = self._place(file.sha256)
        if not target.exists():
            keep_file(target, file.content)

    def read(self, digest: str) -> bytes:
        """Return the content of a file.

        Raises: StorageError if it is gone or no longer what it was.
        """
        return read_kept(self._place(digest), digest, "佐证文件", "请联系系统运维")

    def _place(self, digest: str) -> Path:
        if not _HASH.fullmatch(digest):
            raise ValueError("not a hash")
        return self._folder / digest[:2] / digest


def save_file(connection: Connection, file: AcceptedFile, at: datetime) -> None:
    """Note a kept file; the same content is noted once."""
    values = {
        "sha256": file.sha256,
        "media_type": file.media_type.value,
        "n_bytes": len(file.content),
        "stored_at": at,
    }
    connection.execute(upserting(connection)(_file).values(**values).on_conflict_do_nothing())


def link_file(
    connection: Connection,
    assessment_id: int,
    item: str,
    slot: str,
    file: AcceptedFile,
    *,
    by: str,
    at: datetime,
) -> bool:
    """Link a file to what it proves; False if it is linked there already. A removed link is made again."""
    key = {"assessment_id": assessment_id, "item": item, "slot": slot, "sha256": file.sha256}
    values = {**key, "name": file.name, "added_by": by, "added_at": at, "removed_by": "", "removed_at": None}
    statement = upserting(connection)(_link).values(**values)
    again = {name: value for name, value in values.items() if name not in key}
    written = statement.on_conflict_do_update(
        index_elements=list(key), set_=again, where=_link.c.removed_at.is_not(None)
    ).returning(_link.c.id)
    return connection.execute(written).first() is not None


def unlink_file(connection: Connection, link_id: int, *, by: str, at: datetime) -> None:
    """Take a link away; row and file stay."""
    connection.execute(update(_link).where(_link.c.id == link_id).values(removed_by=by, removed_at=at))


def load_evidence(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Evidence]]:
    """Return the linked files by sheet, in the order in which they came."""
    query = (
        select(_link, _file.c.media_type, _file.c.n_bytes)
        .join(_file, _file.c.sha256 == _link.c.sha256)
        .where(_link.c.assessment_id.in_(ids), _link.c.removed_at.is_(None))
        .order_by(_link.c.id)
    )
    found: dict[int, list[Evidence]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.assessment_id].append(_to_evidence(row))
    return found


def load_link(connection: Connection, link_id: int) -> tuple[int, Evidence] | None:
    """Return the sheet's id and the link of a number, or None if there is none or it was taken away."""
    if not 0 < link_id <= MAX_ID:
        return None
    query = select(_link, _file.c.media_type, _file.c.n_bytes).join(_file, _file.c.sha256 == _link.c.sha256)
    row = connection.execute(query.where(_link.c.id == link_id, _link.c.removed_at.is_(None))).one_or_none()
    return (row.assessment_id, _to_evidence(row)) if row else None


def load_meetings(
    connection: Connection, unit_ids: Collection[int], year: int
) -> Mapping[int, list[Meeting]]:
    """Return the meetings of a year that count by unit, in order of day."""
    where = (
        _meeting.c.unit_id.in_(unit_ids),
        _meeting.c.voided_at.is_(None),
        _meeting.c.held_on >= date(year, 1, 1),
        _meeting.c.held_on <= date(year, 12, 31),
    )
    rows = connection.execute(select(_meeting).where(*where).order_by(_meeting.c.held_on, _meeting.c.id))
    found: dict[int, list[Meeting]] = defaultdict(list)
    for row in rows:
        found[row.unit_id].append(_to_meeting(row))
    return found


def find_meeting_of_file(connection: Connection, unit_id: int, digest: str) -> Meeting | None:
    """Return the meeting for which a unit has registered this very file, if it counts."""
    where = (_meeting.c.unit_id == unit_id, _meeting.c.sha256 == digest, _meeting.c.voided_at.is_(None))
    row = connection.execute(select(_meeting).where(*where)).first()
    return _to_meeting(row) if row else None


def load_meeting(connection: Connection, number: int) -> Meeting | None:
    """Return one meeting, or None if there is none of that number."""
    if not 0 < number <= MAX_ID:
        return None
    row = connection.execute(select(_meeting).where(_meeting.c.id == number)).one_or_none()
    return _to_meeting(row) if row else None


def insert_meeting(
    connection: Connection, unit_id: int, held_on: date, title: str, digest: str, *, by: str, at: datetime
) -> int:
    """Insert a meeting and return its number; one that was voided counts again."""
    key = {"unit_id": unit_id, "held_on": held_on, "sha256": digest}
    values = {"title": title, "registered_by": by, "registered_at": at, "voided_by": "", "void_reason": ""}
    where = [_meeting.c[name] == value for name, value in key.items()]
    again = update(_meeting).where(*where).values(**values, voided_at=None).returning(_meeting.c.id)
    known = connection.execute(again).scalar()
    if known is not None:
        return int(known)
    return int(
        connection.execute(insert(_meeting).values(**key, **values).returning(_meeting.c.id)).scalar_one()
    )


def void_meeting(connection: Connection, number: int, *, by: str, at: datetime, reason: str) -> None:
    """Void a meeting (作废); the row stays."""
    values = {"voided_by": by, "voided_at": at, "void_reason": reason}
    connection.execute(update(_meeting).where(_meeting.c.id == number).values(**values))


def _to_evidence(row: Any) -> Evidence:
    return Evidence(
        row.id,
        row.item,
        row.slot,
        row.sha256,
        row.name,
        row.media_type,
        row.n_bytes,
        row.added_by,
        row.added_at,
    )


def _to_meeting(row: Any) -> Meeting:
    return Meeting(
        row.id,
        row.unit_id,
        row.held_on,
        row.title,
        row.sha256,
        row.registered_by,
        row.registered_at,
        row.voided_at,
    )
