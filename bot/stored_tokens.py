"""Access tokens in the database, so that every process uses the same one."""

from bot.token import StoredToken
from monitor.store.database import Database
from monitor.store.delivery.access_tokens import TokenValues, load_access_token, save_access_token


class DatabaseTokenStore:
    """Implements `bot.token.TokenStore`."""

    def __init__(self, database: Database) -> None:
        """Keep tokens in `database`."""
        self._database = database

    def load(self, account: str) -> StoredToken | None:
        """Return the account's token, None if there is none."""
        with self._database.reading() as connection:
            found = load_access_token(connection, account)
        return StoredToken(found.token, found.expires_at, found.forced_at) if found else None

    def save(self, account: str, token: StoredToken) -> None:
        """Keep a token in place of the former one."""
        values = TokenValues(token.value, token.expires_at, token.forced_at)
        self._database.write(lambda connection: save_access_token(connection, account, values))
