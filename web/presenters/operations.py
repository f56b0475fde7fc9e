"""运行状态: from readings of machine, queue, backup and errors to what the template lays out. Pure.

Key types: `Fact`, `ErrorLine`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.clock import business_day
from monitor.usecases.operations.operations import ErrorEvent, SystemReading
from monitor.usecases.operations.premises import Disk
from web.wording import Badge, moment_words

_OLD_QUEUE = timedelta(minutes=10)
_OLD_BACKUP = timedelta(hours=36)
_LEAST_FREE_RATIO = 0.05
_LEAST_FREE = 1 << 30
_WELL, _BAD = Badge("met", "✓", "正常"), Badge("unmet", "!", "请处理")


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its judgement, None where there is nothing to judge."""

    title: str
    words: str
    badge: Badge | None = None


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """A failure of the list."""

    number: str
    place: str
    error: str
    n_times: int
    first: str
    last: str


def system_facts(reading: SystemReading, disk: Disk | None, now: datetime) -> list[Fact]:
    """Lay out queue age, backup age, disk and database; each says when somebody has to act."""
    queue = now - reading.due_since if reading.due_since else timedelta(0)
    facts = [
        Fact(
            "队列最久等待",
            age_words(queue) if reading.due_since else "没有到期未发的",
            _judge(queue <= _OLD_QUEUE),
        ),
        _backup_fact(reading.backed_up_at, now),
        Fact("数据库", bytes_words(reading.n_bytes)),
    ]
    if disk is not None:
        is_enough = disk.n_free >= _LEAST_FREE and disk.n_free >= disk.n_total * _LEAST_FREE_RATIO
        words = f"剩余 {bytes_words(disk.n_free)}，共 {bytes_words(disk.n_total)}"
        facts.append(Fact("磁盘", words, _judge(is_enough)))
    return facts


def error_lines(events: Iterable[ErrorEvent], today: date) -> list[ErrorLine]:
    """Lay out failures."""
    return [
        ErrorLine(
            one.number,
            one.place,
            one.error,
            one.n_times,
            moment_words(one.first_at, today),
            moment_words(one.last_at, today),
        )
        for one in events
    ]


def age_words(age: timedelta) -> str:
    """Return 3 分钟, 5 小时 or 2 天, rounded down."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // 1440} 天"


def bytes_words(n_bytes: int) -> str:
    """Return a size in MB, from 1 GB on in GB."""
    return f"{n_bytes / (1 << 30):.1f} GB" if n_bytes >= 1 << 30 else f"{n_bytes / (1 << 20):.1f} MB"


def _backup_fact(backed_up_at: datetime | None, now: datetime) -> Fact:
    if backed_up_at is None:
        return Fact("最近备份", "无记录，请运行 python -m bot backup", _BAD)
    age = now - backed_up_at
    words = f"{moment_words(backed_up_at, business_day(now))}（{age_words(age)}前）"
    return Fact("最近备份", words, _judge(age <= _OLD_BACKUP))


def _judge(is_well: bool) -> Badge:
    return _WELL if is_well else _BAD
