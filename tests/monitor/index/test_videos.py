"""Videos that schools hand in: the standard, the 15th, the same file twice, who may (GD-3.3a-b, E-30)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor.errors import BadParameter, OutOfScope
from monitor.index.videos import NewVideo
from monitor.store.index.tables import VideoSubmissionRow
from monitor.store.tables import table_of
from monitor.units import Role
from monitor.usecases.index.submit_video import VideoDesk
from scoring.media import VideoState
from tests.cast import Cast
from tests.monitor.index_stage import RULES, IndexStage

SHA = "{:064x}"


@pytest.fixture
def desk(index_stage: IndexStage) -> VideoDesk:
    return VideoDesk(index_stage.database, index_stage.clock, RULES)


def video(number: int = 1, **changes: Any) -> NewVideo:
    values = {"title": "木棉花开", "seconds": Decimal(15), "width": 1080, "height": 1920}
    return NewVideo(**{**values, "sha256": SHA.format(number), **changes})


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"seconds": Decimal(9)}, "不合格", "时长 9 秒不在 10-30 秒"),
        ({"seconds": Decimal(10)}, "合格", "符合要求"),
        ({"seconds": Decimal(20)}, "合格", "符合要求"),
        ({"seconds": Decimal(21)}, "合格（提醒）", "时长 21 秒，超过 20 秒"),
        ({"seconds": Decimal(30)}, "合格（提醒）", "时长 30 秒，超过 20 秒"),
        ({"seconds": Decimal(31)}, "不合格", "时长 31 秒不在 10-30 秒"),
        ({"width": 1920, "height": 1080}, "不合格", "画幅 1920:1080 不是 9:16"),
        ({"is_published_before": True}, "不合格", "曾在视频平台发布"),
        ({"taboos": ("出现商标",)}, "不合格", "出现商标"),
    ],
    ids=str,
)
def test_a_video_is_held_against_the_standard(
    desk: VideoDesk, cast: Cast, changes: dict[str, Any], state: str, reason: str
) -> None:
    judged = desk.submit(cast.viewer("QD"), "QD", video(**changes)).judgement
    assert judged.state.value == state
    assert judged.reason.startswith(reason)


@pytest.mark.parametrize(
    ("sent_at", "is_on_time", "month"),
    [
        (datetime(2019, 3, 15, 15, 59, 59, tzinfo=UTC), True, "2019-03"),  # 23:59:59 in Shanghai
        (datetime(2019, 3, 15, 16, 0, tzinfo=UTC), False, "2019-03"),  # the 16th
        (datetime(2018, 12, 31, 16, 0, tzinfo=UTC), True, "2019-01"),  # the new year's first instant
    ],
)
def test_a_video_is_due_on_the_15th(
    index_stage: IndexStage, desk: VideoDesk, cast: Cast, sent_at: datetime, is_on_time: bool, month: str
) -> None:
    index_stage.clock.now = sent_at
    judged = desk.submit(cast.viewer("QD"), "QD", video()).judgement
    assert (judged.is_on_time, judged.month) == (is_on_time, month)
    assert ("逾期" in judged.reason) is not is_on_time


def test_the_same_file_is_stored_once_and_is_not_original_for_another_school(
    index_stage: IndexStage, desk: VideoDesk, cast: Cast
) -> None:
    first = desk.submit(cast.viewer("QD"), "QD", video())
    again = desk.submit(cast.viewer("QD"), "qd", video(title="换个名称", sha256=SHA.format(1).upper()))
    assert (again.number, again.is_new, again.judgement) == (first.number, False, first.judgement)
    copied = desk.submit(cast.viewer("QS", Role.INSPECTOR), "QA", video()).judgement
    assert (copied.state, copied.reason) == (
        VideoState.REJECTED,
        f"与已投稿作品相同（编号 {first.number}） → 不合格",
    )
    index_stage.clock.advance(days=30)
    assert desk.submit(cast.viewer("QD"), "QD", video()).judgement.state is VideoState.REJECTED
    with index_stage.database.reading() as connection:
        rows = connection.execute(select(func.count()).select_from(table_of(VideoSubmissionRow)))
        assert rows.scalar_one() == 3


@pytest.mark.parametrize(
    "changes",
    [{"sha256": "abc"}, {"width": 0}, {"seconds": Decimal("NaN")}, {"seconds": Decimal(0)}, {"title": " "}],
)
def test_figures_that_cannot_be_are_refused(desk: VideoDesk, cast: Cast, changes: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        desk.submit(cast.viewer("QD"), "QD", video(**changes))


@pytest.mark.parametrize(
    ("unit", "role", "school"),
    [
        ("QD", Role.UNIT_ADMIN, "QA"),
        ("QD", Role.LEADER, "QD"),
        ("LC", Role.UNIT_ADMIN, "LC"),
        ("QD", Role.UNIT_ADMIN, "ZZ"),
    ],
)
def test_a_school_hands_in_for_itself_only(
    desk: VideoDesk, cast: Cast, unit: str, role: Role, school: str
) -> None:
    with pytest.raises(OutOfScope):
        desk.submit(cast.viewer(unit, role), school, video())


def test_one_accepted_video_in_time_meets_the_month(
    index_stage: IndexStage, desk: VideoDesk, cast: Cast
) -> None:
    desk.submit(cast.viewer("QD"), "QD", video(1, seconds=Decimal(9)))
    (before,) = desk.month(cast.viewer("QD"), "2019-04")
    assert (before.n_submitted, before.n_accepted, before.is_met) == (1, 0, False)
    desk.submit(cast.viewer("QD"), "QD", video(2))
    index_stage.clock.advance(days=10)
    desk.submit(cast.viewer("QS", Role.INSPECTOR), "QA", video(3))
    province = desk.month(cast.viewer("QS", Role.INSPECTOR), "2019-04")
    assert {m.school.code: m.is_met for m in province} == {
        "LD": False,
        "LE": False,
        "QA": False,
        "QB": False,
        "QD": True,
    }
    assert [m.n_accepted for m in province if m.school.code == "QA"] == [1]
