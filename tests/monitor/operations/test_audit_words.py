"""Details of the audit are told in Chinese: every part that the code writes has a name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from monitor.incidents.course import IncidentAct
from monitor.texts.audit_words import (
    detail_words,
    is_action_named,
    is_named,
    subject_words,
)

ROOT = Path(__file__).parents[3]
_WRITERS = ("write_audit", "insert_audit", "_audit", "_record", "record", "note", "_note")
_ACTION = re.compile(
    r"(assess|demo|feedback|incident|index|phone_check|post|register|registry|reminder|rules"
    r"|self_report|share|site_visit|spot_check|view|weekly|console|announcement)\.[a-z_]+"
)


def parts_written(file: Path) -> Iterator[str]:
    """Yield the keys of the dictionaries that a module writes into the audit as it stands."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        found: list[ast.expr] = []
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            found = (
                [node.value] if isinstance(target, ast.Name) and target.id == "detail" and node.value else []
            )
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found = list(node.args) if called in _WRITERS else []
            if called in _WRITERS:
                yield from (part.arg for part in node.keywords if part.arg)
        for value in found:
            if isinstance(value, ast.Dict):
                yield from (str(key.value) for key in value.keys if isinstance(key, ast.Constant))


def test_every_part_of_a_detail_has_a_chinese_name() -> None:
    files = sorted((ROOT / "monitor").rglob("*.py"))
    written = {(file.name, part) for file in files for part in parts_written(file)}
    assert len(written) > 60
    assert [one for one in sorted(written) if not is_named(one[1])] == []


def test_every_action_has_a_chinese_name() -> None:
    files = sorted((ROOT / "monitor" / "usecases").rglob("*.py"))
    written = {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ACTION.fullmatch(node.value)
    }
    assert len(written) > 60
    written |= {f"incident.{act.name.lower()}" for act in IncidentAct}
    assert [one for one in sorted(written) if not is_action_named(one)] == []


def test_a_subject_is_told_by_its_kind() -> None:
    assert subject_words("spot_check:CC-2026-0001") == "抽查 CC-2026-0001"
    assert [subject_words(one) for one in ("QD", "x:1")] == ["QD", "x:1"]


def test_a_detail_is_told_with_what_lies_in_it() -> None:
    detail = {"before": {"activity": "差", "n_posts": 2}, "after": None, "late": True, "numbers": [3, 4]}
    assert detail_words(detail) == "前：活跃度 差，条数 2；后：无；补报：是；编号：3、4"
