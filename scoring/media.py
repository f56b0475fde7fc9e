"""Videos, weekly posts and incidents of part 3 (网络新媒体): GD-3.3a-e.

Imports only the standard library and `scoring`. Key types: `VideoState`, `VideoFacts`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from scoring.index import round_index
from scoring.index_rules import IndexRulebook
from scoring.source import ResultStatus, SourceStatus, Verdict, worst_result, worst_source
from scoring.streak import BUSINESS_ZONE
from scoring.switches import Switches


class VideoState(Enum):
    """Whether a submitted video meets the standard (作品标准)."""

    ACCEPTED = "合格"
    WARNED = "合格（提醒）"
    REJECTED = "不合格"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known about one submitted video (视听产品).

    Attributes:
        seconds: length.
        width, height: of the picture, any unit.
        is_published_before: it was on a video platform before, private and deleted ones included.
        taboos: 作品禁忌 a person found, Chinese; empty for none.
    """

    seconds: Decimal
    width: int
    height: int
    is_published_before: bool = False
    taboos: tuple[str, ...] = ()


def judge_video(video: VideoFacts, rules: IndexRulebook) -> Verdict[VideoState]:
    """Judge a video against the standard (作品标准): length, 9:16, original, no taboo.

    Source: GD-3.3b 载明; 20 to 30 seconds allowed with a reminder: 推定.
    Raises: ValueError if length, width or height are not above 0.
    """
    if video.seconds <= 0 or video.width <= 0 or video.height <= 0:
        raise ValueError(f"seconds, width and height must be above 0, got {video}")
    shortest, usual, longest, width, height = (
        rules.stated(f"GD-3.3b.{name}")
        for name in ("min_seconds", "usual_seconds", "max_seconds", "width", "height")
    )
    faults = list(video.taboos)
    if not shortest <= video.seconds <= longest:
        faults.append(f"时长 {video.seconds} 秒不在 {shortest}-{longest} 秒")
    if video.width * height != video.height * width:
        faults.append(f"画幅 {video.width}:{video.height} 不是 {width}:{height}")
    if video.is_published_before:
        faults.append("曾在视频平台发布")
    is_long = not faults and video.seconds > usual
    state = VideoState.REJECTED if faults else VideoState.WARNED if is_long else VideoState.ACCEPTED
    reminder = f"时长 {video.seconds} 秒，超过 {usual} 秒，允许但提醒" if is_long else "符合要求"
    source = rules.parameters["GD-3.3b.usual_seconds" if is_long else "GD-3.3b.min_seconds"].source
    return Verdict(
        name="video",
        outcome=state,
        clause=source.clause,
        status=source.status,
        result_status=source.result_status,
        figures={"seconds": video.seconds, "width": video.width, "height": video.height},
        arithmetic=f"{'；'.join(faults) or reminder} → {state.value}",
    )


def is_video_on_time(sent_at: datetime, rules: IndexRulebook) -> bool:
    """Tell whether a video was handed in by the month's due day (每月15日前), that day included.

    Source: GD-3.3a 载明; the day itself counts: 推定.

    Args:
        sent_at: aware instant; its Asia/Shanghai day decides.
        rules: for the due day.
    Raises: ValueError if the instant is naive.
    """
    if sent_at.tzinfo is None:
        raise ValueError(f"sent_at must carry an offset, got {sent_at.isoformat()}")
    return sent_at.astimezone(BUSINESS_ZONE).day <= rules.stated("GD-3.3a.due_day")


def score_account(
    wci: Decimal, n_posts: int, rules: IndexRulebook, switches: Switches, *, had_incident: bool = False
) -> Verdict[Decimal | None]:
    """Score an account's week from its WCI: reduced below three posts, 0 in a month with an incident.

    Source: GD-3.3c, GD-3.3d, GD-3.3e; the factors for 2 and 1 posts are 缺失; rounding D-13 默认.

    Args:
        wci: of the week, ≥ 0.
        n_posts: articles of the week (条), ≥ 0; without any the WCI is 0 by its own formula.
        rules: for the factors.
        switches: D-13.
        had_incident: a 重大舆情事故 was declared for the month: its score is 0.

    Returns: verdict with the whole-number score, or None (待补充) where the factor is lost.

    Raises: ValueError if wci or n_posts are negative.
    """
    if n_posts < 0 or wci < 0:
        raise ValueError(f"wci and n_posts must be ≥ 0, got {wci}, {n_posts}")
    figures = {"wci": wci, "n_posts": n_posts, "had_incident": had_incident}

    def verdict(
        score: Decimal | None, clause: str, status: SourceStatus, result: ResultStatus, line: str
    ) -> Verdict[Decimal | None]:
        return Verdict("account_score", score, clause, status, result, figures, line)

    stated, final = SourceStatus.STATED, ResultStatus.FINAL
    if had_incident:
        return verdict(Decimal(0), "GD-3.3e", stated, final, "发生重大舆情事故，当月计 0 分")
    if n_posts == 0:
        return verdict(Decimal(0), "GD-3.3c", stated, final, "本周无发布，WCI 为 0")
    least = rules.stated("GD-3.3d.min_posts")
    factor, sources = Decimal(1), [rules.parameters["GD-3.3d.min_posts"].source]
    shown = f"WCI {wci}"
    if n_posts < least:
        parameter = rules.parameters[f"GD-3.3d.factor_{n_posts}"]
        if parameter.value is None:
            line = f"本周 {n_posts} 条，少于 {least} 条；缩减系数原文未载明，待补充"
            return verdict(None, "GD-3.3d", parameter.source.status, ResultStatus.INCOMPLETE, line)
        factor, sources = parameter.value, [parameter.source]
        shown = f"WCI {wci} × {factor}（本周 {n_posts} 条） = {wci * factor}"
    rounding = switches["D-13"]
    score = round_index(wci * factor, switches)
    return verdict(
        score,
        "GD-3.3d" if n_posts < least else "GD-3.3c",
        worst_source(source.status for source in sources),
        worst_result([rounding.result_status, *(source.result_status for source in sources)]),
        f"{shown}，取整 {score}（{rounding.labels[rounding.chosen]}）",
    )
