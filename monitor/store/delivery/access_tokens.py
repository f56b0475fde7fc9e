"""Rows of access tokens, shared by all processes."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from monitor.store.tables import table_of
from monitor.store.upsert import upserting
from monitor.store.work_tables import AccessTokenRow

_token = table_of(AccessTokenRow)


class TokenValues(NamedTuple):
    """What is kept of a token."""

    token: str
    expires_at: datetime
    forced_at: datetime | None


def load_access_token(connection: Connection, account: str) -> TokenValues | None:
    """Return the token of an account, None if there is none."""
    query = select(_token.c.token, _token.c.expires_at, _token.c.forced_at).where(_token.c.account == account)
    row = connection.execute(query).first()
    return TokenValues(*row) if row else None


def save_access_token(connection: Connection, account: str, values: TokenValues) -> None:
    """Keep a token in place of the former one."""
    upsert = upserting(connection)(_token).values(account=account, **values._asdict())
    replaced = {name: upsert.excluded[name] for name in TokenValues._fields}
    connection.execute(upsert.on_conflict_do_update(index_elements=["account"], set_=replaced))
