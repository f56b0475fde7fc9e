"""Operator commands (运维命令), one file per family; `bot.__main__` adds `COMMANDS` to its group.

Each command takes a `Context` with `click.pass_obj`. Configuration and secrets are read when first asked
for, everything else is built by `services()`: `init` and `restore` work before either is possible.
Expected failures leave a command as `AppError`; `bot.__main__` turns them into one line and exit code 2.
Exit codes: 0 done, 1 done with nothing achieved (see each command's help), 2 refused.
"""

from bot.cli.context import Context
from bot.cli.importing import IMPORT_COMMANDS
from bot.cli.setup import SETUP_COMMANDS
from bot.cli.upkeep import UPKEEP_COMMANDS

COMMANDS = (*SETUP_COMMANDS, *IMPORT_COMMANDS, *UPKEEP_COMMANDS)

__all__ = ["COMMANDS", "Context"]
