"""The five numbers of a unit's day, as page and document show them. Pure. Key type: `Headline`."""

from dataclasses import dataclass
from datetime import date

from monitor.days.readings import Overview
from monitor.texts.wording import NONE, ratio_words, share_words, short_time_words


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the five numbers: value, what it is counted over, and its look when it calls for action."""

    label: str
    value: str
    base: tuple[str, ...]  # lines: what it is counted over, what is missing, data time
    look: str = ""
    met_share: float | None = None  # 0…1 of all groups, for the meter of the first number
    no_data_share: float = 0.0
    key: str = ""  # which rows it counts


def present_headlines(overview: Overview, today: date) -> tuple[Headline, ...]:
    """Return the five numbers, each with its base and data time."""
    tally, at = overview.tally, short_time_words(overview.data_at, today)
    is_open = overview.day == today  # until midnight nothing is a fault yet (D-08)
    n_unmet = tally.n_not_met + tally.n_no_topic
    n_known_accounts = overview.n_accounts - overview.n_accounts_no_data
    account_gap = (f"无数据 {overview.n_accounts_no_data} 个",) if overview.n_accounts_no_data else ()
    all_groups = tally.n_groups or 1
    return (
        Headline(
            "群达标率",
            ratio_words(tally.met_ratio),
            (
                f"{tally.n_met}/{tally.n_with_data} 个有数据的群达标，缺数 {tally.n_no_data} 群"
                f"（{share_words(tally.n_no_data, tally.n_groups)}）",
                at,
            ),
            met_share=tally.n_met / all_groups,
            no_data_share=tally.n_no_data / all_groups,
            key="met",
        ),
        Headline(
            "尚未达标群" if is_open else "未达标群",
            str(n_unmet) if tally.n_with_data else NONE,
            (f"含无微话题 {tally.n_no_topic}，共 {tally.n_groups} 群", at),
            ("due" if is_open else "unmet") if n_unmet else "",
            key="unmet",
        ),
        Headline(
            "无数据群",
            str(tally.n_no_data) if tally.n_groups else NONE,
            (f"共 {tally.n_groups} 群", at),
            "nodata" if tally.n_no_data else "",
            key="nodata",
        ),
        Headline(
            "公众号达标",
            f"{overview.n_accounts_met}/{n_known_accounts}" if n_known_accounts else NONE,
            (f"共 {overview.n_accounts} 个", *account_gap, at),
            ("due" if is_open else "unmet") if overview.n_accounts_met < n_known_accounts else "",
            key="accounts",
        ),
        Headline(
            "待处理预警",
            str(overview.n_open_alerts),
            ("本单位及下级", at),
            "unmet" if overview.n_open_alerts else "",
            key="alerts",
        ),
    )
