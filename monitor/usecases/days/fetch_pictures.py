"""Fetch the pictures that people sent by chat, keep them by their hash, and recognise the same one again.

A job, because the platform wants its answer within five seconds. A picture that cannot be had now is tried
again until the platform has forgotten it. Key types: `PictureFetcher`, `SeenBefore`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import random

from monitor.assessment.evidence import AcceptedFile, EvidenceRefused, accept_picture
from monitor.clock import Clock
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours, retry_at
from monitor.errors import DeliveryError, StorageError
from monitor.people.steps import MEDIA_LIFE, PictureState
from monitor.ports import PictureSource
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.delivery.outbox import enqueue
from monitor.store.people import pictures
from monitor.store.people.pictures import Connection, DuePicture
from monitor.texts.notices import picture_notice

_LEASE = timedelta(minutes=5)
_AT_ONCE = 10

SeenBefore = Callable[[Connection, DuePicture, int, datetime], None]
"""What a purpose does when its picture was handed in before: takes the picture and the earlier one."""


class PictureFetcher:
    """Fetches what is due. Thread-safe; one per process."""

    def __init__(
        self,
        database: Database,
        source: PictureSource,
        folder: EvidenceFolder,
        clock: Clock,
        seen_before: Mapping[str, SeenBefore],
    ) -> None:
        """Keep the collaborators.

        Args:
            database: of the pictures.
            source: the platform.
            folder: where files of evidence are kept.
            clock: present instant.
            seen_before: by purpose, what is done about a picture that is the same as an earlier one.
        """
        self._database, self._source, self._folder, self._clock = database, source, folder, clock
        self._seen_before = dict(seen_before)

    def fetch_due(self) -> int:
        """Fetch the pictures that are due; return how many came. Stops at the first passing failure."""
        now = self._clock()
        with self._database.reading() as connection:
            if not pictures.has_due(connection, now):
                return 0
        due = self._database.write(lambda c: pictures.claim_due(c, now, now + _LEASE, _AT_ONCE))
        n_kept = 0
        for place, picture in enumerate(due):
            failure = self._fetch(picture)
            if failure is not None:
                self._put_off([picture, *due[place + 1 :]], failure)
                break
            n_kept += 1
        return n_kept

    def _fetch(self, picture: DuePicture) -> DeliveryError | None:
        """Fetch one picture; return the failure after which the others need not be tried now."""
        try:
            content = self._source.fetch(picture.account, picture.media_id)
            file = accept_picture(f"图片{picture.picture_id}", content)
            self._folder.put(file)
        except EvidenceRefused as refused:
            self._give_up(picture, PictureState.REFUSED, refused.user_text)
            return None
        except StorageError as error:
            return DeliveryError(str(error), channel="media")
        except DeliveryError as error:
            is_forgotten = self._clock() - picture.received_at >= MEDIA_LIFE
            if not error.permanent and not is_forgotten:
                return error
            self._give_up(picture, PictureState.LOST, str(error))
            return None
        self._keep(picture, file)
        return None

    def _keep(self, picture: DuePicture, file: AcceptedFile) -> None:
        now = self._clock()

        def work(connection: Connection) -> None:
            same_as = pictures.finish_kept(connection, picture, file, now)
            notice = self._seen_before.get(picture.purpose)
            if same_as is not None and notice is not None:
                notice(connection, picture, same_as, now)

        self._database.write(work)

    def _give_up(self, picture: DuePicture, state: PictureState, reason: str) -> None:
        """Note that a picture will not come, and ask its sender for another one."""
        now = self._clock()
        title, text = picture_notice(state.value, reason if state is PictureState.REFUSED else "")
        recipient = picture.sender.replace("chat:", "identity:")
        message = NewMessage(f"picture:{picture.picture_id}", MessageKind.ALERT, recipient, title, text)

        def work(connection: Connection) -> None:
            pictures.finish_failed(connection, picture, state, reason)
            enqueue(connection, [message], now, QuietHours())

        self._database.write(work)

    def _put_off(self, due: list[DuePicture], failure: DeliveryError) -> None:
        now = self._clock()

        def work(connection: Connection) -> None:
            for picture in due:
                until = retry_at(now, picture.attempts, random(), failure.retry_after)  # noqa: S311
                pictures.postpone(connection, picture, until, str(failure))

        self._database.write(work)
