"""Every exchange in the manual and the README is what the bot answers, word for word.

`QINGXUN_WRITE_DOCS=1 pytest tests/test_manual.py` writes today's answers into the documents.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store.database import Database
from tests.manual_stage import Stage

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "docs/用户手册.md")
ASKED, ANSWERED = "我：", "青巡："
_BLOCK = re.compile(r"^```text (?P<role>\S+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> Path:
    return ROOT / request.param


@pytest.fixture
def stage(sqlite_template: Path, tmp_path: Path) -> Iterator[Stage]:
    file = tmp_path / "stage.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    yield Stage(database)
    database.close()


def test_every_exchange_is_what_the_bot_answers(document: Path, stage: Stage) -> None:
    written = document.read_text("utf-8")
    assert _BLOCK.search(written), "no exchange: the document shows none"
    played = _BLOCK.sub(lambda block: _play(block, stage), written)
    if os.environ.get("QINGXUN_WRITE_DOCS") == "1":
        document.write_text(played, "utf-8")
        return
    assert played == written


def _play(block: re.Match[str], stage: Stage) -> str:
    """Return a block with the answers the bot gives to its questions, asked in order."""
    questions = [line.removeprefix(ASKED) for line in block["body"].splitlines() if line.startswith(ASKED)]
    role = block["role"]
    exchanges = [f"{ASKED}{question}\n{ANSWERED}{stage.say(role, question)}\n" for question in questions]
    return f"```text {role}\n{''.join(exchanges)}```"
