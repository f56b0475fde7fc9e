"""Word borders by jieba, with the words of League work that its dictionary cuts apart."""

import logging
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jieba


class Segmenter:
    """A jieba tokenizer of our own: its words and its cache file touch nobody else's.

    Loading takes 0.6 to 0.9 s and 80 MB, once per process.
    """

    def __init__(self, words: Iterable[str], cache_folder: Path | None = None) -> None:
        """Load the dictionary and add words to it."""
        jieba.setLogLevel(logging.WARNING)
        self._tokenizer: Any = jieba.Tokenizer()
        # jieba's default is a fixed name in the shared temporary folder, which anyone could plant
        self._tokenizer.tmp_dir = str(cache_folder or _private_folder())
        self._tokenizer.initialize()
        for word in words:
            self._tokenizer.add_word(word)

    def cuts_through(self, text: str, start: int, end: int) -> bool:
        """Tell whether a word border lies inside text[start:end]: then it is no word of the sentence."""
        for _, token_start, token_end in self._tokenizer.tokenize(text, HMM=False):
            if start < token_start < end or start < token_end < end:
                return True
            if token_start >= end:
                break
        return False


def _private_folder() -> str:
    folder = Path.home() / ".cache" / "qingxun"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return tempfile.mkdtemp(prefix="qingxun-")
    return str(folder)
