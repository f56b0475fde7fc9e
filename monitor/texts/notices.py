"""Notices to those who run the system, and to the sender of a picture that could not be kept."""

_ADVICE = "不再自动重发。请按原因检查渠道，并运行 python -m bot doctor 自检"


def undelivered_notice(row_id: int, title: str, reason: str) -> tuple[str, str]:
    """Return title and text of the notice that a message was given up after a day of tries."""
    heading = f"第 {row_id} 号消息未能送达"
    lines = (heading, f"标题：{title}", f"原因：{reason or '未知'}", _ADVICE)
    return heading, "\n".join(lines)


def kept_input_notice(number: str, path: str) -> tuple[str, str]:
    """Return title and text of the notice that something that came in could not be worked on (D.1)."""
    heading = f"系统内部错误，编号 {number}"
    lines = (
        heading,
        f"入口 {path}，原始内容已留存，可重放",
        "一小时内只通知一次；处理：回复“系统”查看待重放输入，日志按编号查找",
    )
    return heading, "\n".join(lines)


def picture_notice(state: str, reason: str) -> tuple[str, str]:
    """Return title and text for the sender of a picture that could not be kept."""
    heading = f"您发来的截图{state}"
    why = reason or "平台已不再提供该图片"
    return heading, f"{heading}\n原因：{why}\n请重新发送对应指令，再发截图"
