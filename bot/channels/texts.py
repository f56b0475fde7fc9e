"""Fits an outbound message into a platform's limits."""

from monitor.ports import OutboundMessage

CUT_MARK = "…（全文见控制台）"
SHORT_MARK = "…"


def whole_text(message: OutboundMessage, limit_bytes: int, footer: str = "") -> str:
    """Return title, text, address and footer as one text of at most `limit_bytes` of UTF-8.

    Only the text is cut; a title that the text begins with is not repeated.
    """
    has_title = message.title and not message.text.startswith(message.title)
    head = f"{message.title}\n{message.text}" if has_title else message.text
    tail = "".join(f"\n{line}" for line in (message.url, footer) if line)
    if len(tail.encode(errors="replace")) > limit_bytes // 2:
        return cut_bytes(head, limit_bytes)
    return cut_bytes(head, limit_bytes - len(tail.encode(errors="replace"))) + tail


def cut_bytes(text: str, limit_bytes: int, mark: str = CUT_MARK) -> str:
    """Cut a text to a number of UTF-8 bytes at a character border, and mark the cut."""
    raw = text.encode(errors="replace")
    if len(raw) <= limit_bytes:
        return raw.decode()
    room = limit_bytes - len(mark.encode())
    if room <= 0:
        return raw[: max(limit_bytes, 0)].decode(errors="ignore")
    return raw[:room].decode(errors="ignore").rstrip() + mark


def one_line(text: str, limit_characters: int) -> str:
    """Put a text on one line of at most so many characters, as template fields demand."""
    line = " ".join(text.split())
    if len(line) <= limit_characters:
        return line
    return line[: limit_characters - len(SHORT_MARK)] + SHORT_MARK
