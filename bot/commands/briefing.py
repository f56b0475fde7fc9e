"""简报: one link to a printable page, valid for 24 hours (requirement D.6)."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most
from bot.commands.urging import chair_of
from bot.permissions import PROVINCE
from bot.replies.notices import FINAL
from bot.replies.oversight import tell_link
from bot.replies.phrases import Answer
from monitor.days.briefs import BriefKind
from monitor.errors import BadParameter
from monitor.store.people.chat import Connection
from monitor.usecases.oversight.brief_link import make_link, revoke_links, take_back_link

_END = ("作废", "收回")
_KINDS = {"日": BriefKind.DAY, "周": BriefKind.WEEK, "月": BriefKind.MONTH, "年": BriefKind.YEAR}


def _brief(connection: Connection, ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 1)
    chair, word = chair_of(connection, ask), ask.arguments[0] if ask.arguments else "日"
    if word in _END:
        n_links = revoke_links(chair)
        if not n_links:
            return Answer("没有有效的简报链接")
        return Answer(f"✅ 已作废 {n_links} 个简报链接\n{FINAL.format('需要时请重新回复 简报')}")
    if word not in _KINDS:
        raise BadParameter(
            f"brief {word!r}", user_text=f"可选：{'、'.join(_KINDS)}。{ask.command.usage_line}"
        )
    made = make_link(chair, _KINDS[word])
    return tell_link(made, f"{ask.oversight.office.public_url}{made.path}", ask.now)


def take_back_own_link(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Take back a link of the asker (撤销); None if the number is not that of one."""
    if not ask.bound or ask.viewer.role not in PROVINCE:
        return None
    if not take_back_link(chair_of(connection, ask), number):
        return None
    return Answer(f"✅ 已撤销编号 {number}：简报链接已收回\n可回复：简报")


BRIEF = Command(
    name="简报",
    key="brief",
    purpose="一页简报的链接，24小时有效",
    usage="简报 [日/周/月/年]；简报 作废",
    example="简报 周",
    roles=PROVINCE,
    aliases=("简报链接",),
    hides_arguments=True,
    change=_brief,
)
