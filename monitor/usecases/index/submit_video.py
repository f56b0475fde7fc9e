"""Hand in a month's video (网络视听产品投稿) and tell which schools have not yet.

Key types: `Submitted`, `VideoDesk`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.clock import Clock, business_day
from monitor.errors import OutOfScope
from monitor.index.facts import School
from monitor.index.videos import NewVideo, VideoJudgement, clean_video, judge_submission
from monitor.store.database import Database
from monitor.store.index import facts as index_facts
from monitor.store.index import videos
from monitor.store.index.videos import Connection
from monitor.store.ledger import registry
from monitor.units import Role, Unit, Viewer
from monitor.usecases import scope
from scoring.index_rules import IndexRulebook
from scoring.media import VideoState

_MAY_SUBMIT = (Role.UNIT_ADMIN, Role.INSPECTOR)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submission; `is_new` is false for the same file of the same school and month."""

    number: int
    judgement: VideoJudgement
    is_new: bool


@dataclass(frozen=True, slots=True)
class MonthOfVideos:
    """How a school stands in a month: at least one accepted video, handed in on time (GD-3.3a)."""

    school: Unit
    n_submitted: int
    n_accepted: int
    n_on_time: int  # of the accepted ones

    @property
    def is_met(self) -> bool:
        """Whether the month's duty is met."""
        return self.n_on_time > 0


class VideoDesk:
    """Takes videos in and counts them."""

    def __init__(self, database: Database, clock: Clock, rules: IndexRulebook) -> None:
        """Keep the collaborators."""
        self._database, self._clock, self._rules = database, clock, rules

    def submit(self, viewer: Viewer, school_code: str, video: NewVideo) -> Submitted:
        """Store a submission with its judgement; a rejected one is stored too, with the reason.

        Source: GD-3.3a, GD-3.3b.
        Raises: OutOfScope; BadParameter for figures that cannot be.
        """
        now, clean = self._clock(), clean_video(video)

        def work(connection: Connection) -> Submitted:
            school = find_school(connection, viewer, school_code, self._rules)
            return store_video(connection, school, clean, now, viewer.identity, self._rules)

        return self._database.write(work)

    def month(self, viewer: Viewer, month: str) -> list[MonthOfVideos]:
        """Return how each school of the viewer's subtree stands in a month, in order of code."""
        with self._database.reading() as connection:
            kinds = self._rules.head.unit_kinds
            schools = [s for s in index_facts.load_schools(connection, kinds) if viewer.may_see_unit(s.path)]
            rows = videos.load_videos(connection, month, [school.unit_id for school in schools])
        return [_tally(school, [row for row in rows if row.unit_id == school.unit_id]) for school in schools]


def store_video(
    connection: Connection, school: Unit | School, video: NewVideo, now: datetime, actor: str,
    rules: IndexRulebook,
) -> Submitted:  # fmt: skip
    """Store a submission (投稿) with its judgement; the same file of a school and month is stored once.

    Source: GD-3.3a, GD-3.3b.

    Args:
        connection: of the transaction.
        school: whose rights the caller has settled.
        video: as `clean_video` returns it.
        now: the instant it came.
        actor: for the record.
        rules: for the standard.
    """
    index_facts.own_index_writes(connection)
    same = videos.load_same_file(connection, video.sha256)
    judged = judge_submission(video, now, same[0].id if same else None, rules)
    for row in same:
        if (row.unit_id, row.month) == (school.unit_id, judged.month):
            return Submitted(row.id, _stored(row), is_new=False)
    values = {"unit_id": school.unit_id, "sent_at": now, "sent_by": actor}
    number = videos.insert_video(connection, values | _columns(video, judged))
    detail = {"number": number, "state": judged.state.value, "month": judged.month, "link": video.link}
    registry.write_audit(connection, now, actor, videos.SUBMITTED, school.code, detail)
    return Submitted(number, judged, is_new=True)


def rehearse_video(
    connection: Connection, school: Unit, video: NewVideo, now: datetime, rules: IndexRulebook
) -> VideoJudgement:
    """Return how a submission would be judged now; nothing is written.

    Source: GD-3.3a, GD-3.3b.
    """
    same = videos.load_same_file(connection, video.sha256)
    judged = judge_submission(video, now, same[0].id if same else None, rules)
    here = (school.unit_id, judged.month)
    return next((_stored(row) for row in same if (row.unit_id, row.month) == here), judged)


def count_month(connection: Connection, school: Unit, now: datetime) -> MonthOfVideos:
    """Return how a school stands in the present month.

    Source: GD-3.3a.
    """
    return _tally(school, videos.load_videos(connection, f"{business_day(now):%Y-%m}", [school.unit_id]))


def find_school(connection: Connection, viewer: Viewer, code: str, rules: IndexRulebook) -> Unit:
    """Return a school for which the person may hand in videos.

    Source: GD-1.2, GD-3.3a.
    Raises: OutOfScope, also for what is no school.
    """
    unit = scope.find_unit(connection, viewer, code)
    if viewer.role not in _MAY_SUBMIT or unit.kind not in rules.head.unit_kinds:
        raise OutOfScope(f"{viewer.identity} submits for {code!r}")
    return unit


def _tally(school: Unit, rows: Sequence[Any]) -> MonthOfVideos:
    accepted = [row for row in rows if row.state != VideoState.REJECTED.value]
    return MonthOfVideos(school, len(rows), len(accepted), sum(row.is_on_time for row in accepted))


def _columns(video: NewVideo, judged: VideoJudgement) -> dict[str, object]:
    return {
        "month": judged.month,
        "title": video.title,
        "seconds": format(video.seconds, "f"),
        "width": video.width,
        "height": video.height,
        "sha256": video.sha256,
        "is_published_before": video.is_published_before,
        "taboos": list(video.taboos),
        "state": judged.state.value,
        "is_on_time": judged.is_on_time,
        "clause": judged.clause,
        "result_status": judged.result_status,
        "reason": judged.reason,
    }


def _stored(row: Any) -> VideoJudgement:
    return VideoJudgement(
        VideoState(row.state), row.is_on_time, row.month, row.clause, row.result_status, row.reason
    )
