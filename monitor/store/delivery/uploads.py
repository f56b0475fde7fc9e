"""Rows of uploaded pictures, shared by all processes."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from monitor.store.delivery.media_tables import UploadedPictureRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_upload = table_of(UploadedPictureRow)


def load_upload(connection: Connection, account: str, digest: str, now: datetime) -> str:
    """Return the media id of a picture that the platform still knows, "" without one."""
    query = select(_upload.c.media_id).where(
        _upload.c.account == account, _upload.c.digest == digest, _upload.c.expires_at > now
    )
    return str(connection.execute(query).scalar() or "")


def save_upload(
    connection: Connection, account: str, digest: str, media_id: str, now: datetime, expires_at: datetime
) -> None:
    """Keep a media id in place of the former one; what the platforms have forgotten goes."""
    connection.execute(delete(_upload).where(_upload.c.expires_at <= now))
    upsert = upserting(connection)(_upload).values(
        account=account, digest=digest, media_id=media_id, expires_at=expires_at
    )
    replaced = {name: upsert.excluded[name] for name in ("media_id", "expires_at")}
    connection.execute(upsert.on_conflict_do_update(index_elements=["account", "digest"], set_=replaced))


def delete_upload(connection: Connection, account: str, digest: str) -> None:
    """Forget a media id that the platform does not know any more."""
    gone = delete(_upload).where(_upload.c.account == account, _upload.c.digest == digest)
    connection.execute(gone)
