"""`serve` and `work`: the web side and the jobs as long-running processes."""

import errno
import os
import signal
import socket
import sys
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click

from bot.demonstration import CONSOLE_PASSWORD, CONSOLE_USER
from bot.settings import CONFIG_VARIABLE, JOBS_VARIABLE, Mode, Settings, load_settings
from monitor.store.schema_version import is_surely_current

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
    """提供网页与回调服务，并运行定时任务。"""
    file = config or context.config
    settings = load_settings(file)
    _require_database(settings)
    host, port = host or settings.server.host, port or settings.server.port
    _require_port(host, port)
    _announce(settings, host, port)
    environment = {
        CONFIG_VARIABLE: str(file.resolve()),
        JOBS_VARIABLE: "0" if no_jobs else "1",
        "MALLOC_ARENA_MAX": "2",  # glibc would keep an arena for each of the many waiting threads
    }
    # a fresh interpreter: what was loaded for the checks would stay in the server's parent process
    os.execve(sys.executable, _server_command(settings, host, port), os.environ | environment)  # noqa: S606


@click.command()
@_config_option
@click.pass_obj
def work(context: Any, config: Path | None) -> None:
    """只运行定时任务与推送，可同时运行多个。"""
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


def _require_database(settings: Settings) -> None:
    """Fail here, in words, rather than in the worker process."""
    if is_surely_current(settings.database.url):
        return
    from monitor.store.database import Database  # half a second: only to say what is wrong, or for PostgreSQL
    from monitor.store.migrate import require_current_schema

    database = Database(settings.database.url)
    try:
        require_current_schema(database)
    finally:
        database.close()


def _require_port(host: str, port: int) -> None:
    """Fail here, in one line, rather than in a server that dies or starts over and over."""
    reason = _why_not_bound(host, port)
    if reason:
        click.echo(f"服务未启动：{reason}", err=True)
        raise SystemExit(2)


def _why_not_bound(host: str, port: int) -> str:
    """Return why nobody can listen there now, or ""; connections that are still ending do not matter."""
    try:
        family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except ValueError:  # the server takes no names
        return f"监听地址应为 IP 地址，如 127.0.0.1，现为 {host}"
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"{host} 的端口 {port} 已被占用，请停止占用它的进程，或用 --port 另选端口"
        if error.errno == errno.EACCES:
            return f"没有权限使用端口 {port}，请用 --port 另选 1024 以上的端口"
        return f"不能监听 {host} 的端口 {port}：{error.strerror}"
    return ""


def _server_command(settings: Settings, host: str, port: int) -> list[str]:
    threads = settings.server.threads
    return [
        *(sys.executable, "-m", "granian", "bot.worker:serve_process", "--factory"),
        *("--interface", "wsgi", "--host", host, "--port", str(port), "--no-log"),
        *("--workers", "1"),  # two writers on one SQLite file are slower than one
        *("--blocking-threads", str(threads), "--backpressure", str(2 * threads)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "15"),
    ]


def _announce(settings: Settings, host: str, port: int) -> None:
    click.echo(f"控制台: http://{host}:{port}/")
    if settings.mode is Mode.DEMONSTRATION:
        click.echo(f"首次登录: 用户名 {CONSOLE_USER}  密码 {CONSOLE_PASSWORD}（演示用，正式配置会拒绝）")
    sys.stdout.flush()
