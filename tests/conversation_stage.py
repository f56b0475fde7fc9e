"""The stage of the conversations: the whole application, spoken to by signed and encrypted pushes.

Everybody of the cast writes through one channel: the official account `demo` in safe mode (安全模式) or the
WeCom application `demo`, each as its platform delivers it. What differs on the wire is in `Channel`.
"""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock
from xml.sax.saxutils import escape

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.app import create_app
from bot.services import Services, build_services
from bot.settings import Secrets, load_settings
from monitor.clock import shanghai_instant
from monitor.delivery.outbox import MessageKind
from monitor.store.tables import table_of
from monitor.store.work_tables import KeptInputRow, OutboxRow
from monitor.units import Role
from monitor.usecases.ledger.register import add_invitation
from monitor.usecases.queries.questions import Queries
from tests.cast import settle
from tests.conftest import FrozenClock
from tests.fake_wechat.signing import Envelope, new_nonce, signature

ROOT = Path(__file__).parent.parent
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PEOPLE = {  # name in the files → role, unit, group
    "督导": (Role.INSPECTOR, "QS", ""),
    "领导": (Role.LEADER, "QS", ""),
    "运维": (Role.OPERATOR, "QS", ""),
    "鹭川": (Role.UNIT_ADMIN, "LC", ""),
    "云杉": (Role.UNIT_ADMIN, "YS", ""),
    "临河": (Role.BRANCH_ADMIN, "LC01", ""),
    "柳岸": (Role.GROUP_MANAGER, "LC0101", "LC0101"),
}
ATTACHMENTS: Mapping[str, str] = {  # kind → its fields, as both platforms name them
    "image": "<PicUrl>https://pictures.invalid/1</PicUrl><MediaId>picture-{}</MediaId>",
    "voice": "<MediaId>voice-{}</MediaId><Format>amr</Format>",
    "video": "<MediaId>video-{}</MediaId><ThumbMediaId>thumb-{}</ThumbMediaId>",
    "shortvideo": "<MediaId>video-{}</MediaId><ThumbMediaId>thumb-{}</ThumbMediaId>",
    "file": "<Title>名单.xlsx</Title><FileKey>{}</FileKey><FileMd5>0</FileMd5><FileTotalLen>9</FileTotalLen>",
    "location": "<Location_X>20.0</Location_X><Location_Y>110.3</Location_Y><Label>某路</Label>",
    "link": "<Title>某篇文章</Title><Description>摘要</Description><Url>https://pages.invalid/1</Url>",
}


@dataclass(frozen=True)
class Channel:
    """A way to write to the application.

    Attributes:
        name: as test cases are called.
        path: the callback.
        token: of its signatures.
        receive_id: AppID of an official account, CorpID of a WeCom application.
        our_id: whom the pushes are addressed to.
        inner: fields that only this platform adds to a message.
        is_wecom: no signature over the address alone, no `encrypt_type`, an AgentID beside the body.
    """

    name: str
    path: str
    token: str
    receive_id: str
    our_id: str
    inner: str = ""
    is_wecom: bool = False

    def sender(self, name: str) -> str:
        """Return the id of a person: an openid of one account, or the member's id in the corporation."""
        return f"member-{name.encode().hex()}" if self.is_wecom else f"openid-{name}"

    def query(self, at: str, nonce: str, sealed: str) -> dict[str, str]:
        """Return the parameters of a push's address."""
        query = {"timestamp": at, "nonce": nonce}
        if not self.is_wecom:
            query |= {"signature": signature(self.token, at, nonce), "encrypt_type": "aes"}
        return query | {"msg_signature": signature(self.token, at, nonce, sealed)}

    def outer(self, sealed: str) -> str:
        """Return the body of a push."""
        agent = "<AgentID>1000002</AgentID>" if self.is_wecom else ""
        return f"<xml><ToUserName>{self.our_id}</ToUserName>{agent}<Encrypt>{sealed}</Encrypt></xml>"


OFFICIAL = Channel("公众号", "/wechat/demo", "qingxun-demo-token", "wxdemo0000000001", "gh_demo")
WECOM = Channel(
    "企业微信",
    "/wecom/demo",
    "qingxun-demo-wecom-token",
    "wwdemo0000000001",
    "wwdemo0000000001",
    inner="<AgentID>1000002</AgentID>",
    is_wecom=True,
)


class Conversation:
    """One installation with the cast, in which people talk one after another."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        channel: Channel = OFFICIAL,
        *,
        is_settled: bool = False,
        **environment: str,
    ) -> None:
        """Open the application on an empty, migrated database, or on one where the cast has settled."""
        self._channel = channel
        self.clock = FrozenClock()
        self._clients: list[FlaskClient] = []
        self._opened: list[Services] = []
        self._environment = {
            "QINGXUN_DATABASE_URL": database_url,
            "QINGXUN_ASSESSMENT_EVIDENCE_FOLDER": str(folder / "evidence"),
        } | environment
        self.open_another()
        if not is_settled:
            self._settle()
        self._envelope = Envelope(AES_KEY, channel.receive_id)
        self._bound: set[str] = set()
        self._n_messages = 0

    @property
    def services(self) -> Services:
        """The first application's parts."""
        return self._opened[0]

    def open_another(self) -> int:
        """Start one more application on the same database, as a second process is; return its number."""
        settings = load_settings(ROOT / "config.toml", self._environment)
        services = build_services(settings, Secrets(settings.mode, {}), self.clock)
        self._opened.append(services)
        self._clients.append(create_app(services).test_client())
        return len(self._opened) - 1

    @property
    def app(self) -> Flask:
        """The first application."""
        return self._clients[0].application

    def close(self) -> None:
        """Let the database go."""
        for services in self._opened:
            services.database.close()

    def move_to(self, moment: str) -> None:
        """Set the clock to a Shanghai wall-clock moment, such as 2026-11-20 15:00."""
        day, _, time = moment.partition(" ")
        hours, minutes = (int(part) for part in time.split(":"))
        start = shanghai_instant(datetime.fromisoformat(day).date()).timestamp()
        self.clock.now = datetime.fromtimestamp(start + (hours * 60 + minutes) * 60, tz=UTC)

    def say_hello(self, name: str) -> None:
        """Bind a person of the cast who has not spoken yet."""
        if name in PEOPLE and name not in self._bound:
            self._bound.add(name)
            bound = self.say_again(name, f"绑定 QX-{name}")[0]
            assert bound.startswith("✅ 已绑定"), bound

    def say(self, name: str, text: str, *, to: int = 0) -> str:
        """Return the answer to a person; who is of the cast binds first. `to` is the application's number."""
        self.say_hello(name)
        self._n_messages += 1
        return self._deliver(name, _text(text), self._n_messages, to)

    def say_again(self, name: str, text: str) -> tuple[str, str]:
        """Return the answers to one message that is delivered twice."""
        self._n_messages += 1
        return tuple(self._deliver(name, _text(text), self._n_messages) for _ in range(2))  # type: ignore[return-value]

    def send_again(self, name: str, kind: str) -> tuple[str, str]:
        """Return the answers to a picture, voice … that is delivered twice."""
        self._n_messages += 1
        inner = f"<MsgType>{kind}</MsgType>{ATTACHMENTS[kind].replace('{}', str(self._n_messages))}"
        return tuple(self._deliver(name, inner, self._n_messages) for _ in range(2))  # type: ignore[return-value]

    def with_a_defect(self) -> AbstractContextManager[Any]:
        """Let every look at a unit fail in a way nobody foresaw, as a defect would."""
        return mock.patch.object(Queries, "unit_status", side_effect=RuntimeError("a defect"))

    def kept_inputs(self) -> list[Any]:
        """Return what was kept for replay."""
        with self.services.database.reading() as connection:
            return list(connection.execute(select(table_of(KeptInputRow))))

    def messages_to_operators(self) -> list[str]:
        """Return the texts that were queued for operators."""
        outbox = table_of(OutboxRow)
        with self.services.database.reading() as connection:
            query = select(outbox.c.text).where(outbox.c.kind == MessageKind.OPERATOR.value)
            return [row.text for row in connection.execute(query)]

    def _deliver(self, name: str, inner: str, number: int, to: int = 0) -> str:
        at, channel = str(int(self.clock().timestamp())), self._channel
        message = (
            f"<xml><ToUserName>{channel.our_id}</ToUserName>"
            f"<FromUserName>{escape(channel.sender(name))}</FromUserName><CreateTime>{at}</CreateTime>"
            f"{inner}<MsgId>{7_000_000 + number}</MsgId>{channel.inner}</xml>"
        )
        sealed, nonce = self._envelope.encrypt(message), new_nonce()
        query, body = channel.query(at, nonce, sealed), channel.outer(sealed)
        response = self._clients[to].post(channel.path, query_string=query, data=body.encode())
        assert response.status_code == 200, response.text
        return self._open(response.text)

    def _open(self, answer: str) -> str:
        found = re.search(r"<Encrypt>(?:<!\[CDATA\[)?([^<\]]+)", answer)
        if not found:
            return ""  # success: nothing is said
        inner = self._envelope.decrypt(found[1])
        content = re.search(r"<Content>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</Content>", inner, re.DOTALL)
        return content[1].replace("]]]]><![CDATA[>", "]]>") if content else ""

    def _settle(self) -> None:
        settle(self.services.database)
        for name, (role, unit, group) in PEOPLE.items():
            self._invite(f"QX-{name}", role, unit, group)

    def _invite(self, code: str, role: Role, unit: str, group: str) -> None:
        def work(connection: Any) -> None:
            add_invitation(connection, code, role, unit, group_code=group, is_reusable=True)

        self.services.database.write(work)


def _text(text: str) -> str:
    return f"<MsgType>text</MsgType><Content>{escape(text)}</Content>"
