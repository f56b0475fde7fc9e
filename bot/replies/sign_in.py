"""Chat texts about signing in at a desk. Pure."""

from datetime import datetime

from bot.replies.notices import FINAL
from bot.replies.phrases import quote, show_instant
from monitor.texts.browsers import browser_words
from monitor.usecases.people.chat_sign_in import Request


def ask_about_desk(asked: Request, now: datetime) -> str:
    """Ask whether the browser is one's own: who confirms a stranger's browser lends out the role."""
    lines = (
        "有浏览器请求以您的身份登录控制台",
        f"浏览器：{browser_words(asked.user_agent)}；地址：{quote(asked.address) or '不详'}",
        f"时间：{show_instant(asked.asked_at, now)}（北京时间）",
        "是本人登录吗？",
        "1. 是",
        "2. 否",
        "3分钟内回复编号。验证码若是别人发来的，请回复2",
    )
    return "\n".join(lines)


def confirm_desk(number: int, now: datetime, *, is_mine: bool) -> str:
    """Answer the decision."""
    said = "✅ 已确认，浏览器将自动进入控制台" if is_mine else "✅ 已拒绝，该浏览器不能以您的身份登录"
    record = f"登记时间 {show_instant(now, now)}，编号 {number}" if number else "此前已登记，未重复登记"
    return f"{said}\n{record}\n{FINAL.format('如有误，请在控制台“账号安全”结束该登录')}"
