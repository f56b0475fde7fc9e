"""Signing in at a desk: states of a sign-in by chat, codes of a second factor, browsers. Pure.

Key types: `SignInState`.
"""

from datetime import datetime
from enum import StrEnum
from hmac import compare_digest

import pyotp

CODE_SECONDS = 30
_TOLERATED_STEPS = (0, -1, 1)  # phones run a little fast or slow
_DIGITS = 6


class SignInState(StrEnum):
    """Where a sign-in by chat (用微信确认登录) stands."""

    WAITING = "等待"  # the code is shown, nobody has sent it
    ASKED = "待确认"  # somebody sent it and was asked whether it is theirs
    CONFIRMED = "已确认"
    REFUSED = "已拒绝"


def new_key() -> str:
    """Return a random key of a second factor, base32 as authenticator apps take it."""
    return pyotp.random_base32()


def key_address(key: str, name: str) -> str:
    """Return the otpauth address that authenticator apps read."""
    return pyotp.TOTP(key).provisioning_uri(name=name, issuer_name="青巡")


def in_fours(text: str) -> str:
    """Return a text in groups of four, to be read and typed."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def find_step(key: str, code: str, now: datetime, last_step: int) -> int | None:
    """Return the time step (30 s) whose code was given, or None.

    Source: RFC 6238, 5.2: a code is taken once, so only steps after `last_step` count.
    """
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    present = int(now.timestamp()) // CODE_SECONDS
    codes = pyotp.TOTP(key)
    found = None
    for offset in _TOLERATED_STEPS:  # all are compared, whichever fits
        step = present + offset
        if compare_digest(codes.at(step * CODE_SECONDS), digits) and step > last_step and found is None:
            found = step
    return found
