"""Tables of the documents that are made from code, and the reading of tables in documents."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from flask import Flask

from bot.commands import COMMANDS
from monitor.units import Role
from monitor.usecases.operations.system_desk import SystemDesk
from monitor.usecases.people.entrances import Entrances
from scoring.switches import load_switches
from web.auth import access_of
from web.console import ConsoleServices, register_console

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PACKAGES = ("scoring", "monitor", "bot", "web", "reports")
_MADE = re.compile(r"^<!-- made: (?P<name>\w+) -->\n.*?^<!-- /made -->$", re.MULTILINE | re.DOTALL)


def commands_table() -> str:
    """Usage, purpose, other words and roles of every chat command."""
    rows = [
        (
            command.name,
            command.usage,
            command.purpose,
            "、".join(command.aliases) or "—",
            _roles(command.roles, for_strangers=command.for_strangers),
        )
        for command in COMMANDS
    ]
    return _table(("指令", "用法", "作用", "也可写作", "谁能用"), rows)


def switches_table() -> str:
    """What is decided, our default, the other readings."""
    rows = [
        (
            switch.id,
            switch.title,
            switch.labels[switch.default],
            "；".join(switch.labels[word] for word in switch.alternatives),
            switch.source.clause,
        )
        for switch in load_switches()
    ]
    return _table(("编号", "事项", "默认", "其他读法", "条款"), rows)


def pages_table() -> str:
    """Every page of the console with its methods and who may use it, from the route table."""
    app = Flask("tests.pages")
    hollow = {"entrances": _hollow(Entrances), "system": _hollow(SystemDesk)}
    register_console(app, _hollow(ConsoleServices, **hollow), secret_key="none")
    rows = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console."):
            access = access_of(app.view_functions[rule.endpoint])
            who = "任何人" if access is None else _roles(access, for_strangers=False)
            methods = sorted((rule.methods or set()) & {"GET", "POST"})
            rows += [(f"`{rule.rule}`", method, who) for method in methods]
    return _table(("地址", "方法", "谁能打开"), sorted(rows))


def package_texts() -> str:
    """What each package is for, in the words of its docstring; of inner packages the first line."""
    parts = []
    for package in PACKAGES:
        first, *others = _paragraphs(package)
        parts += [f"**{package}.** {first}", *others]
        inner = sorted(
            name
            for _, name, is_package in pkgutil.iter_modules([str(ROOT / package)], f"{package}.")
            if is_package
        )
        if inner:
            parts.append("\n".join(f"- `{name}`: {_paragraphs(name)[0]}" for name in inner))
    return "\n\n".join(parts)


MADE: dict[str, Callable[[], str]] = {
    "commands": commands_table,
    "switches": switches_table,
    "packages": package_texts,
    "pages": pages_table,
}


def with_made_parts(text: str) -> str:
    """Return a document whose made parts are as the code has them now."""
    return _MADE.sub(
        lambda part: f"<!-- made: {part['name']} -->\n{MADE[part['name']]()}\n<!-- /made -->", text
    )


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of every table row of a text, headings and rules left out."""
    rows = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|--")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def documents() -> list[Path]:
    """Return everything that people read."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def _paragraphs(package: str) -> list[str]:
    text = (importlib.import_module(package).__doc__ or "").strip()
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _roles(roles: frozenset[Role], *, for_strangers: bool) -> str:
    words = (
        "所有角色" if roles == frozenset(Role) else "、".join(role.value for role in Role if role in roles)
    )
    return f"{words}；未绑定也可" if for_strangers else words


def _table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    cells = [tuple(cell.replace("|", "\\|") for cell in row) for row in (heading, *rows)]
    first, *others = (f"| {' | '.join(row)} |" for row in cells)
    return "\n".join((first, "|---" * len(heading) + "|", *others))


def _hollow(kind: Any, **given: Any) -> Any:
    """Return services that serve nothing: only the routes are read."""
    return kind(**({field.name: None for field in fields(kind)} | given))
