"""Writes texts the way people do who hope not to be found: training copies and test copies.

Deterministic for a given `random.Random`. Key function: `perturb`.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random

_TABLES = Path(__file__).parent / "tables"
_EMOJI = "😀😂🐶🐷🔥💩🌹🙏✨💊"
_SEPARATORS = " .*-_、|~·"

Perturbation = Callable[[str, Random], str]


def homophones(word: str, random: Random) -> str:
    """Replace each character by another of the same sound: 傻逼, 沙比."""
    by_character, by_sound = _sounds()
    return "".join(
        random.choice(by_sound[by_character[each]]) if each in by_character else each for each in word
    )


def full_pinyin(word: str, random: Random) -> str:
    """Spell the word in Latin letters: 傻逼, shabi."""
    return "".join(_sounds()[0].get(each, each) for each in word)


def initials(word: str, random: Random) -> str:
    """Keep the first letter of each syllable: 傻逼, sb."""
    return "".join(_sounds()[0].get(each, each)[0] for each in word)


def split_glyphs(word: str, random: Random) -> str:
    """Write a character as the two it is made of: 好, 女子."""
    table = _splits()
    return "".join(table.get(each, each) for each in word)


def separated(word: str, random: Random) -> str:
    """Put marks between the characters: 傻.逼."""
    return random.choice(_SEPARATORS).join(word)


def with_emoji(word: str, random: Random) -> str:
    """Put a picture somewhere into the word."""
    at = random.randrange(len(word)) + 1
    return word[:at] + random.choice(_EMOJI) + word[at:]


def shuffled(word: str, random: Random) -> str:
    """Exchange two neighbours; readers hardly notice."""
    if len(word) < 2:
        return word
    at = random.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


PERTURBATIONS: dict[str, Perturbation] = {
    "homophone": homophones,
    "full_pinyin": full_pinyin,
    "initials": initials,
    "split": split_glyphs,
    "separated": separated,
    "emoji": with_emoji,
    "shuffle": shuffled,
}


def perturb(words: Sequence[str], targets: Sequence[int], kind: str, random: Random) -> str:
    """Return the text of `words` with the words at the places `targets` perturbed.

    Args:
        kind: a key of `PERTURBATIONS`.
    """
    change, chosen = PERTURBATIONS[kind], set(targets)
    return "".join(change(word, random) if i in chosen else word for i, word in enumerate(words))


def has_han(word: str) -> bool:
    """Tell whether a word can be perturbed at all."""
    return any("\u4e00" <= each <= "\u9fff" for each in word)


@lru_cache(maxsize=1)
def _sounds() -> tuple[dict[str, str], dict[str, str]]:
    """Return the sound of each character, and the characters of each sound."""
    by_character: dict[str, str] = {}
    by_sound: dict[str, str] = {}
    for line in (_TABLES / "pinyin.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            sound, characters = line.split(" ", 1)
            by_sound[sound] = characters.strip()
            by_character.update(dict.fromkeys(characters.strip(), sound))
    return by_character, by_sound


@lru_cache(maxsize=1)
def _splits() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in (_TABLES / "splits.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            for entry in line.split():
                table.setdefault(entry[2], entry[:2])
    return table
