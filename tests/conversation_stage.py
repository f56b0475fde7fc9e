"""The stage of the conversations: the whole application, spoken to by signed and encrypted pushes.

Everybody of the cast writes to the account `demo` in safe mode (安全模式), as the platform delivers it.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from flask.testing import FlaskClient

from bot.app import create_app
from bot.services import Services, build_services
from bot.settings import Secrets, load_settings
from monitor.clock import shanghai_instant
from monitor.units import Role
from monitor.usecases.register import add_invitation
from tests.cast import settle
from tests.conftest import FrozenClock
from tests.fake_wechat.signing import Envelope, new_nonce, signature

ROOT = Path(__file__).parent.parent
TOKEN, AES_KEY, APP_ID = (
    "qingxun-demo-token",
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "wxdemo0000000001",
)
PEOPLE = {  # name in the files → role, unit, group
    "督导": (Role.INSPECTOR, "QS", ""),
    "领导": (Role.LEADER, "QS", ""),
    "运维": (Role.OPERATOR, "QS", ""),
    "鹭川": (Role.UNIT_ADMIN, "LC", ""),
    "云杉": (Role.UNIT_ADMIN, "YS", ""),
    "临河": (Role.BRANCH_ADMIN, "LC01", ""),
    "柳岸": (Role.GROUP_MANAGER, "LC0101", "LC0101"),
}


class Conversation:
    """One installation with the cast, in which people talk one after another."""

    def __init__(self, database_url: str, folder: Path) -> None:
        """Open the application on an empty, migrated database."""
        environment = {
            "QINGXUN_DATABASE_URL": database_url,
            "QINGXUN_ASSESSMENT_EVIDENCE_FOLDER": str(folder / "evidence"),
        }
        settings = load_settings(ROOT / "config.toml", environment)
        self.clock = FrozenClock()
        self.services: Services = build_services(settings, Secrets(settings.mode, {}), self.clock)
        settle(self.services.database)
        for name, (role, unit, group) in PEOPLE.items():
            self._invite(f"QX-{name}", role, unit, group)
        self._client: FlaskClient = create_app(self.services).test_client()
        self._envelope = Envelope(AES_KEY, APP_ID)
        self._bound: set[str] = set()
        self._n_messages = 0

    def close(self) -> None:
        """Let the database go."""
        self.services.database.close()

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

    def say(self, name: str, text: str) -> str:
        """Return the answer to a person; who is of the cast binds first."""
        self.say_hello(name)
        self._n_messages += 1
        return self._deliver(name, text, self._n_messages)

    def say_again(self, name: str, text: str) -> tuple[str, str]:
        """Return the answers to one message that is delivered twice."""
        self._n_messages += 1
        return self._deliver(name, text, self._n_messages), self._deliver(name, text, self._n_messages)

    def _deliver(self, name: str, text: str, number: int) -> str:
        at = str(int(self.clock().timestamp()))
        inner = (
            f"<xml><ToUserName>gh_demo</ToUserName><FromUserName>openid-{escape(name)}</FromUserName>"
            f"<CreateTime>{at}</CreateTime><MsgType>text</MsgType><Content>{escape(text)}</Content>"
            f"<MsgId>{7_000_000 + number}</MsgId></xml>"
        )
        sealed, nonce = self._envelope.encrypt(inner), new_nonce()
        query = {
            "timestamp": at,
            "nonce": nonce,
            "signature": signature(TOKEN, at, nonce),
            "msg_signature": signature(TOKEN, at, nonce, sealed),
            "encrypt_type": "aes",
        }
        body = f"<xml><ToUserName>gh_demo</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
        response = self._client.post("/wechat/demo", query_string=query, data=body.encode())
        assert response.status_code == 200, response.text
        return self._open(response.text)

    def _open(self, answer: str) -> str:
        found = re.search(r"<Encrypt>(?:<!\[CDATA\[)?([^<\]]+)", answer)
        if not found:
            return ""  # success: nothing is said
        inner = self._envelope.decrypt(found[1])
        content = re.search(r"<Content>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</Content>", inner, re.DOTALL)
        return content[1].replace("]]]]><![CDATA[>", "]]>") if content else ""

    def _invite(self, code: str, role: Role, unit: str, group: str) -> None:
        def work(connection: Any) -> None:
            add_invitation(connection, code, role, unit, group_code=group, is_reusable=True)

        self.services.database.write(work)
