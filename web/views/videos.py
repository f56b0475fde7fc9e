"""视听产品: the submissions of a month with their 7-day counters (GD-3.3a); nothing is computed from them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.index.periods import read_month
from monitor.index.video_counters import CYCLE_READING, NO_FORMULA, read_counter
from monitor.units import Role
from monitor.usecases.index.count_videos import CounterRow, list_counted, save_counters
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.oversight.desk import Chair, Oversight
from web.auth import INSPECTORS, READERS, allowed, current_viewer
from web.forms import Form
from web.wording import day_words, moment_words


def add_videos(blueprint: Blueprint, oversight: Oversight, clock: Clock) -> None:
    """Add the month's list, and the form by which an inspector writes down a day's counters."""

    def _page(month: str, form: Form) -> str:
        viewer, today = current_viewer(), business_day(clock())

        def ask(chair: Chair) -> str:
            return render_template(
                "videos.html",
                form=form,
                month=month,
                videos=list_counted(chair.connection, viewer, month, shipped_media().rules),
                no_formula=NO_FORMULA,
                cycle=CYCLE_READING,
                today=today,
                may_count=viewer.role is Role.INSPECTOR,
                day_words=lambda day: day_words(day, today),
                moment_words=lambda at: moment_words(at, today),
            )

        return oversight.read(viewer, ask)

    @blueprint.get("/videos", endpoint="videos")
    @allowed(READERS)
    def _show() -> str:
        asked = request.args.get("month", "")
        month = (read_month(asked) if asked else None) or f"{business_day(clock()):%Y-%m}"
        return _page(month, Form({"day": business_day(clock()).isoformat()}))

    @blueprint.post("/videos/<month>/count", endpoint="videos_count")
    @allowed(INSPECTORS)
    def _count(month: str) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        number = form.whole_number("number", "投稿编号", 999_999_999)
        day = form.day("day", "日期")
        if day is not None and not form.is_refused:
            with form.refusals():
                named = (("plays", "播放量"), ("likes", "点赞数"), ("adopted", "采纳数"))
                plays, likes, adopted = (read_counter(form[name], words) for name, words in named)
                row = CounterRow(number, day, plays, likes, adopted, form["source"])
                viewer = current_viewer()
                is_new = oversight.write(viewer, lambda c: save_counters(c.connection, viewer, row, c.now))
                flash(f"投稿 {number} 的计数已登记" if is_new else "已有相同计数，未重复登记")
                return redirect(url_for("console.videos", month=month))
        return _page(read_month(month) or f"{business_day(clock()):%Y-%m}", form), 400
