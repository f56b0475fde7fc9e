"""Chat texts that are not about figures: greeting, binding, questions back, refusals. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.replies.phrases import Answer, Row, compose, quote, show_instant
from monitor.events import PostKind
from monitor.store.people.bindings import Bound
from monitor.usecases.people.bind import Binding

NOT_BOUND = "您尚未绑定。请回复：绑定 邀请码"
STALE_MENU = "该菜单已更新，请回复“帮助”查看可用指令"
NO_CHOICES = "没有可选择的列表，请先发送指令。回复“帮助”查看全部指令"
CHOICES_EXPIRED = "操作已超时，未保存。请重新发送指令，或回复“帮助”"
STEP_EXPIRED = CHOICES_EXPIRED
PICTURE_TOO_LATE = "操作已超时，未保存。图片保留10分钟，请重新发送指令，可直接使用"
STEP_CANCELLED = "已取消，未保存"
_LOOSE = "。图片保留10分钟，随后的指令可直接使用"
_ONLY_PICTURES = "。附件只收图片，{}不保留"
_WORD_OF_KIND: Mapping[PostKind, str] = {
    PostKind.IMAGE: "图片",
    PostKind.VOICE: "语音",
    PostKind.VIDEO: "视频",
    PostKind.FILE: "文件",
    PostKind.LINK: "链接",
}
_LOCATION = "location"  # no post of a group is one, so that it has no kind of its own
UNDO = "回复 撤销 {} 可恢复原状（10分钟内）"
FINAL = "不可撤销：{}"
"""Said by the echo of a write that cannot be taken back, with the reason or the way out (D.0)."""


def greet(bound: Bound | None, welcome: str) -> Answer:
    """Answer somebody new in their platform's words; nothing about the system is revealed before binding."""
    if bound is None:
        return Answer(f"{welcome}\n{NOT_BOUND}\n邀请码由上级团组织管理员发放。")
    return Answer(f"欢迎回来，您的角色：{_show_holding(bound)}。\n回复“帮助”查看可用指令")


def confirm_binding(binding: Binding, now: datetime) -> Answer:
    """Answer 绑定, 解绑 or 撤销: what is stored now, under which number, and how to take it back."""
    held = binding.bound
    if not binding.number:
        return Answer(f"已收到，未重复登记。您的角色：{_show_holding(held)}\n回复“帮助”查看可用指令")
    first = f"✅ 已绑定：{_show_holding(held)}" if held else "✅ 已解绑，不再接收提醒，也不能查询"
    lines = [first, f"登记时间 {show_instant(now, now)}，编号 {binding.number}", UNDO.format(binding.number)]
    lines.append("可回复：帮助" if held else "重新绑定请回复：绑定 邀请码")
    return Answer("\n".join(lines))


def confirm_undo(binding: Binding, undone: int, now: datetime) -> Answer:
    """Answer 撤销."""
    held = binding.bound
    state = f"您的角色：{_show_holding(held)}" if held else "您当前未绑定"
    lines = [
        f"✅ 已撤销编号 {undone}。{state}",
        f"登记时间 {show_instant(now, now)}，编号 {binding.number}",
        "可回复：帮助" if held else "重新绑定请回复：绑定 邀请码",
    ]
    return Answer("\n".join(lines))


def ask_which(word: str, rows: Sequence[Row]) -> Answer:
    """Ask which of several units or groups is meant."""
    return compose(f"“{quote(word)}”对应多个结果，请回复编号选择", "", rows)


def ask_back(lines: Sequence[str]) -> Answer:
    """Answer an unknown word: the nearest commands to choose from, never executed."""
    if not lines:
        return Answer("未识别的指令，回复“帮助”查看全部指令")
    rows = [Row(line, line) for line in lines]
    return compose("未识别的指令，您是不是要：", "", rows, suggestion="帮助")


def refuse_number(n_choices: int) -> str:
    """Answer a number that the last list does not have."""
    return f"请回复 1–{n_choices} 之间的编号，0 返回，# 主菜单"


def name_attachment(kind: PostKind, wire_type: object = "") -> str:
    """Return what came in a word: 图片, 语音, 位置 …

    Args:
        kind: of what came.
        wire_type: as the platform calls it.
    """
    return "位置" if wire_type == _LOCATION else _WORD_OF_KIND.get(kind, "消息")


def want_picture(word: str) -> str:
    """Answer a voice, file … that came where a step waits for a picture; the step stays open."""
    return f"已收到{word}，但正在等待图片。请发送图片，或回复“取消”"


def decline_attachment(word: str, steps: Sequence[str], *, is_picture: bool) -> str:
    """Answer a picture, voice or file that no step waits for (D.1).

    Args:
        word: what came.
        steps: commands that take a picture.
        is_picture: it is kept, and the next of these commands will find it.
    """
    advice = f"请先回复 {' / '.join(steps)}" if steps else "当前没有等待附件的事项，回复“帮助”查看可用指令"
    kept = "" if not steps else _LOOSE if is_picture else _ONLY_PICTURES.format(word)
    return f"已收到{word}，未关联事项。{advice}{kept}"


def _show_holding(bound: Bound | None) -> str:
    if bound is None:
        return "无"
    where = "、".join(bound.group_names) or bound.unit_name
    return f"{bound.viewer.role.value} · {where}"
