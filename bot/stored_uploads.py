"""Media ids of uploaded pictures in the database, so that every process sends the same one."""

from bot.channels.pictures import MEDIA_LIFE
from monitor.clock import Clock
from monitor.store.database import Database
from monitor.store.delivery import uploads


class DatabaseUploads:
    """Implements `bot.channels.pictures.Uploads` for one account."""

    def __init__(self, database: Database, clock: Clock, account: str) -> None:
        """Keep media ids of `account` in `database`."""
        self._database, self._clock, self._account = database, clock, account

    def load(self, digest: str) -> str:
        """Return the media id of a picture that the platform still knows, "" without one."""
        with self._database.reading() as connection:
            return uploads.load_upload(connection, self._account, digest, self._clock())

    def save(self, digest: str, media_id: str) -> None:
        """Keep the media id of a fresh upload."""
        now = self._clock()
        self._database.write(
            lambda connection: uploads.save_upload(
                connection, self._account, digest, media_id, now, now + MEDIA_LIFE
            )
        )

    def forget(self, digest: str) -> None:
        """Forget a media id that the platform does not know any more."""
        self._database.write(lambda connection: uploads.delete_upload(connection, self._account, digest))
