"""The menu of official accounts and WeCom applications (自定义菜单), made from the command table. Pure.

At most three buttons with at most five below each; keys are those of commands and stay for good, because
phones keep a menu for a day. A click asks the command without anything else, so only commands that make
sense alone are offered.
"""

from collections.abc import Sequence
from typing import Any

from bot.commands.command import Command

MOST_BUTTONS, MOST_BELOW = 3, 5
MOST_TITLE_BYTES, MOST_NAME_BYTES, MOST_KEY_BYTES = 16, 40, 128
"""The narrower of both platforms: 公众号 takes names of 60 bytes below a button, 企业微信 of 40."""
LAYOUT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("今日", ("today", "status", "unmet", "overview", "alerts")),
    ("办理", ("reminders", "incidents", "weekly_report", "self_assessment", "adjustment")),
    ("更多", ("ranking", "brief", "ledger", "leave", "help")),
)
"""Title of each button and the keys of the commands below it, in order."""


def build_menu(commands: Sequence[Command]) -> dict[str, Any]:
    """Return the menu as `menu/create` of both platforms takes it.

    Source: WeChat 自定义菜单创建接口, WeCom 创建菜单: 3 buttons of ≤16 bytes, 5 below each, keys ≤128 bytes.
    Raises: ValueError if the layout names a command that does not exist or a limit does not hold.
    """
    by_key = {command.key: command for command in commands}
    unknown = [key for _, keys in LAYOUT for key in keys if key not in by_key]
    if unknown:
        raise ValueError(f"no commands {unknown}")
    buttons = []
    for title, keys in LAYOUT:
        below = [{"type": "click", "name": by_key[key].name, "key": key} for key in keys]
        buttons.append({"name": title, "sub_button": below})
    _require_limits(buttons)
    return {"button": buttons}


def _require_limits(buttons: Sequence[dict[str, Any]]) -> None:
    fits = len(buttons) <= MOST_BUTTONS and all(
        len(button["name"].encode()) <= MOST_TITLE_BYTES
        and 0 < len(button["sub_button"]) <= MOST_BELOW
        and all(
            len(one["name"].encode()) <= MOST_NAME_BYTES and len(one["key"].encode()) <= MOST_KEY_BYTES
            for one in button["sub_button"]
        )
        for button in buttons
    )
    if not fits:
        raise ValueError("the menu breaks the platform's limits")
