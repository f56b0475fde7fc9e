"""Rows of fact tables (导入行): a row becomes one `Fact`, or is refused with a reason. Pure.

Nothing is rounded, guessed or filled. Key types: `Layout`, `FactReader`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import business_day
from monitor.errors import BadParameter
from monitor.index.fact_cells import (
    read_choice,
    read_count,
    read_decimal,
    read_instant,
    read_reads,
    read_text,
    read_yes_no,
)
from monitor.index.facts import (
    ENTERED_INDICES,
    NO_ARTICLE,
    RATINGS,
    REQUEST_KINDS,
    Content,
    Fact,
    FactKind,
    School,
)
from monitor.index.periods import first_day_of, read_month, read_year
from scoring.index_rules import IndexRulebook, Indicator, IndicatorKind
from scoring.service import InvalidReason


@dataclass(frozen=True, slots=True)
class Layout:
    """A table that can be imported, known by its columns."""

    name: str
    columns: tuple[str, ...]
    read: Callable[["FactReader", Mapping[str, str]], Fact]


class FactReader:
    """Reads rows of one import: knows the rules, the schools and the present instant."""

    def __init__(self, rules: IndexRulebook, schools: Mapping[str, School], now: datetime) -> None:
        """Keep what rows are checked against; `schools` by code and by name."""
        self._schools, self._now = schools, now
        self._indicators = {indicator.id: indicator for indicator in rules.indicators.values()}
        self._indicators |= {indicator.title: indicator for indicator in rules.indicators.values()}
        self._entered = {word: key for key, title in ENTERED_INDICES.items() for word in (key, title)}

    def school(self, cells: Mapping[str, str]) -> School:
        """Return the school of a row. Raises: BadParameter."""
        word = cells.get("高校编号", "").strip()
        found = self._schools.get(word.upper()) or self._schools.get(word)
        if found is None:
            raise _refuse(f"未知的高校：{word[:40] or '（空）'}")
        return found

    def period(self, cells: Mapping[str, str]) -> tuple[str, date]:
        """Return the month of a row, or its year, with its first day. Raises: BadParameter."""
        word = cells.get("月份", "")
        period = read_month(word) or read_year(word)
        if period is None:
            raise _refuse("月份应写作 2019-03；全年数据写作 2019")
        day = first_day_of(period)
        self._require_past(day)
        return period, day

    def indicator(self, cells: Mapping[str, str]) -> Indicator | str:
        """Return the indicator of a row, or the key of an entered index. Raises: BadParameter."""
        word = cells.get("指标", "").strip()
        found = self._indicators.get(word) or self._entered.get(word)
        if found is None:
            raise _refuse(f"未知的指标：{word[:40] or '（空）'}")
        return found

    def instant(self, cells: Mapping[str, str], column: str) -> datetime:
        """Return an instant that is not in the future. Raises: BadParameter."""
        found = read_instant(cells.get(column, ""), column)
        if found > self._now:
            raise _refuse(f"{column}在未来")
        return found

    def past_day(self, cells: Mapping[str, str], column: str) -> date:
        """Return a day that is not in the future. Raises: BadParameter."""
        text = cells.get(column, "").strip()
        try:
            day = datetime.fromisoformat(text).date()
        except ValueError:
            raise _refuse(f"{column}应写作 2019-03-05") from None
        self._require_past(day)
        return day

    def _require_past(self, day: date) -> None:
        if day > business_day(self._now):
            raise _refuse("日期在未来，尚无数据")
        if day.year < 2000:
            raise _refuse("日期早于 2000 年")


def _refuse(reason: str) -> BadParameter:
    return BadParameter("fact row", user_text=reason)


def read_indicator_row(reader: FactReader, cells: Mapping[str, str]) -> Fact:
    """Read numerator and denominator, or value, of one indicator and month.

    Source: GD-3.1a-l, GD-3.2a-e. A base of 0 is kept: it is 无基数, not a fault of the row.
    Raises: BadParameter saying what is wrong.
    """
    school, (period, day) = reader.school(cells), reader.period(cells)
    indicator = reader.indicator(cells)
    kind = FactKind.INDICATOR if "-" in period else FactKind.INDICATOR_YEAR
    if isinstance(indicator, str):
        content = {"value": _read_value(cells)}
        return Fact(kind, school.unit_id, indicator, period, day, content)
    return Fact(kind, school.unit_id, indicator.id, period, day, _read_measure(indicator, cells))


def _read_measure(indicator: Indicator, cells: Mapping[str, str]) -> Content:
    has_value = bool(cells.get("数值", "").strip())
    has_pair = bool(cells.get("分子", "").strip() or cells.get("分母", "").strip())
    if has_value and has_pair:
        raise _refuse("分子、分母与数值只能填一种")
    if indicator.kind is IndicatorKind.RATINGS:
        raise _refuse("评分请用评分表：高校编号、月份、团员数、5分、4分、3分、2分、1分")
    if indicator.kind is IndicatorKind.SCORE:
        value = _read_value(cells)
        if read_decimal(value, "数值") > 100:
            raise _refuse("百分制数值应在 0–100")
        return {"value": value}
    if indicator.kind is IndicatorKind.MEAN and has_value:
        return {"value": _read_value(cells)}
    if has_value:
        raise _refuse(f"{indicator.title}须填分子和分母")
    denominator = read_count(cells.get("分母", ""), "分母")
    if indicator.kind is IndicatorKind.MEAN:
        sum_text = format(read_decimal(cells.get("分子", ""), "分子"), "f")
        return {"numerator": sum_text, "denominator": denominator}
    numerator = read_count(cells.get("分子", ""), "分子")
    if indicator.kind is IndicatorKind.RATIO and numerator > denominator > 0:
        raise _refuse(f"比例大于 1：{numerator}/{denominator}")
    return {"numerator": numerator, "denominator": denominator}


def _read_value(cells: Mapping[str, str]) -> str:
    return format(read_decimal(cells.get("数值", ""), "数值"), "f")


def read_rating_row(reader: FactReader, cells: Mapping[str, str]) -> Fact:
    """Read how many users gave each rating of 青年之声 activities in a month.

    Source: GD-3.1k. Raises: BadParameter.
    """
    school, (period, day) = reader.school(cells), reader.period(cells)
    counts = {
        str(rating): read_count(cells.get(f"{rating}分", "") or "0", f"{rating}分") for rating in range(1, 6)
    }
    content = {"counts": counts, "members": read_count(cells.get("团员数", ""), "团员数")}
    kind = FactKind.INDICATOR if "-" in period else FactKind.INDICATOR_YEAR
    return Fact(kind, school.unit_id, RATINGS, period, day, content)


def read_request_row(reader: FactReader, cells: Mapping[str, str]) -> Fact:
    """Read one request (业务申请) with the instants it was applied for and reviewed; open ones have one.

    Source: GD-3.1f. Raises: BadParameter.
    """
    school, number = reader.school(cells), read_text(cells.get("申请编号", ""), "申请编号")
    applied_at = reader.instant(cells, "申请时间")
    content: Content = {
        "kind": read_choice(cells.get("类型", ""), "类型", REQUEST_KINDS),
        "applied_at": applied_at.isoformat(),
        "reviewed_at": None,
    }
    if cells.get("审核时间", "").strip():
        reviewed_at = reader.instant(cells, "审核时间")
        if reviewed_at < applied_at:
            raise _refuse("审核时间早于申请时间")
        content["reviewed_at"] = reviewed_at.isoformat()
    return Fact(FactKind.REQUEST, school.unit_id, "", number, business_day(applied_at), content)


def read_activity_row(reader: FactReader, cells: Mapping[str, str]) -> Fact:
    """Read one published activity with sign-ups, photos and, if a person found it invalid, the reason.

    Source: GD-3.1h, GD-3.1j. Raises: BadParameter.
    """
    school, number = reader.school(cells), read_text(cells.get("活动编号", ""), "活动编号")
    reasons = tuple(reason.value for reason in InvalidReason)
    invalid = cells.get("无效原因", "").strip()
    content = {
        "sign_ups": read_count(cells.get("报名人数", ""), "报名人数"),
        "photos": read_count(cells.get("现场照片数", ""), "现场照片数"),
        "invalid_reason": read_choice(invalid, "无效原因", reasons) if invalid else None,
    }
    day = reader.past_day(cells, "发布日期")
    return Fact(FactKind.ACTIVITY, school.unit_id, "", number, day, content)


def read_article_row(reader: FactReader, cells: Mapping[str, str]) -> Fact:
    """Read one article's figures; an empty cell is a missing figure, never 0.

    The title 无发布 states that the account published nothing up to that day of its week.

    Source: GD-3.3c, requirements B.3 (“10万+” is 100001). Raises: BadParameter.
    """
    school, account = reader.school(cells), read_text(cells.get("公众号", ""), "公众号")
    day, title = reader.past_day(cells, "发布日期"), read_text(cells.get("文章", ""), "文章")
    columns = {"R": "阅读", "Z": "在看", "L": "点赞", "RE": "分享"}
    figures = {symbol: cells.get(column, "").strip() for symbol, column in columns.items()}
    content: Content = {symbol: read_reads(text, columns[symbol]) for symbol, text in figures.items() if text}
    if title == NO_ARTICLE:
        if content:
            raise _refuse(f"{NO_ARTICLE}的行不填数字")
    else:
        content["headline"] = read_yes_no(cells.get("头条", ""), "头条")
    return Fact(FactKind.ARTICLE, school.unit_id, account, f"{day} {title}", day, content)


LAYOUTS = (
    Layout("评分", ("高校编号", "月份", "团员数", "5分", "4分", "3分", "2分", "1分"), read_rating_row),
    Layout("业务申请", ("高校编号", "申请编号", "类型", "申请时间", "审核时间"), read_request_row),
    Layout("青年之声活动", ("高校编号", "活动编号", "发布日期", "报名人数", "现场照片数"), read_activity_row),
    Layout("公众号文章", ("高校编号", "公众号", "发布日期", "文章", "头条", "阅读"), read_article_row),
    Layout("指标", ("高校编号", "月份", "指标"), read_indicator_row),
)
"""Known by their columns, the most particular first."""
