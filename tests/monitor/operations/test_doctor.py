"""Examining an installation: one line per thing, a failure hides none of the others."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import system_clock
from monitor.usecases.operations import doctor
from monitor.usecases.operations.doctor import Finding, examine
from tests.conftest import FrozenClock


def load_nothing() -> None:
    return None


def bad(findings: Sequence[Finding]) -> list[str]:
    return [finding.text for finding in findings if not finding.is_good]


def test_a_sound_installation_has_only_good_findings(database_url: str) -> None:
    findings = list(examine(database_url, "hn-2013", system_clock, load_nothing))
    assert bad(findings) == []
    assert all(str(finding).startswith("✓ ") for finding in findings)


def test_every_fault_is_named(
    sqlite_template: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_broken() -> None:
        raise OSError("no dictionary")

    clock.now = system_clock() + timedelta(minutes=5)
    monkeypatch.setattr(doctor, "_LEAST_FREE_BYTES", 1 << 60)
    monkeypatch.setattr(doctor, "_SLOW_FLUSH_MS", 0.0)
    monkeypatch.setattr(doctor, "has_wal_reset_bug", lambda _: True)
    missing = f"sqlite:///{sqlite_template.parent / 'none.db'}"
    found = "\n".join(bad(list(examine(missing, "no-such", clock, load_broken))))
    for words in (
        "可能损坏数据", "尚未建立", "请清理", "磁盘过慢", "请校准时钟", "no dictionary",
        "细则 no-such 无法加载",
    ):  # fmt: skip
        assert words in found


def test_a_database_that_does_not_answer_is_a_finding(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1:1/qingxun"
    assert any(
        "数据库不可用" in text for text in bad(list(examine(url, "hn-2013", system_clock, load_nothing)))
    )
    gone = f"sqlite:///{tmp_path / 'gone' / 'x.db'}"
    assert any(
        "不存在或不可写" in text for text in bad(list(examine(gone, "hn-2013", system_clock, load_nothing)))
    )
