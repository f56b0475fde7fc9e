"""Pictures that people sent by chat: loose, attached, fetched. Functions of a connection.

Key types: `NewPicture`, `DuePicture`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, func, insert, select, update

from monitor.assessment.evidence import AcceptedFile
from monitor.people.steps import LOOSE_PICTURE_LIFE, AttachedPicture, PictureState
from monitor.store.assessment.evidence import save_file
from monitor.store.people.dialog_tables import ChatPictureRow
from monitor.store.tables import table_of

_picture = table_of(ChatPictureRow)


class NewPicture(NamedTuple):
    """A picture as it came: where from, and by which id the platform gives it out."""

    account: str
    address: str
    event_key: int
    media_id: str
    sender: str
    received_at: datetime


class DuePicture(NamedTuple):
    """A picture to be fetched now."""

    picture_id: int
    account: str
    media_id: str
    sender: str
    purpose: str
    subject_id: int
    received_at: datetime
    attempts: int


def insert_picture(
    connection: Connection, picture: NewPicture, purpose: str = "", subject_id: int = 0
) -> int:
    """Note a picture and return its number; without a purpose it is loose."""
    state = PictureState.WAITING if purpose else PictureState.LOOSE
    values = {
        **picture._asdict(),
        "purpose": purpose,
        "subject_id": subject_id,
        "state": state.value,
        "sha256": "",
        "run_at": picture.received_at,
        "attempts": 0,
        "last_error": "",
    }
    return int(connection.execute(insert(_picture).values(**values).returning(_picture.c.id)).scalar_one())


def take_loose(
    connection: Connection, account: str, address: str, purpose: str, subject_id: int, now: datetime
) -> int | None:
    """Attach the latest loose picture of a person that is young enough; return its number, else None."""
    query = select(_picture.c.id).where(
        _picture.c.account == account,
        _picture.c.address == address,
        _picture.c.state == PictureState.LOOSE.value,
        _picture.c.received_at > now - LOOSE_PICTURE_LIFE,
    )
    found = connection.execute(query.order_by(_picture.c.id.desc()).limit(1)).scalar()
    if found is None:
        return None
    values = {"purpose": purpose, "subject_id": subject_id, "state": PictureState.WAITING.value}
    connection.execute(update(_picture).where(_picture.c.id == found).values(run_at=now, **values))
    return int(found)


def load_pictures(
    connection: Connection, purpose: str, subject_ids: Collection[int]
) -> dict[int, list[AttachedPicture]]:
    """Return the pictures of subjects in the order in which they came; a subject without any is absent."""
    query = select(_picture).where(_picture.c.purpose == purpose, _picture.c.subject_id.in_(subject_ids))
    found: dict[int, list[AttachedPicture]] = {}
    for row in connection.execute(query.order_by(_picture.c.id)):
        found.setdefault(row.subject_id, []).append(_to_attached(row))
    return found


def find_picture(connection: Connection, purpose: str, picture_id: int) -> AttachedPicture | None:
    """Return one attached picture of a purpose, or None."""
    here = (_picture.c.id == picture_id, _picture.c.purpose == purpose)
    row = connection.execute(select(_picture).where(*here)).one_or_none()
    return _to_attached(row) if row else None


def claim_due(connection: Connection, now: datetime, until: datetime, n_most: int) -> list[DuePicture]:
    """Return pictures to be fetched now, and keep them from others until an instant."""
    due = (_picture.c.state == PictureState.WAITING.value, _picture.c.run_at <= now)
    query = select(_picture).where(*due).order_by(_picture.c.run_at, _picture.c.id).limit(n_most)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    ids = [row.id for row in rows]
    if ids:
        values = {"run_at": until, "attempts": _picture.c.attempts + 1}
        connection.execute(update(_picture).where(_picture.c.id.in_(ids)).values(**values))
    return [
        DuePicture(
            row.id,
            row.account,
            row.media_id,
            row.sender,
            row.purpose,
            row.subject_id,
            row.received_at,
            row.attempts + 1,
        )
        for row in rows
    ]


def has_due(connection: Connection, now: datetime) -> bool:
    """Tell whether `claim_due` would find anything."""
    due = (_picture.c.state == PictureState.WAITING.value, _picture.c.run_at <= now)
    return connection.execute(select(_picture.c.id).where(*due).limit(1)).first() is not None


def finish_kept(connection: Connection, due: DuePicture, file: AcceptedFile, now: datetime) -> int | None:
    """Note that a picture is in the folder; return the earlier one of its purpose with the same content."""
    save_file(connection, file, now)
    earlier = select(func.min(_picture.c.id)).where(
        _picture.c.sha256 == file.sha256,
        _picture.c.purpose == due.purpose,
        _picture.c.id < due.picture_id,
    )
    same_as = connection.execute(earlier).scalar()
    _finish(connection, due, PictureState.KEPT, sha256=file.sha256, same_as=same_as, last_error="")
    return None if same_as is None else int(same_as)


def finish_failed(connection: Connection, due: DuePicture, state: PictureState, reason: str) -> None:
    """Note that a picture will not come."""
    _finish(connection, due, state, last_error=reason)


def postpone(connection: Connection, due: DuePicture, until: datetime, reason: str) -> None:
    """Try a picture again later."""
    _finish(connection, due, PictureState.WAITING, run_at=until, last_error=reason)


def delete_loose(connection: Connection, before: datetime) -> int:
    """Delete loose pictures received before an instant; returns how many."""
    old = (_picture.c.state == PictureState.LOOSE.value, _picture.c.received_at < before)
    return connection.execute(delete(_picture).where(*old)).rowcount


def _finish(connection: Connection, due: DuePicture, state: PictureState, **values: Any) -> None:
    """Write what became of a picture, unless somebody else has finished it."""
    here = (_picture.c.id == due.picture_id, _picture.c.state == PictureState.WAITING.value)
    connection.execute(update(_picture).where(*here).values(state=state.value, **values))


def _to_attached(row: Any) -> AttachedPicture:
    return AttachedPicture(
        row.id, row.subject_id, PictureState(row.state), row.sha256, row.received_at, row.sender, row.same_as
    )
