"""The stand-in calls the project as WeChat does: signed, five seconds, three tries."""

import threading
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from tests.fake_wechat import Envelope, FakeClock, FakeWeChat, Subscriber, event_push, signature, text_push
from tests.fake_wechat.caller import Caller
from tests.fake_wechat.messages import Fields, Mode, read_xml, to_xml

TOKEN = "callback-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wxdemo0000000001"
Responder = Callable[[str, dict[str, str], str], tuple[int, str] | None]


def succeed(method: str, query: dict[str, str], body: str) -> tuple[int, str] | None:
    return 200, query["echostr"] if method == "GET" else "success"


@dataclass
class Callback:
    """The project's side of the wire: notes what comes and answers as told; None never answers."""

    respond: Responder = succeed
    seen: list[tuple[dict[str, str], str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def handle(self, method: str, target: str, body: str) -> tuple[int, str]:
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query))
        self.seen.append((query, body))
        answer = self.respond(method, query, body)
        if answer is None:
            self.released.wait(5)
            return 200, "success"
        return answer


@pytest.fixture
def callback() -> Iterator[Callback]:
    stub = Callback()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            status, text = stub.handle(method, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        stub.url = f"http://127.0.0.1:{server.server_address[1]}/wechat/demo"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield stub
        stub.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def fake() -> FakeWeChat:
    return FakeWeChat(FakeClock(1_767_225_600.0, rate=0))


def subscriber(callback: Callback, mode: Mode = "plain") -> Subscriber:
    return Subscriber(callback.url, TOKEN, "gh_demo", mode, AES_KEY, APP_ID)


def passive_reply(text: str, to: str = "o1") -> str:
    fields: Fields = {
        "ToUserName": to,
        "FromUserName": "gh_demo",
        "CreateTime": 1,
        "MsgType": "text",
        "Content": text,
    }
    return to_xml(fields)


def test_the_documented_signature_vector_is_met() -> None:
    assert signature("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


def test_the_envelope_and_an_independent_codec_read_each_other() -> None:
    codec = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    sealed = Envelope(AES_KEY, APP_ID).encrypt("<xml>团</xml>")
    expected = signature(TOKEN, "1", "2", sealed)
    assert codec.decrypt_message(to_xml({"Encrypt": sealed}), expected, "1", "2") == "<xml>团</xml>"
    back = read_xml(codec.encrypt_message("答复", "2", "1"))
    assert Envelope(AES_KEY, APP_ID).decrypt(back["Encrypt"]) == "答复"


def test_the_envelope_refuses_a_foreign_receiver() -> None:
    sealed = Envelope(AES_KEY, "wxother").encrypt("x")
    with pytest.raises(ValueError, match="receive id"):
        Envelope(AES_KEY, APP_ID).decrypt(sealed)


def test_a_plain_push_is_signed_and_readable(fake: FakeWeChat, callback: Callback) -> None:
    result = fake.engine.deliver(
        subscriber(callback), text_push("gh_demo", "o1", "状态 ]]> 琼海", fake.clock())
    )
    query, body = callback.seen[0]
    check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
    assert "msg_signature" not in query
    assert read_xml(body)["Content"] == "状态 ]]> 琼海"
    assert result.last.verdict == "success"
    assert fake.received == []


def test_a_safe_push_carries_only_the_encrypted_copy(fake: FakeWeChat, callback: Callback) -> None:
    fake.engine.deliver(subscriber(callback, "safe"), text_push("gh_demo", "o1", "状态", fake.clock()))
    query, body = callback.seen[0]
    codec = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    plain = codec.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
    assert read_xml(plain)["Content"] == "状态"
    assert set(read_xml(body)) == {"ToUserName", "Encrypt"}
    assert query["encrypt_type"] == "aes"


def test_a_compatible_push_carries_both_copies(fake: FakeWeChat, callback: Callback) -> None:
    fake.engine.deliver(subscriber(callback, "compatible"), text_push("gh_demo", "o1", "状态", fake.clock()))
    fields = read_xml(callback.seen[0][1])
    assert fields["Content"] == "状态"
    assert fields["Encrypt"]


def test_a_wecom_push_is_encrypted_with_msg_signature_alone(fake: FakeWeChat, callback: Callback) -> None:
    wecom = Subscriber(callback.url, TOKEN, "ww1", "safe", AES_KEY, "ww1", agent_id=1000002)
    fake.engine.deliver(wecom, text_push("ww1", "zhang", "状态", fake.clock()))
    query, body = callback.seen[0]
    assert "signature" not in query
    assert read_xml(body)["AgentID"] == "1000002"
    assert fake.platform.official._windows == {}


def test_the_access_check_wants_the_bare_echo(fake: FakeWeChat, callback: Callback) -> None:
    assert fake.engine.verify_url(subscriber(callback))
    callback.respond = lambda method, query, body: (200, f'"{query["echostr"]}"')
    assert not fake.engine.verify_url(subscriber(callback))


def test_the_wecom_access_check_wants_the_decrypted_echo(fake: FakeWeChat, callback: Callback) -> None:
    wecom = Subscriber(callback.url, TOKEN, "ww1", "safe", AES_KEY, "ww1", agent_id=1)
    assert not fake.engine.verify_url(wecom)
    callback.respond = lambda _m, query, _b: (200, Envelope(AES_KEY, "ww1").decrypt(query["echostr"]))
    assert fake.engine.verify_url(wecom)


def test_a_silent_callback_is_called_three_times_with_fresh_signatures(
    fake: FakeWeChat, callback: Callback
) -> None:
    callback.respond = lambda *_: None
    fake.engine.answer_seconds = 0.15
    result = fake.engine.deliver(subscriber(callback), text_push("gh_demo", "o1", "状态", fake.clock()))
    assert [attempt.verdict for attempt in result.tries] == ["timeout"] * 3
    assert len({query["nonce"] for query, _ in callback.seen}) == 3
    assert len({read_xml(body)["MsgId"] for _, body in callback.seen}) == 1
    assert "暂时无法提供服务" in fake.received[0].text


def test_an_http_error_is_tried_again_until_it_works(fake: FakeWeChat, callback: Callback) -> None:
    answers = iter([(500, ""), (200, "success")])
    callback.respond = lambda *_: next(answers)
    result = fake.engine.deliver(subscriber(callback), text_push("gh_demo", "o1", "状态", fake.clock()))
    assert [attempt.verdict for attempt in result.tries] == ["bad_status", "success"]


def test_an_absent_callback_is_tried_three_times(fake: FakeWeChat) -> None:
    nobody = Subscriber("http://127.0.0.1:9/", TOKEN, "gh_demo")
    result = fake.engine.deliver(
        nobody, event_push("gh_demo", "o1", "unsubscribe", fake.clock(), EventKey="")
    )
    assert [attempt.verdict for attempt in result.tries] == ["refused"] * 3
    assert fake.received == []


def test_a_passive_reply_is_shown_to_the_person(fake: FakeWeChat, callback: Callback) -> None:
    callback.respond = lambda *_: (200, passive_reply("今日 18 个群达标"))
    result = fake.engine.deliver(subscriber(callback), text_push("gh_demo", "o1", "状态", fake.clock()))
    assert result.reply_text == "今日 18 个群达标"
    assert (fake.received[0].channel, fake.received[0].recipient) == ("被动回复", "o1")


def test_in_safe_mode_only_an_encrypted_and_signed_reply_counts(fake: FakeWeChat, callback: Callback) -> None:
    codec = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    sealed = codec.encrypt_message(passive_reply("密文"), "77", "1767225600")
    answers = iter(
        [sealed, passive_reply("明文"), sealed.replace("<Nonce>", "<Nonce>8").replace("CDATA[77", "CDATA[78")]
    )
    callback.respond = lambda *_: (200, next(answers))
    push = text_push("gh_demo", "o1", "状态", fake.clock())
    verdicts = [fake.engine.deliver(subscriber(callback, "safe"), push).last.verdict for _ in range(3)]
    assert verdicts == ["reply", "unavailable", "unavailable"]


@pytest.mark.parametrize(
    "body", ["ok", '{"a":1}', "<xml><MsgType>text</MsgType></xml>", "<xml>", "<!DOCTYPE a><xml/>"]
)
def test_a_silly_answer_is_not_tried_again_and_shows_unavailable(
    fake: FakeWeChat, callback: Callback, body: str
) -> None:
    callback.respond = lambda *_: (200, body)
    result = fake.engine.deliver(subscriber(callback), text_push("gh_demo", "o1", "状态", fake.clock()))
    assert len(result.tries) == 1
    assert fake.received[0].channel == "系统提示"


def test_a_users_message_opens_the_window_and_an_event_the_short_one(
    fake: FakeWeChat, callback: Callback
) -> None:
    with fake:
        caller = Caller(fake.url)
        token = caller.stable_token()["access_token"]
        leave = event_push("gh_demo", "o1", "unsubscribe", fake.clock())
        fake.engine.deliver(subscriber(callback), leave)
        assert caller.custom(token)["errcode"] == 45015
        fake.engine.deliver(
            subscriber(callback), event_push("gh_demo", "o1", "CLICK", fake.clock(), EventKey="k")
        )
        assert [caller.custom(token)["errcode"] for _ in range(4)] == [0, 0, 0, 45047]
        fake.engine.deliver(subscriber(callback), text_push("gh_demo", "o1", "在", fake.clock()))
        assert [caller.custom(token)["errcode"] for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


def test_words_typed_on_the_page_reach_the_callback(callback: Callback) -> None:
    callback.respond = lambda *_: (200, passive_reply("已收到", to="o-page"))
    with FakeWeChat(subscriber=subscriber(callback)) as fake:
        form = {"openid": "o-page", "text": "帮助"}
        page = requests.post(f"{fake.url}/say", data=form, timeout=2)
        assert read_xml(callback.seen[0][1])["Content"] == "帮助"
        assert "已收到" in page.text
        said = Caller(fake.url).control("say", openid="o-page", event="CLICK", key="status")
        assert said == {"ok": True, "verdict": "reply", "tries": 1, "reply": "已收到"}


def test_nested_event_fields_are_written_as_elements() -> None:
    push = event_push("gh_demo", "o1", "MASSSENDJOBFINISH", 1, MsgID=7, ArticleUrlResult={"Count": 0})
    assert "<ArticleUrlResult><Count>0</Count></ArticleUrlResult>" in push.xml()
    assert push.event == "masssendjobfinish"
