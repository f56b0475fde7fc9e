"""Command line of the rules: `python -m scoring grade N` prints JSON; no database.

Imports only the standard library and `scoring`. Exit codes: 0 answered, 2 bad input with a message on stderr.
"""

import json
import sys

from scoring.activity import grade_activity
from scoring.rulebook import load_rulebook


def main(arguments: list[str]) -> int:
    """Answer one command; print JSON to stdout, refusals to stderr."""
    try:
        if len(arguments) != 2 or arguments[0] != "grade":
            raise ValueError("usage: python -m scoring grade N")
        verdict = grade_activity(int(arguments[1]), load_rulebook().activity_bands)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    answer = {"posts": verdict.figures["n_posts"], "grade": verdict.outcome.value, **verdict.as_json()}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
