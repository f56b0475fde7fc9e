"""Sign-ins that wait: by chat (`chat_sign_in`), inside WeChat (`wechat_state`). Functions of a connection."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, func, insert, select, update

from monitor.store.people.console_tables import ChatSignInRow, WeChatStateRow
from monitor.store.tables import table_of

_waiting = table_of(ChatSignInRow)
_begun = table_of(WeChatStateRow)


@dataclass(frozen=True, slots=True)
class WaitingBrowser:
    """A browser that waits for a person to confirm."""

    browser_hash: str
    state: str
    created_at: datetime
    expires_at: datetime
    user_agent: str
    address: str
    identity_id: int | None


_COLUMNS = (
    _waiting.c.browser_hash,
    _waiting.c.state,
    _waiting.c.created_at,
    _waiting.c.expires_at,
    _waiting.c.user_agent,
    _waiting.c.address,
    _waiting.c.identity_id,
)


def insert_browser(connection: Connection, browser_hash: str, code_hash: str, **values: Any) -> None:
    """Let a browser wait under a code."""
    connection.execute(insert(_waiting).values(browser_hash=browser_hash, code_hash=code_hash, **values))


def is_code_taken(connection: Connection, code_hash: str, now: datetime) -> bool:
    """Tell whether a browser waits under a code at this moment."""
    query = select(_waiting.c.browser_hash).where(
        _waiting.c.code_hash == code_hash, _waiting.c.expires_at > now
    )
    return connection.execute(query).first() is not None


def count_browsers(connection: Connection, address: str, now: datetime) -> int:
    """Return how many browsers of an address wait."""
    query = select(func.count()).where(_waiting.c.address == address, _waiting.c.expires_at > now)
    return int(connection.execute(query).scalar_one())


def find_by_code(connection: Connection, code_hash: str, now: datetime) -> WaitingBrowser | None:
    """Return the browser that waits under a code, or None."""
    return _find(connection, _waiting.c.code_hash == code_hash, now)


def find_browser(connection: Connection, browser_hash: str, now: datetime) -> WaitingBrowser | None:
    """Return a browser that waits, or None when its time is over."""
    return _find(connection, _waiting.c.browser_hash == browser_hash, now)


def find_by_handle(
    connection: Connection, handle: str, identity_id: int, now: datetime
) -> WaitingBrowser | None:
    """Return the browser of a handle (the beginning of its hash) about which this person was asked."""
    named = _waiting.c.browser_hash.startswith(handle, autoescape=True)
    return _find(connection, named & (_waiting.c.identity_id == identity_id), now)


def move_browser(connection: Connection, browser_hash: str, state: str, after: str, **values: Any) -> bool:
    """Put a state in place of another; False if somebody was faster."""
    here = (_waiting.c.browser_hash == browser_hash, _waiting.c.state == state)
    return connection.execute(update(_waiting).where(*here).values(state=after, **values)).rowcount == 1


def take_browser(connection: Connection, browser_hash: str, state: str) -> bool:
    """Remove a browser in a state; False if that has been done before."""
    here = (_waiting.c.browser_hash == browser_hash, _waiting.c.state == state)
    return connection.execute(delete(_waiting).where(*here)).rowcount == 1


def insert_state(
    connection: Connection, state_hash: str, account: str, target: str, expires_at: datetime
) -> None:
    """Keep the state of a sign-in inside WeChat that begins."""
    values = {"state_hash": state_hash, "account": account, "target": target, "expires_at": expires_at}
    connection.execute(insert(_begun).values(**values))


def take_state(connection: Connection, state_hash: str, account: str, now: datetime) -> str | None:
    """Use up a state; returns where the person wanted to go, None if it is unknown, used or over."""
    here = (_begun.c.state_hash == state_hash, _begun.c.account == account)
    row = connection.execute(delete(_begun).where(*here).returning(_begun.c.target, _begun.c.expires_at))
    found = row.one_or_none()
    return found.target if found and found.expires_at > now else None


def delete_over(connection: Connection, now: datetime) -> int:
    """Forget what can no longer be confirmed."""
    n_rows = connection.execute(delete(_waiting).where(_waiting.c.expires_at <= now)).rowcount
    return n_rows + connection.execute(delete(_begun).where(_begun.c.expires_at <= now)).rowcount


def _find(connection: Connection, condition: Any, now: datetime) -> WaitingBrowser | None:
    query = select(*_COLUMNS).where(condition, _waiting.c.expires_at > now)
    row = connection.execute(query).one_or_none()
    return WaitingBrowser(*row) if row else None
