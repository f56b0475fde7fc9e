"""Lists of groups: who has not met the duty on a day (未达标), and the days of one group. Pure."""

from collections.abc import Sequence
from datetime import date

from monitor.days.readings import GroupDay, UnmetReport
from monitor.texts.wording import NONE, count_words, data_time_words, duty_words, last_data_words
from reports.document import Column, Document, Part, Table
from scoring.duty import DutyState

_GROUP_COLUMNS = (
    Column("群编号", 6),
    Column("群", 12),
    Column("单位", 12),
    Column("每日职责", 6),
    Column("条数", 4, is_number=True),
    Column("话题相关", 5, is_number=True),
    Column("管理员", 6),
    Column("最近数据", 10),
)
_DAY_COLUMNS = (
    Column("日期", 7),
    Column("每日职责", 6),
    Column("条数", 4, is_number=True),
    Column("话题相关", 5, is_number=True),
    Column("活跃度", 5),
    Column("结果", 4),
    Column("职责的由来", 24),
)


def unmet_document(report: UnmetReport, today: date, *, names_managers: bool = True) -> Document:
    """Lay out who has not met the daily duty: groups, then official accounts.

    Source: HN-2.1.3; leadership sees no names of persons below unit level (requirement D.6).
    """
    n_unmet = sum(number for _, number in report.by_child)
    word = duty_words(DutyState.NOT_MET, report.day, today)
    listed = len(report.groups)
    more = f"，下表列前 {listed} 个" if listed < n_unmet else ""
    by_child = "、".join(f"{name} {number}" for name, number in report.by_child)
    groups = _group_rows(report.groups, today, names_managers)
    accounts = tuple(
        (day.account_name, day.unit_name, duty_words(day.duty, day.day, today), count_words(day.n_articles))
        for day in report.accounts
    )
    account_columns = (
        Column("公众号", 12),
        Column("单位", 12),
        Column("状态", 6),
        Column("条数", 4, is_number=True),
    )
    return Document(
        title=f"{report.unit.name}{word}名单",
        subtitle=report.day.isoformat(),
        data_time=data_time_words(report.data_at, today),
        lead=(
            f"{n_unmet} 个群{word}或无微话题，{report.n_no_data} 个群无数据{more}。",
            *((f"按下级单位：{by_child}。",) if by_child else ()),
            *(() if report.is_closed else ("当日尚未定稿，数字为暂定。",)),
        ),
        parts=(
            Part(
                "一、微信群",
                tables=(Table(_GROUP_COLUMNS, groups, "微信群"),),
            ),
            Part("二、公众号", tables=(Table(account_columns, accounts, "公众号"),)),
        ),
        notes=("无数据不作 0 计，不列入未达标；见 HN-2.1.3。",),
        is_wide=True,
    )


def group_days_document(days: Sequence[GroupDay], today: date) -> Document:
    """Lay out the days of one group, newest first. There is at least one day."""
    group = days[-1].group
    known = [day for day in days if day.duty is not DutyState.NO_DATA]
    n_met = sum(day.duty is DutyState.MET for day in known)
    return Document(
        title=f"{group.name}逐日记录",
        subtitle=f"{group.code} {group.unit_name}　{days[0].day} 至 {days[-1].day}",
        data_time=data_time_words(max((day.data_at for day in days if day.data_at), default=None), today),
        lead=(
            f"{len(days)} 天中 {len(known)} 天有数据，达标 {n_met} 天，无数据 {len(days) - len(known)} 天。",
        ),
        parts=(Part("逐日", tables=(Table(_DAY_COLUMNS, _day_rows(days, today), "逐日"),)),),
        notes=("活跃度见 HN-4.1d，每日职责见 HN-2.1.3b；当日未结束为暂定。",),
        is_wide=True,
    )


def _group_rows(groups: Sequence[GroupDay], today: date, names_managers: bool) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            day.group.code,
            day.group.name,
            day.group.unit_name,
            duty_words(day.duty, day.day, today),
            count_words(day.n_posts),
            count_words(day.n_relevant),
            (day.manager_name or NONE) if names_managers else NONE,
            last_data_words(day, today),
        )
        for day in groups
    )


def _day_rows(days: Sequence[GroupDay], today: date) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            day.day.isoformat(),
            duty_words(day.duty, day.day, today),
            count_words(day.n_posts),
            count_words(day.n_relevant),
            day.activity.value if day.activity else NONE,
            day.status.value,
            day.duty_reason,
        )
        for day in reversed(days)
    )
