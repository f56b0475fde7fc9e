"""Files of posts: JSON lines, CSV with Chinese headers, copied chats, encodings, keys without ids."""

import io
import json
from datetime import date
from typing import Any

import pytest

from bot.ingress.chat_export import MAX_LINE_BYTES, Result, read_export
from bot.ingress.posts_api import decode_many
from bot.ingress.wire import Rejected
from monitor.clock import business_day
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import NOW, NOW_S, payload

HEADER = "群编号,发送人,时间,类型,内容"
UNREADABLE = "这一行过长，或不是 UTF-8、GB18030 编码"
ITEM = {"group_id": "10001", "message_id": "m1", "sender_id": "u1", "sent_at": NOW_S, "text": "好"}


def read(content: str | bytes, form: str, group_id: str = "") -> list[Result]:
    raw = content.encode() if isinstance(content, str) else content
    return list(read_export("demo", io.BytesIO(raw), NOW, form, group_id))


def posts(results: list[Result]) -> list[InboundEvent]:
    assert not [result for result in results if isinstance(result, Rejected)]
    return [result for result in results if isinstance(result, InboundEvent)]


def refusals(results: list[Result]) -> list[tuple[int, str]]:
    return [(result.index, result.reason) for result in results if isinstance(result, Rejected)]


# JSON lines


def test_lines_of_post_items_are_the_same_events_as_by_the_api() -> None:
    assert read(json.dumps(ITEM) + "\n", "jsonl") == decode_many("demo", json.dumps(ITEM).encode(), NOW)


def test_rows_of_the_message_archive_are_recognised() -> None:
    results = posts(read(payload("wecom_msgaudit_decrypted.jsonl"), "jsonl"))
    assert len(results) == 22
    assert results[-1].text == "你好[微笑]\n"


def test_broken_lines_are_rejected_with_their_row_number() -> None:
    lines = [json.dumps(ITEM), "{", "", "5", json.dumps(ITEM | {"kind": "poem"}), json.dumps({"action": "x"})]
    results = read("\n".join(lines), "jsonl")
    assert isinstance(results[0], InboundEvent)
    assert [number for number, _ in refusals(results)] == [2, 4, 5, 6]


def test_items_without_a_group_belong_to_the_given_one() -> None:
    item = {name: value for name, value in ITEM.items() if name != "group_id"}
    assert posts(read(json.dumps(item), "jsonl", "10009"))[0].place_id == "10009"
    assert posts(read(json.dumps(ITEM), "jsonl", "10009"))[0].place_id == "10001"


# CSV


def test_a_csv_with_chinese_headers_is_read() -> None:
    (post,) = posts(read(f"{HEADER}\n10001,李明,2026-11-20 15:00:00,文本,团支部开展志愿服务\n", "csv"))
    assert (post.kind, post.post_kind, post.text) == (EventKind.POST, PostKind.TEXT, "团支部开展志愿服务")
    assert (post.place_id, post.sender_id, post.sender_name) == ("10001", "李明", "李明")
    assert post.occurred_at == NOW


def test_a_csv_with_english_headers_and_ids_equals_the_api() -> None:
    head = "source,group_id,message_id,sender_id,sender_name,sent_at,kind,text"
    (post,) = posts(read(f"{head}\ndemo,10001,m1,u1,,{NOW_S},,好", "csv"))
    (other,) = decode_many("demo", json.dumps(ITEM | {"bot_id": ""}).encode(), NOW)
    assert post == other


@pytest.mark.parametrize(
    ("word", "kind", "form"),
    [
        ("", EventKind.POST, PostKind.TEXT),
        ("图片", EventKind.POST, PostKind.IMAGE),
        ("链接", EventKind.POST, PostKind.LINK),
        ("文件", EventKind.POST, PostKind.FILE),
        ("语音", EventKind.POST, PostKind.VOICE),
        ("video", EventKind.POST, PostKind.VIDEO),
        ("其他", EventKind.POST, PostKind.OTHER),
        ("系统", EventKind.NOTICE, PostKind.OTHER),
    ],
)
def test_kinds_may_be_chinese_words(word: str, kind: EventKind, form: PostKind) -> None:
    (post,) = posts(read(f"{HEADER}\n10001,李明,2026-11-20 15:00,{word},x", "csv"))
    assert (post.kind, post.post_kind) == (kind, form)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20 15:00:00",
        "2026-11-20 15:00",
        "2026/11/20 15:00",
        "2026.11.20 15:00",
        "2026年11月20日 15:00",
        " 2026-11-20T15:00:00 ",
        "2026-11-20T15:00:00+08:00",
        "2026-11-20T07:00:00Z",
        str(NOW_S),
        str(NOW_S * 1000),
    ],
)
def test_times_as_people_write_them_are_shanghai_time(written: str) -> None:
    (post,) = posts(read(f"{HEADER}\n10001,李明,{written},,x", "csv"))
    assert post.occurred_at == NOW


def test_single_digits_of_a_spreadsheet_are_understood() -> None:
    (post,) = posts(read(f"{HEADER}\n10001,李明,2026/1/2 8:05,,x", "csv"))
    assert post.occurred_at.isoformat() == "2026-01-02T00:05:00+00:00"


def test_the_last_second_of_a_day_is_that_day_and_midnight_the_next() -> None:
    rows = "10001,甲,2026-11-20 23:59:59,,x\n10001,甲,2026-11-21 00:00:00,,x"
    days = [business_day(post.occurred_at) for post in posts(read(f"{HEADER}\n{rows}", "csv"))]
    assert days == [date(2026, 11, 20), date(2026, 11, 21)]


def test_quoted_fields_may_hold_line_breaks_and_commas_and_text_keeps_its_spaces() -> None:
    rows = '10001,甲,2026-11-20 15:00,,"a,\nb ""c"" "\n10001,乙,2026-11-20 15:00,,d\n10001,乙,x,,e'
    results = read(f"{HEADER}\n{rows}", "csv")
    assert [result.text for result in results if isinstance(result, InboundEvent)] == ['a,\nb "c" ', "d"]
    assert [number for number, _ in refusals(results)] == [5]


def test_bad_rows_of_a_csv_cost_only_themselves() -> None:
    rows = [
        "10001,甲,2026-11-20 15:00,,好",
        "10001,甲,2026-11-20 15:00",
        "10001,甲,2026-13-20 15:00,,好",
        "10001,甲,,,好",
        ",甲,2026-11-20 15:00,,好",
        "",
        "10001,甲,2026-11-20 15:00,撤回,好",
        "10001,甲,2026-11-20 15:00,诗,好",
        "10001,乙,2026-11-20 15:00,,好",
    ]
    results = read("\n".join([HEADER, *rows]), "csv")
    assert [number for number, _ in refusals(results)] == [3, 4, 5, 6, 8, 9]
    assert refusals(results)[0] == (3, "应有 5 列，实有 3 列")
    assert isinstance(results[0], InboundEvent)
    assert isinstance(results[-1], InboundEvent)


def test_an_unknown_column_is_skipped() -> None:
    (post,) = posts(read("群编号,时间,备注,内容\n10001,2026-11-20 15:00,x,好", "csv"))
    assert post.text == "好"


def test_a_csv_whose_first_line_cannot_be_split_is_refused() -> None:
    with pytest.raises(BadPayload, match="首行"):
        read('群编号,"' + "x" * 140_000, "csv")


@pytest.mark.parametrize("header", ["", "a,b", "群编号,内容", "时间,内容"])
def test_a_csv_without_the_columns_needed_is_refused(header: str) -> None:
    with pytest.raises(BadPayload, match="群编号、时间"):
        read(f"{header}\n10001,x", "csv")


def test_a_csv_without_group_column_belongs_to_the_given_group() -> None:
    assert posts(read("时间,内容\n2026-11-20 15:00,好", "csv", "10009"))[0].place_id == "10009"


def test_a_field_longer_than_the_reader_takes_is_rejected_and_reading_goes_on() -> None:
    long = "x" * 140_000
    results = read(f"{HEADER}\n10001,甲,2026-11-20 15:00,,{long}\n10001,乙,2026-11-20 15:00,,好", "csv")
    assert refusals(results) == [(2, "这一行的引号或长度有误")]
    assert isinstance(results[-1], InboundEvent)


# copied chats


def test_a_chat_with_names_first_is_read() -> None:
    chat = "李明 2026-11-20 08:05:12\n早上好\n团课通知\n\n王 芳 2026-11-20 08:06:00\n[图片]\n"
    first, second = posts(read(chat, "txt", "10001"))
    assert (first.sender_id, first.text) == ("李明", "早上好\n团课通知")
    assert first.occurred_at.isoformat() == "2026-11-20T00:05:12+00:00"
    assert (second.sender_name, second.post_kind, second.place_id) == ("王 芳", PostKind.IMAGE, "10001")


def test_a_chat_with_times_first_is_read() -> None:
    chat = "2026-11-20 08:05 李明\n早上好\n2026/11/20 8:06 王芳\n收到\n"
    assert [(post.sender_name, post.text) for post in posts(read(chat, "txt", "1"))] == [
        ("李明", "早上好"),
        ("王芳", "收到"),
    ]


def test_a_text_that_mentions_a_time_is_no_header_of_the_other_style() -> None:
    chat = "2026-11-20 08:05 李明\n会议改到 2026-11-21 09:00\n"
    (post,) = posts(read(chat, "txt", "1"))
    assert post.text == "会议改到 2026-11-21 09:00"


@pytest.mark.parametrize(
    ("text", "kind", "form"),
    [
        ("[视频]", EventKind.POST, PostKind.VIDEO),
        ("[语音]", EventKind.POST, PostKind.VOICE),
        ("[文件] 资料.docx", EventKind.POST, PostKind.FILE),
        ("[链接] 青年大学习", EventKind.POST, PostKind.LINK),
        ("[动画表情]", EventKind.POST, PostKind.OTHER),
        ("[表情]好", EventKind.POST, PostKind.TEXT),
        ("[微笑]", EventKind.POST, PostKind.TEXT),
        ("李明撤回了一条消息", EventKind.NOTICE, PostKind.OTHER),
    ],
)
def test_placeholders_of_a_copied_chat_have_their_form(text: str, kind: EventKind, form: PostKind) -> None:
    (post,) = posts(read(f"李明 2026-11-20 08:05\n{text}", "txt", "1"))
    assert (post.kind, post.post_kind) == (kind, form)


def test_what_belongs_to_no_message_is_rejected_once() -> None:
    results = read("\n微信聊天记录\n第二行\n李明 2026-11-20 08:05\n好\n王芳 2026-11-20 08:06\n\n", "txt", "1")
    assert refusals(results) == [(2, "第一条消息之前的内容，没有发送人和时间"), (6, "消息没有内容")]
    assert len(results) == 3


def test_a_message_at_an_impossible_time_is_rejected() -> None:
    assert refusals(read("李明 2026-13-40 08:05\n好", "txt", "1")) == [(1, "sent_at 不是有效的时间")]


def test_an_endless_message_is_bounded() -> None:
    (post,) = posts(read("李明 2026-11-20 08:05\n" + ("团" * 999 + "\n") * 100, "txt", "1"))
    assert 3990 < len(post.text) <= 4000


def test_a_line_of_blanks_costs_no_time() -> None:
    (post,) = posts(read("李明 2026-11-20 08:05\na" + " " * 200_000 + "b", "txt", "1"))
    assert post.text.startswith("a ")


def test_a_chat_without_a_group_is_refused() -> None:
    with pytest.raises(BadPayload, match="群编号"):
        read("李明 2026-11-20 08:05\n好", "txt")


# keys of rows without an id


def test_equal_rows_are_told_apart_and_the_same_file_again_is_the_same() -> None:
    chat = "李明 2026-11-20 08:05\n收到\n王芳 2026-11-20 08:05\n收到\n李明 2026-11-20 08:05\n收到\n"
    keys = [post.event_key for post in posts(read(chat, "txt", "1"))]
    assert len(set(keys)) == 3
    assert keys == [post.event_key for post in posts(read(chat, "txt", "1"))]
    assert not set(keys) & {post.event_key for post in posts(read(chat, "txt", "2"))}


def test_rows_in_another_order_keep_their_keys() -> None:
    rows = [f"10001,{name},2026-11-20 15:0{minute},,收到" for name in "甲乙" for minute in range(3)]
    forward, backward = (
        {post.event_key for post in posts(read("\n".join([HEADER, *order]), "csv"))}
        for order in (rows, rows[::-1])
    )
    assert forward == backward
    assert len(forward) == 6


# encodings and whole files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_of_every_usual_encoding_are_read(encoding: str, newline: str) -> None:
    rows = [
        HEADER,
        "10001,李明,2026-11-20 15:00:00,文本,团员青年",
        "10001,王芳,2026-11-20 15:00:00,图片,",
        "",
    ]
    first, second = posts(read(newline.join(rows).encode(encoding), "csv"))
    assert (first.sender_name, first.text, second.post_kind) == ("李明", "团员青年", PostKind.IMAGE)


def test_a_line_in_the_other_encoding_is_read_and_one_in_neither_rejected() -> None:
    item = json.dumps(ITEM, ensure_ascii=False)
    other = item.replace("好", "团员").replace("m1", "m2").encode("gb18030")
    content = b"\n".join([item.encode(), other, b'{"text": "\xff\xff\xff"}', item.encode()])
    results = read(b" " * (1 << 20) + b"\n" + content, "jsonl")
    assert [result.text for result in results if isinstance(result, InboundEvent)] == ["好", "团员", "好"]
    assert refusals(results) == [
        (1, "这一行过长，或不是 UTF-8、GB18030 编码"),
        (4, "这一行过长，或不是 UTF-8、GB18030 编码"),
    ]


def test_a_line_that_is_too_long_is_rejected_and_reading_goes_on() -> None:
    long = b"x" * (3 * MAX_LINE_BYTES)
    for form, head, good in (
        ("jsonl", b"", json.dumps(ITEM).encode()),
        ("csv", HEADER.encode() + b"\n", "10001,李明,2026-11-20 15:00,,好".encode()),
        ("txt", b"", "李明 2026-11-20 15:00\n好".encode()),
    ):
        results = read(head + long + b"\n" + good, form, "1")
        assert refusals(results) == [(head.count(b"\n") + 1, UNREADABLE)]
        assert isinstance(results[-1], InboundEvent)
    assert len(refusals(read(long, "jsonl"))) == 1


@pytest.mark.parametrize(
    "content", ["群编号".encode("utf-16"), b"PK\x03\x04xx", b"\xd0\xcf\x11\xe0xx", b"\x1f\x8b\x08"]
)
def test_a_spreadsheet_an_archive_or_utf_16_is_refused_with_advice(content: bytes) -> None:
    with pytest.raises(BadPayload, match="另存为 UTF-8"):
        read(content, "csv")


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(BadPayload, match="jsonl、csv 或 txt"):
        read("", "xlsx")


@pytest.mark.parametrize("form", ["jsonl", "txt"])
def test_an_empty_file_holds_nothing(form: str) -> None:
    assert read("", form, "1") == []


def test_rows_are_read_one_by_one_however_long_the_file() -> None:
    class Endless(io.RawIOBase):
        """A file that never ends: reading it whole would never return."""

        def read(self, size: int = -1) -> bytes:
            assert size >= 0
            return (json.dumps(ITEM).encode() + b"\n") * 10

        def readline(self, size: int | None = -1) -> bytes:
            return json.dumps(ITEM).encode() + b"\n"

        def seek(self, offset: int, whence: int = 0) -> int:
            return offset

    stream: Any = Endless()
    rows = read_export("demo", stream, NOW, "jsonl")
    assert isinstance(next(rows), InboundEvent)
    assert isinstance(next(rows), InboundEvent)
