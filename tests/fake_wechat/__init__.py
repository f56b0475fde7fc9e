"""A server that answers as WeChat's and WeCom's API do, for tests and for the demonstration.

`FakeWeChat` is the server (a context manager); `FakeClock` its clock; `Accounts` and `Limits` what it
knows; `Subscriber`, `text_push` and `event_push` let it call the project as WeChat does.
"""

from .accounts import (
    DEMO_AGENT_ID,
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_CORP_ID,
    DEMO_CORP_SECRET,
    DEMO_ROBOT_KEY,
    Accounts,
    Corp,
    Limits,
    OfficialApp,
)
from .clock import FakeClock
from .delivery import Delivered, DeliveryEngine, Try
from .messages import Push, Subscriber, event_push, text_push
from .people import Received
from .platform import Call
from .server import FakeWeChat
from .signing import Envelope, signature

__all__ = [
    "DEMO_AGENT_ID",
    "DEMO_APP_ID",
    "DEMO_APP_SECRET",
    "DEMO_CORP_ID",
    "DEMO_CORP_SECRET",
    "DEMO_ROBOT_KEY",
    "Accounts",
    "Call",
    "Corp",
    "Delivered",
    "DeliveryEngine",
    "Envelope",
    "FakeClock",
    "FakeWeChat",
    "Limits",
    "OfficialApp",
    "Push",
    "Received",
    "Subscriber",
    "Try",
    "event_push",
    "signature",
    "text_push",
]
