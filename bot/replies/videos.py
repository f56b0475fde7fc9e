"""Chat answers about videos that schools hand in (视听产品投稿): checklist, receipt, the month. Pure."""

from datetime import datetime

from bot.replies.notices import FINAL
from bot.replies.phrases import Answer, Row, compose, quote, show_instant
from monitor.clock import business_day
from monitor.index.videos import NewVideo, VideoJudgement
from monitor.units import Unit
from monitor.usecases.index.submit_video import MonthOfVideos, Submitted
from scoring.media import VideoState

_MARKS = {VideoState.ACCEPTED: "✅", VideoState.WARNED: "⚠️", VideoState.REJECTED: "❌"}
_BASIS = "依据：GD-3.3a、GD-3.3b"


def tell_video_checked(
    school: Unit, video: NewVideo, judged: VideoJudgement, choice: str, now: datetime
) -> Answer:
    """Answer 投稿 before the confirmation: what can be checked, and what the school vouches for."""
    rows = [
        *_checked(video, judged),
        Row("须由本校确认：原创、未在视频平台发布过（含私密和已删除）；选题、价值观合规，无作品禁忌"),
    ]
    if not choice:
        return compose(
            f"❌未投稿：{school.name}《{quote(video.title)}》不合格，请改正后重新投稿",
            f"核对时间 {show_instant(now, now)}",
            _checked(video, judged),
            basis=_BASIS,
            suggestion="投稿",
        )
    return compose(
        f"{school.name}《{quote(video.title)}》{judged.state.value}，尚未投稿",
        f"核对时间 {show_instant(now, now)}",
        [Row("确认以上并投稿", choice), *rows],
        basis=_BASIS,
        suggestion="投稿",
        how_to_pick="回复1投稿",
    )


def tell_video_stored(school: Unit, video: NewVideo, stored: Submitted, now: datetime) -> Answer:
    """Answer a confirmed 投稿: number, verdict, on time or late."""
    judged = stored.judgement
    first = "✅ 已投稿" if stored.is_new else "已收到，未重复登记："
    return compose(
        f"{first} {school.name} {judged.month}《{quote(video.title)}》{judged.state.value}",
        f"登记时间 {show_instant(now, now)}，投稿编号 {stored.number}",
        _checked(video, judged),
        basis=f"{_BASIS}；由省级评审采纳。{FINAL.format('如有误请重新投稿，由评审取舍')}",
        suggestion="投稿",
    )


def tell_month_of_videos(month: MonthOfVideos, due_day: int, usage: str, now: datetime) -> Answer:
    """Answer 投稿 without anything: how the school stands this month, and how to hand in."""
    today = business_day(now)
    is_past = today.day > due_day
    if month.is_met:
        state = f"✅本月已按时投稿 {month.n_on_time} 部合格作品"
    else:
        state = f"{'❌' if is_past else ''}本月尚无按时的合格投稿，" + (
            "已过期限，再投计为逾期" if is_past else f"还有 {due_day - today.day} 天"
        )
    counted = f"已投 {month.n_submitted} 部，合格 {month.n_accepted} 部；每月 {due_day} 日前至少 1 部"
    return compose(
        f"{month.school.name} {today:%Y-%m}：{state}",
        f"数据截至 {show_instant(now, now)}",
        [Row(counted), Row(usage)],
        basis=_BASIS,
    )


def _checked(video: NewVideo, judged: VideoJudgement) -> list[Row]:
    verdict = judged.reason.partition("；晚于")[0]
    time = (
        "✅按时"
        if judged.is_on_time
        else "❌逾期：" + judged.reason.rpartition("；")[2].removesuffix("，逾期")
    )
    return [
        Row(f"{_MARKS[judged.state]}时长 {video.seconds} 秒，画幅 {video.width}:{video.height}；{verdict}"),
        Row(f"{time}（{judged.month}）"),
    ]
