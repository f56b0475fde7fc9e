"""Conversations as files: who says what, what comes back, through the real callbacks of both platforms.

A turn names who speaks, what is said (`says`) or sent (`sends` a kind of attachment), what the answer holds
(`reply`) and what it may `never` hold; `is_silent` expects no answer; `at` moves the clock; `row` names the
row of the table of bad input (requirements D.1) that the turn shows; `breaks` lets a defect strike. Every
turn is delivered twice, as the platforms do: both answers are the same.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.commands import COMMANDS
from monitor.store.database import Database
from tests.conversation_stage import OFFICIAL, PEOPLE, WECOM, Conversation

FOLDER = Path(__file__).parent / "conversations"
FILES = sorted(FOLDER.glob("*.toml"))
LONGEST = 600  # characters of an answer (requirements D.0)
KNOWN = {"at", "who", "says", "sends", "reply", "never", "is_silent", "row", "breaks"}
BAD_INPUT = {  # rows of requirements D.1
    "未绑定",
    "未知指令",
    "缺参数",
    "未找到或多个匹配",
    "越权",
    "条数",
    "日期",
    "重复提交",
    "无事项附件",
    "步骤超时",
    "无数据",
    "原文缺失",
    "超长与标记",
    "内部错误",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_conversation_goes_as_written(
    file: Path, database: Database, database_url: str, tmp_path: Path
) -> None:
    database.close()
    play(file, Conversation(database_url, tmp_path, OFFICIAL))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_conversation_goes_the_same_way_through_wecom(
    file: Path, sqlite_template: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "wecom.db"  # the channel is new here, the database is not
    copy.write_bytes(sqlite_template.read_bytes())
    play(file, Conversation(f"sqlite:///{copy}", tmp_path, WECOM))


def test_two_processes_share_choices_and_open_steps(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """A load balancer sends every message of a person to whichever process it likes."""
    database.close()
    conversation = Conversation(database_url, tmp_path, WECOM)
    first, second = 0, conversation.open_another()
    try:
        assert "1. " in conversation.say("督导", "状态 团市委", to=first)
        assert conversation.say("督导", "１。", to=second).startswith("鹭川团市委：")
        assert "对应多个结果" in conversation.say("督导", "0", to=first)
        assert "确认" in conversation.say("督导", "抽查登记 LC0001 600", to=first)
        filed = conversation.say("督导", "确认", to=second)
        assert filed.startswith("✅ 已登记 LC0001"), filed
        number = re.search(r"撤销 (\d+)", filed)
        assert number
        assert "CC-2026-0001 已作废" in conversation.say("督导", f"撤销 {number[1]}", to=first)
        assert "您是不是要" in conversation.say("鹭川", "排明", to=first)
        assert conversation.say("鹭川", "状泰", to=second) == ""
        assert "下级排名" in conversation.say("鹭川", "一", to=second)
        conversation.say("督导", "状态 团市委", to=second)
        conversation.clock.advance(minutes=5)
        assert "操作已超时" in conversation.say("督导", "1", to=first)
    finally:
        conversation.close()


def test_every_role_speaks_in_some_conversation() -> None:
    turns = [turn for file in FILES for turn in turns_of(file)]
    assert {turn["who"] for turn in turns} >= set(PEOPLE)


def test_every_command_of_the_table_is_spoken_in_some_conversation() -> None:
    spoken = {turn["says"].split()[0] for file in FILES for turn in turns_of(file) if "says" in turn}
    assert {command.name for command in COMMANDS} <= spoken


def test_every_row_of_the_table_of_bad_input_is_shown() -> None:
    shown = {turn["row"] for turn in turns_of(FOLDER / "bad_input.toml") if "row" in turn}
    assert shown == BAD_INPUT


def turns_of(file: Path) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = tomllib.loads(file.read_text("utf-8"))["turn"]
    return told


def play(file: Path, conversation: Conversation) -> None:
    """Play a file to its end and let the database go."""
    try:
        for number, turn in enumerate(turns_of(file), start=1):
            where = f"{file.stem} {number}"
            assert set(turn) <= KNOWN, where
            assert turn.keys() & {"reply", "never", "is_silent"}, f"{where} expects nothing"
            if "at" in turn:
                conversation.move_to(turn["at"])
            conversation.say_hello(turn["who"])
            if turn.get("breaks"):
                _play_defect(conversation, turn, where)
            else:
                _play(conversation, turn, where)
    finally:
        conversation.close()


def _play(conversation: Conversation, turn: dict[str, Any], where: str) -> None:
    if "sends" in turn:
        answer, repeated = conversation.send_again(turn["who"], turn["sends"])
    else:
        answer, repeated = conversation.say_again(turn["who"], turn["says"])
    assert repeated == answer, where
    assert len(answer) <= LONGEST, where
    assert (answer == "") == turn.get("is_silent", False), f"{where}: {answer}"
    missing = [words for words in turn.get("reply", []) if words not in answer]
    assert not missing, f"{where}: {answer}"
    told_too_much = [words for words in turn.get("never", []) if words in answer]
    assert not told_too_much, f"{where}: {answer}"


def _play_defect(conversation: Conversation, turn: dict[str, Any], where: str) -> None:
    """The person gets a number, the input is kept under it, and the operators are told."""
    conversation.say_hello("运维")
    with conversation.with_a_defect():
        answer = conversation.say(turn["who"], turn["says"])
    found = re.fullmatch(r"系统忙，编号 (E-\d{4}-[0-9A-F]{6})，请稍后", answer)
    assert found, f"{where}: {answer}"
    assert [kept.id for kept in conversation.kept_inputs()] == [found[1]], where
    assert any(found[1] in text for text in conversation.messages_to_operators()), where
