"""Activity grades (活跃度) at both sides of every threshold: HN-4.1d."""

import pytest

from scoring.activity import ActivityGrade, grade_activity
from scoring.rulebook import load_rulebook
from scoring.source import ResultStatus, SourceStatus

BANDS = load_rulebook().activity_bands


def test_an_open_day_makes_every_grade_provisional():
    verdict = grade_activity(12, BANDS, day_closed=False)
    assert verdict.outcome is ActivityGrade.EXCELLENT
    assert verdict.result_status is ResultStatus.PROVISIONAL
    assert "暂定" in verdict.arithmetic


def test_a_poor_grade_rests_on_an_inferred_reading_until_it_is_confirmed():
    assert grade_activity(2, BANDS).status is SourceStatus.INFERRED
    assert grade_activity(2, BANDS).result_status is ResultStatus.PROVISIONAL
    confirmed = load_rulebook(confirmed={"HN-4.1d"}).activity_bands
    assert grade_activity(2, confirmed).result_status is ResultStatus.FINAL
    assert grade_activity(2, confirmed).status is SourceStatus.INFERRED


def test_a_closed_day_with_a_stated_band_is_final():
    verdict = grade_activity(4, BANDS)
    assert (verdict.clause, verdict.status) == ("HN-4.1d", SourceStatus.STATED)
    assert verdict.result_status is ResultStatus.FINAL
    assert verdict.figures == {"n_posts": 4, "day_closed": True}
    assert verdict.arithmetic == "当日发布 4 条，3-5 条 → 一般"


@pytest.mark.parametrize("n_posts", [-1, 2.0, "3", None, True])
def test_what_is_not_a_count_is_refused(n_posts):
    with pytest.raises(ValueError, match="n_posts"):
        grade_activity(n_posts, BANDS)
