"""The OpenAPI 3.1 document of the API; schemas of answers are derived from the types that are answered.

What programs write is described in `write_openapi`.
"""

from typing import Any

from bot.api.answers import ErrorAnswer, GroupDaysAnswer, RankingAnswer, UnitStatusAnswer
from bot.api.schema import schema_of
from bot.api.write_openapi import describe_facts
from monitor.usecases.queries.questions import MOST_DAYS

_REFUSALS = {
    "400": "查询参数缺失、未知或格式不符；错误信息写明参数和应有的格式",
    "401": "令牌缺失或无效",
    "404": "没有该单位或群，或不在令牌的查看范围内（两者答复相同）",
    "503": "存储暂不可用，请稍后再试",
}


def describe_api() -> dict[str, Any]:
    """Return the document of every route, parameter, answer and refusal."""
    components: dict[str, Any] = {}
    refusals = {status: _answer(text, ErrorAnswer, components) for status, text in _REFUSALS.items()}
    this_document = {"application/json": {"schema": {"type": "object"}}}
    paths = {
        "/api/v1/units/{code}/status": _get(
            "单位当日情况（状态）",
            [_code("单位编号"), _query("day", "date", "日期；不填为今天")],
            {"200": _answer("单位当日情况", UnitStatusAnswer, components), **refusals},
        ),
        "/api/v1/groups/{code}/days": _get(
            "微信群逐日情况",
            [_code("群编号"), *_period()],
            {"200": _answer("逐日情况，至今天为止", GroupDaysAnswer, components), **refusals},
        ),
        "/api/v1/rankings": _get(
            "达标率排名：令牌所属单位的下级；单位管理员为同级各单位",
            [
                *_period(),
                _query("kind", "", "只排该类别的单位，如 市县、高校；不填为全部"),
                _query("unit", "", "改排该单位的下级，须在查看范围内"),
            ],
            {"200": _answer("排名", RankingAnswer, components), **refusals},
        ),
        "/api/v1/openapi.json": {
            **_get("本文档，无需令牌", [], {"200": {"description": "本文档", "content": this_document}}),
            "security": [],
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "青巡 Qingxun 接口",
            "version": "1.0.0",
            "description": "每个数字都带有条款、结果状态和来源。null 表示无数据，不等于 0，也不评为差。",
        },
        "security": [{"bearer": []}],
        "paths": {
            **{path: {"get": operation} for path, operation in paths.items()},
            "/api/v1/facts": {"post": describe_facts()},
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _get(summary: str, parameters: list[dict[str, Any]], responses: dict[str, Any]) -> dict[str, Any]:
    return {"summary": summary, "parameters": parameters, "responses": responses}


def _answer(description: str, answered: type, components: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema_of(answered, components)}}
    return {"description": description, "content": content}


def _code(description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": "code", "in": "path", "required": True, "description": description, "schema": schema}


def _period() -> list[dict[str, Any]]:
    return [
        _query("from", "date", "起始日期", required=True),
        _query("to", "date", f"截止日期（含），至多 {MOST_DAYS} 天", required=True),
    ]


def _query(name: str, form: str, description: str, *, required: bool = False) -> dict[str, Any]:
    schema = {"type": "string"} | ({"format": form} if form else {})
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}
