"""Folds spellings together before texts are compared: width, case, script, invisible characters."""

from monitor.classify.characters import Step
from monitor.classify.normalise import fold_characters

_STEPS = frozenset((Step.WIDTH, Step.CASE, Step.SIMPLIFIED, Step.INVISIBLE))


def fold(text: str) -> str:
    """Return text in simplified characters, half width and lower case, without invisible characters."""
    return text.lower() if text.isascii() else fold_characters(text, _STEPS).text
