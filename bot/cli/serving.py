"""`serve` and `work`: the web side and the jobs as long-running processes."""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces

from bot.app import CONFIG_VARIABLE, JOBS_VARIABLE
from bot.demonstration import CONSOLE_PASSWORD, CONSOLE_USER
from bot.settings import Mode, Settings, load_settings
from monitor.store.database import Database
from monitor.store.migrate import require_current_schema

_config_option = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), default=None, help="配置文件"
)


@click.command()
@_config_option
@click.option("--host", default=None, help="监听地址")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="端口")
@click.option("--no-jobs", is_flag=True, help="不运行定时任务与推送")
@click.pass_obj
def serve(context: Any, config: Path | None, host: str | None, port: int | None, no_jobs: bool) -> None:
    """提供网页与回调服务，并运行定时任务。."""
    file = config or context.config
    settings = load_settings(file)
    _require_database(settings)
    os.environ[CONFIG_VARIABLE] = str(file.resolve())
    os.environ[JOBS_VARIABLE] = "0" if no_jobs else "1"
    host, port = host or settings.server.host, port or settings.server.port
    server = Granian(
        "bot.app:serve_process",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,  # two writers on one SQLite file are slower than one; PostgreSQL scales by processes
        blocking_threads=settings.server.threads,
        backpressure=settings.server.threads * 2,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_enabled=False,
    )
    _announce(settings, host, port)
    server.serve()


@click.command()
@_config_option
@click.pass_obj
def work(context: Any, config: Path | None) -> None:
    """只运行定时任务与推送，可同时运行多个。."""
    if config is not None:
        context.config = config
    services = context.services()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    services.jobs.start()
    click.echo("定时任务与推送已启动")
    stop.wait()
    services.jobs.stop()
    services.database.close()


SERVING_COMMANDS = (serve, work)


def _require_database(settings: Settings) -> None:
    """Fail here, in words, rather than in the worker process."""
    database = Database(settings.database.url)
    try:
        require_current_schema(database)
    finally:
        database.close()


def _announce(settings: Settings, host: str, port: int) -> None:
    click.echo(f"控制台: http://{host}:{port}/")
    if settings.mode is Mode.DEMONSTRATION:
        click.echo(f"首次登录: 用户名 {CONSOLE_USER}  密码 {CONSOLE_PASSWORD}（演示用，正式配置会拒绝）")
    sys.stdout.flush()
