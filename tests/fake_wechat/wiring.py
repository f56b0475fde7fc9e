"""Wires the project's own channels to a stand-in, for tests that send for real over sockets."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.channels.customer_service import CustomerService
from bot.channels.http import ApiClient
from bot.channels.template import Template, TemplateForm
from bot.channels.wecom_app import WecomApp
from bot.channels.wecom_robot import WecomRobot
from bot.token import MemoryTokenStore, OfficialTokenSource, TokenService, WecomTokenSource

from .accounts import (
    DEMO_AGENT_ID,
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_CORP_ID,
    DEMO_CORP_SECRET,
    DEMO_ROBOT_KEY,
)
from .server import FakeWeChat

PATIENT_SECONDS = 5.0
IMPATIENT_SECONDS = 0.2


class MemoryUploads:
    """Media ids of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def load(self, digest: str) -> str:
        return self._kept.get(digest, "")

    def save(self, digest: str, media_id: str) -> None:
        self._kept[digest] = media_id

    def forget(self, digest: str) -> None:
        self._kept.pop(digest, None)


@dataclass(frozen=True)
class Wiring:
    """All channels with the demonstration's accounts."""

    client: ApiClient
    official_tokens: TokenService
    wecom_tokens: TokenService
    store: MemoryTokenStore
    customer_service: CustomerService
    template: Template
    wecom_app: WecomApp
    wecom_robot: WecomRobot


def wire(
    fake: FakeWeChat,
    app_secret: str = DEMO_APP_SECRET,
    corp_secret: str = DEMO_CORP_SECRET,
    robot_key: str = DEMO_ROBOT_KEY,
    kind_of_fault: str = "",
) -> Wiring:
    """Build the channels; they wait a moment only when the fault to come is a hanging answer."""

    def now() -> datetime:
        return datetime.fromtimestamp(fake.clock(), UTC)

    seconds = IMPATIENT_SECONDS if kind_of_fault.startswith("hang") else PATIENT_SECONDS
    client = ApiClient(fake.url, connect_seconds=PATIENT_SECONDS, read_seconds=seconds)
    store = MemoryTokenStore()
    official = TokenService(OfficialTokenSource(client, DEMO_APP_ID, app_secret), store, now)
    wecom = TokenService(WecomTokenSource(client, DEMO_CORP_ID, corp_secret, DEMO_AGENT_ID), store, now)
    return Wiring(
        client=client,
        official_tokens=official,
        wecom_tokens=wecom,
        store=store,
        customer_service=CustomerService(client, official, MemoryUploads()),
        template=Template(client, official, TemplateForm("t1")),
        wecom_app=WecomApp(client, wecom, DEMO_AGENT_ID, MemoryUploads()),
        wecom_robot=WecomRobot(client, {"督导工作群": robot_key}),
    )
