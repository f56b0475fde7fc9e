"""Every room of the console in a real browser: one walk per size and role, each page in both themes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.assessment.evidence import accept_picture
from monitor.console.announcements import Level, NewAnnouncement
from monitor.delivery.outbox import MessageKind, NewMessage, OutboxState
from monitor.index.videos import NewVideo
from monitor.registers import RegisterKind
from monitor.store import directory
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.days.posts import insert_posts
from monitor.store.delivery.outbox import enqueue, settle
from monitor.store.people.pictures import DuePicture, NewPicture, finish_kept, insert_picture
from monitor.store.weekly import rows as weekly
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.assessment.lower import LowerResult, record_lower
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.console.announce import publish
from monitor.usecases.days.self_reporting import PICTURE, Bench, make_report
from monitor.usecases.index.contacts import ContactDuty, NamedContact, name_contact
from monitor.usecases.index.count_videos import CounterRow, save_counters
from monitor.usecases.index.feedback import send_feedback
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.index.submit_video import find_school, store_video
from monitor.usecases.oversight.desk import Oversight
from monitor.usecases.oversight.registers import NewEntry, record_entry
from monitor.usecases.people.sign_in import SignIn
from monitor.usecases.rules.in_force import FixedRules
from monitor.usecases.spot_checks.desk import SpotChecks
from monitor.usecases.spot_checks.draw import make_draw
from monitor.usecases.spot_checks.file import file_spot_check
from monitor.usecases.spot_checks.visits import file_phone_check, plan_cross_visits
from monitor.usecases.weekly.desk import WeeklyDesk, submit
from monitor.weekly import Week
from scoring.rulebook import Rulebook, load_rulebook
from tests.conftest import FrozenClock
from tests.monitor.incident_help import suspect
from tests.web.browsing import NEEDS, SIZES, Visit, opened_browser, served, sync_api
from tests.web.conftest import QUICK, make_app
from tests.web.filling import PASSWORD
from tests.web.test_learning import add_learning

pytestmark = NEEDS
W46 = Week(date(2026, 11, 9))
SCREENSHOT = (Path(__file__).parents[2] / "docs" / "overview.png").read_bytes()

WALKS = {  # who → the addresses they open; the name of a picture is made from the address
    "province": (
        "/incidents",
        "/incidents/1",
        "/assess/2026",
        "/assess/2026/LC",
        "/assess/2026/LC/HN-A1.2",
        "/registers",
        "/registers/1",
        "/registers?kind=调整要求",
        "/reminders",
        "/index",
        "/index/QD",
        "/rankings?period=month",
        "/rules",
        "/rules/figures",
        "/lexicon",
        "/lexicon/hits",
        "/model",
        "/signals",
        "/rules/trial",
        "/search?q=lc",
        "/groups?unit=LC&state=unmet",
        "/accounts",
        "/alerts",
        "/shares",
        "/checks",
        "/checks/CC-2026-0001",
        "/checks/draw/PC-2026-0001?verify=1",
        "/visits",
        "/lower?year=2026",
        "/contacts",
        "/videos?month=2026-11",
        "/weekly",
        "/weekly/2026-W46?unit=LC",
        "/weekly/year/2026",
        "/self-reports",
        "/announcements",
    ),
    "operator": (
        "/ops",
        "/announcements/1",
        "/system/dictionaries",
        "/pushes?state=全部",
        "/security",
        "/system/users",
        "/system/users/1",
        "/system/users/new?q=鹭川",
        "/system/sessions",
        "/system/audit",
        "/system/retention",
    ),
    "luchuan": (
        "/ledger",
        "/ledger/group/LC0101",
        "/managers",
        "/approvals",
        "/lower",
        "/contacts",
        "/unregistered",
        "/reports?kind=简报&period=2026-11",
        "/brief/2026-11",
        "/weekly/2026-W46",
        "/self-reports",
        "/checks/CC-2026-0001",
        "/assess/2026/LC",
        "/assess/2026/LC/HN-A1.3",
        "/?day=2026-11-19#menu",
        "/lexicon/test",
    ),
}


def inspect(database: Database, clock: FrozenClock, rulebook: Rulebook) -> None:
    """Draw, file and plan a little, so that the rooms of 督导 have something to show."""
    desk = SpotChecks(database, clock, rulebook, new_seed=lambda: "5a" * 16)
    inspector = Viewer("console:1", Role.INSPECTOR, UnitId(1), "/1/", "province 用户")
    desk.write(inspector, lambda sitting: make_draw(sitting, "LC", 3))
    for code, n_posts in (("LC0001", 1), ("LC0101", 0), ("YS0001", 12)):
        desk.write(inspector, partial(file_spot_check, group_code=code, n_posts=n_posts))
    desk.write(inspector, lambda sitting: plan_cross_visits(sitting, ["LC", "YS", "QD"], date(2026, 12, 8)))
    desk.write(inspector, lambda sitting: file_phone_check(sitting, "LC01", "每日有专人维护", "书记", "张某"))


def serve_duties(database: Database, clock: FrozenClock) -> None:
    """Record an own assessment of the lower level, name a contact, hand in a video and count it."""
    city = Viewer("console:2", Role.UNIT_ADMIN, UnitId(2), "/1/2/", "luchuan 用户")
    province = Viewer("console:1", Role.INSPECTOR, UnitId(1), "/1/", "province 用户")
    rules, results = shipped_media().rules, (LowerResult("LC01", "8.5", "优秀"),)
    Assessments(database, clock).write(
        city,
        lambda s: record_lower(s, 2026, "对下考核办法", "鹭团发〔2026〕3号", results, copies_rubric=True),
    )
    named = NamedContact("QD", ContactDuty.LIAISON, "周某", "0898-1234567", date(2026, 9, 1))
    video = NewVideo("木棉花开", Decimal(15), 1080, 1920, "a" * 64, link="https://v.example.cn/1")

    def work(connection: Any) -> None:
        name_contact(connection, province, rules.head.unit_kinds, named, clock())
        send_feedback(connection, city, "", "平台团员数与台账不一致", clock())
        school = find_school(connection, province, "QD", rules)
        number = store_video(connection, school, video, clock(), "chat:QD", rules).number
        row = CounterRow(number, date(2026, 11, 20), 1_200, 30, None, "平台后台导出")
        save_counters(connection, province, row, clock())

    database.write(work)


def oversee(database: Database, clock: FrozenClock) -> None:
    """Enter a 约谈 and a 调整要求, let a push fail, and let an operator in."""
    inspector = Viewer("console:1", Role.INSPECTOR, UnitId(1), "/1/", "province 用户")
    desk = Oversight(database, clock)
    today = date(2026, 11, 20)
    notice = NewAnnouncement("QS", Level.URGENT, "周五前上报微信周报", "请各单位核对。", today, today)
    desk.write(inspector, lambda chair: publish(chair, notice))
    talk = NewEntry(RegisterKind.TALK, "LC", "一月内三次抽查为差，整改说明逾期")
    order = NewEntry(RegisterKind.ADJUSTMENT, "YS", "连续14天无动作", person="王某")
    for entry in (talk, order):
        desk.write(inspector, partial(record_entry, new=entry))
    message = NewMessage("k", MessageKind.ALERT, "robot:inspectors", "停更 3 天", "停更 3 天")
    database.write(lambda connection: enqueue(connection, [message], clock()))
    database.write(lambda connection: settle(connection, [1], OutboxState.DEAD, clock()))
    SignIn(database, clock, QUICK).save_user("operator", PASSWORD, Role.OPERATOR, "QS")


def report(database: Database, clock: FrozenClock, folder: Path) -> None:
    """Let week 46 be reported on in part, and a manager report twice with one screenshot."""

    def work(connection: Any) -> None:
        due = datetime(2026, 11, 16, 4, tzinfo=UTC)
        weekly.save_call(connection, W46, due, due)
        unit = directory.load_unit_by_code(connection, "YS")
        group = directory.load_group_by_code(connection, "LC0001")
        assert unit is not None
        assert group is not None
        viewer = Viewer("chat:8", Role.UNIT_ADMIN, unit.unit_id, unit.path, "云杉管理员")
        submit(WeeklyDesk(connection, viewer, clock(), FixedRules(load_rulebook())), W46)
        held = frozenset((group.group_id,))
        manager = Viewer("chat:9", Role.GROUP_MANAGER, group.unit_id, group.unit_path, "李群管", held)
        number = make_report(Bench(connection, manager, clock()), group, date(2026, 11, 20), 8, 2)
        file = accept_picture("shot", SCREENSHOT)
        EvidenceFolder(folder).put(file)
        for n in (1, 2):
            picture = NewPicture("demo", "p", n, f"M{n}", "chat:9", clock())
            kept = insert_picture(connection, picture, PICTURE, number.report.number)
            due_one = DuePicture(kept, "demo", "M", "chat:9", PICTURE, number.report.number, clock(), 1)
            finish_kept(connection, due_one, file, clock())

    database.write(work)


@pytest.fixture(scope="module")
def site(
    filled_template: Path, rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("rooms")
    file = folder / "filled.db"
    file.write_bytes(filled_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    clock = FrozenClock()
    inspect(database, clock, rulebook)
    oversee(database, clock)
    serve_duties(database, clock)
    report(database, clock, folder / "evidence")
    add_learning(database, clock)
    database.write_bulk(insert_posts, [suspect(1, clock.now), suspect(3, clock.now), suspect(2, clock.now)])
    with served(make_app(database, clock, rulebook, folder / "evidence")) as address:
        yield address
    database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with opened_browser() as browser:
        yield browser


@pytest.mark.parametrize("name", WALKS)
@pytest.mark.parametrize("size", SIZES)
def test_every_room_is_clean_accessible_and_fits(
    browser: "sync_api.Browser", site: str, size: str, name: str
) -> None:
    visit = Visit(browser, site, size, "light")
    visit.sign_in(name, PASSWORD)
    for address in WALKS[name]:
        picture = name + address.replace("/", "_").replace("?", "_").replace("#", "_")
        visit.open(address)
        visit.picture(picture)
        assert visit.page.locator("h1").count() == 1, address
        assert visit.small_targets() == [], address
        visit.require_accessible()
        visit.switch("dark")
        visit.picture(picture)
        visit.require_contrast()
        visit.require_clean()
        visit.switch("light")
    visit.context.close()
