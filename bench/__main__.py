"""`python -m bench` measures everything but `pages` and `overview`, which build a province first; name those."""

import sys

from bench import classify, close_day, http, overview, pages, reports, scoring

SUITES = {
    "http": http.run,
    "close_day": close_day.main,
    "overview": overview.main,
    "pages": pages.main,
    "reports": reports.main,
    "scoring": scoring.main,
    "classify": classify.main,
}


LARGE = frozenset(("overview", "pages"))
"""Suites that generate a province of 120,000 units: minutes and gigabytes, so only by name."""


def main() -> None:
    """Run the named suites, all but the large ones without a name."""
    wanted = sys.argv[1:] or [name for name in SUITES if name not in LARGE]
    for name in wanted:
        if name not in SUITES:
            sys.exit(f"unknown suite {name!r}; there are {', '.join(SUITES)}")
    for name in wanted:
        sys.argv = [name]
        SUITES[name]()


if __name__ == "__main__":
    main()
