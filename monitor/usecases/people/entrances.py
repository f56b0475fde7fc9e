"""All ways into the console together. Key types: `Entrances`."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.clock import Clock
from monitor.store.database import Database
from monitor.usecases.people.chat_sign_in import ChatSignIn
from monitor.usecases.people.second_factor import SecondFactor
from monitor.usecases.people.sign_in import SignIn
from monitor.usecases.people.wechat_sign_in import WeChatGate, WeChatSignIn


@dataclass(frozen=True, slots=True)
class Entrances:
    """Password, second step, confirmation in chat, and WeChat's own browser."""

    sign_in: SignIn
    second_factor: SecondFactor
    chat: ChatSignIn
    wechat: WeChatSignIn


def build_entrances(
    database: Database, clock: Clock, sign_in: SignIn, secret: str, gates: Mapping[str, WeChatGate]
) -> Entrances:
    """Build them around one secret of the installation; `gates` by key of the official account."""
    return Entrances(
        sign_in=sign_in,
        second_factor=SecondFactor(database, clock, sign_in, secret),
        chat=ChatSignIn(database, clock, secret),
        wechat=WeChatSignIn(database, clock, gates),
    )
