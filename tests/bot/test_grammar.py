"""What a chat message is taken for."""

from datetime import date

import pytest

from bot.commands import COMMANDS
from bot.dates import read_day
from bot.grammar import MAX_CHARS, Call, MainMenu, Pick, Unclear, Vocabulary, Word, clean, read_number
from monitor.errors import BadParameter

VOCABULARY = Vocabulary(
    Word(text, command.name) for command in COMMANDS for text in (command.name, *command.aliases)
)
ALL = frozenset(command.name for command in COMMANDS)
TODAY = date(2026, 11, 20)


def understand(text: str, permitted: frozenset[str] = ALL) -> object:
    return VOCABULARY.understand(text, permitted)


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("状态", "状态", ()),
        (" 状态 ", "状态", ()),
        ("状态 海口", "状态", ("海口",)),
        ("状态　海口", "状态", ("海口",)),
        ("状态，海口", "状态", ("海口",)),
        ("状态,海口、昨天", "状态", ("海口", "昨天")),
        ("状态\n海口\t昨天", "状态", ("海口", "昨天")),
        ("状态。", "状态", ()),
        ("状态 海口！", "状态", ("海口",)),
        ("状态 海口!.", "状态", ("海口",)),
        ("为什么？", "为什么", ()),
        ("狀態 龍華", "状态", ("龙华",)),
        ("未達標", "未达标", ()),
        ("總覽", "总览", ()),
        ("為什麼", "为什么", ()),
        ("排行榜", "排名", ()),
        ("HELP", "帮助", ()),
        ("ｈｅｌｐ", "帮助", ()),
        ("状态海口", "状态", ("海口",)),
        ("群LC0101", "群", ("LC0101",)),
        ("群列出", "群", ("列出",)),
        ("群１０００１", "群", ("10001",)),
        ("群昨天", "群", ("昨天",)),
        ("绑定 DEMO-CITY", "绑定", ("DEMO-CITY",)),
        ("绑定demo-city。", "绑定", ("demo-city",)),
        ("绑定：DEMO-CITY", "绑定", ("DEMO-CITY",)),
        ("排名 月 高校", "排名", ("月", "高校")),
        ("排名月 高校", "排名", ("月", "高校")),
        ("昨天未达标", "未达标", ("昨天",)),
        ("11月20日状态", "状态", ("11月20日",)),
        ("未达标昨天", "未达标", ("昨天",)),
        ("状态怎么样", "状态", ()),
    ],
)
def test_a_named_command_is_called(text: str, command: str, arguments: tuple[str, ...]) -> None:
    assert understand(text) == Call(command, arguments)


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("帮我看看状态", "状态", ()),
        ("海口状态", "状态", ("海口",)),
        ("请问未达标的有哪些", "未达标", ()),
        ("不达", "未达标", ()),
        ("我想解绑", "解绑", ()),
    ],
)
def test_a_contained_command_is_a_guess(text: str, command: str, arguments: tuple[str, ...]) -> None:
    assert understand(text) == Call(command, arguments, is_guess=True)


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [("wdb", "未达标", ()), ("zt 海口", "状态", ("海口",)), ("PAIMING 月", "排名", ("月",))],
)
def test_an_abbreviated_command_is_asked_about(text: str, command: str, arguments: tuple[str, ...]) -> None:
    assert understand(text) == Call(command, arguments, is_guess=True, asks=True)


def test_one_slip_in_a_longer_command_is_not_the_shorter_one_with_an_argument() -> None:
    words = Vocabulary([Word("抽查", "抽查"), Word("抽查登记", "抽查登记")])
    both = ("抽查", "抽查登记")
    for text in ("抽查等记 LC0001 4", "抽查登 LC0001 4", "抽查灯鸡 LC0001 4"):
        assert words.understand(text, both) == Unclear(
            (Call("抽查登记", tuple(text.split()[1:])), Call("抽查", tuple(text.split()[1:])))
        )
    assert words.understand("抽查鹭川 2", both) == Call("抽查", ("鹭川", "2"))
    assert words.understand("抽查登记LC0001 4", both) == Call("抽查登记", ("LC0001", "4"))


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("壮态", "状态"),
        ("装态 鹭川", "状态"),
        ("排明", "排名"),
        ("未打标", "未达标"),
        ("邦助", "帮助"),
        ("zhuantai", "状态"),
    ],
)
def test_a_mistyped_command_is_asked_about(text: str, nearest: str) -> None:
    found = understand(text)
    assert isinstance(found, Unclear)
    assert found.nearest[0].command == nearest
    assert 1 <= len(found.nearest) <= 3


def test_the_arguments_of_a_mistyped_command_are_kept() -> None:
    found = understand("装态 鹭川")
    assert isinstance(found, Unclear)
    assert found.nearest[0].line == "状态 鹭川"


@pytest.mark.parametrize(
    "text", ["", "   ", "。。。", "😀", "😀😀", "<xml>", "'; DROP TABLE unit;--", "\x00\x01"]
)
def test_what_says_nothing_has_no_suggestion(text: str) -> None:
    assert understand(text) == Unclear()


def test_several_contained_commands_are_asked_about() -> None:
    found = understand("达标")
    assert isinstance(found, Unclear)
    assert {call.command for call in found.nearest} == {"状态", "未达标"}


def test_only_permitted_commands_are_guessed() -> None:
    assert understand("wdb", ALL - {"未达标"}) != Call("未达标", (), is_guess=True, asks=True)
    assert understand("未达标", frozenset()) == Call("未达标")  # named exactly: the refusal explains


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("１", 1), ("１２", 12), ("一", 1), ("十", 10), ("两", 2), ("3。", 3), (" 0 ", 0), ("零", 0)],
)
def test_a_bare_number_picks(text: str, number: int) -> None:
    assert understand(text) == Pick(number)


@pytest.mark.parametrize("text", ["#", "＃", " # "])
def test_a_hash_is_the_main_menu(text: str) -> None:
    assert understand(text) == MainMenu()


@pytest.mark.parametrize("word", ["4.5", "-1", "12345", "1a", "²", "十一点"])
def test_other_words_are_no_numbers(word: str) -> None:
    assert read_number(word) is None


def test_text_is_cut_and_cleaned() -> None:
    assert len(clean("状" * 70_000)) == MAX_CHARS
    assert clean("状\x00态\u200b\ud800\u202e") == "状 态"
    assert understand("状态" + "海" * 65_536) == Call("状态", ("海" * 498,))


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("今日", date(2026, 11, 20)),
        ("今天", date(2026, 11, 20)),
        ("昨日", date(2026, 11, 19)),
        ("昨天", date(2026, 11, 19)),
        ("前天", date(2026, 11, 18)),
        ("11-20", date(2026, 11, 20)),
        ("11-1", date(2026, 11, 1)),
        ("11月20日", date(2026, 11, 20)),
        ("11月2号", date(2026, 11, 2)),
        ("2026-11-20", date(2026, 11, 20)),
        ("2025年12月31日", date(2025, 12, 31)),
        ("20261120", date(2026, 11, 20)),
        ("11/19", date(2026, 11, 19)),
        ("海口", None),
        ("LC0101", None),
        ("10001", None),
        ("460100", None),
    ],
)
def test_days_are_read(word: str, day: date | None) -> None:
    assert read_day(word, TODAY) == day


def test_a_day_without_a_year_in_january_is_last_years() -> None:
    assert read_day("12-31", date(2027, 1, 5)) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("11-21", "尚未到来"),
        ("明天", "尚未到来"),
        ("20261121", "尚未到来"),
        ("2027-01-01", "尚未到来"),
        ("13-45", "不是有效日期"),
        ("2月30日", "不是有效日期"),
        ("20261301", "不是有效日期"),
        ("0000-01-01", "不是有效日期"),
        ("1999-12-31", "早于"),
    ],
)
def test_an_impossible_day_is_refused_with_its_reason(word: str, says: str) -> None:
    with pytest.raises(BadParameter) as caught:
        read_day(word, TODAY)
    assert says in caught.value.user_text
