"""Import commands: good rows are kept, bad ones go to a file beside the input with row number and reason."""

import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import click

from bot.cli.context import Context
from bot.ingress.chat_export import read_export
from monitor.errors import GroupNotFound, InboundError
from monitor.events import InboundEvent
from monitor.store.directory import load_group_by_code
from monitor.store.ledger.import_queries import load_external_id
from monitor.usecases.days.import_posts import ImportTally, PostImport, Row
from monitor.usecases.ledger.import_registry import (
    GROUP_COLUMNS,
    UNIT_COLUMNS,
    RegistryImport,
    import_groups,
    import_units,
)
from monitor.usecases.ledger.import_tables import read_table

_ACTOR = "cli:import"
_SHOWN = 20
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula when a cell begins with it."""
_input_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_check = click.option("--check", "is_check", is_flag=True, help="只检查，不写入")


@click.command("import-posts")
@_input_file
@_check
@click.option("--source", default="", help="文件中未写来源时所属的来源；默认为配置中的第一个")
@click.option("--group", "group_code", default="", help="群编号；聊天文本（txt）必填")
@click.pass_obj
def import_posts(context: Context, file: Path, is_check: bool, source: str, group_code: str) -> None:
    """导入群发布信息（jsonl、csv、txt）。

    重复导入不会重复计数。有行成功读取时退出码为 0，一行都读不了时为 1。
    """
    services = context.services()
    source = source or next((known.key for known in context.settings.sources), "")
    its_id = _external_id(services.database, source, group_code) if group_code else ""
    work = PostImport(services.database, services.receiver, services.clock)
    go = work.rehearse if is_check else work.run
    form = file.suffix.lower().lstrip(".")
    try:
        with _NumberedLines(io.FileIO(file)) as wire, BadRows(file, ("行号", "原因"), is_check) as bad:
            results = read_export(source, wire, services.clock(), {"ndjson": "jsonl"}.get(form, form), its_id)
            rows = _numbered(results, wire, is_text=form == "txt")
            with _progress(file, wire) as advance:
                tally = go(rows, lambda number, reason: bad.add([str(number or ""), reason]), advance)
    except InboundError as error:
        raise refused(file, error) from None
    click.echo(("检查结果 " if is_check else "导入结果 ") + str(tally))
    bad.report()
    if not tally.has_read_anything:
        raise SystemExit(1)


@click.command("import-units")
@_input_file
@_check
@click.pass_obj
def import_units_command(context: Context, file: Path, is_check: bool) -> None:
    """导入单位（xlsx、csv；列：编号、名称、类别、上级编号）。"""
    services = context.services()

    def work(rows: Any) -> RegistryImport:
        return import_units(services.database, services.clock, rows, _ACTOR, is_check=is_check)

    _import_table(file, UNIT_COLUMNS, work, is_check)


@click.command("import-groups")
@_input_file
@_check
@click.option("--source", default="", help="未写来源时外部编号所属的来源")
@click.pass_obj
def import_groups_command(context: Context, file: Path, is_check: bool, source: str) -> None:
    """导入群（xlsx、csv）。

    列：编号、名称、单位编号，可另有 人数、来源、外部编号、话题、话题关键词、管理员。
    """
    services = context.services()

    def work(rows: Any) -> RegistryImport:
        return import_groups(
            services.database, services.clock, rows, _ACTOR, default_source=source, is_check=is_check
        )

    _import_table(file, GROUP_COLUMNS, work, is_check)


def _import_table(
    file: Path, columns: Sequence[str], work: Callable[[Any], RegistryImport], is_check: bool
) -> None:
    try:
        found = work(read_table(file, columns))
    except InboundError as error:
        raise refused(file, error) from None
    names = list(
        dict.fromkeys(name for row in found.bad for name in row.cells if name not in ("行号", "原因"))
    )
    with BadRows(file, ("行号", "原因", *names), is_check) as bad:
        for row in found.bad:
            bad.add([str(row.number), row.reason, *(row.cells.get(name, "") for name in names)])
    word = "可登记" if is_check else "登记"
    click.echo(f"共 {found.n_rows} 行：{word} {found.n_added}，拒收 {len(found.bad)}")
    bad.report()
    if not found.n_added:
        raise SystemExit(1)


def refused(file: Path, error: InboundError) -> SystemExit:
    """Say why a file cannot be read; the caller raises what is returned."""
    click.echo(f"无法读取 {file}：{error.args[0]}", err=True)
    return SystemExit(1)


def _external_id(database: Any, source: str, group_code: str) -> str:
    with database.reading() as connection:
        group = load_group_by_code(connection, group_code)
        if group is None:
            raise GroupNotFound(f"no group {group_code!r}", user_text=f"没有编号为 {group_code} 的群")
        its_id = load_external_id(connection, source, group.group_id)
    if its_id is None:
        raise GroupNotFound(
            f"{source!r} has no id for {group_code!r}",
            user_text=f"群 {group_code} 在来源 {source} 中没有外部编号",
        )
    return its_id


def _numbered(results: Iterator[Any], wire: "_NumberedLines", *, is_text: bool) -> Iterator[Row]:
    """Yield results with their row; in a copied chat a message ends only where the next begins."""
    for result in results:
        is_known = isinstance(result, InboundEvent) and not is_text
        yield (wire.n_lines if is_known else 0), result


class _NumberedLines(io.BufferedReader):
    """A file that counts the lines read from it."""

    n_lines = 0
    _is_inside = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line, or the next part of a long one, which counts as one line."""
        line = super().readline(size)
        if line:
            self.n_lines += not self._is_inside
            self._is_inside = not line.endswith(b"\n")
        return line


class BadRows:
    """The file of rows that were not taken; made with the first of them, or only shown in a check."""

    def __init__(self, beside: Path, header: Sequence[str], is_check: bool) -> None:
        self.file = beside.with_name(f"{beside.name}.bad-rows.csv")
        self._header, self._is_check = header, is_check
        self._wire: IO[str] | None = None
        self._n_rows = 0
        self._first: list[list[str]] = []

    def __enter__(self) -> "BadRows":
        if not self._is_check:
            self.file.unlink(missing_ok=True)  # of an earlier run
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._wire is not None:
            self._wire.close()

    def add(self, cells: list[str]) -> None:
        """Note one row; cells that a spreadsheet would calculate are written as text."""
        self._n_rows += 1
        if len(self._first) < _SHOWN:
            self._first.append(cells[:2])
        if self._is_check:
            return
        if self._wire is None:
            self._wire = self.file.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._wire).writerow(self._header)
        csv.writer(self._wire).writerow(["'" + c if c.startswith(FORMULA) else c for c in cells])

    def report(self) -> None:
        """Tell where the rows are, or the first of them."""
        if self._n_rows and not self._is_check:
            click.echo(f"未采用的 {self._n_rows} 行及原因见 {self.file}")
        elif self._n_rows:
            for number, reason in self._first:
                click.echo(f"  第 {number or '?'} 行：{reason}")
            if self._n_rows > _SHOWN:
                click.echo(f"  另有 {self._n_rows - _SHOWN} 行")


@contextmanager
def _progress(file: Path, wire: _NumberedLines) -> Iterator[Callable[[ImportTally], None]]:
    """Show a bar of the bytes read, on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(file.name, total=file.stat().st_size)
        yield lambda tally: bar.update(task, completed=wire.tell(), description=f"{tally.n_rows} 行")
        bar.update(task, completed=file.stat().st_size)
