"""Puts many things into one message that still names every one of them."""

from collections.abc import Sequence

MOST_BYTES = 1850
"""Of UTF-8 text: WeCom and 客服消息 cut at 2,048, and title line, address and number need room."""
_HINT = "回复“提醒”查看详情"


def fold_titles(titles: Sequence[str]) -> tuple[str, str, int]:
    """Return title, text and how many of the titles, from the first, the text names: at least one.

    A title is "code name words …": if whole titles do not fit, codes alone are grouped by the last word.
    """
    text = _whole(titles)
    if _fits(text):
        return _heading(len(titles)), text, len(titles)
    n_named = len(titles)
    while n_named > 1 and not _fits(_codes(titles[:n_named])):
        n_named -= max(1, n_named // 20)
    return _heading(n_named), cut_to(_codes(titles[:n_named]), MOST_BYTES), n_named


def cut_to(text: str, n_bytes: int) -> str:
    """Cut a text to a number of UTF-8 bytes at a character border and mark the cut with 「…」."""
    raw = text.encode()
    if len(raw) <= n_bytes:
        return text
    return raw[: n_bytes - 3].decode(errors="ignore") + "…"


def name_codes(codes: Sequence[str], n_bytes: int) -> str:
    """Name codes separated by blanks, as many as fit, and say how many more there are."""
    text = " ".join(codes)
    n_named = len(codes)
    while n_named > 1 and len(text.encode()) > n_bytes:
        n_named -= max(1, n_named // 20)
        text = f"{' '.join(codes[:n_named])} 另有 {len(codes) - n_named} 个"
    return text


def _heading(n_items: int) -> str:
    return f"另有 {n_items} 条提醒，汇总如下"


def _whole(titles: Sequence[str]) -> str:
    return "\n".join((_heading(len(titles)), *titles, _HINT))


def _codes(titles: Sequence[str]) -> str:
    by_word: dict[str, list[str]] = {}
    for title in titles:
        code, _, rest = title.partition(" ")
        by_word.setdefault(rest.rpartition(" ")[2], []).append(code)
    lines = [f"{word} {len(codes)}：{' '.join(codes)}" for word, codes in by_word.items()]
    return "\n".join((_heading(len(titles)), *lines, _HINT))


def _fits(text: str) -> bool:
    return len(text.encode()) <= MOST_BYTES
