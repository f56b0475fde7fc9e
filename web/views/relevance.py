"""有关 / 无关 on a post, from the drawer of a group's day."""

import re

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter
from monitor.usecases.learning.override_relevance import RelevanceDesk, RelevanceWord
from web.auth import ADMINS, allowed, current_viewer
from web.forms import Form
from web.views.parameters import asked_day

_POST = re.compile(r"-?[0-9]{1,19}")
_NO_KEY = 2**63  # a post's key is smaller
_WORDS = {"有关": True, "无关": False}


def add_relevance(blueprint: Blueprint, desk: RelevanceDesk, clock: Clock) -> None:
    """Add the act; scope and existence are decided by the use case."""

    @blueprint.post("/group/<code>/day/<day>/relevance", endpoint="group_relevance")
    @allowed(ADMINS)
    def _say(code: str, day: str) -> Response:
        form, on = Form.of_request(), asked_day(day, business_day(clock()))
        post = int(form["post"]) if _POST.fullmatch(form["post"]) else _NO_KEY
        if form["word"] not in _WORDS or abs(post) >= _NO_KEY:
            raise BadParameter("word on a post", user_text="请在当日明细中选择“有关”或“无关”")
        word = RelevanceWord(code, on, post, _WORDS[form["word"]])
        done = desk.say(current_viewer(), word)
        follows = "，当日话题相关条数已更新" if done.has_changed else ""
        number = f"，编号 {done.number}" if done.number else "（此前已认定）"
        flash(f"已认定“{form['word']}”{number}{follows}")
        page = int(form["page"][:6]) if form["page"].isdecimal() else 1
        return redirect(url_for("console.group_day", code=code, day=on.isoformat(), page=page))
