"""Command line: `python -m bot COMMAND`."""

import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import LazyCommands
from bot.logs import configure_logs
from bot.settings import CONFIG_VARIABLE, Secrets, Settings, load_settings
from monitor.errors import AppError

if TYPE_CHECKING:
    from bot.services import Services


class CommandContext:
    """What the commands get: configuration at once, everything else when asked for."""

    def __init__(self, config: Path) -> None:
        """Remember which configuration to read."""
        self.config = config

    @cached_property
    def settings(self) -> Settings:
        """The checked configuration."""
        return load_settings(self.config)

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets of this process."""
        return Secrets(self.settings.mode)

    @cached_property
    def _services(self) -> "Services":
        from bot.services import build_services  # slow to load; most commands never ask

        return build_services(self.settings, self.secrets)

    def services(self) -> "Services":
        """Everything one process needs, built at the first call."""
        return self._services


@click.group(cls=LazyCommands)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("config.toml"),
    envvar=CONFIG_VARIABLE,
    show_default=True,
    help="配置文件",
)
@click.pass_context
def main(context: click.Context, config: Path) -> None:
    """青巡：公众号与微信群活跃度监管。"""
    context.obj = CommandContext(config)


def run() -> None:
    """Run a command; an expected failure is one line and exit code 2, never a traceback."""
    configure_logs()
    try:
        main(prog_name="python -m bot")
    except AppError as error:
        click.echo(f"{error.user_text}\n{error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    run()
