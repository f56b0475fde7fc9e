"""Scripted faults strike where and when they are scripted; page and control work."""

from collections.abc import Iterator

import pytest
import requests

from tests.fake_wechat import FakeClock, FakeWeChat, Limits
from tests.fake_wechat.caller import Caller

ROBOT = "cgi-bin/webhook/send"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_767_225_600.0, rate=0)


@pytest.fixture
def fake(clock: FakeClock) -> Iterator[FakeWeChat]:
    with FakeWeChat(clock, limits=Limits(robot_per_minute=1000)) as server:
        yield server


@pytest.fixture
def caller(fake: FakeWeChat) -> Caller:
    return Caller(fake.url)


def test_a_fault_hits_exactly_the_scripted_call(fake: FakeWeChat, caller: Caller) -> None:
    fake.fault(ROBOT, "errcode:45009", at_call=2)
    assert [caller.robot()["errcode"] for _ in range(3)] == [0, 45009, 0]
    assert len(fake.received) == 2


def test_a_fault_hits_so_many_calls(fake: FakeWeChat, caller: Caller) -> None:
    fake.fault(ROBOT, "errcode:-1", at_call=2, times=2)
    assert [caller.robot()["errcode"] for _ in range(4)] == [0, -1, -1, 0]


def test_a_fault_lasts_so_many_seconds(fake: FakeWeChat, caller: Caller, clock: FakeClock) -> None:
    fake.fault(ROBOT, "errcode:-1", after_seconds=10, for_seconds=60)
    codes = []
    for step in (0, 10, 59, 1):
        clock.advance(step)
        codes.append(caller.robot()["errcode"])
    assert codes == [0, -1, -1, 0]


def test_a_fault_stays_on_its_path(fake: FakeWeChat, caller: Caller) -> None:
    fake.fault("cgi-bin/gettoken", "errcode:-1")
    assert caller.robot()["errcode"] == 0
    assert caller.gettoken()["errcode"] == -1


def test_a_star_hits_every_path(fake: FakeWeChat, caller: Caller) -> None:
    fake.fault("*", "errcode:-1")
    assert (caller.robot()["errcode"], caller.gettoken()["errcode"]) == (-1, -1)


def test_an_unknown_kind_of_fault_is_refused(fake: FakeWeChat) -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        fake.fault("*", "flood")


@pytest.mark.parametrize("kind", ["refuse", "drop_answer", "truncate"])
def test_an_answer_can_be_lost_with_the_connection(fake: FakeWeChat, caller: Caller, kind: str) -> None:
    fake.fault(ROBOT, kind)
    with pytest.raises(requests.RequestException):
        caller.robot()
    assert len(fake.received) == (0 if kind == "refuse" else 1)
    assert fake.n_lost_answers == 1


@pytest.mark.parametrize(("kind", "n_received"), [("hang", 0), ("hang_after", 1)])
def test_an_answer_can_hang(fake: FakeWeChat, kind: str, n_received: int) -> None:
    fake.fault(ROBOT, kind)
    address = f"{fake.url}/{ROBOT}?key=qingxun-demo-robot"
    with pytest.raises(requests.ReadTimeout):
        requests.post(address, json={"msgtype": "text", "text": {"content": "x"}}, timeout=0.1)
    assert len(fake.received) == n_received


def test_an_http_error_and_a_login_page_can_stand_in_for_the_answer(fake: FakeWeChat) -> None:
    fake.fault(ROBOT, "500", at_call=1)
    fake.fault(ROBOT, "html200", at_call=1)
    first, second = (requests.post(f"{fake.url}/{ROBOT}?key=k", json={}, timeout=2) for _ in range(2))
    assert first.status_code == 500
    assert second.status_code == 200
    assert second.text.startswith("<!doctype html>")


def test_offline_refuses_even_kept_connections_and_comes_back_on_the_same_port(fake: FakeWeChat) -> None:
    address = f"{fake.url}/received.json"
    with requests.Session() as session:
        assert session.get(address, timeout=2).status_code == 200
        with fake.offline(), pytest.raises(requests.ConnectionError):
            session.get(address, timeout=2)
        assert session.get(address, timeout=2).status_code == 200


def test_control_moves_the_clock_and_scripts_faults(
    fake: FakeWeChat, caller: Caller, clock: FakeClock
) -> None:
    before = clock()
    assert caller.control("clock", advance=90)["now"] == before + 90
    caller.control("fault", path=ROBOT, kind="errcode:-1", at_call=1)
    assert [caller.robot()["errcode"] for _ in range(2)] == [-1, 0]
    caller.control("fault", path=ROBOT, kind="errcode:-1")
    caller.control("faults/clear")
    assert caller.robot()["errcode"] == 0


def test_control_opens_windows_and_refuses_people(caller: Caller) -> None:
    token = caller.stable_token()["access_token"]
    caller.control("window", openid="o1")
    assert caller.custom(token)["errcode"] == 0
    caller.control("person", openid="o1", errcode=43004)
    assert caller.custom(token)["errcode"] == 43004


def test_control_answers_400_to_nonsense_and_403_to_foreign_pages(fake: FakeWeChat) -> None:
    def post(name: str, body: str, origin: str = "") -> int:
        headers = {"Origin": origin} if origin else {}
        address = f"{fake.url}/_control/{name}"
        return requests.post(address, data=body, headers=headers, timeout=2).status_code

    assert post("fault", "[]") == 400
    assert post("fault", "{") == 400
    assert post("say", '{"openid":"o1","text":"状态"}') == 400
    assert post("nothing", "{}") == 404
    assert post("clear", "{}", origin="http://elsewhere.example") == 403
    assert post("clear", "{}", origin=fake.url) == 200


def test_the_page_shows_the_newest_message_first_and_escapes_it(fake: FakeWeChat, caller: Caller) -> None:
    caller.robot("第一条")
    caller.robot("<script>alert(1)</script>")
    answer = requests.get(fake.url, timeout=2)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert answer.text.index("&lt;script&gt;") < answer.text.index("第一条")
    assert "督导工作群" in answer.text


def test_the_page_names_what_was_silently_dropped(clock: FakeClock) -> None:
    with FakeWeChat(clock, limits=Limits(member_per_minute=1)) as fake:
        caller = Caller(fake.url)
        token = caller.gettoken()["access_token"]
        for text in ("收到", "丢弃"):
            caller.app_message(token, text=text)
        page = requests.get(fake.url, timeout=2).text
        assert "被平台静默丢弃（1 条）" in page
        listed = requests.get(f"{fake.url}/received.json", timeout=2).json()
        assert [entry["text"] for entry in listed["received"]] == ["收到"]
        assert [entry["text"] for entry in listed["dropped"]] == ["丢弃"]


def test_an_oversized_body_is_refused(fake: FakeWeChat) -> None:
    answer = requests.post(f"{fake.url}/{ROBOT}", data=b"x" * ((1 << 20) + 1), timeout=2)
    assert answer.status_code == 413


def test_a_clock_can_run_fast() -> None:
    clock = FakeClock(1000.0, rate=1_000_000)
    assert clock() > 1000.0
    clock.set(5.0)
    assert clock() >= 5.0
