"""Notices to those who run the system."""


def undelivered_notice(row_id: int, title: str, reason: str) -> tuple[str, str]:
    """Return title and text of the notice that a message was given up after a day of tries."""
    heading = f"第 {row_id} 号消息未能送达"
    lines = (heading, f"标题：{title}", f"原因：{reason or '未知'}", "请在控制台“通知”页检查渠道后重发")
    return heading, "\n".join(lines)
