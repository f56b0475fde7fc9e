"""Characters written as two (拆字): 「女马」 for 妈. A small table of pairs that are not words themselves."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

SPLITS = Path(__file__).parent / "tables" / "splits.txt"


def join_splits(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and the character meant for every pair in a text."""
    pairs, pattern = _pairs()
    for match in pattern.finditer(text):
        yield match.start(), match.end(), pairs[match[0]]


@lru_cache(maxsize=1)
def _pairs() -> tuple[dict[str, str], re.Pattern[str]]:
    lines = SPLITS.read_text("utf-8").splitlines()
    entries = [entry for line in lines if not line.startswith("#") for entry in line.split()]
    pairs = {entry[:2]: entry[2] for entry in entries}
    by_left: dict[str, str] = {}
    for pair in pairs:
        by_left[pair[0]] = by_left.get(pair[0], "") + pair[1]
    return pairs, re.compile("|".join(f"{left}[{rights}]" for left, rights in by_left.items()))
