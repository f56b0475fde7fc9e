"""Pictures from the platform to the evidence folder: retried, judged by content, the same one recognised."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.authorized import AuthorizedApi
from bot.channels.http import ApiClient
from bot.channels.media import LARGEST_FILE, MediaSource
from monitor.assessment.evidence import MAX_PICTURE_BYTES
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.people.pictures import NewPicture, insert_picture
from monitor.units import Role
from monitor.usecases.days.fetch_pictures import PictureFetcher
from monitor.usecases.incidents.acts import note_picture, note_same_picture
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.fake_wechat import FakeWeChat
from tests.fake_wechat.wiring import wire
from tests.monitor.incident_help import Case

JPG = b"\xff\xd8\xff\xe0" + b"\x00" * 200
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 200
GIF = b"GIF89a" + b"\x00" * 50


@pytest.fixture
def fake() -> Iterator[FakeWeChat]:
    with FakeWeChat() as server:
        yield server


class Desk:
    """An incident, its manager, and the job that fetches pictures."""

    def __init__(
        self, database: Database, cast: Cast, clock: FrozenClock, fake: FakeWeChat, folder: Path
    ) -> None:
        self.case, self.clock, self.fake = Case(database, cast, clock), clock, fake
        self.folder = EvidenceFolder(folder)
        client = ApiClient(fake.url, largest_answer=LARGEST_FILE)
        self.source = MediaSource({"demo": AuthorizedApi(client, wire(fake).official_tokens)})
        seen_before = {"incident": note_same_picture}
        self.fetcher = PictureFetcher(database, self.source, self.folder, clock, seen_before)
        self.case.bind(Role.GROUP_MANAGER, "LC0101", "LC0101")
        self.case.posted("LC0101")
        self.manager = cast.viewer("LC0101", Role.GROUP_MANAGER, "LC0101")
        self._n_sent = 0

    def sends(self, content: bytes, media_id: str = "") -> int:
        """Hand in a picture for the incident, as the dialog notes it."""
        media = media_id or self.fake.platform.media.put(content)
        self._n_sent += 1
        picture = NewPicture("demo", "manager", self._n_sent, media, "chat:1", self.clock())
        number = self.case.database.write(lambda c: insert_picture(c, picture, "incident", 1))
        self.case.does(self.manager, lambda docket: note_picture(docket, 1, number))
        return number

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.case.database.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

    def states(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT state, same_as FROM chat_picture ORDER BY id")


@pytest.fixture
def desk(database: Database, cast: Cast, clock: FrozenClock, fake: FakeWeChat, tmp_path: Path) -> Desk:
    return Desk(database, cast, clock, fake, tmp_path / "evidence")


@pytest.mark.parametrize("content", [JPG, PNG, GIF])
def test_a_picture_is_kept_under_its_hash(desk: Desk, content: bytes) -> None:
    desk.sends(content)
    assert desk.fetcher.fetch_due() == 1
    assert desk.fetcher.fetch_due() == 0
    digest = desk.rows("SELECT sha256 FROM chat_picture")[0][0]
    assert desk.folder.read(digest) == content
    assert desk.states() == [("已保存", None)]


def test_the_same_picture_again_is_recognised_and_flagged(desk: Desk) -> None:
    desk.sends(JPG)
    desk.fetcher.fetch_due()
    desk.sends(JPG)
    desk.fetcher.fetch_due()
    assert desk.states() == [("已保存", None), ("已保存", 1)]
    notes = desk.rows("SELECT note FROM incident_event WHERE act = '备注'")
    assert notes == [("截图（第2号）与此前第1号相同，请核实",)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7 " * 20, "只接受 jpg、png、gif 图片"),
        (JPG + b"\x00" * MAX_PICTURE_BYTES, "图片不能超过 2 MB"),
        (JPG + b"\x00" * LARGEST_FILE, "图片不能超过 2 MB"),
        (b"", "只接受 jpg、png、gif 图片"),
    ],
    ids=["another kind", "too large", "far too large", "empty"],
)
def test_what_is_no_fitting_picture_is_refused_and_its_sender_told(
    desk: Desk, content: bytes, reason: str
) -> None:
    desk.sends(content)
    desk.fetcher.fetch_due()
    assert desk.states() == [("不合要求", None)]
    told = desk.rows("SELECT recipient, text FROM outbox WHERE substr(idempotency_key, 1, 8) = 'picture:'")
    assert told[0][0] == "identity:1"
    assert reason in told[0][1]


@pytest.mark.parametrize("fault", ["502", "500", "errcode:-1", "drop_answer", "truncate", "html200"])
def test_a_passing_failure_is_tried_again_later(desk: Desk, fault: str) -> None:
    desk.sends(JPG)
    desk.fake.fault("cgi-bin/media/get", fault, times=1)
    assert desk.fetcher.fetch_due() == 0
    assert desk.states() == [("待获取", None)]
    assert desk.fetcher.fetch_due() == 0, "not before its time"
    desk.clock.advance(minutes=1)
    assert desk.fetcher.fetch_due() == 1
    assert desk.states() == [("已保存", None)]


def test_a_stale_token_is_replaced_once(desk: Desk) -> None:
    desk.sends(JPG)
    desk.fetcher.fetch_due()
    desk.fake.platform.official_tokens.invalidate()
    desk.sends(PNG)
    assert desk.fetcher.fetch_due() == 1
    assert [call.errcode for call in desk.fake.calls("cgi-bin/media/get")] == [0, 40001, 0]


def test_what_the_platform_does_not_know_is_lost_at_once(desk: Desk) -> None:
    desk.sends(b"", media_id="gone")
    desk.fetcher.fetch_due()
    assert desk.states() == [("未能获取", None)]


def test_a_picture_is_given_up_when_the_platform_has_forgotten_it(desk: Desk) -> None:
    desk.sends(JPG)
    with desk.fake.offline():
        for _ in range(8):
            desk.fetcher.fetch_due()
            desk.clock.advance(hours=12)
        assert desk.states() == [("未能获取", None)]


def test_two_processes_do_not_fetch_one_picture_at_once(desk: Desk) -> None:
    desk.sends(JPG)
    other = Database(desk.case.database.url)
    twin = PictureFetcher(other, desk.source, desk.folder, desk.clock, {})
    assert desk.fetcher.fetch_due() + twin.fetch_due() == 1
    other.close()
    assert len(desk.fake.calls("cgi-bin/media/get")) == 1


def test_the_clock_of_the_stand_in_forgets_media(fake: FakeWeChat) -> None:
    media_id = fake.platform.media.put(JPG)
    client = ApiClient(fake.url)
    tokens = wire(fake).official_tokens
    assert AuthorizedApi(client, tokens).download("cgi-bin/media/get", {"media_id": media_id}) == JPG
    fake.clock.advance(timedelta(days=3).total_seconds())
    answer = AuthorizedApi(client, tokens).download("cgi-bin/media/get", {"media_id": media_id})
    assert isinstance(answer, dict)
    assert answer["errcode"] == 40007
    assert datetime.fromtimestamp(fake.clock(), UTC).year > 2000
