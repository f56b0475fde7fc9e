"""Words by their sound: pinyin, its initials, and characters that sound alike (谐音).

A text is turned into one private character per syllable, as long as the text itself, so that an automaton
over syllables finds homophones at their place. One toneless reading per character.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from pathlib import Path

SYLLABLES = Path(__file__).parent / "tables" / "pinyin.txt"
_FIRST_SYLLABLE = 0xE000  # of Unicode's private use area
_DIGITS = dict(
    zip("0123456789", ("ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu"), strict=True)
)
_MOST_SPELLINGS = 256


def sounds_of(text: str) -> str:
    """Return a text of the same length with a private character for every character that has a sound."""
    return text.translate(_sound_table())


def syllable_of(character: str) -> str:
    """Return the toneless syllable of a simplified character or digit, "" if it has none."""
    return _syllables().get(character, "")


def spellings(word: str, *, with_initials: bool) -> Iterator[str]:
    """Yield a word with characters replaced by their pinyin: 傻逼 as shabi, 傻bi, sha逼.

    Args:
        with_initials: sb, 傻b and unfinished last syllables too.
    """
    ways = [_ways(character, with_initials) for character in word]
    if word and with_initials and (syllable := syllable_of(word[-1])):
        ways[-1] += [syllable[:n] for n in range(2, len(syllable))]
    # itertools.product begins with the word itself
    yield from dict.fromkeys(islice(map("".join, product(*ways)), 1, _MOST_SPELLINGS))


def _ways(character: str, with_initials: bool) -> list[str]:
    syllable = syllable_of(character)
    ways = [character, syllable, syllable[:1]] if with_initials else [character, syllable]
    return [way for way in dict.fromkeys(ways) if way]


@lru_cache(maxsize=1)
def _syllables() -> dict[str, str]:
    syllables = dict(_DIGITS)
    for line in SYLLABLES.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            syllable, _, characters = line.partition(" ")
            syllables.update(dict.fromkeys(characters, syllable))
    return syllables


@lru_cache(maxsize=1)
def _sound_table() -> dict[int, str]:
    numbers = {syllable: n for n, syllable in enumerate(sorted(set(_syllables().values())))}
    return {
        ord(character): chr(_FIRST_SYLLABLE + numbers[syllable])
        for character, syllable in _syllables().items()
    }
