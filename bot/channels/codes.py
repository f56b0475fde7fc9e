"""What an error code of the platforms means for a delivery. Data and one look-up.

Source: protocols of WeChat and WeCom (global return codes); the few observed ones say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto


class Action(Enum):
    """What to do about a refused send."""

    SENT = auto()  # the platform had it already
    RETRY = auto()  # the same again, later
    REFRESH_TOKEN = auto()  # once, with a new token; then later
    BACK_OFF = auto()  # later, not before `wait`
    FALL_BACK = auto()  # another channel: this one cannot reach this person now
    OPERATOR = auto()  # another channel, and somebody must correct the account


@dataclass(frozen=True, slots=True)
class CodeRule:
    """One row of the table: action, reason for operators, and how long to wait if that matters."""

    action: Action
    reason: str
    wait: timedelta | None = None

    @property
    def is_permanent(self) -> bool:
        """Tell whether this channel is given up for this message."""
        return self.action in (Action.FALL_BACK, Action.OPERATOR)


_MINUTE = timedelta(minutes=1)
STALE_TOKEN_WAIT = timedelta(minutes=5)

_STALE = CodeRule(Action.REFRESH_TOKEN, "access token refused", STALE_TOKEN_WAIT)
_SHARED: Mapping[int, CodeRule] = {
    -1: CodeRule(Action.RETRY, "platform busy"),
    40001: _STALE,
    40014: _STALE,
    42001: _STALE,
    40013: CodeRule(Action.OPERATOR, "AppID or CorpID is wrong"),
    40125: CodeRule(Action.OPERATOR, "secret is wrong"),
    40164: CodeRule(Action.OPERATOR, "this server's address is not in the account's list"),
    40243: CodeRule(Action.OPERATOR, "secret is frozen"),
    89503: CodeRule(Action.OPERATOR, "an administrator must confirm this server's address"),
    48001: CodeRule(Action.OPERATOR, "interface is not granted to the account"),
    48004: CodeRule(Action.OPERATOR, "interface is banned for the account"),
    50002: CodeRule(Action.OPERATOR, "account is restricted"),
    45011: CodeRule(Action.BACK_OFF, "too many calls a minute", _MINUTE),
    45033: CodeRule(Action.BACK_OFF, "too many calls at once", _MINUTE),
}

OFFICIAL: Mapping[int, CodeRule] = {
    **_SHARED,
    40003: CodeRule(Action.FALL_BACK, "openid is unknown"),
    40037: CodeRule(Action.OPERATOR, "template is unknown"),
    43004: CodeRule(Action.FALL_BACK, "person does not follow the account"),
    43101: CodeRule(Action.FALL_BACK, "person refused, or the consent is used up"),
    45009: CodeRule(Action.FALL_BACK, "daily quota is used up"),
    45015: CodeRule(Action.FALL_BACK, "48 hours since the person's last message are over"),
    45047: CodeRule(Action.FALL_BACK, "all messages of the window are used"),
    45065: CodeRule(Action.SENT, "platform had the message already"),
    45066: CodeRule(Action.BACK_OFF, "repeated too soon", _MINUTE),
}
"""Codes of official accounts (公众号)."""

WECOM: Mapping[int, CodeRule] = {
    **_SHARED,
    40056: CodeRule(Action.OPERATOR, "agent id is wrong"),
    45009: CodeRule(Action.BACK_OFF, "too many calls", _MINUTE),
    60020: CodeRule(Action.OPERATOR, "this server's address is not trusted by the application"),
    60111: CodeRule(Action.FALL_BACK, "member is unknown"),
    81013: CodeRule(Action.FALL_BACK, "no known recipient"),
    93000: CodeRule(Action.OPERATOR, "robot's key is wrong or the robot was removed"),
    # Observed, not documented: ten minutes of silence for a robot that went over its limit.
    130101: CodeRule(Action.BACK_OFF, "robot is blocked for sending too fast", timedelta(minutes=10)),
}
"""Codes of WeCom (企业微信): 45009 is a limit of minutes there, not of days."""

_UNKNOWN_REFUSAL = CodeRule(Action.FALL_BACK, "refused")
_UNKNOWN_TROUBLE = CodeRule(Action.RETRY, "failed")
_FIRST_REFUSAL = 40000


def rule_for(code: int, table: Mapping[int, CodeRule]) -> CodeRule:
    """Return what an error code means; codes from 40000 on are refusals, others passing trouble."""
    fallback = _UNKNOWN_REFUSAL if code >= _FIRST_REFUSAL else _UNKNOWN_TROUBLE
    return table.get(code, fallback)
