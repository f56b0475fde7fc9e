"""Review of videos that schools handed in (作品评审): what a person found changes the verdict, with a trace.

Key types: `VideoReview`, `ListedVideo`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from monitor.errors import NotFound, OutOfScope
from monitor.index.fact_cells import read_text
from monitor.index.videos import NewVideo, VideoJudgement, judge_submission
from monitor.store import directory
from monitor.store.index import facts as index_facts
from monitor.store.index import videos
from monitor.store.index.videos import Connection
from monitor.store.ledger import registry
from monitor.units import Role, Viewer
from scoring.index_rules import IndexRulebook


class VideoNotFound(NotFound):
    """No submission of that number, or not of a school in sight."""

    code = "video_not_found"
    user_text = "没有这个编号的投稿"


@dataclass(frozen=True, slots=True)
class VideoReview:
    """What a reviewer found; it replaces what was found before."""

    taboos: tuple[str, ...] = ()  # 作品禁忌, each in words
    is_published_before: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ListedVideo:
    """A submission as reviewers see it; `link` is empty where only the file's hash was given."""

    number: int
    school_code: str
    school_name: str
    month: str
    title: str
    state: str
    is_on_time: bool
    reason: str
    link: str


def review_video(
    connection: Connection, viewer: Viewer, number: int, review: VideoReview, now: datetime,
    rules: IndexRulebook,
) -> VideoJudgement:  # fmt: skip
    """Judge a submission again with what a reviewer found; the verdict before stays in the audit.

    Source: GD-3.3a (省级评审), GD-3.3b (作品标准、禁忌).
    Raises: VideoNotFound; OutOfScope for anybody but an inspector; BadParameter without a reason.
    """
    index_facts.own_index_writes(connection)
    row = videos.load_video(connection, number)
    unit = directory.load_unit(connection, row.unit_id) if row else None
    if viewer.role is not Role.INSPECTOR:
        raise OutOfScope(f"{viewer.identity} reviews video {number}")
    if row is None or unit is None or not viewer.may_see_unit(unit.path):
        raise VideoNotFound(f"no video {number}")
    reason = read_text(review.reason, "评审理由")
    taboos = tuple(read_text(taboo, "作品禁忌") for taboo in review.taboos)
    earlier = next((e.id for e in videos.load_same_file(connection, row.sha256) if e.id < number), None)
    video = NewVideo(
        row.title, Decimal(row.seconds), row.width, row.height, row.sha256, review.is_published_before, taboos
    )
    judged = judge_submission(video, row.sent_at, earlier, rules)
    values = {
        "taboos": list(taboos),
        "is_published_before": review.is_published_before,
        "state": judged.state.value,
        "clause": judged.clause,
        "result_status": judged.result_status,
        "reason": judged.reason,
    }
    before = {name: getattr(row, name) for name in values}
    videos.update_video(connection, number, values)
    detail = {"number": number, "before": before, "after": values, "reason": reason}
    registry.write_audit(connection, now, viewer.identity, videos.REVIEWED, unit.code, detail)
    return judged


def list_month(connection: Connection, viewer: Viewer, month: str, rules: IndexRulebook) -> list[ListedVideo]:
    """Return the submissions of the viewer's schools in a month, oldest first."""
    schools = {
        school.unit_id: school
        for school in index_facts.load_schools(connection, rules.head.unit_kinds)
        if viewer.may_see_unit(school.path)
    }
    rows = videos.load_videos(connection, month, list(schools))
    links = videos.load_links(connection, rows)
    return [_listed(row, schools[row.unit_id], links.get(row.id, "")) for row in rows]


def _listed(row: Any, school: Any, link: str) -> ListedVideo:
    return ListedVideo(
        row.id, school.code, school.name, row.month, row.title, row.state, row.is_on_time, row.reason, link
    )
