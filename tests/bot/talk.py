"""Talking to the dispatcher in tests: a person who says things, and invitations for every role."""

from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from bot.dispatch import Dispatcher
from monitor.events import EventKind, InboundEvent, PostKind
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.ledger.register import add_invitation
from monitor.usecases.queries.questions import Queries
from scoring.rulebook import load_rulebook
from tests.conftest import FrozenClock

RULEBOOK = load_rulebook()
NOT_BOUND = "您尚未绑定。请回复：绑定 邀请码"
INVITATIONS = {
    Role.INSPECTOR: ("CODE-INSPECTOR", "QS", ""),
    Role.UNIT_ADMIN: ("CODE-CITY", "LC", ""),
    Role.BRANCH_ADMIN: ("CODE-TOWN", "LC01", ""),
    Role.GROUP_MANAGER: ("CODE-MANAGER", "LC0101", "LC0101"),
    Role.LEADER: ("CODE-LEADER", "QS", ""),
    Role.OPERATOR: ("CODE-OPERATOR", "QS", ""),
}
_numbers = count(1)


def dispatcher_of(database: Database, clock: FrozenClock) -> Dispatcher:
    return Dispatcher(database, Queries(database, RULEBOOK, clock), clock)


def invite_everyone(database: Database) -> None:
    """Store a reusable invitation for each role."""

    def work(connection: Any) -> None:
        for role, (code, unit, group) in INVITATIONS.items():
            add_invitation(connection, code, role, unit, group_code=group, is_reusable=True)

    database.write(work)


@dataclass
class Person:
    """Somebody who writes to the account `demo`."""

    dispatcher: Dispatcher
    clock: FrozenClock
    openid: str = "someone"
    events: list[InboundEvent] = field(default_factory=list)

    def event(self, text: str = "", **changes: Any) -> InboundEvent:
        number = next(_numbers)
        fresh = InboundEvent(
            EventKind.CHAT,
            "demo",
            number,
            self.clock(),
            "gh_demo",
            self.openid,
            text=text,
            message_key=number,
        )
        return replace(fresh, **changes)

    def says(self, text: str) -> str:
        return self.sends(self.event(text))

    def sends(self, event: InboundEvent) -> str:
        self.events.append(event)
        return self.dispatcher.reply(event)

    def sends_a(self, kind: PostKind) -> str:
        return self.sends(self.event(post_kind=kind))

    def triggers(self, name: str, key: str = "") -> str:
        fields = {"MsgType": "event", "Event": name, "EventKey": key}
        return self.sends(self.event(kind=EventKind.ACCOUNT, fields=fields))

    def bound_as(self, role: Role) -> "Person":
        reply = self.says(f"绑定 {INVITATIONS[role][0]}")
        assert reply.startswith("✅ 已绑定"), reply
        return self
