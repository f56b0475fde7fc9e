"""公告: what is announced to the asker now; opening one counts as 已读."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most
from bot.commands.urging import chair_of
from bot.grammar import read_number
from bot.permissions import EVERYONE
from bot.replies.announcements import tell_announcement, tell_announcements
from bot.replies.phrases import Answer
from monitor.store.people.chat import Connection
from monitor.usecases.console.announce import AnnouncementNotFound, acknowledge, list_showing


def _announcements(connection: Connection, ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 1)
    chair = chair_of(connection, ask)
    shown = list_showing(chair)
    if not ask.arguments:
        return tell_announcements(shown, ask.now)
    number = read_number(ask.arguments[0])
    found = [one for one in shown if one.announcement.announcement_id == number]
    if not found:
        raise AnnouncementNotFound(f"announcement {number} asked by {ask.viewer.identity}")
    acknowledge(chair, [found[0].announcement.announcement_id])
    return tell_announcement(found[0], ask.now)


ANNOUNCEMENTS = Command(
    name="公告",
    key="announcements",
    purpose="正在展示的公告",
    usage="公告 [编号]",
    example="公告",
    roles=EVERYONE,
    aliases=("通知公告", "看公告"),
    change=_announcements,
)
