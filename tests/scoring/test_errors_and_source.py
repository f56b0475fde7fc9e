"""Errors carry place and text; the worst input decides a status."""

from datetime import date
from decimal import Decimal

import pytest

from scoring import errors
from scoring.activity import ActivityGrade, grade_activity
from scoring.bands import Band, BandTable, find_band_problem
from scoring.rulebook import load_rulebook
from scoring.source import (
    Provenance,
    ResultStatus,
    SourceStatus,
    plain,
    worst_result,
    worst_source,
)


def all_subclasses(kind):
    """Give a class and everything below it."""
    return [kind, *(sub for child in kind.__subclasses__() for sub in all_subclasses(child))]


def test_every_error_has_a_code_of_its_own_and_a_chinese_text():
    own = [error for error in all_subclasses(errors.AppError) if error.__module__ == "scoring.errors"]
    assert len({error.code for error in own}) == len(own)
    assert all(any("\u4e00" <= c <= "\u9fff" for c in error.user_text) for error in own)


def test_an_error_shows_message_subject_and_cause():
    error = errors.AppError("cannot draw", subject_id="HK01", user_text="无可抽群", permanent=True)
    assert str(error) == "cannot draw [HK01]"
    error.__cause__ = KeyError("x")
    assert str(error) == "cannot draw [HK01]: 'x'"
    assert (error.user_text, error.permanent) == ("无可抽群", True)


def test_an_error_without_message_speaks_its_chinese_text():
    assert str(errors.AppError()) == "操作未完成，请稍后再试"
    assert str(errors.RulebookError("bad")) == "bad"
    assert str(errors.ScoringError("bad", subject_id="HN-A1.1")) == "bad [HN-A1.1]"


def test_the_worst_input_decides():
    assert worst_result([]) is ResultStatus.FINAL
    assert worst_result([ResultStatus.INCOMPLETE, ResultStatus.FINAL]) is ResultStatus.INCOMPLETE
    assert worst_source([SourceStatus.INFERRED, SourceStatus.STATED]) is SourceStatus.INFERRED
    assert worst_source([]) is SourceStatus.STATED


def test_a_missing_figure_stays_incomplete_whoever_confirms():
    day = date(2013, 1, 1)
    missing = Provenance("HN-A4", SourceStatus.MISSING, day, is_confirmed=True)
    damaged = Provenance("HN-A2.1", SourceStatus.DAMAGED, day)
    assert missing.result_status is ResultStatus.INCOMPLETE
    assert damaged.result_status is ResultStatus.PROVISIONAL


def test_a_verdict_becomes_plain_json():
    verdict = grade_activity(7, load_rulebook().activity_bands)
    assert verdict.as_json() == {
        "name": "activity",
        "outcome": "良好",
        "clause": "HN-4.1d",
        "status": "载明",
        "result_status": "正式",
        "figures": {"n_posts": 7, "day_closed": True},
        "arithmetic": "当日发布 7 条，6-9 条 → 良好",
    }
    assert plain([Decimal("1E+1"), date(2013, 1, 1), None]) == ["10", "2013-01-01", None]


def band(lower, upper):
    """Build one band."""
    source = Provenance("HN-4.1d", SourceStatus.STATED, date(2013, 1, 1))
    return Band(ActivityGrade.POOR, Decimal(lower), None if upper is None else Decimal(upper), source)


@pytest.mark.parametrize(
    ("bands", "problem"),
    [
        ((), "no bands"),
        ((band(0, 3), band(4, None)), "gap between 3 and 4"),
        ((band(0, 3), band(2, None)), "overlap"),
        ((band(0, None), band(2, None)), "overlap"),
        ((band(0, 0), band(0, None)), "is empty"),
        ((band(0, 3),), "gap above 3"),
    ],
)
def test_bands_that_do_not_join_are_refused(bands, problem):
    with pytest.raises(ValueError, match=problem):
        BandTable(bands)


def test_bands_that_join_have_no_problem():
    assert find_band_problem((band(0, 3), band(3, None))) == ""


def test_a_value_below_the_first_band_is_refused():
    with pytest.raises(ValueError, match="below the first band"):
        BandTable((band(0, None),)).find(-1)
