"""Boards of stored runs (排名、排行): the WCI of accounts, totals of schools, one indicator. Reads only.

Boards of published WCI runs are for everybody, because they are published (GD-3.3f); everything else is
the province's (GD-1.2: a school sees its own rows).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from monitor.errors import NotFound, OutOfScope
from monitor.index.boards import Board, BoardLine, compare_ranks, note_small_base, rank_values, sort_lines
from monitor.index.periods import RunKind, RunPeriod
from monitor.store.database import Database
from monitor.store.index import runs as index_runs
from monitor.store.index.runs import Connection, Result, Run
from monitor.units import Role, Viewer
from monitor.usecases.index.rows import NO_DATA, PROVINCIAL
from monitor.usecases.queries.asking import Question


def read_board(database: Database, period: RunPeriod, viewer: Viewer | None = None) -> Board:
    """Return the WCI board, or the totals, of a period's run; without a viewer as the operator sees it.

    Raises: OutOfScope for a board that is not the viewer's to see; NotFound if the period was not run.
    """
    with database.reading() as connection:
        return make_board(*_load(connection, period, viewer))


def make_board(run: Run, results: Sequence[Result]) -> Board:
    """Return the WCI board, or the totals, of a run from its results.

    Source: GD-2.0, GD-3.3f, GD-4.3.
    """
    period, is_published = run.period, run.published_at is not None
    if not period.is_board:
        rows = [result for result in results if result.scope == PROVINCIAL]
        lines = [_line(result, run, result.unit_name, result.value or result.state, "") for result in rows]
        title = f"省属高校“网上共青团”{period.kind.value}（{period.label}）"
        return Board(title, sort_lines(lines), "依据：GD-2.0；同分同名次", is_published)
    lines = [_account_line(result, run) for result in results]
    title = f"高校团委微信公众号{period.kind.value}（{period.label}）"
    return Board(title, sort_lines(lines), _wci_basis(run), is_published)


def read_indicator_board(
    database: Database, period: RunPeriod, indicator: str, viewer: Viewer | None = None
) -> Board:
    """Return the 省属 schools by one indicator of a monthly or yearly run; few people are marked 样本少.

    Raises: OutOfScope; NotFound if the period was not run or there is no such indicator.
    """
    with database.reading() as connection:
        return _indicator_board(connection, period, indicator, viewer)


def answer_account_board(question: Question, kind: RunKind) -> Board:
    """Return the WCI board of the last finished week or month; to all but the province the latest published.

    Source: GD-3.3f, GD-4.3.
    Raises: NotFound if there is none that the viewer may see.
    """
    connection, may_see_all = question.connection, is_province(question.viewer)
    run = index_runs.load_latest_run(
        connection, [kind], before=question.today, only_published=not may_see_all
    )
    if run is None:
        text = f"公众号{kind.value}尚未{'生成' if may_see_all else '发布'}"
        raise NotFound(f"no {kind.name} for {question.viewer.identity}", user_text=text)
    return make_board(run, index_runs.load_results(connection, run.run_id))


def answer_sheet_board(question: Question, word: str, period: RunPeriod | None) -> Board:
    """Return the totals of 省属 schools, or their board by one indicator, in a run or the latest one.

    Source: GD-2.0, GD-4.1; only the province compares schools (GD-1.2).

    Args:
        question: of an inspector or leader of the province.
        word: indicator by id or title; empty for the totals.
        period: month or year; None for the latest run.

    Raises: OutOfScope; NotFound.
    """
    connection, viewer = question.connection, question.viewer
    if not is_province(viewer):
        raise OutOfScope(
            f"board of {word!r} asked by {viewer.identity}",
            user_text="各高校之间的指标排名只供团省委查看；本校情况请回复 底线",
        )
    if period is None:
        latest = index_runs.load_latest_run(connection, (RunKind.MONTH, RunKind.YEAR))
        if latest is None:
            raise NotFound("no run", user_text="尚未运行考核")
        period = latest.period
    if word:
        return _indicator_board(connection, period, word, viewer)
    return make_board(*_load(connection, period, viewer))


def find_indicator(word: str, indicators: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the id of the indicator that a word means: its id, its title, or part of one title.

    Raises: NotFound naming the candidates if several match.
    """
    for key, known in indicators.items():
        if word.upper() in (key.upper(), known["title"].upper()):
            return key
    found = [key for key, known in indicators.items() if word in known["title"]]
    if len(found) == 1:
        return found[0]
    named = "、".join(f"{key} {indicators[key]['title']}" for key in found[:5])
    raise NotFound(f"no indicator {word!r}", user_text=f"有多个指标：{named}" if found else "没有这个指标")


def _indicator_board(connection: Connection, period: RunPeriod, word: str, viewer: Viewer | None) -> Board:
    run, results = _load(connection, period, viewer)
    if period.is_board:
        raise NotFound(f"{period.label} holds no indicators", user_text="没有这个指标")
    indicator = find_indicator(word, run.frozen["indicators"])
    known = run.frozen["indicators"][indicator]
    earlier = index_runs.load_latest_run(connection, [period.kind], before=period.first_day)
    others = index_runs.load_results(connection, earlier.run_id) if earlier else None
    ranks = _rank_by(results, indicator)
    moved = compare_ranks(ranks, None if others is None else _rank_by(others, indicator))
    lines = [
        _indicator_line(result, result.detail["indicators"].get(indicator), ranks, moved)
        for result in results
        if result.scope == PROVINCIAL
    ]
    title = f"{known['title']}（{period.label}）"
    return Board(
        title, sort_lines(lines), f"依据：{indicator}，{known['status']}", run.published_at is not None
    )


def _rank_by(results: Sequence[Result], indicator: str) -> dict[str, int]:
    """Return the rank of each 省属 school by one indicator."""
    values = {r.unit_code: r.detail["indicators"].get(indicator) for r in results if r.scope == PROVINCIAL}
    return rank_values({code: _fraction(line) for code, line in values.items()})


def _indicator_line(
    result: Result,
    line: Mapping[str, Any] | None,
    ranks: Mapping[str, int],
    moved: Mapping[str, tuple[int | None, bool]],
) -> BoardLine:
    movement, is_new = moved.get(result.unit_code, (None, False))
    return BoardLine(
        rank=ranks.get(result.unit_code),
        unit_code=result.unit_code,
        name=result.unit_name,
        value=NO_DATA if line is None else line["value"] or line["state"],
        movement=movement,
        note="" if line is None else note_small_base(_bases(line["inputs"])),
        is_new=is_new,
        unit_id=result.unit_id,
    )


def _load(connection: Connection, period: RunPeriod, viewer: Viewer | None) -> tuple[Run, list[Result]]:
    run = index_runs.find_run(connection, period)
    is_public = run is not None and run.published_at is not None and period.is_board
    if viewer is not None and not is_public and not is_province(viewer):
        raise OutOfScope(f"board of {period.label} asked by {viewer.identity}")
    if run is None:
        raise NotFound(f"{period.label} was not run", user_text=f"{period.label} 尚未运行考核")
    return run, index_runs.load_results(connection, run.run_id)


def is_province(viewer: Viewer) -> bool:
    """Tell whether a person may see boards that are not published, and those of indicators (GD-1.2)."""
    return viewer.unit_path.count("/") == 2 and viewer.role is not Role.GROUP_MANAGER


def _account_line(result: Result, run: Run) -> BoardLine:
    name = result.unit_name + (f"「{result.account}」" if result.account else "")
    score = (result.detail["score"] or {}).get("outcome")
    if result.state == NO_DATA:
        return _line(result, run, name, NO_DATA, "")
    value = f"WCI {result.value or '—'}" + ("" if score is None else f" 计 {score}")
    n_posts = result.detail["n_posts"]
    least = run.frozen["parameters"]["GD-3.3d.min_posts"]["value"]
    return _line(
        result,
        run,
        name,
        value,
        _why_not(result) or (f"{n_posts} 条，样本少" if n_posts < int(least) else ""),
    )


def _why_not(result: Result) -> str:
    """Return why an account has no score, or what made it 0."""
    if result.detail["missing"]:
        return f"缺 {'、'.join(result.detail['missing'])}，待补充"
    score = result.detail["score"]
    if score["outcome"] is None or score["clause"] == "GD-3.3e":
        return str(score["arithmetic"])
    return ""


def _line(result: Result, run: Run, name: str, value: str, note: str) -> BoardLine:
    is_new = result.rank is not None and result.movement is None and bool(run.frozen.get("compared_with"))
    return BoardLine(
        result.rank, result.unit_code, name, value, result.movement, note, is_new, result.unit_id
    )


def _wci_basis(run: Run) -> str:
    week = run.frozen["readings"]["D-16"]
    version = run.frozen["wci_version"]
    shown = f"周为{week['label']}（D-16 {week['status']}）"
    return f"依据：GD-3.3c、GD-3.3d、GD-3.3f；WCI V{version}（推定）；{shown}"


def _fraction(line: Mapping[str, Any] | None) -> Fraction | None:
    return None if line is None or line["value"] is None else Fraction(line["value"])


def _bases(inputs: Mapping[str, Any]) -> Sequence[int]:
    rows = inputs.get("months", [inputs])
    return [row.get("denominator", row.get("members", 0)) for row in rows if "value" not in row]
