"""Error pages in Chinese with a number; expected errors of the use cases are translated here, once."""

from collections.abc import Callable

import structlog
from flask import Blueprint, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from monitor.errors import NotFound, OutOfScope, StorageError
from scoring.errors import AppError

Page = tuple[str, int]
_log = structlog.get_logger(__name__)
_MISSING = ("没有这个页面", "地址有误，或不在您的管理范围内。")
_WORDS = {
    400: ("请求有误", "请返回上一页重试。"),
    403: ("没有权限", "您的账号不能打开此页。如需开通，请联系上级管理员。"),
    404: _MISSING,
    405: ("不支持的操作", "请返回上一页重试。"),
    429: ("操作过于频繁", "请稍候再试；其他人不受影响。"),
    413: ("内容过大", "请缩减后重试。"),
}


def add_error_pages(blueprint: Blueprint, keep: Callable[[str, BaseException], str]) -> None:
    """Answer errors of console views, and unknown addresses opened in a browser, with pages.

    Args:
        keep: notes a failure of ours, by place; returns its number.
    """

    @blueprint.errorhandler(AppError)
    def _expected(error: AppError) -> Page:
        if isinstance(error, NotFound | OutOfScope):  # a foreign thing looks exactly like a missing one
            return _page(404)
        if isinstance(error, StorageError):
            return _failed(keep, error, 503, error.user_text)
        return _page(400, error.user_text)

    @blueprint.errorhandler(CSRFError)
    def _expired_form(_error: CSRFError) -> Page:
        return _page(400, "表单已过期，请返回上一页刷新后重试。")

    @blueprint.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Page | tuple[str, int, dict[str, str]]:
        page = _page(error.code or 500)
        wait = getattr(error, "retry_after", None)
        return (*page, {"Retry-After": str(wait)}) if wait else page

    @blueprint.errorhandler(InternalServerError)
    def _broken(error: InternalServerError) -> Page:
        broken = error.original_exception or error
        return _failed(keep, broken, 500, "系统忙，请稍后再试；反馈时请提供编号。")

    @blueprint.app_errorhandler(404)
    @blueprint.app_errorhandler(405)
    def _unknown(error: HTTPException) -> Page | HTTPException:
        return _page(error.code or 404) if _is_browser() else error


def _page(status: int, advice: str = "", number: str = "") -> Page:
    title, usual_advice = _WORDS.get(status, ("操作未完成", "请稍后再试。"))
    template = "_error.html" if "HX-Request" in request.headers else "error.html"
    words = {"title": title, "advice": advice or usual_advice, "number": number or f"编号 {status}"}
    return render_template(template, **words), status


def _failed(
    keep: Callable[[str, BaseException], str], error: BaseException, status: int, advice: str
) -> Page:
    """Log an error of ours under a number that the page shows."""
    number = keep(f"page {request.endpoint}", error)
    _log.error("page failed", number=number, endpoint=request.endpoint, exc_info=error)
    return _page(status, advice, f"编号 {number}")


def _is_browser() -> bool:
    """Tell a person's browser from machines, whose own endpoints answer in their own form."""
    return "text/html" in request.headers.get("Accept", "")
