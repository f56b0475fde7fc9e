"""`python -m bench` measures everything; `python -m bench NAME …` only what is named."""

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


def main() -> None:
    """Run the named suites, all without a name."""
    wanted = sys.argv[1:] or list(SUITES)
    for name in wanted:
        if name not in SUITES:
            sys.exit(f"unknown suite {name!r}; there are {', '.join(SUITES)}")
    for name in wanted:
        sys.argv = [name]
        SUITES[name]()


if __name__ == "__main__":
    main()
