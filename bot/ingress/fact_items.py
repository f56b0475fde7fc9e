"""Facts of the Guangdong assessment (考核数据) on the wire: `POST /api/v1/facts`.

One object, an array, or NDJSON; every item names its `kind` and `school`. Fields become the cells of the
import's tables, so that the same rules judge them. Key types: `Field`, `KINDS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from bot.ingress.posts_api import MAX_ITEMS, NDJSON
from bot.ingress.wire import load_json, reason_of
from monitor.errors import BadParameter, BadPayload, TooLarge
from monitor.index.fact_cells import read_count, read_decimal
from monitor.index.rows import LAYOUTS, Layout
from monitor.index.videos import NewVideo, hash_link
from monitor.usecases.index.receive_facts import AnyItem, FactItem, RefusedItem, VideoItem

MAX_VIDEOS = 500
"""Most videos of one delivery: each is compared with all that were handed in before."""
_MAX_CHARS = 500
_RATINGS = ("1", "2", "3", "4", "5")
_LAYOUTS = {layout.name: layout for layout in LAYOUTS}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an item: its column in the import's table, and what it means."""

    column: str
    form: str  # text number boolean counts
    meaning: str
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item; without a layout it is the video."""

    layout: Layout | None
    fields: Mapping[str, Field]


_SCHOOL = Field("高校编号", "text", "高校编号或全名")
_PERIOD = Field("月份", "text", "月份 2019-03；全年数据 2019")
KINDS: Mapping[str, Kind] = {
    "indicator": Kind(
        _LAYOUTS["指标"],
        {
            "school": _SCHOOL,
            "period": _PERIOD,
            "indicator": Field("指标", "text", "指标编号（GD-3.1a）或名称；团省委另可写指数名称"),
            "numerator": Field("分子", "number", "分子", is_required=False),
            "denominator": Field("分母", "number", "分母；0 为无基数", is_required=False),
            "value": Field("数值", "number", "平均数、百分制或指数", is_required=False),
        },
    ),
    "ratings": Kind(
        _LAYOUTS["评分"],
        {
            "school": _SCHOOL,
            "period": _PERIOD,
            "n_members": Field("团员数", "number", "团员数"),
            "counts": Field("", "counts", "每种评分的个数，键为 1–5，不写为 0（GD-3.1k）"),
        },
    ),
    "request": Kind(
        _LAYOUTS["业务申请"],
        {
            "school": _SCHOOL,
            "request_id": Field("申请编号", "text", "申请编号"),
            "type": Field("类型", "text", "业务申请的类型（GD-3.1f）"),
            "applied_at": Field("申请时间", "text", "申请时间；没有时区的按北京时间"),
            "reviewed_at": Field("审核时间", "text", "审核时间；未审核的不写", is_required=False),
        },
    ),
    "activity": Kind(
        _LAYOUTS["青年之声活动"],
        {
            "school": _SCHOOL,
            "activity_id": Field("活动编号", "text", "活动编号"),
            "published_on": Field("发布日期", "text", "发布日期"),
            "n_sign_ups": Field("报名人数", "number", "报名人数"),
            "n_photos": Field("现场照片数", "number", "现场照片数（GD-3.1h）"),
            "invalid_reason": Field("无效原因", "text", "认定无效的原因（GD-3.1j）", is_required=False),
        },
    ),
    "article": Kind(
        _LAYOUTS["公众号文章"],
        {
            "school": _SCHOOL,
            "account": Field("公众号", "text", "公众号名称"),
            "published_on": Field("发布日期", "text", "发布日期"),
            "title": Field("文章", "text", "文章标题；“无发布”表示到这一天为止没有发布"),
            "is_headline": Field("头条", "boolean", "是否头条；“无发布”不写", is_required=False),
            "n_reads": Field("阅读", "number", "阅读数；10万+ 写 100001；不写为缺数据", is_required=False),
            "n_looks": Field("在看", "number", "在看数", is_required=False),
            "n_likes": Field("点赞", "number", "点赞数", is_required=False),
            "n_shares": Field("分享", "number", "分享数", is_required=False),
        },
    ),
    "video": Kind(
        None,
        {
            "school": _SCHOOL,
            "title": Field("作品名称", "text", "作品名称"),
            "seconds": Field("时长", "number", "时长（秒）"),
            "width": Field("画面宽", "number", "画面宽"),
            "height": Field("画面高", "number", "画面高"),
            "sha256": Field("文件校验值", "text", "文件的 SHA-256；只有链接时不写", is_required=False),
            "link": Field("链接", "text", "作品链接；没有 sha256 时必填", is_required=False),
            "is_published_before": Field("曾发布", "boolean", "是否曾在视频平台发布", is_required=False),
        },
    ),
}
"""Kind of an item → its fields; `GET /api/v1/openapi.json` is made from it too."""


def decode_many(wire: bytes, content_type: str = "application/json") -> list[AnyItem]:
    """Return one item or refusal per item of a delivery, in order.

    Args:
        wire: raw body, one object, an array of objects, or NDJSON by content type.
        content_type: value of the header, parameters allowed.
    Raises: BadPayload if the body as a whole cannot be read, TooLarge above 5,000 items or 500 videos.
    """
    if content_type.partition(";")[0].strip().lower() == NDJSON:
        found = _lines(wire)
    else:
        value = load_json(wire)
        items = value if type(value) is list else [value]
        _require_few(len(items), MAX_ITEMS, "条")
        found = [_decoded(partial(_item, item)) for item in items]
    _require_few(sum(isinstance(item, VideoItem) for item in found), MAX_VIDEOS, "个视频")
    return found


def _lines(wire: bytes) -> list[AnyItem]:
    lines = [line for line in wire.split(b"\n") if line.strip()]
    _require_few(len(lines), MAX_ITEMS, "条")
    return [_decoded(partial(_line, line)) for line in lines]


def _require_few(n_items: int, most: int, what: str) -> None:
    if n_items > most:
        raise TooLarge(f"一次最多 {most} {what}")


def _decoded(read: Callable[[], AnyItem]) -> AnyItem:
    try:
        return read()
    except BadPayload as error:
        return RefusedItem(reason_of(error))
    except BadParameter as error:
        return RefusedItem(error.user_text)


def _line(line: bytes) -> AnyItem:
    return _item(load_json(line))


def _item(item: object) -> FactItem | VideoItem:
    if type(item) is not dict:
        raise BadPayload("每一条应为 JSON 对象")
    word = item.get("kind")
    kind = KINDS.get(word) if type(word) is str else None
    if kind is None:
        raise BadPayload(f"kind 应为 {'、'.join(KINDS)} 之一")
    if not item.keys() <= kind.fields.keys() | {"kind"}:
        raise BadPayload(f"含有未知字段，{word} 可用：{'、'.join(kind.fields)}")
    cells = _cells(kind, item)
    return FactItem(kind.layout, cells) if kind.layout else _video(cells)


def _cells(kind: Kind, item: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of an item; what is absent, null or empty is an empty cell, as in a table."""
    cells: dict[str, str] = {}
    for name, field in kind.fields.items():
        value = item.get(name)
        if field.form == "counts":
            cells |= _counts(value, name)
        elif value is None:
            cells[field.column] = ""
        else:
            cells[field.column] = _cell(value, name, field.form)
    return cells


def _cell(value: object, name: str, form: str) -> str:
    if form == "boolean":
        if type(value) is not bool:
            raise BadPayload(f"{name} 应为 true 或 false")
        return "是" if value else "否"
    if form == "number" and type(value) in (int, float):
        return format(Decimal(repr(value)), "f")
    if type(value) is not str:
        raise BadPayload(f"{name} 应为{'数字' if form == 'number' else '文本'}")
    if len(value) > _MAX_CHARS:
        raise BadPayload(f"{name} 过长")
    return value


def _counts(value: object, name: str) -> dict[str, str]:
    if type(value) is not dict or not value.keys() <= set(_RATINGS):
        raise BadPayload(f"{name} 应为对象，键为 1–5")
    return {f"{rating}分": _cell(value.get(rating, 0), name, "number") for rating in _RATINGS}


def _video(cells: Mapping[str, str]) -> VideoItem:
    link = cells["链接"]
    sha256 = cells["文件校验值"] or (hash_link(link) if link else "")
    if not sha256:
        raise BadPayload("sha256 和 link 至少写一个")
    video = NewVideo(
        title=cells["作品名称"],
        seconds=read_decimal(cells["时长"], "时长"),
        width=read_count(cells["画面宽"], "画面宽"),
        height=read_count(cells["画面高"], "画面高"),
        sha256=sha256,
        is_published_before=cells["曾发布"] == "是",
        link=link,
    )
    return VideoItem(cells["高校编号"], video)
