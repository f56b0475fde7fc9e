"""Videos that schools hand in (网络视听产品): what is judged about a submission. Pure.

No picture is decoded: length, size and hash are given. Key types: `NewVideo`, `VideoJudgement`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from monitor.clock import business_day
from monitor.errors import BadParameter
from monitor.index.fact_cells import read_text
from scoring.index_rules import IndexRulebook
from scoring.media import VideoFacts, VideoState, is_video_on_time, judge_video

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LINK = re.compile(r"https?://[^\s<>\"'`\\\x00-\x1f\x7f]{3,}", re.IGNORECASE)
_MOST_LINK_CHARS = 400
_MOST_PIXELS = 100_000
_MOST_SECONDS = Decimal(86_400)


@dataclass(frozen=True, slots=True)
class NewVideo:
    """A video as a school describes it."""

    title: str
    seconds: Decimal
    width: int
    height: int
    sha256: str
    is_published_before: bool = False
    taboos: tuple[str, ...] = ()  # 作品禁忌 a person found
    link: str = ""  # where it can be watched


@dataclass(frozen=True, slots=True)
class VideoJudgement:
    """Whether a submission meets the standard, and whether it came in time for its month."""

    state: VideoState
    is_on_time: bool
    month: str
    clause: str
    result_status: str
    reason: str


def clean_video(video: NewVideo) -> NewVideo:
    """Return a video in its stored form.

    Raises: BadParameter saying which figure cannot be.
    """
    digest = video.sha256.strip().lower()
    if not _SHA256.fullmatch(digest):
        raise BadParameter("sha256", user_text="文件校验值应为 64 位十六进制（SHA-256）")
    if not (0 < video.width <= _MOST_PIXELS and 0 < video.height <= _MOST_PIXELS):
        raise BadParameter("size", user_text="画面宽、高应为正整数")
    if not video.seconds.is_finite() or not 0 < video.seconds <= _MOST_SECONDS:
        raise BadParameter("seconds", user_text="时长应为大于 0 的秒数")
    title = read_text(video.title, "作品名称")
    taboos = tuple(read_text(taboo, "作品禁忌") for taboo in video.taboos)
    link = _clean_link(video.link) if video.link else ""
    return NewVideo(
        title, video.seconds, video.width, video.height, digest, video.is_published_before, taboos, link
    )


def hash_link(link: str) -> str:
    """Return what stands for the file where only its link is known: the SHA-256 of the link.

    The same link again is the same work; the same work under another link is not noticed.

    Source: none (design); GD-3.3b asks for original works.
    Raises: BadParameter for what is no web address.
    """
    return sha256(_clean_link(link).encode()).hexdigest()


def _clean_link(link: str) -> str:
    cleaned = link.strip()
    if not _LINK.fullmatch(cleaned) or len(cleaned) > _MOST_LINK_CHARS:
        raise BadParameter(
            "link", user_text=f"链接应以 http:// 或 https:// 开头，至多 {_MOST_LINK_CHARS} 个字符"
        )
    return cleaned


def judge_submission(
    video: NewVideo, sent_at: datetime, same_as: int | None, rules: IndexRulebook
) -> VideoJudgement:
    """Judge a submission (投稿): length, 9:16, original, no taboo, and by the 15th of its month.

    Source: GD-3.3a, GD-3.3b. The month is that of the day it was sent.

    Args:
        video: as `clean_video` returns it.
        sent_at: aware instant.
        same_as: number of an earlier submission of the same file, which then is not original.
        rules: for the standard.
    """
    copied = (f"与已投稿作品相同（编号 {same_as}）",) if same_as is not None else ()
    facts = VideoFacts(
        video.seconds, video.width, video.height, video.is_published_before, (*video.taboos, *copied)
    )
    verdict = judge_video(facts, rules)
    due_day = rules.stated("GD-3.3a.due_day")
    is_on_time = is_video_on_time(sent_at, rules)
    reason = verdict.arithmetic + ("" if is_on_time else f"；晚于每月 {due_day} 日，逾期")
    return VideoJudgement(
        state=verdict.outcome,
        is_on_time=is_on_time,
        month=f"{business_day(sent_at):%Y-%m}",
        clause=verdict.clause,
        result_status=verdict.result_status.value,
        reason=reason,
    )
