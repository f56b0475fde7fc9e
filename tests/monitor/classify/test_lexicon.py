"""Lexicon files: strict reading, lists that people already have, 200,000 words."""

from pathlib import Path

import pytest

from monitor.classify.characters import Step
from monitor.classify.engine import load_lexicons
from monitor.classify.errors import LexiconFormatError
from monitor.classify.lexicon import Entry, Flag, load_lexicon, parse_lexicon
from monitor.classify.lexicon_files import export_csv, export_txt, import_words
from monitor.classify.matcher import Matcher
from monitor.classify.normalise import ALL_STEPS
from monitor.classify.sounds import syllable_of
from monitor.classify.verdicts import Category, Severity

GOOD = """\
# words of the tests
@steps -digits -pinyin
@category 辱骂
坏蛋\t3\tsound initials\t骂人
笨蛋
@category 广告
免费领取\t1

!坏蛋糕店
"""


def test_a_file_gives_words_with_what_they_are_worth() -> None:
    lexicon = parse_lexicon(GOOD)
    assert lexicon.entries == (
        Entry("坏蛋", Category.ABUSE, Severity.ALERT, frozenset((Flag.SOUND, Flag.INITIALS)), "骂人"),
        Entry("笨蛋", Category.ABUSE, Severity.REVIEW),
        Entry("免费领取", Category.ADVERTISING, Severity.EVIDENCE),
    )
    assert lexicon.allowed == ("坏蛋糕店",)
    assert lexicon.steps == ALL_STEPS - {Step.DIGITS, Step.PINYIN}
    assert parse_lexicon(export_txt(lexicon)) == lexicon


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("坏蛋\t9", "级别应为 1、2 或 3"),
        ("坏蛋\t2\tloud", "不认识的标记“loud”"),
        ("！？", "里没有文字"),
        ("坏" * 65, "词长 65 字"),
        ("@category 天气", "没有类别“天气”"),
        ("@colour red", "不认识的设置"),
        ("@steps wide", "没有归一步骤“wide”"),
        ("[坏蛋\t2\tpattern", "模式"),
        ("a?b?\t2\tpattern", "会命中一切"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_used(line: str, wrong: str) -> None:
    with pytest.raises(LexiconFormatError) as raised:
        parse_lexicon(f"@category 辱骂\n好词\n{line}\n", "本市.txt")
    assert [problem.line for problem in raised.value.problems] == [3]
    assert wrong in raised.value.problems[0].text
    assert "本市.txt" in str(raised.value)


def test_every_bad_line_is_told_at_once() -> None:
    with pytest.raises(LexiconFormatError) as raised:
        parse_lexicon("词在类别前\n@category 辱骂\n" + "坏\t7\n" * 9)
    assert len(raised.value.problems) == 10
    assert "等 10 处" in raised.value.user_text


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes("@category 辱骂\n坏蛋".encode("gb18030"))
    with pytest.raises(LexiconFormatError, match="UTF-8"):
        load_lexicon(file)


def test_duplicates_and_single_characters_are_reported_and_kept_once() -> None:
    lexicon = parse_lexicon("@category 辱骂\n坏蛋\t3\n坏蛋\t1\n滚\n")
    assert [(entry.word, entry.severity) for entry in lexicon.entries] == [("坏蛋", 3), ("滚", 2)]
    assert [(line, text[:6]) for line, text in lexicon.remarks] == [(3, "“坏蛋”重复"), (4, "“滚”只有一")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("坏蛋\n笨蛋\n", [("坏蛋", "辱骂", 2), ("笨蛋", "辱骂", 2)]),
        ("\ufeff坏蛋\r\n\r\n笨蛋", [("坏蛋", "辱骂", 2), ("笨蛋", "辱骂", 2)]),
        ("词,类别\n加微信,广告\n坏蛋,", [("加微信", "广告", 2), ("坏蛋", "辱骂", 2)]),
        ("加微信,广告,3\n坏蛋，辱骂，1", [("加微信", "广告", 3), ("坏蛋", "辱骂", 1)]),
        ("坏蛋|3\n笨蛋|低\n傻瓜|高", [("坏蛋", "辱骂", 3), ("笨蛋", "辱骂", 1), ("傻瓜", "辱骂", 3)]),
        ("坏蛋\t1\n笨蛋\t广告\t3", [("坏蛋", "辱骂", 1), ("笨蛋", "广告", 3)]),
        ("@category 赌博\n下注\t3", [("下注", "赌博", 3)]),
    ],
)
def test_lists_of_other_shapes_are_read(text: str, expected: list[tuple[str, str, int]]) -> None:
    read = import_words(text, Category.ABUSE)
    assert not read.problems
    assert [(e.word, e.category.value, int(e.severity)) for e in read.lexicon.entries] == expected


def test_bad_lines_of_a_list_are_reported_beside_the_good_ones() -> None:
    read = import_words("坏蛋,辱骂\n官员,政治\n，，\n坏蛋,辱骂\n滚|5", Category.ABUSE)
    assert [entry.word for entry in read.lexicon.entries] == ["坏蛋"]
    assert [problem.line for problem in read.problems] == [2, 3, 5]
    assert [remark.line for remark in read.remarks] == [4]


def test_a_table_is_read_back_as_it_was_written() -> None:
    lexicon = parse_lexicon('@category 广告\n免费,"领"\t3\tpart\t有逗号\n@category 辱骂\n坏蛋\t1\n')
    assert import_words(export_csv(lexicon), Category.FRAUD).lexicon.entries == lexicon.entries


def test_two_hundred_thousand_words_are_found_like_three() -> None:
    digits = "甲乙丙丁戊己庚辛壬癸"
    words = ["".join(digits[int(digit)] for digit in f"{number:06}") for number in range(200_000)]
    lexicon = parse_lexicon("@category 违法\n" + "\n".join(words))
    assert len(lexicon.entries) == 200_000
    matcher = Matcher([lexicon])
    assert [hit.word for hit in matcher.find("说乙 丙·丁戊己庚了")] == ["乙丙丁戊己庚"]


def test_the_shipped_lexicons_hold_no_word_twice_and_single_characters_only_as_evidence() -> None:
    lexicons = load_lexicons()
    assert lexicons
    assert [remark for lexicon in lexicons for remark in lexicon.remarks if "重复" in remark.text] == []
    entries = [entry for lexicon in lexicons for entry in lexicon.entries]
    loud = {e.word for e in entries if len(e.word) == 1 and e.severity > Severity.EVIDENCE}
    assert {word for word in loud if syllable_of(word)} == set(), "characters of everyday writing"
