"""How states look, and how figures and days are put into words (from `monitor.texts.wording`). Pure."""

from dataclasses import dataclass
from datetime import date

from monitor.texts import wording
from monitor.texts.wording import NONE as NONE
from monitor.texts.wording import count_words as count_words
from monitor.texts.wording import data_time_words as data_time_words
from monitor.texts.wording import day_words as day_words
from monitor.texts.wording import last_data_words as last_data_words
from monitor.texts.wording import long_day_words as long_day_words
from monitor.texts.wording import moment_words as moment_words
from monitor.texts.wording import ratio_words as ratio_words
from monitor.texts.wording import share_words as share_words
from scoring.activity import ActivityGrade
from scoring.duty import DutyState


@dataclass(frozen=True, slots=True)
class Badge:
    """A state as people see it: symbol and word, never colour alone. `look` is the CSS modifier."""

    look: str
    symbol: str
    word: str


DUTY_BADGES = {
    DutyState.MET: Badge("met", "✓", DutyState.MET.value),
    DutyState.NOT_MET: Badge("unmet", "✕", DutyState.NOT_MET.value),
    DutyState.NO_TOPIC: Badge("topic", "!", DutyState.NO_TOPIC.value),
    DutyState.NO_DATA: Badge("nodata", "?", DutyState.NO_DATA.value),
}
NOT_YET = Badge("due", "…", wording.NOT_YET)  # before midnight there is still time: no fault yet (D-08)
NO_GROUPS = Badge("none", "–", "无群")
ACTIVITY_LOOKS = {
    ActivityGrade.EXCELLENT: "g3",
    ActivityGrade.GOOD: "g2",
    ActivityGrade.FAIR: "g1",
    ActivityGrade.POOR: "g0",
}


def duty_badge(duty: DutyState, day: date, today: date) -> Badge:
    """Return the badge of a duty on a day."""
    return NOT_YET if duty is DutyState.NOT_MET and day == today else DUTY_BADGES[duty]
