"""Webhooks end to end inside one process: bytes in, answer out, rows behind; Flask and fast lane alike."""

import hashlib
import hmac
import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from bot.app import create_app, create_wsgi
from bot.services import Services, build_services
from bot.settings import Secrets, load_settings
from monitor.clock import system_clock
from monitor.store.database import Database
from monitor.store.days.tables import AccountDayRow, DayCountRow, PostRow
from monitor.store.tables import ChatMessageRow, UnregisteredGroupRow, table_of
from monitor.store.work_tables import KeptInputRow
from tests.cast import Cast

TOKEN, ONEBOT_SECRET, API_TOKEN = "qingxun-demo-token", "qingxun-demo-secret", "qingxun-demo-api"
Sent = tuple[int, bytes, str]
Send = Callable[..., Sent]


@pytest.fixture
def services(database_url: str, cast: Cast) -> Iterator[Services]:
    assert cast
    settings = load_settings(Path("config.toml"), {"QINGXUN_DATABASE_URL": database_url})
    built = build_services(settings, Secrets(settings.mode, {}), system_clock)
    yield built
    built.database.close()


@pytest.fixture(params=["fast lane", "flask"])
def send(request: pytest.FixtureRequest, services: Services) -> Send:
    """Send a request through the fast lane or through Flask's view."""
    app: Any = create_wsgi(services) if request.param == "fast lane" else create_app(services).wsgi_app

    def through(method: str, url: str, body: bytes = b"", **headers: str) -> Sent:
        path, _, query = url.partition("?")
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "x",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
        }  # fmt: skip
        for name, value in headers.items():
            key = name.upper()
            environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        seen: list[Any] = []
        answer = b"".join(app(environ, lambda status, headers, *_: seen.append((status, dict(headers)))))
        return int(seen[0][0][:3]), answer, seen[0][1].get("Content-Type", "")

    return through


def signed(
    path: str = "/wechat/demo", *, token: str = TOKEN, at: float | None = None, nonce: str = "n1"
) -> str:
    timestamp = str(int(at or time.time()))
    signature = hashlib.sha1("".join(sorted((token, timestamp, nonce))).encode()).hexdigest()  # noqa: S324
    return f"{path}?signature={signature}&timestamp={timestamp}&nonce={nonce}"


def text_message(text: str, message_id: int = 1, sender: str = "o-visitor") -> bytes:
    return (
        f"<xml><ToUserName><![CDATA[gh_demo]]></ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{text}]]></Content><MsgId>{message_id}</MsgId></xml>"
    ).encode()


def onebot(message_id: int = 1, text: str = "志愿服务集合", group: int = 10001) -> bytes:
    event = {
        "time": int(time.time()), "self_id": 1, "post_type": "message", "message_type": "group",
        "sub_type": "normal", "message_id": message_id, "group_id": group, "user_id": 7, "message": text,
        "raw_message": text, "font": 0, "sender": {"user_id": 7, "nickname": "某同学"},
    }  # fmt: skip
    return json.dumps(event).encode()


def onebot_headers(body: bytes) -> dict[str, str]:
    return {
        "x_self_id": "1",
        "x_signature": "sha1=" + hmac.digest(ONEBOT_SECRET.encode(), body, "sha1").hex(),
    }


def n_rows(services: Services, row: Any) -> int:
    with services.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table_of(row))) or 0


def test_the_platform_can_verify_the_address(send: Send) -> None:
    status, body, _ = send("GET", signed() + "&echostr=4711")
    assert (status, body) == (200, b"4711")


def test_a_stranger_is_told_how_to_bind(send: Send, services: Services) -> None:
    status, body, content_type = send("POST", signed(), text_message("状态"))
    assert status == 200
    assert content_type.startswith("application/xml")
    assert "您尚未绑定。请回复：绑定 邀请码" in body.decode()
    assert n_rows(services, ChatMessageRow) == 1


def test_the_same_message_gets_the_same_reply(send: Send, services: Services) -> None:
    message = text_message("状态")
    answers = {
        send("POST", signed(nonce=f"n{number}"), message)[1].split(b"<Content>")[1] for number in range(3)
    }
    assert len(answers) == 1
    assert n_rows(services, ChatMessageRow) == 1


def test_a_signed_group_post_is_counted_and_answered_without_a_body(send: Send, services: Services) -> None:
    for number in (1, 2, 2):
        body = onebot(number)
        assert send("POST", "/onebot/demo", body, **onebot_headers(body)) == (204, b"", "")
    assert n_rows(services, PostRow) == 2
    with services.database.reading() as connection:
        [row] = connection.execute(select(table_of(DayCountRow)))
    assert (row.n_posts, row.n_relevant) == (2, 2)


def test_a_post_of_an_unknown_group_stores_no_text(send: Send, services: Services) -> None:
    body = onebot(group=99)
    assert send("POST", "/onebot/demo", body, **onebot_headers(body))[0] == 204
    assert n_rows(services, PostRow) == 0
    assert n_rows(services, UnregisteredGroupRow) == 1


def test_a_batch_keeps_the_good_and_names_the_bad(send: Send, services: Services) -> None:
    good = {"source": "demo", "group_id": "10001", "message_id": "a1", "sender_id": "m1",
            "sent_at": int(time.time()), "kind": "text", "text": "团课通知"}  # fmt: skip
    items = [good, good, good | {"message_id": "a2", "kind": "?"}, good | {"group_id": "99"}, 7,
             good | {"message_id": "a3", "sent_at": int(time.time()) + 7200},
             good | {"message_id": "a4", "source": "other"}]  # fmt: skip
    status, body, _ = send(
        "POST", "/api/v1/posts", json.dumps(items).encode(),
        authorization=f"Bearer {API_TOKEN}", content_type="application/json",
    )  # fmt: skip
    assert status == 200
    results = json.loads(body)["results"]
    assert [result["status"] for result in results] == [
        "accepted", "duplicate", "rejected", "unregistered", "rejected", "rejected", "rejected",
    ]  # fmt: skip
    assert all(result["reason"] for result in results if result["status"] == "rejected")
    assert n_rows(services, PostRow) == 1


def test_ndjson_keeps_its_good_lines(send: Send, services: Services) -> None:
    good = {"group_id": "10001", "message_id": "a1", "sent_at": int(time.time()), "kind": "text", "text": "x"}
    body = json.dumps(good).encode() + b"\n{broken\n" + json.dumps(good | {"message_id": "a2"}).encode()
    headers = {"authorization": f"Bearer {API_TOKEN}", "content_type": "application/x-ndjson"}
    status, answer, _ = send("POST", "/api/v1/posts", body, **headers)
    assert status == 200
    assert [item["status"] for item in json.loads(answer)["results"]] == ["accepted", "rejected", "accepted"]
    assert n_rows(services, PostRow) == 2


def test_a_finished_mass_send_counts_its_articles(send: Send, services: Services) -> None:
    fixture = Path("tests/fixtures/wechat/oa_event_masssendjobfinish_success.xml").read_bytes()
    for number in range(2):
        assert send("POST", signed(nonce=f"m{number}"), fixture)[:2] == (200, b"success")
    with services.database.reading() as connection:
        [row] = connection.execute(select(table_of(AccountDayRow)))
    assert row.n_articles == 1


DEEP = b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>"
BOMB = b'<!DOCTYPE x [<!ENTITY a "ha">]><xml><MsgType>&a;</MsgType></xml>'


@pytest.mark.parametrize(
    ("method", "url", "body", "status"),
    [
        ("POST", "/wechat/demo", text_message("x"), 403),
        ("POST", lambda: signed(token="wrong"), text_message("x"), 403),
        ("POST", lambda: signed(at=time.time() - 301), text_message("x"), 403),
        ("POST", lambda: signed(at=time.time() + 400), text_message("x"), 403),
        ("GET", "/wechat/demo?echostr=1", b"", 403),
        ("POST", signed, b"", 400),
        ("POST", signed, b"<xml>", 400),
        ("POST", signed, b"\xff\xfe", 400),
        ("POST", signed, DEEP, 400),
        ("POST", signed, BOMB, 400),
        ("POST", signed, b"[" * 30_000, 400),
        ("POST", signed, b"{" + b'"a":{' * 5000, 400),
        ("POST", signed, b"<xml>" + b"x" * 65_536 + b"</xml>", 413),
        ("POST", "/onebot/demo", b"{}", 403),
        ("POST", "/onebot/demo", b"x" * 65_537, 413),
        ("POST", "/api/v1/posts", b"[]", 403),
        ("POST", "/api/v1/posts", b" " * (8 * 1024 * 1024 + 1), 413),
        ("POST", "/wechat/unknown", b"x", 404),
        ("POST", "/onebot/unknown", b"x", 404),
    ],
)
def test_a_hostile_request_is_refused_and_changes_nothing(
    send: Send, services: Services, method: str, url: Any, body: bytes, status: int
) -> None:
    answer = send(method, url if isinstance(url, str) else url(), body)
    assert answer[0] == status
    assert TOKEN.encode() not in answer[1]
    assert (
        n_rows(services, ChatMessageRow) == n_rows(services, KeptInputRow) == n_rows(services, PostRow) == 0
    )


def test_a_nonce_seen_with_another_body_is_refused(send: Send) -> None:
    url, body = signed(nonce="once"), text_message("一", 1)
    assert send("POST", url, body)[0] == 200
    assert send("POST", url, body)[0] == 200
    assert send("POST", url, text_message("二", 2))[0] == 403


@pytest.mark.parametrize(
    "body", [b"{broken", b"[]", b'{"post_type":7}', b"\x00", b'{"post_type":"message"}' * 2]
)
def test_a_signed_but_broken_post_is_a_bad_request(send: Send, body: bytes) -> None:
    assert send("POST", "/onebot/demo", body, **onebot_headers(body))[0] == 400


def test_a_failure_on_our_side_is_kept_and_told_with_its_number(
    send: Send, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("a defect")

    monkeypatch.setattr(services.webhooks._conversation, "reply", fail)
    status, body, _ = send("POST", signed(), text_message("状态"))
    assert status == 200
    assert "系统忙，编号 E-" in body.decode()
    assert n_rows(services, KeptInputRow) == 1


def test_a_database_that_is_away_is_answered_so_that_the_platform_delivers_again(
    send: Send, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.errors import StorageError

    def refuse(*_: object) -> None:
        raise StorageError("away")

    monkeypatch.setattr(Database, "write_bulk", refuse)
    body = onebot()
    assert send("POST", "/onebot/demo", body, **onebot_headers(body))[0] == 503
    assert send("POST", signed(), text_message("状态"))[0] == 503


def test_flask_serves_every_webhook_of_the_fast_lane(services: Services) -> None:
    app: Flask = create_app(services)
    adapter = app.url_map.bind("localhost")
    for path in services.webhooks._posts:
        endpoint, _ = adapter.match(path, method="POST")
        assert endpoint.startswith("callback ")
