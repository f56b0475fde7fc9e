"""Cells of fact tables (单元格): whole numbers, decimals, instants and words, strictly. Pure.

Every reader raises BadParameter with a Chinese reason that names the column.
"""

import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal

from monitor.clock import SHANGHAI
from monitor.errors import BadParameter

MOST = 10**12
MOST_READS = 100_001
"""What “10万+” is entered as (requirements B.3)."""
_MAX_TEXT = 200
_COUNT = re.compile(r"[0-9]{1,13}")
_DECIMAL = re.compile(r"[0-9]{1,13}(\.[0-9]{1,4})?")
_OVER_100_000 = ("10万+", "10W+", "10w+", "100000+")
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def read_count(text: str, column: str) -> int:
    """Read a whole number from 0 to 10^12."""
    plain = _plain(text)
    _require(bool(plain), f"{column}为空")
    _require(not plain.startswith("-"), f"{column}不能为负数")
    _require(bool(_COUNT.fullmatch(plain)), f"{column}应为不小于 0 的整数")
    _require(int(plain) <= MOST, f"{column}过大")
    return int(plain)


def read_decimal(text: str, column: str) -> Decimal:
    """Read a number from 0 to 10^12 with at most four decimals."""
    plain = _plain(text)
    _require(bool(plain), f"{column}为空")
    _require(not plain.startswith("-"), f"{column}不能为负数")
    _require(bool(_DECIMAL.fullmatch(plain)), f"{column}应为不小于 0 的数，至多四位小数")
    _require(Decimal(plain) <= MOST, f"{column}过大")
    return Decimal(plain)


def read_reads(text: str, column: str) -> int:
    """Read a figure of an article; “10万+” is 100001."""
    return MOST_READS if _plain(text) in _OVER_100_000 else read_count(text, column)


def read_instant(text: str, column: str) -> datetime:
    """Read a date with time as UTC; without offset it is Shanghai's wall clock.

    Source: none (design: platforms export the wall clock).
    Raises: BadParameter naming the column.
    """
    plain = _plain(text).replace("/", "-")
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        found = None
    if found is None or ":" not in plain:
        raise BadParameter(column, user_text=f"{column}应写作 2019-03-05 09:00:00")
    aware = found.replace(tzinfo=SHANGHAI) if found.tzinfo is None else found
    return aware.astimezone(UTC)


def read_text(text: str, column: str) -> str:
    """Read a text of 1 to 200 characters, nothing invisible in it."""
    plain = " ".join(text.split())
    _require(bool(plain), f"{column}为空")
    _require(len(plain) <= _MAX_TEXT, f"{column}超过 {_MAX_TEXT} 个字符")
    _require(not any(unicodedata.category(c) in _UNSEEN for c in plain), f"{column}含有不可见字符")
    return plain


def read_choice(text: str, column: str, words: Collection[str]) -> str:
    """Read one of some words."""
    plain = text.strip()
    _require(plain in words, f"{column}应为：{'、'.join(words)}")
    return plain


def read_yes_no(text: str, column: str) -> bool:
    """Read 是 or 否."""
    return read_choice(text, column, ("是", "否")) == "是"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _require(is_met: bool, reason: str) -> None:
    if not is_met:
        raise BadParameter("cell", user_text=reason)
