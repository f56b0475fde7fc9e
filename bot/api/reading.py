"""The read API: `GET /api/v1/units/<code>/status`, `/groups/<code>/days`, `/rankings`, `/openapi.json`.

The same questions as chat and console ask, for programs with a bearer token. A code outside the
token's subtree and a code that does not exist get the same answer. Key function: `read_api`.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
from flask import Blueprint, Response, request

from bot.api.answers import answer_group_days, answer_ranking, answer_unit_status
from bot.api.openapi import describe_api
from bot.api.schema import to_json
from monitor.clock import EARLIEST_DAY, LATEST_DAY, Period
from monitor.errors import AppError, CommandError, NotFound, OutOfScope, StorageError
from monitor.units import Viewer
from monitor.usecases.queries.questions import Queries

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OUTSIDE = "没有该单位或群，或不在令牌的查看范围内"


class BadQuery(CommandError):
    """A query parameter is missing, unknown, given twice or not of its form."""

    code = "bad_query"
    user_text = "查询参数有误"


class NoToken(AppError):
    """The bearer token is missing or stands for nobody; which of the two is not said."""

    code = "unauthorized"
    user_text = "令牌缺失或无效"
    permanent = True


def read_api(queries: Queries, viewer_for_token: Callable[[str], Viewer | None]) -> Blueprint:
    """Return the blueprint of the read API.

    Args:
        viewer_for_token: who a bearer token stands for, or None; compares in constant time.
    """
    api = Blueprint("read_api", __name__, url_prefix="/api/v1")
    document = orjson.dumps(describe_api())

    @api.get("/units/<code>/status")
    def unit_status(code: str) -> Response:
        viewer, asked = _viewer(viewer_for_token), _parameters("day")
        day = _day("day", asked["day"]) if "day" in asked else None
        reading = queries.unit_status(viewer, code, day)
        return _respond(answer_unit_status(reading, queries.rules_on(reading.day)))

    @api.get("/groups/<code>/days")
    def group_days(code: str) -> Response:
        viewer, period = _viewer(viewer_for_token), _period(_parameters("from", "to"))
        days = queries.group_days(viewer, code, period)
        group = days[0].group if days else queries.group_day(viewer, code).group
        return _respond(answer_group_days(group, period, days))

    @api.get("/rankings")
    def rankings() -> Response:
        viewer, asked = _viewer(viewer_for_token), _parameters("from", "to", "kind", "unit")
        board = queries.ranking(viewer, _period(asked), asked.get("kind", ""), unit_code=asked.get("unit"))
        return _respond(answer_ranking(board, queries.rules_on(board.last_day)))

    @api.get("/openapi.json")
    def openapi() -> Response:
        return Response(document, content_type="application/json; charset=utf-8")

    api.register_error_handler(AppError, _refuse)
    return api


def _viewer(viewer_for_token: Callable[[str], Viewer | None]) -> Viewer:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    viewer = viewer_for_token(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
    if viewer is None:
        raise NoToken("no viewer for the bearer token")
    return viewer


def _parameters(*allowed: str) -> dict[str, str]:
    """Return the query parameters; a misspelt one is refused rather than ignored."""
    for name, values in request.args.lists():
        if name not in allowed:
            raise BadQuery(user_text=f"未知参数 {name[:40]}，可用：{'、'.join(allowed)}")
        if len(values) > 1:
            raise BadQuery(user_text=f"参数 {name} 只能出现一次")
    return request.args.to_dict()


def _period(asked: dict[str, str]) -> Period:
    for name in ("from", "to"):
        if name not in asked:
            raise BadQuery(user_text=f"缺少参数 {name}，应为日期 YYYY-MM-DD")
    first_day, last_day = _day("from", asked["from"]), _day("to", asked["to"])
    if last_day < first_day:
        raise BadQuery(user_text=f"参数 to 不应早于 from：{last_day} < {first_day}")
    return Period(first_day, last_day)


def _day(name: str, text: str) -> date:
    """Return the date of a parameter.

    Raises: BadQuery naming the parameter and the form it should have.
    """
    try:
        if _DATE.fullmatch(text) and EARLIEST_DAY <= (day := date.fromisoformat(text)) <= LATEST_DAY:
            return day
    except ValueError:
        pass  # a day that no calendar has: the same answer as any other text
    raise BadQuery(user_text=f"参数 {name} 应为日期 YYYY-MM-DD，例 2026-11-20，收到：{text[:40]}")


def _respond(answer: Any, status: int = 200) -> Response:
    body = orjson.dumps(to_json(answer))
    response = Response(body, status, content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _refuse(error: AppError) -> Response:
    code, message, status = error.code, error.user_text, 500
    if isinstance(error, OutOfScope | NotFound):
        code, message, status = "not_found", _OUTSIDE, 404
    elif isinstance(error, NoToken):
        status = 401
    elif isinstance(error, CommandError):
        status = 400
    elif isinstance(error, StorageError):
        status = 503
    response = _respond({"error": {"code": code, "message": message}}, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
