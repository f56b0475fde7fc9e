"""Role × command × relation, made from the command table: what is outside looks as if it did not exist.

For every command that takes a unit or a group, each role sends its example with the code of something outside
its subtree. The answer equals, word for word, the answer about what there is not.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.commands import COMMANDS, Command
from monitor.store.database import Database
from monitor.store.tables import Table, UnitRow, table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from tests.conversation_stage import PEOPLE, Conversation

UNIT_WORDS, GROUP_WORDS = ("单位", "高校"), ("群编号",)
MISSING = {"unit": "ZZ77", "group": "ZZ7777"}
OUTSIDE = {  # who → codes of units and groups outside their subtree: ancestor, sibling, cousin, other branch
    "鹭川": {"unit": ("YS", "YS01", "QD", "QD01"), "group": ("YS0001", "YS0101", "QD0101")},
    "云杉": {"unit": ("LC", "LC01", "LC0101", "QD"), "group": ("LC0001", "LC0101", "QD0101")},
    "临河": {"unit": ("LC", "YS", "YS01", "QD01"), "group": ("LC0001", "YS0001", "QD0101")},
    "柳岸": {"unit": ("LC", "LC01", "YS"), "group": ("LC0001", "YS0101", "QD0101")},
}
MOVING = re.compile(r"\d{2}-\d{2} \d{2}:\d{2}|(编号|事件|撤销|反馈) ?\d+")


def places_of(command: Command) -> Iterator[tuple[int, str]]:
    """Yield where a command's example names a unit or a group: index of the word, and which of both."""
    usage = command.usage.split("，")[0].split()
    for index, word in enumerate(usage[1:], start=1):
        if any(each in word for each in GROUP_WORDS):
            yield index, "group"
        elif any(each in word for each in UNIT_WORDS):
            yield index, "unit"


def line_with(command: Command, index: int, code: str) -> str:
    """Return a command's example with another code at one place."""
    words = command.example.split()
    return " ".join([*words[:index], code, *words[index + 1 :]])


FREE_TEXT = ("report_incident",)  # a report that begins with a foreign code is a report with that text
TARGETED = [
    (command, *place) for command in COMMANDS if command.key not in FREE_TEXT for place in places_of(command)
]


@pytest.fixture(scope="module")
def conversation(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conversation]:
    folder = tmp_path_factory.mktemp("matrix")
    file = folder / "matrix.db"
    file.write_bytes(sqlite_template.read_bytes())
    opened = Conversation(f"sqlite:///{file}", folder)
    yield opened
    opened.close()


def test_there_are_commands_about_units_and_about_groups() -> None:
    assert {kind for _, _, kind in TARGETED} == {"unit", "group"}
    assert len(TARGETED) >= 15


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_outside_looks_as_if_it_did_not_exist(conversation: Conversation, name: str) -> None:
    role = PEOPLE[name][0]
    for command, index, kind in TARGETED:
        if role not in command.roles:
            continue
        for code in OUTSIDE[name][kind]:
            known = conversation.say(name, line_with(command, index, code))
            unknown = conversation.say(name, line_with(command, index, MISSING[kind]))
            case = f"{name} {command.name} {code}"
            assert (case, without_code(known, code)) == (case, without_code(unknown, MISSING[kind]))


@pytest.mark.parametrize("name", PEOPLE)
def test_a_role_without_a_command_gets_a_refusal_and_changes_nothing(
    conversation: Conversation, name: str
) -> None:
    role = PEOPLE[name][0]
    conversation.say(name, "帮助")
    before = count_rows(conversation.services.database)
    for command in COMMANDS:
        if role in command.roles:
            continue
        answer = conversation.say(name, command.example)
        case = f"{name} {command.name}"
        refused = "不能使用" in answer or (role is Role.LEADER and answer == "您的角色为只读")
        assert (case, refused, answer) == (case, True, answer)
    assert count_rows(conversation.services.database) == before


def test_a_unit_that_was_switched_off_ends_what_its_people_may_see(
    sqlite_template: Path, tmp_path: Path
) -> None:
    file = tmp_path / "off.db"
    file.write_bytes(sqlite_template.read_bytes())
    conversation = Conversation(f"sqlite:///{file}", tmp_path)
    unit = table_of(UnitRow)
    assert "鹭川团市委" in conversation.say("鹭川", "状态")
    switch_off = update(unit).where(unit.c.code == "LC").values(is_active=False)
    conversation.services.database.write(lambda connection: connection.execute(switch_off).rowcount)
    conversation.clock.advance(minutes=2)
    assert "鹭川团市委：" not in conversation.say("鹭川", "状态")
    conversation.close()


def without_code(answer: str, code: str) -> str:
    """Return an answer without what differs by nature: the code that was typed, times and record numbers."""
    return MOVING.sub("…", answer.replace(code, "…"))


def count_rows(database: Database) -> dict[str, int]:
    """Return the number of rows of every table but the log of messages and answers."""
    kept = ("chat_message", "chat_menu", "chat_identity", "account_day", "open_step")
    with database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Table.metadata.sorted_tables
            if table.name not in kept and table is not table_of(AuditRow)
        }
