"""公告: what is announced to the visitor (/announcements), and publishing for inspectors and operators."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.console.announcements import (
    MOST_TEXT_CHARS,
    MOST_TITLE_CHARS,
    BadAnnouncement,
    Level,
    NewAnnouncement,
)
from monitor.errors import StorageError
from monitor.usecases.console import announce
from monitor.usecases.oversight.desk import Oversight
from web.auth import INSPECTORS, OPERATORS, allowed, current_viewer, current_visitor, signed_in
from web.forms import Form
from web.presenters.announcements import AnnouncementLine, announcement_line

_MOST_IN_BANNER = 2
_USUAL_DAYS = 7


def banner_of(oversight: Oversight, clock: Clock) -> Callable[[], tuple[list[AnnouncementLine], int]]:
    """Return what a frame asks for: the first announcements the visitor has not read, and how many more.

    A page that shows an error of the database must not ask it again: then there are none.
    """

    def _unread() -> tuple[list[AnnouncementLine], int]:
        visitor, today = current_visitor(), business_day(clock())
        if visitor is None:
            return [], 0
        try:
            found = oversight.read(visitor.viewer, announce.list_showing)
        except StorageError:
            return [], 0
        unread = [announcement_line(one.announcement, today) for one in found if not one.is_read]
        return unread[:_MOST_IN_BANNER], max(0, len(unread) - _MOST_IN_BANNER)

    return _unread


def add_announcements(blueprint: Blueprint, oversight: Oversight, clock: Clock) -> None:
    """Add the list with the form."""

    @blueprint.get("/announcements", endpoint="announcements")
    @signed_in
    def _list() -> str:
        today = business_day(clock())
        last = today + timedelta(days=_USUAL_DAYS - 1)
        usual = {"first_day": str(today), "last_day": str(last), "level": Level.NOTICE.value}
        return _draw(oversight, clock, Form(usual))

    @blueprint.post("/announcements", endpoint="announcements_publish")
    @allowed(OPERATORS | INSPECTORS)
    def _publish() -> Response | tuple[str, int]:
        form = Form.of_request()
        unit, title = form.required("unit", "单位编号"), form.required("title", "标题")
        text = form.required("text", "正文")
        level = Level(form.one_of("level", "级别", [level.value for level in Level]))
        first_day, last_day = form.day("first_day", "开始日期"), form.day("last_day", "结束日期")
        if first_day and last_day and not form.is_refused:
            new = NewAnnouncement(unit, level, title, text, first_day, last_day)
            try:
                made = oversight.write(current_viewer(), lambda chair: announce.publish(chair, new))
            except BadAnnouncement as error:
                form.refuse(error.user_text, error.field)
            else:
                flash("已发布" if made.number else "同样的公告正在展示，未重复发布")
                number = made.announcement.announcement_id
                return redirect(url_for("console.announcements_one", number=number))
        return _draw(oversight, clock, form), 400


def add_announcement(blueprint: Blueprint, oversight: Oversight, clock: Clock) -> None:
    """Add the page of one, 已读 and 撤回."""

    @blueprint.get("/announcements/<int:number>", endpoint="announcements_one")
    @signed_in
    def _one(number: int) -> str:
        viewer, today = current_viewer(), business_day(clock())
        shown, readings = oversight.read(viewer, lambda chair: announce.read_announcement(chair, number))
        may_withdraw = oversight.read(viewer, lambda chair: announce.may_withdraw(chair, shown.announcement))
        return render_template(
            "announcement.html",
            line=announcement_line(shown.announcement, today, is_read=shown.is_read),
            readings=readings,
            n_read=sum(one.n_read for one in readings),
            n_due=sum(one.n_due for one in readings),
            may_withdraw=may_withdraw,
        )

    @blueprint.post("/announcements/<int:number>/read", endpoint="announcements_read")
    @signed_in
    def _read(number: int) -> Response:
        viewer = current_viewer()
        oversight.read(viewer, lambda chair: announce.read_announcement(chair, number))
        oversight.note(viewer, lambda chair: announce.acknowledge(chair, [number]))
        return redirect(url_for("console.announcements"))

    @blueprint.post("/announcements/<int:number>/withdraw", endpoint="announcements_withdraw")
    @allowed(OPERATORS | INSPECTORS)
    def _withdraw(number: int) -> Response:
        is_new = oversight.write(current_viewer(), lambda chair: announce.withdraw(chair, number))
        flash("已撤回，控制台和聊天中不再显示" if is_new else "该公告此前已撤回")
        return redirect(url_for("console.announcements_one", number=number))


def _draw(oversight: Oversight, clock: Clock, form: Form) -> str:
    """Return the list: what is shown to the visitor, and for publishers what they follow."""
    viewer, today = current_viewer(), business_day(clock())
    shown = oversight.read(viewer, announce.list_showing)
    published = oversight.read(viewer, announce.list_published)
    return render_template(
        "announcements.html",
        form=form,
        lines=[announcement_line(one.announcement, today, is_read=one.is_read) for one in shown],
        published=[(announcement_line(one, today), *counts) for one, *counts in published],
        may_publish=viewer.role in announce.PUBLISHERS,
        levels=[(level.value, level.value) for level in Level],
        most_title=MOST_TITLE_CHARS,
        most_text=MOST_TEXT_CHARS,
    )
