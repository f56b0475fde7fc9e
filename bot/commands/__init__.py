"""The commands of the chat, one small file each, gathered in the table that everything is made from."""

from bot.commands.alerts import ALERTS
from bot.commands.announcements import ANNOUNCEMENTS
from bot.commands.assessing import RISKS, SCORE, SELF_ASSESSMENT
from bot.commands.assistance import HELP
from bot.commands.binding import BIND, UNBIND, UNDO
from bot.commands.briefing import BRIEF
from bot.commands.charts import CHART, RESULT
from bot.commands.command import Ask, Command
from bot.commands.feedback import FEEDBACK
from bot.commands.groups import GROUPS
from bot.commands.incidents import DISPOSE, FALSE_ALARM, HANDLED, INCIDENTS, REPORT
from bot.commands.index import BOTTOM_LINES, WCI
from bot.commands.leave import LEAVE
from bot.commands.ledger import APPROVE, CHANGE_GROUP, CLAIM, CLOSE_GROUP, LEDGER, OPEN_GROUP
from bot.commands.objections import OBJECTION
from bot.commands.operating import COLLECTION, JOBS, PUSH_TEST, RERUN, SILENCE, SYSTEM
from bot.commands.overview import OVERVIEW
from bot.commands.publishing import PUBLISH
from bot.commands.ranking import RANKING
from bot.commands.reasons import REASONS
from bot.commands.registers import ADJUSTMENT, CIRCULAR, REPLY, TALK
from bot.commands.relevance import OFF_TOPIC, RELEVANT
from bot.commands.reminders import ACKNOWLEDGE, REMINDERS
from bot.commands.rules import RULES
from bot.commands.self_reports import SELF_REPORT, VERIFY
from bot.commands.signing_in import SIGN_IN
from bot.commands.spot_checks import DRAW, FILE_CHECK, PHONE_CHECK, VOID_CHECK
from bot.commands.staffing import MANAGERS, OFFICER, TOPIC
from bot.commands.status import STATUS
from bot.commands.today import TODAY
from bot.commands.unmet import UNMET
from bot.commands.urging import URGE
from bot.commands.videos import VIDEO
from bot.commands.weekly import WEEKLY

__all__ = ["COMMANDS", "Ask", "Command"]

COMMANDS: tuple[Command, ...] = (
    OVERVIEW,
    TODAY,
    SELF_REPORT,
    VERIFY,
    STATUS,
    UNMET,
    GROUPS,
    RANKING,
    REASONS,
    ALERTS,
    INCIDENTS,
    REPORT,
    DISPOSE,
    HANDLED,
    FALSE_ALARM,
    RELEVANT,
    OFF_TOPIC,
    DRAW,
    FILE_CHECK,
    VOID_CHECK,
    PHONE_CHECK,
    WEEKLY,
    REMINDERS,
    ACKNOWLEDGE,
    URGE,
    LEAVE,
    CIRCULAR,
    TALK,
    ADJUSTMENT,
    REPLY,
    ANNOUNCEMENTS,
    BRIEF,
    CHART,
    RESULT,
    SYSTEM,
    JOBS,
    COLLECTION,
    RERUN,
    SILENCE,
    PUSH_TEST,
    LEDGER,
    OPEN_GROUP,
    CHANGE_GROUP,
    CLOSE_GROUP,
    TOPIC,
    MANAGERS,
    OFFICER,
    APPROVE,
    CLAIM,
    BOTTOM_LINES,
    WCI,
    RISKS,
    SCORE,
    RULES,
    PUBLISH,
    SELF_ASSESSMENT,
    OBJECTION,
    VIDEO,
    FEEDBACK,
    BIND,
    UNBIND,
    UNDO,
    SIGN_IN,
    HELP,
)
"""In the order of 帮助."""
