"""What is kept no longer goes, and nothing else; on both databases."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select

from monitor.delivery.outbox import OutboxState
from monitor.events import EventKind, InboundEvent, stable_key
from monitor.incidents.course import IncidentAct, IncidentState
from monitor.store.console.announcement_tables import AnnouncementReceiptRow, AnnouncementRow
from monitor.store.console.screen_tables import SharedLinkRow
from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow, PostRow
from monitor.store.oversight.tables import BriefLinkRow
from monitor.store.tables import ChatMessageRow, ConsoleSessionRow, ConsoleUserRow, table_of
from monitor.store.work_tables import KeptInputRow
from monitor.usecases.days.receive import Receiver
from monitor.usecases.incidents.acts import act_on
from monitor.usecases.operations.purge import PurgeReport, Retention, purge
from tests.cast import SOURCE, Cast
from tests.conftest import FrozenClock
from tests.monitor.incident_help import ADVERT, Case
from tests.monitor.outbox_help import bind, queue, rows

KEPT = Retention(text_days=30, input_days=30, session_days=7, outbox_days=90)


def write(database: Database, row: Any, *values: dict[str, Any]) -> None:
    database.write(lambda connection: connection.execute(insert(table_of(row)), list(values)))


def read(database: Database, row: Any, *order: str) -> list[Any]:
    table = table_of(row)
    with database.reading() as connection:
        return list(connection.execute(select(table).order_by(*(table.c[name] for name in order))).all())


def post(receiver: Receiver, when: datetime, text: str = "志愿服务") -> None:
    event = InboundEvent(
        EventKind.POST, SOURCE, stable_key(str(when)), when, "10001", sender_id="m", sender_name="王某",
        text=text,
    )  # fmt: skip
    receiver.receive([event])


def test_texts_and_names_of_old_posts_are_emptied_and_counts_stay(
    database: Database, receiver: Receiver, clock: FrozenClock
) -> None:
    now = clock()
    for n_days in (29, 30, 31, 400):
        post(receiver, now - timedelta(days=n_days))
    before = read(database, DayCountRow, "business_day")
    assert purge(database, clock, KEPT).n_posts == 2
    posts = read(database, PostRow, "business_day")
    assert [(row.text, row.sender_name) for row in posts] == [("", "")] * 2 + [("志愿服务", "王某")] * 2
    assert read(database, DayCountRow, "business_day") == before
    assert purge(database, clock, KEPT) == PurgeReport(0, 0, 0, 0, 0, 0)


def test_a_nightly_purge_looks_at_the_last_week_and_a_thorough_one_at_everything(
    database: Database, receiver: Receiver, clock: FrozenClock
) -> None:
    for n_days in (31, 37, 38, 200):
        post(receiver, clock() - timedelta(days=n_days))
    assert purge(database, clock, KEPT, thorough=False).n_posts == 2
    assert purge(database, clock, KEPT).n_posts == 2


def test_chats_inputs_sessions_and_settled_messages_go_when_their_time_is_over(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    now, moment = clock(), timedelta(seconds=1)
    chat = {"account": "demo", "address": "o1", "text": "状态", "reply": "答复"}
    for key, at in enumerate((now - timedelta(days=30) - moment, now - timedelta(days=30)), start=1):
        write(database, ChatMessageRow, chat | {"event_key": key, "received_at": at})
        write(
            database,
            KeptInputRow,
            {"id": f"E-{key}", "received_at": at, "source": "demo", "error": "x", "body": b"1"},
        )
    user = {
        "id": 1, "name": "a", "password_hash": "", "role": "", "unit_id": cast.units["QS"],
        "display_name": "", "n_failures": 0, "is_active": True,
    }  # fmt: skip
    write(database, ConsoleUserRow, user)
    session = {"user_id": 1, "created_at": now, "user_agent": ""}
    write(
        database,
        ConsoleSessionRow,
        session | {"token_hash": "old", "last_seen_at": now - timedelta(days=7) - moment},
        session | {"token_hash": "new", "last_seen_at": now - timedelta(days=7)},
    )
    report = purge(database, clock, KEPT)
    assert (report.n_chats, report.n_inputs, report.n_sessions) == (1, 1, 1)
    chats = read(database, ChatMessageRow, "event_key")
    assert [(row.text, row.reply) for row in chats] == [("", ""), ("状态", "答复")]
    assert [row.id for row in read(database, KeptInputRow)] == ["E-2"]
    assert [row.token_hash for row in read(database, ConsoleSessionRow)] == ["new"]


def test_settled_messages_are_deleted_and_waiting_ones_never(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    queue(database, bind(database, cast.units["LC"], bound_at=clock()), clock(), 2)
    from sqlalchemy import update

    from tests.monitor.outbox_help import outbox

    settled = update(outbox).where(outbox.c.id == 1).values(state=OutboxState.SENT.value, done_at=clock())
    database.write(lambda connection: connection.execute(settled))
    clock.advance(days=91)
    assert purge(database, clock, KEPT).n_messages == 1
    assert [row.id for row in rows(database)] == [2]


def test_many_rows_are_removed_in_several_transactions(database: Database, clock: FrozenClock) -> None:
    old = clock() - timedelta(days=31)
    kept = [
        {"id": f"E-{n}", "received_at": old, "source": "demo", "error": "x", "body": b"1"}
        for n in range(4_500)
    ]
    write(database, KeptInputRow, *kept)
    assert purge(database, clock, KEPT).n_inputs == 4_500


def test_evidence_of_an_incident_outlives_the_posts_text_until_a_year_after_closing(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    case, lc = Case(database, cast, clock), cast.viewer("LC")
    case.posted("LC0101")
    clock.advance(days=40)
    purge(database, clock)
    assert [row.text for row in read(database, PostRow, "business_day")] == [""]
    assert case.seen_by(lc).text == ADVERT
    for act in (IncidentAct.GUIDE, IncidentAct.CLOSE):
        case.acts(lc, partial(act_on, incident_id=1, act=act, note="已说明"))
    clock.advance(days=365)
    assert purge(database, clock).n_incidents == 0
    assert case.seen_by(lc).text == ADVERT
    clock.advance(seconds=1)
    assert purge(database, clock).n_incidents == 1
    emptied = case.seen_by(lc)
    assert (emptied.text, emptied.hits, emptied.places[0].sender) == ("", (), "")
    assert emptied.state is IncidentState.CLOSED


def test_links_and_receipts_go_when_they_are_long_over(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    now, unit = clock(), cast.units["LC"]
    made = now - timedelta(days=200)
    for number, end in enumerate((now, now - timedelta(days=89), now - timedelta(days=91)), start=1):
        link = {"unit_id": unit, "made_at": made, "made_by": "user:1", "revoked_by": "", "expires_at": end}
        link["token_hash"] = f"{number}"
        write(database, SharedLinkRow, link | {"kind": "大屏", "figure": "", "note": ""})
        write(database, BriefLinkRow, link)
        told = {"id": number, "unit_id": unit, "level": "一般", "title": "通知", "text": "通知"}
        days = {"first_day": made.date(), "last_day": end.date(), "published_at": made}
        by = {"published_by": "user:1", "published_by_name": "", "withdrawn_by": ""}
        write(database, AnnouncementRow, told | days | by)
        receipt = {"announcement_id": number, "reader": "chat:a", "read_at": now}
        write(database, AnnouncementReceiptRow, receipt)
    assert purge(database, clock, KEPT).n_leftovers == 3
    for row in (SharedLinkRow, BriefLinkRow):
        assert [one.token_hash for one in read(database, row, "token_hash")] == ["1", "2"]
    receipts = read(database, AnnouncementReceiptRow, "announcement_id")
    assert [one.announcement_id for one in receipts] == [1, 2]
    assert len(read(database, AnnouncementRow)) == 3
