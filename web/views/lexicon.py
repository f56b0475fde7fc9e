"""词库: the words of units, the import of lists, the test box, and the audit of hits."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.classify.lexicon import Entry
from monitor.classify.verdicts import Category, Severity
from monitor.clock import Clock, business_day
from monitor.learning.readings import ALLOWED, WordFilter
from monitor.units import Role
from monitor.usecases.learning.lexicons import PAGE_WORDS, ImportReport, Lexicons
from web.auth import allowed, current_viewer
from web.forms import Form
from web.presenters.learning import BoxPage, false_ratio, present_box, slice_of
from web.views.parameters import asked_page
from web.wording import moment_words

KEEPERS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN))
_ALLOW = "放行"
CATEGORIES = tuple(category.value for category in Category)
SEVERITIES = (("3", "3 单独即预警"), ("2", "2 单独即待审"), ("1", "1 只作旁证"))


def add_lexicon(blueprint: Blueprint, lexicons: Lexicons, clock: Clock) -> None:
    """Add the list of words and its export, the test box and the audit of hits."""

    @blueprint.get("/lexicon", endpoint="lexicon")
    @allowed(KEEPERS)
    def _words() -> str:
        return draw_words(lexicons, clock, Form({"severity": "2"}))

    @blueprint.get("/lexicon/export/<code>", endpoint="lexicon_export")
    @allowed(KEEPERS)
    def _export(code: str) -> Response:
        as_table = request.args.get("format") == "csv"
        text = lexicons.export_list(current_viewer(), code, as_table=as_table)
        kind, ending = ("text/csv", "csv") if as_table else ("text/plain", "txt")
        headers = {"Content-Disposition": f"attachment; filename=words-{code}.{ending}"}
        return Response(text, content_type=f"{kind}; charset=utf-8", headers=headers)

    @blueprint.get("/lexicon/test", endpoint="lexicon_test")
    @allowed(KEEPERS)
    def _box() -> str:
        return _draw_box(lexicons, Form())

    @blueprint.post("/lexicon/test", endpoint="lexicon_try")
    @allowed(KEEPERS)
    def _try() -> str | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            judged = lexicons.test(current_viewer(), form["text"], form["unit"])
            return _draw_box(lexicons, form, present_box(judged))
        return _draw_box(lexicons, form), 400

    @blueprint.get("/lexicon/hits", endpoint="lexicon_hits")
    @allowed(KEEPERS)
    def _hits() -> str:
        hits = lexicons.audit(current_viewer())
        lines = [(one, false_ratio(one)) for one in hits[:200]]
        return render_template("lexicon_hits.html", lines=lines, total=len(hits))


def add_lexicon_acts(blueprint: Blueprint, lexicons: Lexicons, clock: Clock) -> None:
    """Add what changes words."""

    @blueprint.post("/lexicon/words", endpoint="lexicon_add")
    @allowed(KEEPERS)
    def _add() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        word = form.required("word", "词")
        kind = form.one_of("category", "类别", (*CATEGORIES, _ALLOW))
        severity = Severity(int(form.one_of("severity", "级别", [value for value, _ in SEVERITIES])))
        if not form.is_refused:
            is_allowed = kind == _ALLOW
            category = Category.ILLEGAL if is_allowed else Category(kind)
            entry = Entry(word, category, severity, note=form["note"])
            with form.refusals():
                lexicons.add_word(current_viewer(), form["unit"], entry, is_allowed=is_allowed)
                flash(f"已添加“{word}”，一分钟内生效")
                return redirect(url_for("console.lexicon"))
        return draw_words(lexicons, clock, form), 400

    @blueprint.post("/lexicon/words/<int:number>", endpoint="lexicon_switch")
    @allowed(KEEPERS)
    def _switch(number: int) -> BaseResponse:
        is_enabled = request.form.get("act") == "启用"
        changed = lexicons.switch_word(current_viewer(), number, is_enabled=is_enabled)
        word = "启用" if is_enabled else "停用"
        flash(f"已{word}，编号 {changed}" if changed else f"此前已{word}，未重复登记")
        return redirect(url_for("console.lexicon"))

    @blueprint.post("/lexicon/import", endpoint="lexicon_import")
    @allowed(KEEPERS)
    def _import() -> str | tuple[str, int]:
        form, file = Form.of_request(), request.files.get("file")
        kind = form.one_of("kind", "默认类别", CATEGORIES)
        text = form["list"]
        if file is not None and file.filename:
            try:
                text = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                form.refuse("文件不是 UTF-8 文本，请另存为 UTF-8 后再导入", "file")
        if not form.is_refused:
            with form.refusals():
                report = lexicons.import_list(current_viewer(), form["to"], text, Category(kind))
                return draw_words(lexicons, clock, Form({"severity": "2"}), report)
        return draw_words(lexicons, clock, form), 400


def draw_words(lexicons: Lexicons, clock: Clock, form: Form, report: ImportReport | None = None) -> str:
    """Draw the list with its forms, after an import with what it did."""
    asked = request.args.get("kind", "")
    category = ALLOWED if asked == _ALLOW else asked if asked in CATEGORIES else None
    wanted = WordFilter(category, request.args.get("part", "").strip()[:64])
    number = max(1, asked_page("page"))
    page = lexicons.page(current_viewer(), wanted, number)
    counts = [(name, page.by_category.get(name, 0)) for name in CATEGORIES]
    return render_template(
        "lexicon.html",
        page=page,
        tabs=[*counts, (_ALLOW, page.by_category.get(ALLOWED, 0))],
        slice=slice_of(page.n_words, number, len(page.words), PAGE_WORDS),
        asked=Form({"kind": asked if category is not None else "", "part": wanted.part}),
        form=form,
        report=report,
        moment=lambda at: moment_words(at, business_day(clock())),
        page_url=lambda _name, page: url_for(
            "console.lexicon", kind=asked or None, part=wanted.part or None, page=page
        ),
        kinds=[*((name, name) for name in CATEGORIES), (_ALLOW, "放行（不算命中）")],
        severities=SEVERITIES,
        units=[(unit.code, f"{unit.name}（{unit.code}）") for unit in page.units],
    )


def _draw_box(lexicons: Lexicons, form: Form, box: BoxPage | None = None) -> str:
    page = lexicons.page(current_viewer())
    units = [(unit.code, f"{unit.name}（{unit.code}）") for unit in page.units]
    return render_template("lexicon_test.html", form=form, box=box, units=units)
