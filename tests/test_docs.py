"""The documents say what the code does: nothing that exists is missing, nothing that is named is gone.

`QINGXUN_WRITE_DOCS=1 pytest tests/test_docs.py tests/test_manual.py` renews the parts made from code.
"""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click import Context, Group
from flask import Flask

from bot.app import create_app
from bot.services import build_services
from bot.settings import Secrets, Section, Settings, load_settings
from tests.docs_tables import DOCS, MADE, ROOT, documents, rows_of, with_made_parts
from tests.test_architecture import error_classes, trees

OPERATIONS, ERRORS, GLOSSARY = DOCS / "operations.md", DOCS / "errors.md", DOCS / "glossary.md"
SECURITY, ARCHITECTURE, MANUAL = DOCS / "security.md", DOCS / "architecture.md", DOCS / "用户手册.md"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
CHINESE = (OPERATIONS, ERRORS, MANUAL)
HOSTS = ("127.0.0.1", "qingxun")
FORBIDDEN = (r"(?<!\w)/(home|root|Users)/", r"\bTODO\b", r"\bFIXME\b", r"placeholder")


def read(file: Path) -> str:
    return file.read_text("utf-8")


@pytest.mark.parametrize("document", documents(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_parts_made_from_code_are_up_to_date(document: Path) -> None:
    made = with_made_parts(read(document))
    if os.environ.get("QINGXUN_WRITE_DOCS") == "1":
        document.write_text(made, "utf-8")
    assert made == read(document)


def test_every_made_part_is_used() -> None:
    texts = "".join(map(read, documents()))
    assert not [name for name in MADE if f"<!-- made: {name} -->" not in texts]


@pytest.mark.parametrize("document", documents(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_link_is_broken(document: Path) -> None:
    broken = []
    for target in _LINK.findall(re.sub(r"```.*?```", "", read(document), flags=re.DOTALL)):
        path, _, anchor = unquote(target).partition("#")
        if "://" in target:
            continue
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    assert not broken


def _anchors(file: Path) -> set[str]:
    """Anchors as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", read(file), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", documents(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_word_about_the_place_where_it_was_written(document: Path) -> None:
    text = read(document)
    assert not [pattern for pattern in FORBIDDEN if re.search(pattern, text)]
    hosts = {host.partition(":")[0] for host in re.findall(r"https?://([\w.-]+)", text)}
    assert hosts <= set(HOSTS)


@pytest.mark.parametrize("document", documents(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_chinese_sentences_have_chinese_punctuation(document: Path) -> None:
    text = re.sub(r"```.*?```|<!--.*?-->|`[^`\n]*`", "", read(document), flags=re.DOTALL)
    found = re.findall(r"[一-鿿][,;!?]\s?[一-鿿]", text)
    if document in CHINESE:
        found += re.findall(r"[一-鿿][,;!?][^\n]{0,10}", text)
    assert not found


@pytest.mark.parametrize("document", documents(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    named = {
        word
        for word in _CODE.findall(read(document))
        if re.fullmatch(r"(scoring|monitor|bot|web|tests|docs|bench)/[\w./-]+", word)
    }
    assert not sorted(word for word in named if not (ROOT / word).exists())


def _sections() -> list[tuple[str, type[Section]]]:
    """Name and model of every section of the configuration; lists of tables in double brackets."""
    found = []
    for name, field in Settings.model_fields.items():
        model: Any = field.annotation
        inner = getattr(model, "__args__", None)
        if inner:
            found.append((f"[[{name}]]", inner[0]))
        elif isinstance(model, type) and issubclass(model, Section):
            found.append((f"[{name}]", model))
    return found


def _part(text: str, heading: str) -> str:
    """The text under the heading that contains these words, up to the next heading."""
    parts = re.split(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return next((body for title, body in zip(parts[1::2], parts[2::2], strict=True) if heading in title), "")


@pytest.mark.parametrize(
    ("name", "model"), _sections(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_key_of_the_configuration_is_explained(name: str, model: type[Section]) -> None:
    explained = {row[0].strip("`") for row in rows_of(_part(read(OPERATIONS), f"`{name}`"))[1:]}
    assert explained == set(model.model_fields)


def test_plain_keys_of_the_configuration_are_explained() -> None:
    plain = {name for name in Settings.model_fields} - {name.strip("[]") for name, _ in _sections()}
    assert not [name for name in plain if f"`{name}`" not in read(OPERATIONS)]


def _secret_variables() -> set[str]:
    """Patterns of the variables that hold secrets, from every `secrets.get` and `secrets.require`."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if ast.unparse(node.func) in ("secrets.get", "secrets.require"):
                parts = [
                    arg.value
                    if isinstance(arg, ast.Constant)
                    else "<KEY>"
                    if "key" in ast.unparse(arg)
                    else "<KIND>"
                    for arg in node.args
                ]
                found.add("_".join(("QINGXUN", *(str(part).upper() for part in parts))))
    return {name for name in found if "<KIND>" not in name}


def _plain_variables() -> set[str]:
    """Variables that the code names in full."""
    return {
        node.value
        for file, tree in trees().items()
        if file != "bot/demonstration.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"QINGXUN_[A-Z_]+[A-Z]", node.value)
    }


def test_every_environment_variable_is_explained() -> None:
    named = set(_CODE.findall(read(OPERATIONS)))
    found = _secret_variables() | _plain_variables()
    assert "QINGXUN_ACCOUNT_<KEY>_TOKEN" in found
    assert not sorted(found - named)


def test_every_expected_failure_is_listed_with_its_text() -> None:
    listed = {
        row[0].strip("`"): (row[1].strip("`"), row[2]) for row in rows_of(read(ERRORS)) if row[0] != "类"
    }
    known = {each.__name__: (each.code, each.user_text) for each in error_classes()}
    assert listed == known


def test_every_command_of_the_command_line_is_explained() -> None:
    from bot.__main__ import main

    assert isinstance(main, Group)
    commands = set(main.list_commands(Context(main)))
    text = read(OPERATIONS)
    assert not [name for name in sorted(commands) if f"`python -m bot {name}" not in text]
    named = {line.split()[3] for line in _CODE.findall(text) if line.startswith("python -m bot ")}
    assert not {name for name in named if not name.startswith("-")} - commands
    usage = re.findall(r"python -m scoring (\w+)", read(ROOT / "scoring" / "__main__.py"))
    assert not [name for name in usage if f"python -m scoring {name}" not in text]


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration's application on an empty database."""
    file = tmp_path_factory.mktemp("docs") / "empty.db"
    file.write_bytes(sqlite_template.read_bytes())
    settings = load_settings(ROOT / "config.toml", {"QINGXUN_DATABASE_URL": f"sqlite:///{file}"})
    services = build_services(settings, Secrets(settings.mode, {}))
    yield create_app(services)
    services.database.close()


def test_every_endpoint_is_explained_with_its_methods(app: Flask) -> None:
    known: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console."):  # in the made table of security.md
            continue
        known.setdefault(rule.rule, set()).update((rule.methods or set()) & {"GET", "POST"})
    explained = {
        row[0].strip("`"): set(row[1].split("、"))
        for row in rows_of(read(OPERATIONS))
        if row[0].startswith("`/")
    }
    assert explained == known


def test_every_figure_of_the_monitoring_is_explained(app: Flask) -> None:
    known = set(re.findall(r"^(qingxun_\w+) ", app.test_client().get("/metrics").text, re.MULTILINE))
    assert known
    explained = {row[0].strip("`") for row in rows_of(_part(read(OPERATIONS), "监控指标"))[1:]}
    assert explained == known


def test_every_make_target_is_explained() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", read(ROOT / "Makefile"), re.MULTILINE)
    text = "".join(map(read, documents()))
    assert not [target for target in targets if f"make {target}" not in text]


def test_every_word_of_the_glossary_that_looks_like_a_class_is_one() -> None:
    classes = {
        node.name for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    }
    named = {
        word
        for row in rows_of(read(GLOSSARY))
        for word in _CODE.findall(row[0])
        if re.fullmatch(r"(?:[A-Z][a-z]+)+", word)
    }
    assert len(named) > 20
    assert not named - classes


def test_every_default_reading_is_in_the_manual() -> None:
    listed = {row[0] for row in rows_of(_part(read(MANUAL), "默认读法"))}
    assert {f"D-{number:02d}" for number in range(1, 19)} <= listed


def test_every_test_that_the_security_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", read(SECURITY))
    assert len(named) > 20
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).exists() or not re.search(rf"def {name}\b", read(ROOT / file))
    ]
    assert not missing


def test_decisions_are_numbered_without_gap_and_say_everything() -> None:
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    for file in files:
        missing = [
            part
            for part in ("Date:", "Clause:", "## Context", "## Decision", "## Alternatives")
            if part not in read(file)
        ]
        assert not missing, file.name


def test_the_version_is_that_of_the_changelog() -> None:
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", read(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert versions
    assert versions == sorted(
        versions, key=lambda text: [int(part) for part in text.split(".")], reverse=True
    )
