"""What a command may ask for; `bot.__main__` makes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.services import Services
    from bot.settings import Secrets, Settings


class Context(Protocol):
    """Configuration at once, everything else when asked for."""

    config: Path

    @property
    def settings(self) -> "Settings":
        """The checked configuration. Raises: ConfigError."""
        ...

    @property
    def secrets(self) -> "Secrets":
        """The secrets of this process."""
        ...

    def services(self) -> "Services":
        """Everything one process needs. Raises: ConfigError, SchemaVersionError, RulebookError."""
        ...
