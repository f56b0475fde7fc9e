"""模型: versions with their figures, drift, roll-back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.usecases.learning.versions import ModelDesk
from web.auth import INSPECTORS, OPERATORS, allowed, current_viewer
from web.forms import Form
from web.presenters.learning import name_version, present_model


def add_model(blueprint: Blueprint, models: ModelDesk, clock: Clock, *, is_dry_run: bool) -> None:
    """Add the page of the model and its acts."""

    def _draw(form: Form) -> str:
        overview = models.overview(current_viewer())
        page = present_model(overview, business_day(clock()), is_dry_run=is_dry_run)
        return render_template("model.html", page=page, form=form)

    @blueprint.get("/model", endpoint="model")
    @allowed(INSPECTORS | OPERATORS)
    def _model() -> str:
        return _draw(Form())

    @blueprint.post("/model/promote", endpoint="model_promote")
    @allowed(INSPECTORS | OPERATORS)
    def _promote() -> Response | tuple[str, int]:
        form = Form.of_request()
        version = form.whole_number("version", "版本", 999_999_999)
        if not form.is_refused:
            with form.refusals():
                number = models.promote(current_viewer(), version, form["reason"])
                flash(f"已启用{name_version(version)}，一分钟内生效，编号 {number}")
                return redirect(url_for("console.model"))
        return _draw(form), 400

    @blueprint.post("/model/rollback", endpoint="model_roll_back")
    @allowed(INSPECTORS | OPERATORS)
    def _roll_back() -> Response | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            version, number = models.roll_back(current_viewer(), form["reason"])
            flash(f"已回退到{name_version(version)}，一分钟内生效，编号 {number}")
            return redirect(url_for("console.model"))
        return _draw(form), 400
