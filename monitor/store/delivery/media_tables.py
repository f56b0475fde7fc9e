"""Table of the pictures that were uploaded to platforms (临时素材)."""

from datetime import datetime

from sqlmodel import Field

from monitor.store.tables import Table


class UploadedPictureRow(Table, table=True):
    """The media id of a picture in one account, until the platform forgets it; shared by all processes."""

    __tablename__ = "uploaded_picture"

    account: str = Field(primary_key=True)  # as in access_token
    digest: str = Field(primary_key=True)  # of the content, and of the message where repeats are dropped
    media_id: str
    expires_at: datetime = Field(index=True)
