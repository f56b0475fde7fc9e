"""日报, 周报, 月报, 年报: a brief of a unit as document. Pure; one page of A4 where the unit is small."""

from collections.abc import Iterator, Sequence
from datetime import date

from monitor.days.briefs import Brief, BriefKind, DutySum, IncidentSummary
from monitor.days.readings import DutyTally, RankingRow, tenths_of_percent
from monitor.texts.headlines import present_headlines
from monitor.texts.wording import (
    NONE,
    data_time_words,
    day_words,
    movement_words,
    ratio_words,
    share_words,
)
from reports.document import Column, Document, Part, Table

_MOST_UNITS = 5  # at each end
_MOST_DAYS = 31
_COUNT = 5


def brief_document(brief: Brief) -> Document:
    """Lay out a brief (简报): conclusion, headline numbers, units, trend, incidents, what is missing.

    Source: requirement D.6.
    """
    kind = brief.period.kind.value
    return Document(
        title=f"{brief.unit.name}微信工作{kind}",
        subtitle=brief.period.words,
        data_time=data_time_words(brief.data_at, brief.today),
        lead=tuple(_conclude(brief)),
        parts=tuple(_parts(brief)),
        notes=tuple(_notes(brief)),
    )


def _conclude(brief: Brief) -> Iterator[str]:
    total = brief.total
    if not total.n_groups:
        yield "本期没有可统计的群：尚未登记，或没有已定稿的日子。"
        return
    yield (
        f"群达标率 {ratio_words(total.met_ratio)}（{total.n_met}/{total.n_with_data}{_unit_of(brief)}），"
        f"{_compare(total, brief.before)}；缺数 {total.n_no_data}{_unit_of(brief)}"
        f"（{share_words(total.n_no_data, total.n_groups)}）。"
    )
    if brief.is_provisional:
        days = "、".join(day_words(day, brief.today) for day in brief.open_days[:3])
        more = f"等 {len(brief.open_days)} 天" if len(brief.open_days) > 3 else ""
        effect = "数字为暂定" if brief.overview else "未计入"
        yield f"{days}{more}尚未定稿，{effect}。"


def _unit_of(brief: Brief) -> str:
    return " 群" if brief.period.kind is BriefKind.DAY else " 群日"


def _compare(total: DutySum, before: DutySum) -> str:
    """Say how the rate moved, in tenths of a point between the two figures as they are shown."""
    if total.met_ratio is None or before.met_ratio is None:
        return "上期无数据，不比较"
    change = tenths_of_percent(total.met_ratio) - tenths_of_percent(before.met_ratio)
    was = f"上期 {ratio_words(before.met_ratio)}"
    if not change:
        return f"与{was}持平"
    return f"较{was}{'上升' if change > 0 else '下降'} {abs(change) / 10:g} 个百分点"


def _parts(brief: Brief) -> Iterator[Part]:
    numbers = iter("一二三四五")
    yield Part(f"{next(numbers)}、总数", tables=(_headline_table(brief),))
    if brief.units:
        yield Part(f"{next(numbers)}、下级单位", _about_units(brief.units), tuple(_unit_tables(brief.units)))
    if brief.period.kind is not BriefKind.DAY:
        days = brief.days[-_MOST_DAYS:]
        left_out = len(brief.days) - len(days)
        text = (f"只列最近 {len(days)} 天，其余 {left_out} 天已计入总数。",) if left_out else ()
        yield Part(f"{next(numbers)}、逐日", text, (_day_table(days, brief.today),))
    yield Part(f"{next(numbers)}、不良信息事件", (_incident_words(brief.incidents),))
    yield Part(f"{next(numbers)}、待补充参数", (_lost_words(brief),), tuple(_lost_tables(brief)))


def _headline_table(brief: Brief) -> Table:
    columns = (Column("指标", 8), Column("数值", 6, is_number=True), Column("说明", 26))
    if brief.overview is not None:
        shown = present_headlines(brief.overview, brief.today)
        return Table(columns, tuple((each.label, each.value, "；".join(each.base)) for each in shown), "总数")
    total = brief.total
    graded = total.n_excellent + total.n_good + total.n_fair + total.n_poor
    rows = (
        ("群达标率", ratio_words(total.met_ratio), f"{total.n_met}/{total.n_with_data} 个有数据的群日达标"),
        ("未达标群日", _count(total.n_not_met + total.n_no_topic, total.n_with_data),
         f"含无微话题 {total.n_no_topic}，共 {total.n_groups} 群日"),
        ("无数据群日", _count(total.n_no_data, total.n_groups),
         f"缺数占 {share_words(total.n_no_data, total.n_groups)}"),
        ("发布条数", _count(total.n_posts, total.n_with_data), f"其中话题相关 {total.n_relevant} 条"),
        ("活跃度“差”", _count(total.n_poor, graded),
         f"优秀 {total.n_excellent}、良好 {total.n_good}、一般 {total.n_fair} 群日"),
        ("统计天数", str(len(brief.days)), f"本期已到 {len(brief.days) + len(brief.open_days)} 天"),
    )  # fmt: skip
    return Table(columns, rows, "总数")


def _count(number: int, base: int) -> str:
    """Return a count; without anything it is counted over it is nothing, not 0."""
    return str(number) if base else NONE


def _about_units(units: Sequence[RankingRow]) -> tuple[str, ...]:
    ranked = [row for row in units if row.rank is not None]
    n_all = sum(row.n_met == row.n_with_data for row in ranked)
    silent = len(units) - len(ranked)
    return (f"{len(ranked)} 个单位有数据，其中 {n_all} 个全部达标；{silent} 个没有数据，不排名。",)


def _unit_tables(units: Sequence[RankingRow]) -> Iterator[Table]:
    """Yield the first and the last units; all of them in one table where they are few."""
    ranked = [row for row in units if row.rank is not None]
    if len(ranked) <= 2 * _MOST_UNITS:
        yield unit_table(ranked, "全部单位")
        return
    yield unit_table(ranked[:_MOST_UNITS], f"前 {_MOST_UNITS} 名")
    yield unit_table(ranked[: -_MOST_UNITS - 1 : -1], f"后 {_MOST_UNITS} 名（最低在前）")


def unit_table(rows: Sequence[RankingRow], caption: str) -> Table:
    """Return a table of ranked units."""
    columns = (
        Column("名次", 3, is_number=True),
        Column("单位", 12),
        Column("达标率", 5, is_number=True),
        Column("达标/有数据", 8, is_number=True),
        Column("较上期", 5, is_number=True),
        Column("备注", 6),
    )
    return Table(columns, tuple(_unit_row(row) for row in rows), caption, empty="没有可排名的单位")


def _unit_row(row: RankingRow) -> tuple[str, ...]:
    return (
        NONE if row.rank is None else str(row.rank),
        row.unit.name,
        ratio_words(row.met_ratio),
        f"{row.n_met}/{row.n_with_data}" if row.n_with_data else "无数据",
        movement_words(row.movement),
        "样本少" if row.is_small_sample and row.n_with_data else "",
    )


def _day_table(days: Sequence[DutyTally], today: date) -> Table:
    columns = (
        Column("日期", 6),
        Column("达标/有数据", 8, is_number=True),
        Column("达标率", 6, is_number=True),
        Column("无数据群", 6, is_number=True),
        Column("发布条数", 6, is_number=True),
    )
    rows = tuple(
        (
            day_words(tally.day, today),
            f"{tally.n_met}/{tally.n_with_data}" if tally.n_with_data else NONE,
            ratio_words(tally.met_ratio),
            _count(tally.n_no_data, tally.n_groups),
            _count(tally.n_posts, tally.n_with_data),
        )
        for tally in days
    )
    return Table(columns, rows, "逐日", empty="本期还没有已定稿的日子")


def _incident_words(found: IncidentSummary) -> str:
    if not found.n_found:
        return "本期没有发现不良信息事件。"
    named = "、".join(f"{name} {number}" for name, number in found.by_category[:_COUNT])
    return (
        f"本期发现 {found.n_found} 件：经确认 {found.n_confirmed}（办结 {found.n_closed}），"
        f"误报 {found.n_false_alarms}，尚未办结 {found.n_open}。" + (f"类别：{named}。" if named else "")
    )


def _lost_words(brief: Brief) -> str:
    if not brief.lost:
        return "所用细则没有登记残缺。"
    documents = dict.fromkeys(entry.document for entry in brief.lost)
    named = "、".join(documents)
    return (
        f"{named}共 {len(brief.lost)} 处原文残缺或未载明。未补充前，相关结果为“待补充”或“暂定”，系统不代拟。"
    )


def _lost_tables(brief: Brief) -> Iterator[Table]:
    """Yield the register of lost text (原文残缺清单), one table per document."""
    columns = (Column("条款", 5), Column("状态", 3), Column("缺什么", 14), Column("现行处理", 16))
    for document in dict.fromkeys(entry.document for entry in brief.lost):
        own = [entry for entry in brief.lost if entry.document == document]
        rows = tuple((entry.clause, entry.status, entry.what, entry.handling) for entry in own)
        yield Table(columns, rows, document)


def _notes(brief: Brief) -> Iterator[str]:
    yield "达标：群每日围绕微话题至少发布 1 条（HN-2.1.3b）；达标率只按有数据的群计算，无数据不作 0 计。"
    yield "百分数截至十分位，不进位；名次相同并列。"
    if brief.period.kind is not BriefKind.DAY:
        yield "群日：一个群一天；上期取同样天数。本期数字只含已定稿的日子。"
