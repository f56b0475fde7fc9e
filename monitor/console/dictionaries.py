"""Dictionaries (字典): lists of words that people choose from, with their sources and uses.

Unit kinds are data, an open list (HN-1.1 团属组织、品牌项目, HN-1.2 “等”): they come with imported units, and
can be renamed, joined and switched off. The other lists are fixed by a clause. Pure. Key types: `WordList`,
`Word`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from monitor.errors import BadParameter, StateError

UNIT_KIND = "单位类别"
MOST_WORD_CHARS = 20


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a list. `n_uses` is None where nobody counts; `locked_by` says why it cannot be changed."""

    text: str
    n_uses: int | None
    is_on: bool = True
    locked_by: str = ""


@dataclass(frozen=True, slots=True)
class WordList:
    """A list with its source; only an open one is changed by people. `counted` says what uses are."""

    title: str
    source: str
    counted: str
    words: Sequence[Word]
    is_open: bool = False


class WordLocked(StateError):
    """A word that a rulebook or the tree itself rests on is not changed."""

    code = "word_locked"
    user_text = "细则按该类别评定，不能更名或停用"


def unit_kinds(
    uses: Mapping[str, int], retired: Collection[str], bound: Mapping[str, str], root_kind: str
) -> WordList:
    """Return the unit kinds: those in use, then those that are only switched off.

    Source: HN-1.1, HN-1.2.

    Args:
        uses: active units by kind.
        retired: kinds that new units may not have.
        bound: the rulebook that judges a kind, by kind.
        root_kind: kind of the root, of which there is one.
    """
    locks = {kind: f"{name} 按此类别评定" for kind, name in bound.items()} | {root_kind: "最上级单位"}
    every = dict.fromkeys([*sorted(uses, key=lambda kind: (-uses[kind], kind)), *sorted(retired)])
    words = [Word(kind, uses.get(kind, 0), kind not in retired, locks.get(kind, "")) for kind in every]
    return WordList(UNIT_KIND, "HN-1.1、HN-1.2", "单位", words, is_open=True)


def require_change(kinds: WordList, word: str) -> Word:
    """Return a word of an open list that may be changed.

    Raises: BadParameter if there is none; WordLocked.
    """
    found = next((one for one in kinds.words if one.text == word), None)
    if found is None:
        raise BadParameter(f"no word {word!r}", user_text=f"没有“{word[:MOST_WORD_CHARS]}”这一类别，请刷新")
    if found.locked_by:
        raise WordLocked(f"{word!r} is locked", user_text=f"“{word}”不能更名或停用：{found.locked_by}")
    return found
