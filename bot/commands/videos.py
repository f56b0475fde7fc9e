"""投稿: hand in the month's video of a school; the checklist first, stored when it is confirmed."""

import re
from decimal import Decimal

from bot.commands.command import Ask, Command
from bot.permissions import SELF_ASSESSORS
from bot.replies.phrases import Answer
from bot.replies.videos import tell_month_of_videos, tell_video_checked, tell_video_stored
from monitor.errors import BadParameter, CommandError, OutOfScope
from monitor.index.videos import NewVideo, clean_video, hash_link
from monitor.store import directory
from monitor.store.people.chat import Connection
from monitor.units import Unit
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.index.submit_video import count_month, find_school, rehearse_video, store_video
from scoring.media import VideoState

CONFIRM = "确认投稿"
_SIZE = re.compile(r"(?:竖屏|横屏)?([0-9]{1,5})[x×*比/]([0-9]{1,5})", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,5}")
_SECONDS = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)(?:秒|s|S)?")


def _submit(connection: Connection, ask: Ask) -> Answer:
    rules, school = shipped_media().rules, _own_school(connection, ask)
    if not ask.arguments:
        due_day = int(rules.stated("GD-3.3a.due_day"))
        month = count_month(connection, school, ask.now)
        return tell_month_of_videos(month, due_day, ask.command.usage_line, ask.now)
    is_confirmed = ask.arguments[-1] == CONFIRM
    video = _read_video(ask, ask.arguments[: -1 if is_confirmed else None])
    if is_confirmed:
        stored = store_video(connection, school, video, ask.now, ask.viewer.identity, rules)
        return tell_video_stored(school, video, stored, ask.now)
    judged = rehearse_video(connection, school, video, ask.now, rules)
    line = f"{ask.command.name} {video.link} {video.title} {video.seconds}秒 {video.width}x{video.height}"
    choice = f"{line} {CONFIRM}" if judged.state is not VideoState.REJECTED else ""
    return tell_video_checked(school, video, judged, choice, ask.now)


def _own_school(connection: Connection, ask: Ask) -> Unit:
    """Return the asker's own unit, which must be a school.

    Raises: CommandError for other units.
    """
    unit = directory.load_unit(connection, ask.viewer.unit_id)
    try:
        return find_school(connection, ask.viewer, unit.code if unit else "", shipped_media().rules)
    except OutOfScope as error:
        raise CommandError("not a school", user_text="投稿由高校的单位管理员办理（GD-3.3a）") from error


def _read_video(ask: Ask, words: tuple[str, ...]) -> NewVideo:
    """Read 链接 名称 秒数 画幅; a link and a size that were cut at their colons are put together again.

    Raises: BadParameter naming what is missing.
    """
    link, rest = _take_link(words)
    size, rest = _take_size(rest)
    seconds = _SECONDS.fullmatch(rest[-1]) if rest else None
    if not link or size is None or seconds is None or len(rest) < 2:
        missing = "链接" if not link else "画幅" if size is None else "秒数" if seconds is None else "名称"
        raise BadParameter(f"no {missing}", user_text=f"请写明{missing}。{ask.command.usage_line}")
    title, digest = " ".join(rest[:-1]), hash_link(link)
    return clean_video(NewVideo(title, Decimal(seconds[1]), *size, digest, link=link))


def _take_link(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if len(words) > 1 and words[0].lower() in ("http", "https") and words[1].startswith("//"):
        has_port = len(words) > 2 and re.fullmatch(r"[0-9]{1,5}(/.*)?", words[2]) and "/" not in words[1][2:]
        link = f"{words[0]}:{words[1]}" + (f":{words[2]}" if has_port else "")
        return link, words[3 if has_port else 2 :]
    return "", words


def _take_size(words: tuple[str, ...]) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    one = _SIZE.fullmatch(words[-1]) if words else None
    if one:
        return (int(one[1]), int(one[2])), words[:-1]
    last = words[-2:]
    if len(last) == 2 and all(_NUMBER.fullmatch(word.removeprefix("竖屏")) for word in last):
        return (int(last[0].removeprefix("竖屏")), int(last[1])), words[:-2]
    return None, words


VIDEO = Command(
    name="投稿",
    key="submit_video",
    purpose="高校视听产品投稿，每月15日前",
    usage="投稿 链接 名称 秒数 画幅",
    example="投稿 https://v.example.cn/Ab1 木棉花开 15秒 9:16",
    roles=SELF_ASSESSORS,
    aliases=("视频投稿", "作品投稿"),
    change=_submit,
)
