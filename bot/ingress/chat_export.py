"""Files of posts for `import-posts`: JSON lines, CSV, and WeChat's own copied chat as text.

Files are read line by line, whatever their length; each row becomes an event or a `Rejected` with its
row number. Rows become post items first, so that a message imported twice, or imported after it came
by the API, is one message. Who is responsible for the numbers (来源) is decided by the caller.
"""

import codecs
import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from bot.ingress import chat_text, wecom_archive
from bot.ingress.posts_api import decode_item
from bot.ingress.rows import ItemKeys, Line, wall_clock
from bot.ingress.wire import Rejected, load_json, reason_of
from monitor.errors import BadPayload
from monitor.events import InboundEvent

MAX_LINE_BYTES = 256 * 1024
"""A longer line is rejected; the longest message text has 4,000 characters."""
_SNIFFED_BYTES = 1 << 20

Result = InboundEvent | Rejected

_COLUMNS: Mapping[str, str] = {
    "来源": "source",
    "群编号": "group_id",
    "消息编号": "message_id",
    "发送人编号": "sender_id",
    "发送人": "sender_name",
    "时间": "sent_at",
    "类型": "kind",
    "内容": "text",
}
_NAMES = frozenset(_COLUMNS.values()) | {"bot_id"}
_KINDS: Mapping[str, str] = {
    "": "text",
    "文本": "text",
    "文字": "text",
    "图片": "image",
    "链接": "link",
    "文件": "file",
    "语音": "voice",
    "视频": "video",
    "其他": "other",
    "撤回": "recall",
    "系统": "notice",
    "通知": "notice",
}


def read_export(
    source: str, wire: BinaryIO, received_at: datetime, form: str, group_id: str = ""
) -> Iterator[Result]:
    """Yield one event or rejection per row, in the order of the file.

    Args:
        source: key the posts belong to where a row names none.
        wire: the file, opened for bytes, at its start; it must be able to seek.
        received_at: our instant, for archive rows that are ignored.
        form: `jsonl` (post items or archive rows), `csv` or `txt`.
        group_id: group of rows that name none; a copied chat never does.
    Raises: BadPayload, at the latest with the first row, if the file as a whole cannot be read: unknown
        form, UTF-16, a spreadsheet, a CSV without the columns needed, a text without a group.
    """
    readers: Mapping[str, Callable[..., Iterator[Result]]] = {"jsonl": _jsonl, "csv": _csv, "txt": _txt}
    if form not in readers:
        raise BadPayload("文件类型应为 jsonl、csv 或 txt")
    return readers[form](source, _lines(wire), received_at, group_id)


def _lines(wire: BinaryIO) -> Iterator[Line]:
    """Yield numbered lines; text in UTF-8 or GB18030, None where a line is neither or too long."""
    head = wire.read(_SNIFFED_BYTES)
    if head.startswith(
        (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
    ):
        raise BadPayload("文件不是文本，请另存为 UTF-8 编码的 csv、txt 或 jsonl")
    encodings = _encodings(head)
    wire.seek(len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0)
    number = 0
    while line := wire.readline(MAX_LINE_BYTES + 1):
        number += 1
        is_long = len(line) > MAX_LINE_BYTES
        while not line.endswith(b"\n") and (rest := wire.readline(MAX_LINE_BYTES + 1)):
            line = rest
        yield Line(number, None if is_long else _decoded(line, encodings))


def _encodings(head: bytes) -> tuple[str, str]:
    """Return the likely encoding of a file first, the other one after it."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030", "utf-8"
    return "utf-8", "gb18030"


def _decoded(line: bytes, encodings: tuple[str, str]) -> str | None:
    for encoding in encodings:
        try:
            return line.decode(encoding).rstrip("\r\n")
        except UnicodeDecodeError:
            continue
    return None


def _jsonl(source: str, lines: Iterator[Line], received_at: datetime, group_id: str) -> Iterator[Result]:
    keys = ItemKeys(source)
    for line in lines:
        if line.text is None:
            yield line.unreadable()
        elif line.text.strip():
            try:
                row = load_json(line.text.encode())
                yield _row(source, row, received_at, group_id, keys, line.number)
            except BadPayload as error:
                yield Rejected(line.number, reason_of(error))


def _row(
    source: str, row: object, received_at: datetime, group_id: str, keys: ItemKeys, number: int
) -> Result:
    """Return the event of one JSON row: of an archive if it has an action, else of a post item."""
    if type(row) is not dict:
        raise BadPayload("每一行应为 JSON 对象")
    if "action" in row:
        return wecom_archive.decode(source, row, received_at)
    return decode_item(source, keys.complete({"group_id": group_id} | row), number)


def _csv(source: str, lines: Iterator[Line], received_at: datetime, group_id: str) -> Iterator[Result]:
    unreadable: list[Rejected] = []
    reader = csv.reader(_texts(lines, unreadable))
    try:
        columns = _header(next(reader, []), group_id)
    except csv.Error as error:
        raise BadPayload("csv 首行的引号或长度有误") from error
    keys = ItemKeys(source)
    number = reader.line_num
    while True:
        number = reader.line_num + 1
        try:
            values = next(reader, None)
        except csv.Error:
            yield Rejected(number, "这一行的引号或长度有误")
            continue
        yield from unreadable
        unreadable.clear()
        if values is None:
            return
        if values:
            yield _values(source, columns, values, group_id, keys, number)


def _texts(lines: Iterator[Line], unreadable: list[Rejected]) -> Iterator[str]:
    """Yield lines for the CSV reader; unreadable ones become blank and are noted."""
    for line in lines:
        if line.text is None:
            unreadable.append(line.unreadable())
        yield (line.text or "") + "\n"


def _header(names: list[str], group_id: str) -> list[str]:
    """Return the columns by their English names; columns we do not know are skipped."""
    columns = [_COLUMNS.get(name.strip(), name.strip().lower()) for name in names]
    missing = {"sent_at"} | (set() if group_id else {"group_id"})
    if not missing <= set(columns):
        raise BadPayload(
            "csv 首行应含 群编号、时间 两列（或 group_id、sent_at），可另有 发送人、类型、内容 等"
        )
    return [column if column in _NAMES else "" for column in columns]


def _values(
    source: str, columns: list[str], values: list[str], group_id: str, keys: ItemKeys, number: int
) -> Result:
    if len(values) != len(columns):
        return Rejected(number, f"应有 {len(columns)} 列，实有 {len(values)} 列")
    item: dict[str, Any] = {"group_id": group_id}
    for column, value in zip(columns, values, strict=True):
        if column and (value := value if column == "text" else value.strip()):
            item[column] = value
    kind = item.get("kind", "")
    item["kind"] = _KINDS.get(kind, kind)
    item["sent_at"] = wall_clock(item.get("sent_at", ""))
    if not item.get("sender_id"):
        item["sender_id"] = item.get("sender_name", "")
    return decode_item(source, keys.complete(item), number)


def _txt(source: str, lines: Iterator[Line], received_at: datetime, group_id: str) -> Iterator[Result]:
    if not group_id:
        raise BadPayload("聊天文本不含群编号，请指明属于哪个群")
    return _items(source, chat_text.read_chat(lines, group_id))


def _items(source: str, found: Iterator[tuple[int, dict[str, Any]] | Rejected]) -> Iterator[Result]:
    keys = ItemKeys(source)
    for one in found:
        yield one if isinstance(one, Rejected) else decode_item(source, keys.complete(one[1]), one[0])
