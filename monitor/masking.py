"""Names and texts as far as they are shown to people who need not know all of them. Pure."""

MOST_EXCERPT_CHARS = 80


def mask_name(name: str) -> str:
    """Return the first character of a name and two stars; an empty name stays empty."""
    return f"{name[0]}＊＊" if name else ""


def shorten(text: str, n_most: int = MOST_EXCERPT_CHARS) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= n_most else line[: n_most - 1] + "…"
