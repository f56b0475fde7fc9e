"""`python -m monitor.classify [--topics F]`: JSON lines in, JSON lines out, no database.

In: `{"id", "text"}`, one object a line. Out, in the same order: `{"id", "relevant", "relevance", "harmful",
"review", "harm", "categories", "hits", "reasons"}`, or `{"id", "error"}` for a line that cannot be read.
Exit code 0 if every line was judged, 1 if a line could not be read, 2 if the topics could not.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from monitor.classify.engine import Classifier, shared_classifier
from monitor.classify.verdicts import Judgement
from monitor.days.topics import Topic
from monitor.units import GroupId

_ANY_DAY = date(1970, 1, 1)
_MOST_TOPICS = 1000


def main(arguments: list[str] | None = None) -> int:
    """Judge standard input line by line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m monitor.classify", description="JSON lines in and out")
    parser.add_argument("--topics", type=Path, metavar="F", help='[{"title", "keywords", "examples"}]')
    topics_file = parser.parse_args(arguments).topics
    try:
        topics = read_topics(topics_file) if topics_file else ()
    except (OSError, ValueError) as error:
        print(f"{topics_file}: {error}", file=sys.stderr)
        return 2
    is_clean = True
    try:
        for answer in judge_lines(shared_classifier(), sys.stdin.buffer, topics):
            is_clean = is_clean and "error" not in answer
            _write(sys.stdout.buffer, answer)
    except BrokenPipeError:  # the reader has seen enough
        sys.stderr.close()
    return 0 if is_clean else 1


def judge_lines(
    classifier: Classifier, lines: Iterable[bytes], topics: tuple[Topic, ...]
) -> Iterator[dict[str, Any]]:
    """Yield an answer for every line that is not blank."""
    for line in lines:
        if line.strip():
            yield _judge_line(classifier, line, topics)


def _judge_line(classifier: Classifier, line: bytes, topics: tuple[Topic, ...]) -> dict[str, Any]:
    try:
        item = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"not a line of JSON in UTF-8: {error}"}
    if not isinstance(item, dict):
        return {"id": None, "error": 'expected an object {"id", "text"}'}
    number = item.get("id")
    if isinstance(number, dict | list):
        return {"id": None, "error": '"id" must be a text or a number'}
    if not isinstance(item.get("text"), str):
        return {"id": number, "error": '"text" is missing or no text'}
    return {"id": number, **answer_of(classifier.judge(item["text"], topics))}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def answer_of(judgement: Judgement) -> dict[str, Any]:
    """Return a judgement in the words of the contract."""
    relevance, harm = judgement.relevance, judgement.harm
    probability = relevance.probability
    return {
        "relevant": relevance.is_relevant,
        "relevance": round(float(relevance.is_relevant) if probability is None else probability, 4),
        "harmful": harm.is_harmful,
        "review": harm.needs_review,
        "harm": round(harm.harm, 4),
        "categories": [category.value for category in harm.categories],
        "hits": [
            {"word": hit.word, "start": hit.start, "end": hit.end, "category": hit.category.value}
            for hit in harm.hits
        ],
        "reasons": [relevance.reason, *harm.reasons],
    }


def read_topics(file: Path) -> tuple[Topic, ...]:
    """Read open topics from a JSON list of `{"title", "keywords", "examples"}`; the last two may be absent.

    Raises: ValueError that names the topic; OSError.
    """
    listed = json.loads(file.read_bytes())
    if not isinstance(listed, list) or len(listed) > _MOST_TOPICS:
        raise ValueError(f"expected a list of at most {_MOST_TOPICS} topics")
    return tuple(_topic(number, item) for number, item in enumerate(listed, start=1))


def _topic(number: int, item: Any) -> Topic:
    if not isinstance(item, dict):
        raise ValueError(f"topic {number}: expected an object")
    unknown = item.keys() - {"title", "keywords", "examples"}
    if unknown:
        raise ValueError(f"topic {number}: unknown key {sorted(unknown)[0]!r}")
    title, keywords = item.get("title"), item.get("keywords", [])
    if not isinstance(title, str) or not title.strip():
        raise ValueError(f"topic {number}: title is missing")
    for key in ("keywords", "examples"):
        listed = item.get(key, [])
        if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
            raise ValueError(f"topic {number}: {key} must be a list of texts")
    examples = tuple(item.get("examples", []))
    return Topic(number, GroupId(0), title, tuple(keywords), _ANY_DAY, examples=examples)


def _write(out: BinaryIO, answer: dict[str, Any]) -> None:
    # a lone surrogate has no UTF-8: then everything outside ASCII is escaped
    try:
        line = json.dumps(answer, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        line = json.dumps(answer).encode()
    out.write(line + b"\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
