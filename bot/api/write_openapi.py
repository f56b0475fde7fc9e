"""The part of the OpenAPI document about writing: `POST /api/v1/facts`, made from the fields it takes."""

from typing import Any

from bot.ingress.fact_items import KINDS, MAX_VIDEOS, Field, Kind
from bot.ingress.posts_api import MAX_ITEMS, NDJSON
from bot.webhook import MAX_BATCH_BYTES
from monitor.usecases.index.receive_facts import FactOutcome

_TITLES = {
    "indicator": "指标或指数",
    "ratings": "评分",
    "request": "业务申请",
    "activity": "青年之声活动",
    "article": "公众号文章",
    "video": "视听产品投稿",
}
_FORMS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": ["number", "string"]},
    "boolean": {"type": "boolean"},
    "counts": {
        "type": "object",
        "properties": {str(rating): {"type": "integer", "minimum": 0} for rating in range(1, 6)},
        "additionalProperties": False,
    },
}
_ABOUT = (
    "与 import-facts 同一套规则。客户端须在配置中获准（may_write_facts），只能写本单位下级高校的数据，"
    "范围之外的高校与不存在的答复相同。提交之后才应答；重复提交不重复登记，改变的值替换旧值并保留历史，"
    f"已发布的一期不能再改。一次最多 {MAX_ITEMS} 条，其中视频最多 {MAX_VIDEOS} 个，"
    f"至多 {MAX_BATCH_BYTES // 1024 // 1024} MB。也可用 Standard Webhooks 签名代替令牌。"
)


def describe_facts() -> dict[str, Any]:
    """Return the operation: what is taken, what is answered for each item, and the refusals."""
    item = {"oneOf": [_item(word, kind) for word, kind in KINDS.items()]}
    body = {"oneOf": [item, {"type": "array", "items": item, "maxItems": MAX_ITEMS}]}
    texts = {
        "400": "请求内容无法解析",
        "403": "令牌或签名无效，或该客户端未获准写入",
        "413": "条数或字节数超出上限",
        "503": "存储暂不可用，什么也没有写入，请稍后重发",
    }
    answered = {"description": "按次序逐条答复", "content": {"application/json": {"schema": _results()}}}
    return {
        "summary": "上报高校考核数据（GD）",
        "description": _ABOUT,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body}, NDJSON: {"schema": item}},
        },
        "responses": {
            "200": answered,
            **{status: {"description": text, "content": {"text/plain": {"schema": {"type": "string"}}}}
               for status, text in texts.items()},
        },
    }  # fmt: skip


def _item(word: str, kind: Kind) -> dict[str, Any]:
    properties = {name: _field(field) for name, field in kind.fields.items()}
    required = [name for name, field in kind.fields.items() if field.is_required]
    return {
        "type": "object",
        "title": _TITLES[word],
        "properties": {"kind": {"const": word}, **properties},
        "required": ["kind", *required],
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    return _FORMS[field.form] | {"description": field.meaning}


def _results() -> dict[str, Any]:
    outcome = {"type": "string", "enum": [outcome.value for outcome in FactOutcome]}
    result = {
        "type": "object",
        "properties": {
            "index": {"type": "integer", "description": "在本次中的位置，从 0 数起"},
            "status": outcome | {"description": "accepted 已登记；duplicate 此前已登记；rejected 未登记"},
            "reason": {"type": "string", "description": "未登记的原因；视频为评审结论"},
            "replaced": {"type": "boolean", "description": "替换了旧值，旧值留存"},
        },
        "required": ["index", "status"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"results": {"type": "array", "items": result}},
        "required": ["results"],
    }
