"""Command line of the rules: `python -m scoring grade | streak | wci | evaluate`; JSON out, no database.

Exit codes: 0 answered; 2 bad input, with one line on stderr that names the place.
Imports only the standard library and `scoring`. `-` reads the facts from standard input.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from scoring.contract import Json, answer_evaluate, answer_grade, answer_streak, answer_wci, parse_json
from scoring.errors import AppError, InputError

USAGE = """usage:
  python -m scoring grade N
  python -m scoring streak F.json
  python -m scoring wci 2.0|13.0|14.2-3|14.2-4 F.json
  python -m scoring evaluate hn-2013|gd-2019|gb-2019-19 F.json [--explain]
"""


def main(arguments: Sequence[str]) -> int:
    """Answer one command; print JSON to stdout, refusals to stderr.

    Source: none (design §2).
    """
    try:
        answer = _answer(list(arguments))
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if answer is None:
        sys.stderr.write(USAGE)
        return 2
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return 0


def _answer(arguments: list[str]) -> Json | None:
    match arguments:
        case ["grade", posts]:
            return answer_grade(_read_count(posts))
        case ["streak", file]:
            return answer_streak(_read_file(file))
        case ["wci", version, file]:
            return answer_wci(version, _read_file(file))
        case ["evaluate", rulebook, file] | ["evaluate", rulebook, file, "--explain"]:
            return answer_evaluate(rulebook, _read_file(file), explain=len(arguments) == 4)
        case ["evaluate", "--explain", rulebook, file]:
            return answer_evaluate(rulebook, _read_file(file), explain=True)
        case _:
            return None


def _read_count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise InputError(f"must be an integer ≥ 0, got {text!r}", key_path="N")
    return int(text)


def _read_file(file: str) -> object:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", key_path=file) from error
    return parse_json(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
