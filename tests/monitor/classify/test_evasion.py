"""The evasion cases of four peers' own test suites (tests/data/evasion/SOURCE.md), every row of them."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.classify.characters import Step
from monitor.classify.lexicon import Entry, Flag, Lexicon
from monitor.classify.matcher import Keep, Matcher
from monitor.classify.normalise import PLAIN_STEPS, normalise
from monitor.classify.patterns import find_addresses, find_emails, find_numbers, find_urls
from monitor.classify.signals import count_mixed_words, has_abnormal_spacing
from monitor.classify.verdicts import Category, Severity

CASES = Path(__file__).parents[2] / "data" / "evasion" / "cases.tsv"
KEEPS = {
    "find-longest": Keep.LEFTMOST_LONGEST,
    "find-first-match": Keep.LEFTMOST_SHORTEST,
}


def cases() -> Iterator[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def named(mode: str) -> list[object]:
    rows = [row for row in cases() if re.match(mode, row["mode"])]
    assert rows
    return [pytest.param(row, id=f"{row['mode']}-{n}") for n, row in enumerate(rows)]


def steps_of(mode: str) -> frozenset[Step]:
    steps = set(PLAIN_STEPS)
    if "ignore_special" in mode or "skip=" in mode:
        steps |= {Step.FILLERS, Step.SPACES}
    if "ignore_space" in mode:
        steps.add(Step.SPACES)
    if "ignore_repeat" in mode:
        steps.add(Step.REPEATS)
    if mode == "pinyin":
        steps.add(Step.PINYIN)
    return frozenset(steps)


def flags_of(word: str, mode: str) -> frozenset[Flag]:
    flags = set()
    if mode in ("find-substring", "find-all-overlaps"):
        flags.add(Flag.INSIDE)
    if "num_boundary" in mode:
        flags.add(Flag.NUMBER)
    if "wildcard" in mode and "[" in word:
        flags.add(Flag.PATTERN)
    if mode == "pinyin":
        flags |= {Flag.SOUND, Flag.INITIALS}
    return frozenset(flags)


def category_of(word: str, note: str) -> Category:
    listed = re.search(rf"{word}=(\S\S)", note) if note.startswith("tags:") else None
    return Category(listed[1]) if listed else Category.ABUSE


def hits_of(row: dict[str, str]) -> list[tuple[str, str, Category]]:
    mode, text = row["mode"], row["text"]
    entries = tuple(
        Entry(word, category_of(word, row["note"]), Severity.REVIEW, flags_of(word, mode))
        for word in json.loads(row["lexicon"])
    )
    lexicon = Lexicon(entries, tuple(json.loads(row["allow"])), steps_of(mode))
    matcher = Matcher([lexicon], fillers=mode.partition("skip=")[2])
    hits = matcher.find(text, keep=KEEPS.get(mode, Keep.ALL))
    if mode.startswith("find-first+"):
        hits = hits[:1]
    return [(hit.word, text[hit.start : hit.end], hit.category) for hit in hits]


@pytest.mark.parametrize("row", named("find"))
def test_every_word_is_found_as_the_peer_finds_it(row: dict[str, str]) -> None:
    tag = row["mode"].partition("tag=")[2]
    found = [surface for _, surface, category in hits_of(row) if not tag or category == tag]
    expected = json.loads(row["expected_hits"])
    if row["mode"] == "find-all-overlaps":
        found, expected = sorted(found), sorted(expected)
    assert found == expected


@pytest.mark.parametrize("row", named("pinyin|keyword"))
def test_a_word_is_found_by_its_sound_and_with_blanks(row: dict[str, str]) -> None:
    assert [word for word, _, _ in hits_of(row)] == json.loads(row["expected_hits"])


@pytest.mark.parametrize("row", named("num|url|email|ipv4"))
def test_numbers_links_and_addresses_are_found(row: dict[str, str]) -> None:
    mode, text = row["mode"], row["text"]
    if mode.startswith("num"):
        spans = find_numbers(text, int(mode[5]), skip_gaps="ignore_special" in mode)
    else:
        find = {"url": find_urls, "email": find_emails, "ipv4": find_addresses}
        spans = find_urls(text, bare=True) if mode == "url-noprefix" else find[mode](text)
    # the source accepts a span without the noise in front of a number
    expected = [hit.lstrip("=") for hit in json.loads(row["expected_hits"])]
    assert [text[start:end] for start, end in spans] == expected


@pytest.mark.parametrize("row", named("normalize"))
def test_invisible_characters_go_and_nothing_else(row: dict[str, str]) -> None:
    assert [normalise(row["text"], frozenset((Step.INVISIBLE,))).text] == json.loads(row["expected_hits"])


@pytest.mark.parametrize("row", named("signal"))
def test_odd_shapes_are_noticed(row: dict[str, str]) -> None:
    expected = json.loads(row["expected_hits"])
    if row["mode"].endswith("mixed_script_words"):
        assert [str(count_mixed_words(row["text"]))] == expected
    else:
        assert ["abnormal" if has_abnormal_spacing(row["text"]) else "normal"] == expected
