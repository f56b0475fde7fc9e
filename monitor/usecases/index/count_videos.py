"""Keep the counters of videos by day (播放、点赞、采纳数, GD-3.3a) and list them with their submissions.

Nothing is computed from them. Key types: `CounterRow`, `VideoWithCounters`, `CountersImport`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import business_day
from monitor.errors import BadParameter, OutOfScope
from monitor.index.fact_cells import read_text
from monitor.index.video_counters import DayCounters, read_counter, require_in_cycle
from monitor.store import directory
from monitor.store.index import video_counters, videos
from monitor.store.index.videos import Connection
from monitor.store.ledger import registry
from monitor.units import Role, Viewer
from monitor.usecases.index.review_video import ListedVideo, VideoNotFound, list_month
from monitor.usecases.ledger.import_registry import BadRow
from monitor.usecases.ledger.import_tables import TableRow
from scoring.errors import AppError
from scoring.index_rules import IndexRulebook

COLUMNS = ("投稿编号", "日期", "播放量", "点赞数", "采纳数")
COUNTED = "index.video_counted"
_GIVEN = ("n_plays", "n_likes", "n_adopted", "source")


@dataclass(frozen=True, slots=True)
class CounterRow:
    """Totals of a video up to a day; at least one of the three is given."""

    number: int
    day: date
    n_plays: int | None
    n_likes: int | None
    n_adopted: int | None
    source: str


@dataclass(frozen=True, slots=True)
class CountersImport:
    """What became of a table."""

    n_stored: int
    n_unchanged: int
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class VideoWithCounters:
    """A submission with its counters by day, the latest last."""

    video: ListedVideo
    counters: tuple[DayCounters, ...]

    @property
    def latest(self) -> DayCounters | None:
        """The counters of the last day that has any; None is 无数据."""
        return self.counters[-1] if self.counters else None


def save_counters(connection: Connection, viewer: Viewer, row: CounterRow, now: datetime) -> bool:
    """Store the counters of one video's day; what stood there is in the audit. False if nothing changed.

    Source: GD-3.3a.
    Raises: OutOfScope for anybody but an inspector; VideoNotFound; BadParameter.
    """
    if viewer.role is not Role.INSPECTOR:
        raise OutOfScope(f"{viewer.identity} counts video {row.number}")
    video = videos.load_video(connection, row.number)
    unit = directory.load_unit(connection, video.unit_id) if video else None
    if video is None or unit is None or not viewer.may_see_unit(unit.path):
        raise VideoNotFound(f"no video {row.number}")
    source = read_text(row.source, "数据来源")
    require_in_cycle(business_day(video.sent_at), row.day, business_day(now))
    after = {
        "n_plays": row.n_plays, "n_likes": row.n_likes, "n_adopted": row.n_adopted, "source": source
    }  # fmt: skip
    if all(after[name] is None for name in _GIVEN[:3]):
        raise BadParameter("no counter", user_text="播放量、点赞数、采纳数至少填一项")
    known = next(
        (c for c in video_counters.load_counters(connection, [row.number]) if c.day == row.day), None
    )
    before = {name: known._mapping[name] for name in _GIVEN} if known else {}
    if before == after:
        return False
    values = {"video_id": row.number, "day": row.day, "recorded_at": now, "recorded_by": viewer.identity}
    video_counters.save_counter(connection, values | after)
    detail = {"number": row.number, "day": row.day.isoformat(), "before": before, "after": after}
    registry.write_audit(connection, now, viewer.identity, COUNTED, unit.code, detail)
    return True


def import_counters(
    connection: Connection, viewer: Viewer, rows: Iterable[TableRow], source: str, now: datetime
) -> CountersImport:
    """Store the good rows of a table and name the others; the same table again changes nothing."""
    n_stored = n_unchanged = 0
    bad = []
    for row in rows:
        try:
            is_new = save_counters(connection, viewer, _read(row, source), now)
        except AppError as error:
            bad.append(BadRow(row.number, error.user_text, row.cells))
        else:
            n_stored, n_unchanged = n_stored + is_new, n_unchanged + (not is_new)
    return CountersImport(n_stored, n_unchanged, tuple(bad))


def list_counted(
    connection: Connection, viewer: Viewer, month: str, rules: IndexRulebook
) -> list[VideoWithCounters]:
    """Return the submissions of the viewer's schools in a month with their counters, oldest first."""
    listed = list_month(connection, viewer, month, rules)
    found: dict[int, list[DayCounters]] = {}
    for row in video_counters.load_counters(connection, [each.number for each in listed]):
        each = DayCounters(row.day, row.n_plays, row.n_likes, row.n_adopted, row.source, row.recorded_at)
        found.setdefault(row.video_id, []).append(each)
    return [VideoWithCounters(each, tuple(found.get(each.number, ()))) for each in listed]


def counter_words(counters: Sequence[DayCounters]) -> str:
    """Return 「至 11-20 播放 1200、点赞 30、采纳 —」 of the latest day, or 无数据."""
    if not counters:
        return "❔无数据"
    last = counters[-1]
    named = (("播放", last.n_plays), ("点赞", last.n_likes), ("采纳", last.n_adopted))
    shown = "、".join(f"{word} {'—' if n is None else n}" for word, n in named)
    return f"至 {last.day:%m-%d} {shown}（来源 {last.source}）"


def _read(row: TableRow, source: str) -> CounterRow:
    cells = row.cells
    number = cells["投稿编号"].strip()
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise BadParameter(f"number {number!r}", user_text="投稿编号应为数字")
    try:
        day = date.fromisoformat(cells["日期"].strip())
    except ValueError as error:
        raise BadParameter("day", user_text="日期应写作 2026-11-20") from error
    plays, likes, adopted = (read_counter(cells[name], name) for name in COLUMNS[2:])
    return CounterRow(int(number), day, plays, likes, adopted, cells.get("来源", "").strip() or source)
