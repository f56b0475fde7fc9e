"""What happens on the wire decides between certainly not sent and perhaps sent; nothing secret gets out."""

import io
import logging
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator

import pytest

from bot.channels.http import ApiClient, CallFailed
from bot.channels.redaction import MASK, mask_named_values, safe_text
from bot.channels.wecom_app import WecomApp
from bot.channels.wecom_robot import WecomRobot
from monitor.errors import DeliveryError
from monitor.ports import OutboundMessage
from tests.fake_wechat import (
    DEMO_APP_ID,
    DEMO_CORP_ID,
    Accounts,
    Corp,
    FakeClock,
    FakeWeChat,
    Limits,
    OfficialApp,
)
from tests.fake_wechat.wiring import MemoryUploads, Wiring, wire

APP_CANARY = "CANARY-app+secret/4711"
CORP_CANARY = "CANARY-corp+secret/4712"
KEY_CANARY = "CANARY-robot+key/4713"
TEXT_CANARY = "某同学的原话4714"
CUSTOM, ROBOT = "cgi-bin/message/custom/send", "cgi-bin/webhook/send"
ALL_KINDS = (
    "refuse",
    "500",
    "502",
    "504",
    "html200",
    "hang",
    "hang_after",
    "drop_answer",
    "truncate",
    "echo",
    "huge",
    "redirect:http://127.0.0.1:9/?access_token=x",
    "errcode:40001",
    "errcode:45009",
    "errcode:-1",
)


@pytest.fixture
def fake() -> Iterator[FakeWeChat]:
    accounts = Accounts(
        official={DEMO_APP_ID: OfficialApp(APP_CANARY)},
        corps={DEMO_CORP_ID: Corp({CORP_CANARY: 1000002})},
        robots={KEY_CANARY: "督导工作群"},
    )
    clock = FakeClock(1_767_225_600.0, rate=0)
    with FakeWeChat(clock, accounts, Limits(is_every_window_open=True)) as server:
        yield server


@pytest.fixture
def wiring(fake: FakeWeChat, request: pytest.FixtureRequest) -> Wiring:
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    return wire(fake, APP_CANARY, CORP_CANARY, KEY_CANARY, kind_of_fault=str(parameters.get("kind", "")))


def to(target: str, key: str = "k1") -> OutboundMessage:
    return OutboundMessage(target, "预警", TEXT_CANARY, key)


def failure_of(send: Callable[[], object]) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        send()
    return error.value


@pytest.mark.parametrize("kind", ["500", "html200", "redirect:http://127.0.0.1:9/"])
def test_an_error_page_means_certainly_not_sent(fake: FakeWeChat, wiring: Wiring, kind: str) -> None:
    fake.fault(CUSTOM, kind)
    error = failure_of(lambda: wiring.customer_service.send(to("o1")))
    assert (error.ambiguous, error.permanent) == (False, False)
    assert fake.received == []


@pytest.mark.parametrize(
    "kind", ["refuse", "502", "504", "hang", "hang_after", "drop_answer", "truncate", "huge"]
)
def test_a_lost_answer_means_perhaps_sent(fake: FakeWeChat, wiring: Wiring, kind: str) -> None:
    fake.fault(CUSTOM, kind)
    error = failure_of(lambda: wiring.customer_service.send(to("o1")))
    assert (error.ambiguous, error.permanent) == (True, False)


def test_a_platform_that_is_away_means_certainly_not_sent(fake: FakeWeChat, wiring: Wiring) -> None:
    wiring.official_tokens.token()
    with fake.offline():
        error = failure_of(lambda: wiring.customer_service.send(to("o1")))
        assert (error.ambiguous, error.permanent) == (False, False)
    wiring.customer_service.send(to("o1"))
    assert len(fake.received) == 1


@pytest.mark.parametrize("kind", ["drop_answer", "500", "html200", "truncate"])
def test_a_failed_call_carries_no_library_error_that_could_be_logged(fake: FakeWeChat, kind: str) -> None:
    fake.fault(ROBOT, kind)
    with pytest.raises(CallFailed) as error:
        ApiClient(fake.url).post(ROBOT, {}, {"key": KEY_CANARY})
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_an_accepted_message_to_an_invalid_member_is_a_permanent_error() -> None:
    class FixedTokens:
        def token(self) -> str:
            return "t"

        def replace(self, rejected: str) -> str:
            return rejected

    with CannedServer(b'{"errcode":0,"errmsg":"ok","invaliduser":"li|zhang"}') as url:
        channel = WecomApp(ApiClient(url), FixedTokens(), 1000002, MemoryUploads())
        error = failure_of(lambda: channel.send(to("Zhang")))
    assert (error.permanent, error.ambiguous) == (True, False)


def test_an_unknown_host_means_certainly_not_sent() -> None:
    with pytest.raises(CallFailed) as error:
        ApiClient("http://no-such-host.invalid").get("cgi-bin/token", {"secret": APP_CANARY})
    assert not error.value.ambiguous


def test_an_address_that_is_none_means_certainly_not_sent() -> None:
    with pytest.raises(CallFailed) as error:
        ApiClient("not an address").get("cgi-bin/token", {"secret": APP_CANARY})
    assert not error.value.ambiguous


@pytest.mark.parametrize("kind", ["refuse", "500", "html200", "hang", "drop_answer", "truncate"])
def test_a_failed_token_fetch_means_certainly_not_sent(fake: FakeWeChat, wiring: Wiring, kind: str) -> None:
    fake.fault("cgi-bin/stable_token", kind)
    error = failure_of(lambda: wiring.customer_service.send(to("o1")))
    assert (error.ambiguous, error.permanent) == (False, False)
    assert fake.calls(CUSTOM) == []


def test_a_redirect_is_not_followed(fake: FakeWeChat, wiring: Wiring) -> None:
    fake.fault(ROBOT, f"redirect:{fake.url}/cgi-bin/gettoken")
    failure_of(lambda: wiring.wecom_robot.send(to("督导工作群")))
    assert fake.calls("cgi-bin/gettoken") == []


@pytest.mark.parametrize(
    ("body", "ambiguous"),
    [
        (b'{"errcode":0}', None),
        (b"", True),
        (b"[]", True),
        (b"null", True),
        (b'{"errcode":"0"}', True),
        (b'{"errcode":true}', True),
        (b'{"errmsg":"ok"}', True),
        (b"\xff\xfe", True),
        (b"[" * 60_000, True),
        (b"  <html>", False),
    ],
)
def test_only_the_apis_own_json_counts_as_an_answer(body: bytes, ambiguous: bool | None) -> None:
    with CannedServer(body) as url:
        robot = WecomRobot(ApiClient(url), {"群": "k"})
        if ambiguous is None:
            robot.send(to("群"))
        else:
            assert failure_of(lambda: robot.send(to("群"))).ambiguous is ambiguous


def test_an_answer_that_drips_is_cut_off() -> None:
    with CannedServer(b"x" * 400, drip_seconds=0.05) as url:
        started = time.monotonic()
        with pytest.raises(CallFailed) as error:
            ApiClient(url, read_seconds=0.2).get("cgi-bin/token", {})
        assert error.value.ambiguous
        assert time.monotonic() - started < 10  # of the twenty that it would take


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_no_secret_token_or_text_appears_in_errors_or_logs(
    fake: FakeWeChat, wiring: Wiring, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    written = io.StringIO()
    tokens = [wiring.official_tokens.token(), wiring.wecom_tokens.token()]
    sends = {
        "official": lambda: wiring.customer_service.send(to("o1")),
        "wecom": lambda: wiring.wecom_app.send(to("zhang")),
        "robot": lambda: wiring.wecom_robot.send(to("督导工作群")),
    }
    fake.fault("*", kind)
    for send in sends.values():
        failure_of_traced(send, written)
    for tokens_service in (
        wire(fake, APP_CANARY, kind_of_fault=kind).official_tokens,
        wire(fake, "", CORP_CANARY, kind_of_fault=kind).wecom_tokens,
    ):
        failure_of_traced(tokens_service.token, written)
    everything = written.getvalue() + caplog.text + repr(wiring)
    assert "POST /cgi-bin" in caplog.text
    for canary in (APP_CANARY, CORP_CANARY, KEY_CANARY, TEXT_CANARY, "CANARY", *tokens):
        assert canary not in everything


def test_named_values_are_masked_in_any_spelling() -> None:
    line = "GET /x?access_token=abc&corpsecret=d%2Fe&openid=o1 {\"secret\": \"f\", 'key': 'g'} appsecret=h"
    masked = mask_named_values(line)
    assert masked == (
        f"GET /x?access_token={MASK}&corpsecret={MASK}&openid=o1 "
        f"{{\"secret\": \"{MASK}\", 'key': '{MASK}'}} appsecret={MASK}"
    )


def test_a_platforms_words_are_cut_to_one_short_ascii_line() -> None:
    assert safe_text("bad\r\n\x1b[31m 请求内容 a+b a%2Bb", ["a+b"]) == f"bad [31m {MASK} {MASK}"
    assert len(safe_text("x" * 1000)) == 160


def failure_of_traced(send: Callable[[], object], written: io.StringIO) -> None:
    try:
        send()
    except Exception as error:  # noqa: BLE001 (every trace is examined)
        written.write("".join(traceback.format_exception(error)))
        while error is not None:
            written.write(repr(error) + str(error) + repr(vars(error)))
            error = error.__cause__ or error.__context__  # type: ignore[assignment]


class CannedServer:
    """Answers one connection with fixed bytes, at once or one byte at a time."""

    def __init__(self, body: bytes, drip_seconds: float = 0) -> None:
        self._body, self._drip = body, drip_seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._stopped = threading.Event()

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            _read_request(connection)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(self._body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            try:
                size = 1 if self._drip else len(self._body) + 1
                for start in range(0, len(self._body), size):
                    connection.sendall(self._body[start : start + size])
                    self._stopped.wait(self._drip)
            except OSError:
                return


def _read_request(connection: socket.socket) -> None:
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += connection.recv(65536)
    head, _, body = seen.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: (\d+)", head.lower())
    missing = int(found[1]) - len(body) if found else 0
    while missing > 0:
        missing -= len(connection.recv(missing))
