"""What the tests of the rule settings share: the golden cases, and short words for what they do."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from monitor.rules.readings import RulesReading
from monitor.rules.settings import ChangeKind, RuleChange
from monitor.store.database import Database
from monitor.store.days.tables import DayGradeRow
from monitor.units import Role
from monitor.usecases.days.close_day import CloseReport, close_day
from monitor.usecases.rules.changes import Ground
from monitor.usecases.rules.in_force import RuleSource, dated
from scoring.switches import load_switches
from tests.cast import Cast
from tests.monitor.days.test_close_day import DAY, Story
from tests.monitor.days.test_receive import rows

GOLDEN = Path(__file__).parents[1] / "golden" / "counting.toml"
CASES = tomllib.loads(GOLDEN.read_text("utf-8"))["case"]
SWITCHES = load_switches()
WHY = Ground("省里统一口径", "团青字〔2026〕1号")
TODAY = date(2026, 11, 20)


def inspector(cast: Cast) -> Any:
    return cast.viewer("QS", Role.INSPECTOR)


def on(database: Database, source: RuleSource, day: date) -> Any:
    with database.reading() as connection:
        return dated(source, connection).on(day)


def read(database: Database, source: RuleSource, day: date = TODAY) -> RulesReading:
    with database.reading() as connection:
        return source.read(connection, day)


def close(story: Story, source: RuleSource, day: date = DAY) -> CloseReport:
    story.clock.now = max(story.clock.now, datetime(2026, 11, 20, 16, 10, tzinfo=UTC))
    report = close_day(story.database, source, story.clock, day)
    assert report is not None
    return report


def grade_of(story: Story, code: str = "LC0001", day: date = DAY) -> Any:
    found = rows(story.database, DayGradeRow)
    return next(g for g in found if g.group_id == story.cast.groups[code] and g.business_day == day)


def change(kind: ChangeKind, subject: str, value: str, day: int, number: int = 1) -> RuleChange:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return RuleChange(number, kind, subject, value, "理由", "", "test", "", at, date(2026, 11, day))
