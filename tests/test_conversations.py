"""Conversations as files: who says what, what comes back, through the real webhook in safe mode.

A turn names who speaks, what is said, what the answer holds (`reply`) and what it may `never` hold; `at`
moves the clock. Every turn is delivered twice, as the platform does: both answers are the same.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from monitor.store.database import Database
from tests.conversation_stage import PEOPLE, Conversation

FOLDER = Path(__file__).parent / "conversations"
FILES = sorted(FOLDER.glob("*.toml"))
LONGEST = 600  # characters of an answer (requirements D.0)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_conversation_goes_as_written(
    file: Path, database: Database, database_url: str, tmp_path: Path
) -> None:
    database.close()
    told = tomllib.loads(file.read_text("utf-8"))
    conversation = Conversation(database_url, tmp_path)
    try:
        for number, turn in enumerate(told["turn"], start=1):
            _play(conversation, turn, f"{file.stem} {number}")
    finally:
        conversation.close()


def test_every_role_speaks_in_some_conversation() -> None:
    turns = [turn for file in FILES for turn in tomllib.loads(file.read_text("utf-8"))["turn"]]
    assert {turn["who"] for turn in turns} >= set(PEOPLE)


def _play(conversation: Conversation, turn: dict[str, Any], where: str) -> None:
    assert set(turn) <= {"at", "who", "says", "reply", "never"}, where
    assert turn.get("reply") or turn.get("never"), f"{where} expects nothing"
    if "at" in turn:
        conversation.move_to(turn["at"])
    conversation.say_hello(turn["who"])
    answer, repeated = conversation.say_again(turn["who"], turn["says"])
    assert repeated == answer, where
    assert len(answer) <= LONGEST, where
    missing = [words for words in turn.get("reply", []) if words not in answer]
    assert not missing, f"{where}: {answer}"
    told_too_much = [words for words in turn.get("never", []) if words in answer]
    assert not told_too_much, f"{where}: {answer}"
