"""Operator commands (运维命令), one file per family, loaded when one of its commands is asked for.

Each command takes a `Context` with `click.pass_obj`. Configuration and secrets are read when first asked
for, everything else is built by `services()`: `init` and `restore` work before either is possible.
Expected failures leave a command as `AppError`; `bot.__main__` turns them into one line and exit code 2.
Exit codes: 0 done, 1 done with nothing achieved (see each command's help), 2 refused.
"""

from collections.abc import Mapping
from importlib import import_module

import click

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "serving": ("serve", "work"),
    "setup": ("init", "demo", "check-config", "doctor"),
    "people": ("invite", "add-user"),
    "importing": ("import-units", "import-groups", "import-posts"),
    "indexing": ("import-facts", "run-index", "wci-board", "index-board"),
    "index_acting": ("index",),
    "assessing": ("assess",),
    "rules": ("rules",),
    "what_if": ("what-if",),
    "lower": ("record-lower",),
    "contacts": ("school-contact",),
    "model": ("model",),
    "lexicon": ("lexicon",),
    "reporting": ("report",),
    "reminding": ("reminder-policy", "import-workdays"),
    "menu": ("menu",),
    "upkeep": ("backup", "restore", "close-day", "replay", "purge"),
}
"""Module of this package → its commands, in the order in which help lists them."""


class LazyCommands(click.Group):
    """A group whose commands are imported when needed: `serve` should not pay for imports' libraries."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands."""
        return [name for names in FAMILIES.values() for name in names]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return one command, or None if there is none of that name."""
        for family, names in FAMILIES.items():
            if name in names:
                module = import_module(f"{__name__}.{family}")
                found = (value for value in vars(module).values() if isinstance(value, click.Command))
                return next(command for command in found if command.name == name)
        return None
