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

READ_SECONDS = 0.15


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
    read_seconds: float = READ_SECONDS,
) -> Wiring:
    """Build the channels; the token service goes by the stand-in's clock."""

    def now() -> datetime:
        return datetime.fromtimestamp(fake.clock(), UTC)

    client = ApiClient(fake.url, connect_seconds=1, read_seconds=read_seconds)
    store = MemoryTokenStore()
    official = TokenService(OfficialTokenSource(client, DEMO_APP_ID, app_secret), store, now)
    wecom = TokenService(WecomTokenSource(client, DEMO_CORP_ID, corp_secret, DEMO_AGENT_ID), store, now)
    return Wiring(
        client=client,
        official_tokens=official,
        wecom_tokens=wecom,
        store=store,
        customer_service=CustomerService(client, official),
        template=Template(client, official, TemplateForm("t1")),
        wecom_app=WecomApp(client, wecom, DEMO_AGENT_ID),
        wecom_robot=WecomRobot(client, {"督导工作群": robot_key}),
    )
