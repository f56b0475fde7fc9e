"""The import walls and sizes of docs/architecture.md, read from the source of every file.

Each wall is one row of a table. Imports inside functions and under TYPE_CHECKING count like any other.
"""

import ast
import importlib
import pkgutil
import re
import statistics
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from scoring.errors import AppError

ROOT = Path(__file__).parent.parent
PACKAGES = ("scoring", "monitor", "bot", "web", "reports")
ALL = PACKAGES


class Wall(NamedTuple):
    """Files of `inside` import none of `forbidden`, except the files of `but`.

    A place that ends in "/" is a folder with everything below it, any other is a file; "monitor/*"
    are the files right inside a folder.
    """

    rule: str
    inside: tuple[str, ...]
    forbidden: tuple[str, ...]
    but: tuple[str, ...] = ()


WALLS = (
    Wall("scoring knows nothing of the rest", ("scoring/",), ("monitor", "bot", "web", "reports", "tests")),
    Wall("monitor knows nothing of its users", ("monitor/",), ("bot", "web", "reports", "tests")),
    Wall(
        "documents know neither SQL nor pages nor bot",
        ("reports/",),
        ("monitor.store", "web", "bot", "tests"),
    ),
    Wall(
        "documents are written in one place",
        ALL,
        ("xlsxwriter", "docx", "typst", "matplotlib"),
        but=("reports/",),
    ),
    Wall("monitor speaks no wire protocol", ("monitor/",), ("flask", "werkzeug", "wechatpy", "requests")),
    Wall(
        "field modules are pure",
        ("monitor/",),
        ("monitor.store", "monitor.usecases", "monitor.jobs"),
        but=("monitor/store/", "monitor/usecases/", "monitor/jobs.py"),
    ),
    Wall(
        "the store serves use cases, not the reverse",
        ("monitor/store/",),
        ("monitor.usecases", "monitor.jobs"),
    ),
    Wall("use cases are woken by jobs, not the reverse", ("monitor/usecases/",), ("monitor.jobs",)),
    Wall("SQL is written in the store", ALL, ("sqlalchemy", "sqlmodel", "alembic"), but=("monitor/store/",)),
    Wall(
        "drivers are opened in the store", ALL, ("sqlite3", "pysqlite3", "psycopg"), but=("monitor/store/",)
    ),
    Wall("the scheduler is an alarm clock", ALL, ("apscheduler",), but=("monitor/jobs.py",)),
    Wall("words are cut in one place", ALL, ("jieba",), but=("monitor/classify/",)),
    Wall("wechatpy is a codec", ALL, ("wechatpy",), but=("bot/wechat_codec.py",)),
    Wall("Flask stays at the edge", ALL, ("flask", "flask_wtf"), but=("bot/", "web/")),
    Wall("the server is chosen by one command", ALL, ("granian",), but=("bot/cli/serving.py",)),
    Wall("the hot path is free of Flask", ("bot/webhook.py", "bot/fast_lane.py", "bot/ingress/"), ("flask",)),
    Wall("pages know neither SQL nor bot", ("web/",), ("monitor.store", "bot", "tests")),
    Wall(
        "only the composition root joins bot and web",
        ("bot/",),
        ("web",),
        but=("bot/app.py", "bot/health.py"),
    ),
    Wall("the product does not need its tests", ("bot/",), ("tests",)),
    Wall("modules are named in imports, not in strings", ALL, ("importlib",), but=("bot/cli/__init__.py",)),
)

MAY_READ_THE_CLOCK = ("monitor/clock.py",)
CLOCK_CALLS = frozenset(("now", "utcnow", "today"))
HOST_ZONE_CALLS = frozenset(("localtime", "mktime", "ctime", "tzset"))
MAY_CATCH_EVERYTHING = {
    ("bot/webhook.py", "answer"): "the border: the input is kept under a number and answered",
    ("bot/webhook.py", "_reply"): "the border: told to the person with its number",
    ("monitor/jobs.py", "_guard"): "the job runner: logged with its number, the other jobs go on",
    ("monitor/jobs.py", "_drain_forever"): "the outbox drain: what was claimed comes back by its lease",
    ("monitor/usecases/delivery/send_alerts.py", "_send"): "the outbox drain: treated like a lost answer",
    ("monitor/store/writer.py", "run_each"): "handed over to the caller, who raises it",
    ("monitor/store/writer.py", "_serve"): "handed over to the callers, who raise it",
}
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 60
MEDIAN_FILE_LINES, MEDIAN_FUNCTION_LINES = 150, 10
GENERATED = "monitor/store/migrations/versions/"
TEXT_IS_GIVEN_EACH_TIME = {"Undecided": "its text is the question with its numbered candidates"}


@cache
def trees() -> dict[str, ast.Module]:
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text("utf-8")) for file in files}


def is_in(file: str, place: str) -> bool:
    if place.endswith("/*"):
        return file.rpartition("/")[0] == place[:-2]
    if place in PACKAGES:
        return file.startswith(f"{place}/")
    return file.startswith(place) if place.endswith("/") else file == place


def imports_of(file: str, tree: ast.Module | None = None) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, with its line; `from a import b` is a and a.b."""
    package = file.removesuffix(".py").replace("/", ".").rpartition(".")[0]
    for node in ast.walk(tree or trees()[file]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join(part for part in (*above, base) if part)
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
            yield node.lineno, "importlib"


def is_within(module: str, wall: str) -> bool:
    return module == wall or module.startswith(f"{wall}.")


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield file, node


@pytest.mark.parametrize("wall", WALLS, ids=lambda wall: wall.rule)
def test_wall_stands(wall: Wall) -> None:
    breaches = sorted(
        {
            f"{file}:{line} imports {next(name for name in wall.forbidden if is_within(module, name))}"
            for file in trees()
            if any(is_in(file, place) for place in wall.inside)
            and not any(is_in(file, place) for place in wall.but)
            for line, module in imports_of(file)
            if any(is_within(module, name) for name in wall.forbidden)
        }
    )
    assert not breaches, f"{wall.rule}:\n" + "\n".join(breaches)


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("import sqlalchemy.orm", "sqlalchemy"),
        ("from sqlalchemy import select", "sqlalchemy"),
        ("def late():\n    import jieba", "jieba"),
        ("def late():\n    from monitor import store", "monitor.store"),
        ("if TYPE_CHECKING:\n    from bot.services import Services", "bot"),
        ("from . import store", "monitor.store"),
        ("from .store import database", "monitor.store"),
        ("from ..bot import app", "bot"),
        ("module = __import__('jie' + 'ba')", "importlib"),
    ],
)
def test_an_import_is_seen_however_it_is_written(source: str, module: str) -> None:
    found = [name for _, name in imports_of("monitor/jobs.py", ast.parse(source))]
    assert any(is_within(name, module) for name in found), found


def test_a_name_that_only_begins_alike_is_another_module() -> None:
    assert not is_within("webbrowser", "web")
    assert is_in("monitor/jobs.py", "monitor/*")
    assert not is_in("monitor/store/days/posts.py", "monitor/*")


def test_scoring_imports_only_the_standard_library_and_itself() -> None:
    allowed = sys.stdlib_module_names | {"scoring"}
    breaches = [
        f"{file}:{line} imports {module}"
        for file in trees()
        if is_in(file, "scoring/")
        for line, module in imports_of(file)
        if module.partition(".")[0] not in allowed
    ]
    assert not breaches, "\n".join(breaches)


def test_who_may_see_what_a_code_names_is_asked_in_one_place() -> None:
    """A second look-up with its own comparison is where a foreign unit would one day slip through."""
    looked_up = {"load_unit_by_code", "load_group_by_code"}
    breaches = [
        f"{file}:{node.lineno} {node.name}"
        for file, node in functions()
        if file != "monitor/usecases/scope.py"
        and looked_up & (names := {name for inner in ast.walk(node) if (name := _last_name(inner))})
        and any(name.startswith("may_see_") for name in names)
    ]
    assert not breaches, "use monitor/usecases/scope.py:\n" + "\n".join(breaches)


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("wall", WALLS, ids=lambda wall: wall.rule)
def test_every_place_that_a_wall_names_exists(wall: Wall) -> None:
    gone = [place for place in (*wall.inside, *wall.but) if not any(is_in(file, place) for file in trees())]
    assert not gone, gone


def test_only_the_clock_module_reads_the_clock() -> None:
    breaches = [
        f"{file}:{node.lineno} {ast.unparse(node)}"
        for file, tree in trees().items()
        if file not in MAY_READ_THE_CLOCK
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _reads_the_clock(node)
    ]
    assert not breaches, "\n".join(breaches)


def test_clocks_are_not_imported_under_another_name() -> None:
    """What the test above looks for is written out: `datetime.now`, `time.time`."""
    hidden = {"time.time", "time.time_ns", *(f"time.{name}" for name in HOST_ZONE_CALLS)}
    breaches = [
        f"{file}:{node.lineno} {ast.unparse(node)}"
        for file, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in ("datetime", "time")
        for alias in node.names
        if f"{node.module}.{alias.name}" in hidden or (alias.asname or alias.name) != alias.name
    ]
    assert not breaches, "\n".join(breaches)


def _reads_the_clock(node: ast.Attribute) -> bool:
    owner = ast.unparse(node.value).rpartition(".")[2]
    if owner in ("datetime", "date"):
        return node.attr in CLOCK_CALLS
    return owner == "time" and (node.attr in ("time", "time_ns") or node.attr in HOST_ZONE_CALLS)


def test_no_instant_passes_through_the_zone_of_the_host() -> None:
    """`astimezone()` and `fromtimestamp(x)` without a zone mean the machine's own."""
    least = {"astimezone": 1, "fromtimestamp": 2}
    breaches = [
        f"{file}:{node.lineno} {ast.unparse(node)}"
        for file, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and len(node.args) + len(node.keywords) < least.get(node.func.attr, 0)
    ]
    assert not breaches, "\n".join(breaches)


def _broad_handlers() -> Iterator[tuple[str, str, int]]:
    """File, innermost function and line of every handler that catches everything."""
    for file, tree in trees().items():
        owner = {
            id(inner): function.name
            for function in ast.walk(tree)  # outer functions come first, inner ones overwrite them
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in ast.walk(function)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
                yield file, owner.get(id(node), ""), node.lineno


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(ast.unparse(name) in ("Exception", "BaseException") for name in names)


def test_everything_is_caught_only_where_it_is_kept_and_answered() -> None:
    found = {(file, function): line for file, function, line in _broad_handlers()}
    breaches = [
        f"{file}:{line} in {function}"
        for (file, function), line in found.items()
        if (file, function) not in MAY_CATCH_EVERYTHING
    ]
    assert not breaches, "catches everything:\n" + "\n".join(breaches)
    assert not MAY_CATCH_EVERYTHING.keys() - found.keys(), "exceptions nobody needs any more"


def test_files_and_functions_are_small() -> None:
    lines = {file: len((ROOT / file).read_text("utf-8").splitlines()) for file in trees()}
    lines = {file: n_lines for file, n_lines in lines.items() if not file.startswith(GENERATED)}
    sizes = [
        (f"{file}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for file, node in functions()
        if not file.startswith(GENERATED)
    ]
    too_long = [f"{file}: {n_lines} lines" for file, n_lines in lines.items() if n_lines > MAX_FILE_LINES]
    too_long += [f"{name}: {n_lines} lines" for name, n_lines in sizes if n_lines > MAX_FUNCTION_LINES]
    assert not too_long, "\n".join(too_long)
    assert statistics.median(lines.values()) <= MEDIAN_FILE_LINES
    assert statistics.median(n_lines for _, n_lines in sizes) <= MEDIAN_FUNCTION_LINES


def test_test_files_are_small_too() -> None:
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    lines = {file.relative_to(ROOT).as_posix(): len(file.read_text("utf-8").splitlines()) for file in files}
    too_long = [f"{file}: {n_lines} lines" for file, n_lines in lines.items() if n_lines > MAX_FILE_LINES]
    assert not too_long, "\n".join(too_long)


@cache
def error_classes() -> tuple[type[AppError], ...]:
    """Every class of expected failure, found by importing the whole product."""
    for package in PACKAGES:
        folder = str(ROOT / package)
        for module in pkgutil.walk_packages([folder], f"{package}."):
            if not module.name.endswith("__main__") and ".migrations" not in module.name:
                importlib.import_module(module.name)
    found: list[type[AppError]] = [AppError]
    for error_class in found:
        found += [each for each in error_class.__subclasses__() if each not in found]
    return tuple(each for each in found if each.__module__.partition(".")[0] in PACKAGES)


def test_every_expected_failure_has_a_chinese_text_of_its_own() -> None:
    missing = [
        f"{error_class.__module__}.{error_class.__qualname__}"
        for error_class in error_classes()
        if not re.search("[一-鿿]", error_class.__dict__.get("user_text", ""))
        and error_class.__name__ not in TEXT_IS_GIVEN_EACH_TIME
    ]
    assert not missing, f"without a text: {missing}"


def test_every_expected_failure_has_a_code_of_its_own() -> None:
    codes: dict[str, str] = {}
    for error_class in error_classes():
        code = error_class.__dict__.get("code", "")
        assert re.fullmatch("[a-z][a-z_]+", code), f"{error_class.__qualname__} has no code"
        assert code not in codes, f"{error_class.__qualname__} and {codes[code]} share {code!r}"
        codes[code] = error_class.__qualname__
