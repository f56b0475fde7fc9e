"""Files of the classifier that cannot be used; what was in use before stays in use.

    AppError
    └── ClassifierFileError      file
        ├── LexiconFormatError       problems: line and what is wrong, of every bad line
        └── WeightsError             truncated, altered, or of another version of the format

Key types: `LexiconFormatError`, `WeightsError`, `Problem`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from scoring.errors import AppError


class ClassifierFileError(AppError):
    """A lexicon or a file of weights cannot be used."""

    code = "classifier_file"
    user_text = "词库或模型文件不能用，仍使用原来的版本"
    permanent = True


class Problem(NamedTuple):
    """What is odd about one line of a lexicon; lines count from 1."""

    line: int
    text: str  # Chinese, for the person who wrote the line


class LexiconFormatError(ClassifierFileError):
    """Lines of a lexicon cannot be read; none of its words is in use."""

    code = "lexicon_format"
    user_text = "词库有误，未启用"

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        """Name every bad line, the first five of them in the message."""
        self.file, self.problems = file, tuple(problems)
        named = "；".join(f"第 {line} 行：{text}" for line, text in self.problems[:5])
        more = f" 等 {len(self.problems)} 处" if len(self.problems) > 5 else ""
        super().__init__(f"{file}: {named}{more}", user_text=f"词库有误，未启用：{named}{more}")


class WeightsError(ClassifierFileError):
    """Weights are truncated, altered or of another version; the message says which file and why."""

    code = "weights"
    user_text = "模型文件不能用，仍使用原来的版本"
