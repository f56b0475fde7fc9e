"""Spot checks (抽查, HN-4.1c–e): frame, draw, filing numbers, the verdict on one check. Pure.

The draw can be repeated by anybody from what is stored with it. Over UTF-8 text:

    rank(group) = sha256(seed + "|" + group code), as lower-case hexadecimal

- equal (等概率): of every pool the first `size` groups, ranks ascending, ties by code.
- stratified (分层): `size` is shared out over the strata of a pool in proportion to their groups: whole
  parts first, then the largest remainders, ties by the stratum's name; within a stratum as above.

A pool is a 市县 (weekly draw) or the whole frame (a number was asked for). The order of the frame does not
matter; it is stored sorted. Imports no store and no clock. Key types: `FrameEntry`, `DrawRule`, `Draw`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from monitor.clock import business_day, day_interval
from monitor.days.counting import PostMeasure
from monitor.errors import BadParameter
from monitor.rules.settings import DayRules
from scoring.activity import ActivityGrade, grade_activity
from scoring.source import ResultStatus, Verdict
from scoring.switches import Switch

MOST_POSTS = 9999
SURE_POSTS = 500
"""Above this a count is asked about before it is stored (requirement D.1)."""
WHOLE_FRAME = ""
"""The pool of a draw whose number was asked for."""


class DrawMethod(StrEnum):
    """How groups are chosen (D-06); the values are the words of the switch."""

    EQUAL = "equal"
    STRATIFIED = "stratified"
    MANUAL = "manual"


class NumberKind(StrEnum):
    """What a running number counts; the value is its prefix."""

    SPOT_CHECK = "CC"  # 抽查: 备案号
    DRAW = "PC"  # 批次
    PHONE_CHECK = "DH"  # 电话
    SITE_VISIT = "DD"  # 督导


class FrameEntry(NamedTuple):
    """A group of the sampling frame (抽样框), field for field as stored."""

    code: str
    pool: str
    stratum: str


class Candidate(NamedTuple):
    """A group that is open. `city` is the code of its 市县/高校, `kind` the kind of its own unit."""

    code: str
    city: str
    kind: str


@dataclass(frozen=True, slots=True)
class DrawRule:
    """D-06 as in force: share of a 市县's groups, at least so many, days that a checked group rests."""

    method: DrawMethod
    share_ratio: Decimal
    min_groups: int
    exclude_days: int


@dataclass(frozen=True, slots=True)
class Draw:
    """What a draw is repeated from. `frame` is sorted, `quotas` maps a pool to its size."""

    seed: str
    method: DrawMethod
    frame: tuple[FrameEntry, ...]
    quotas: Mapping[str, int]


def read_draw_rule(switch: Switch) -> DrawRule:
    """Read D-06.

    Source: HN-4.1c; D-06 默认.
    """
    figures = switch.parameters
    return DrawRule(
        DrawMethod(switch.chosen),
        Decimal(str(figures["share_ratio"])),
        int(figures["min_groups"]),
        int(figures["exclude_days"]),
    )


def build_frame(
    candidates: Iterable[Candidate], resting: Collection[str], *, by_city: bool
) -> tuple[FrameEntry, ...]:
    """Return the frame (抽样框), sorted: every open group that is not resting, once.

    Source: HN-4.1c, D-06 默认.

    Args:
        candidates: groups of the unit's subtree that are open today.
        resting: codes of the groups checked in the last days (`rests_since`).
        by_city: one pool for each 市县; otherwise one for all.
    """
    return tuple(
        sorted(
            {
                FrameEntry(each.code, each.city if by_city else WHOLE_FRAME, each.kind)
                for each in candidates
                if each.code not in resting
            }
        )
    )


def rests_since(today: date, rule: DrawRule) -> date:
    """Return the first day whose checks keep a group out of today's frame: 14 days ago counts.

    Source: D-06 默认.
    """
    return today - timedelta(days=rule.exclude_days)


def plan_quotas(
    candidates: Iterable[Candidate], frame: Sequence[FrameEntry], rule: DrawRule
) -> dict[str, int]:
    """Return how many groups each 市县 gives: max(1, 5 % of its open groups, rounded up).

    At most what its frame holds. Source: D-06 默认.
    """
    return share_quotas(
        Counter(each.city for each in candidates), Counter(entry.pool for entry in frame), rule
    )


def share_quotas(n_groups: Mapping[str, int], n_free: Mapping[str, int], rule: DrawRule) -> dict[str, int]:
    """Return `plan_quotas` from counts by 市县: open groups, and those not resting (≥1)."""
    return {
        pool: min(
            n_free[pool],
            max(rule.min_groups, int((n_groups[pool] * rule.share_ratio).to_integral_value(ROUND_CEILING))),
        )
        for pool in sorted(n_free)
    }


def draw_groups(draw: Draw) -> tuple[str, ...]:
    """Draw: return the codes of the groups, pool by pool, in order of rank; see the module.

    Source: HN-4.1c (随机抽样), D-06 默认. A pure function of the stored draw: anybody can repeat it.
    Raises: ValueError for a draw by hand, which has nothing to repeat.
    """
    if draw.method is DrawMethod.MANUAL:
        raise ValueError("a draw by hand cannot be repeated")
    pools: dict[str, set[FrameEntry]] = defaultdict(set)
    for entry in draw.frame:
        pools[entry.pool].add(entry)
    drawn: list[str] = []
    for pool, size in sorted(draw.quotas.items()):
        entries = pools.get(pool, set())
        if draw.method is DrawMethod.STRATIFIED:
            drawn += _draw_stratified(entries, draw.seed, size)
        else:
            drawn += _first(entries, draw.seed, size)
    return tuple(drawn)


def rank_of(seed: str, code: str) -> str:
    """Return the rank of a group in a draw: the SHA-256 of seed, "|" and code."""
    return sha256(f"{seed}|{code}".encode()).hexdigest()


def _first(entries: Iterable[FrameEntry], seed: str, size: int) -> list[str]:
    codes = {entry.code for entry in entries}
    return sorted(codes, key=lambda code: (rank_of(seed, code), code))[:size]


def _draw_stratified(entries: Collection[FrameEntry], seed: str, size: int) -> list[str]:
    strata: dict[str, list[FrameEntry]] = defaultdict(list)
    for entry in entries:
        strata[entry.stratum].append(entry)
    shares = _share_out(min(size, len(entries)), {name: len(found) for name, found in strata.items()})
    drawn = [code for name, found in strata.items() for code in _first(found, seed, shares[name])]
    return sorted(drawn, key=lambda code: (rank_of(seed, code), code))


def _share_out(size: int, n_groups: Mapping[str, int]) -> dict[str, int]:
    total = sum(n_groups.values())
    if not total:
        return {}
    shares = {name: size * n // total for name, n in n_groups.items()}
    by_remainder = sorted(n_groups, key=lambda name: (-(size * n_groups[name] % total), name))
    for name in by_remainder[: size - sum(shares.values())]:
        shares[name] += 1
    return shares


def format_number(kind: NumberKind, year: int, n: int) -> str:
    """Return a running number: CC-2026-0001 (备案号)."""
    return f"{kind.value}-{year}-{n:04d}"


_NUMBER = re.compile(r"^([A-Z]{2})[-－—–]*(\d{4})[-－—–]+(\d{1,7})$")


def read_number(kind: NumberKind, word: str) -> str | None:
    """Return a number as stored for what a person wrote (case and dashes are free), or None."""
    found = _NUMBER.match(word.strip().upper())
    if found is None or found[1] != kind.value:
        return None
    return format_number(kind, int(found[2]), int(found[3]))


def require_count(n_posts: int) -> int:
    """Return a count that can be stored.

    Raises: BadParameter with the text of requirement D.1.
    """
    if type(n_posts) is not int or not 0 <= n_posts <= MOST_POSTS:
        raise BadParameter(f"count {n_posts!r}", user_text=f"条数应为0–{MOST_POSTS}的整数")
    return n_posts


def judge_spot_check(
    n_posts: int, n_later: int | None, rules: DayRules, *, n_later_relevant: int | None = None
) -> Verdict[ActivityGrade]:
    """Grade what a spot check found (抽查等次).

    The inspector's count is never replaced by the system's. D-08 asks for the whole day: at the close the
    posts after the moment of the check are added, until then the grade is 暂定.

    Source: HN-4.1d, D-08 默认; E-06.

    Args:
        n_posts: what the inspector counted at the moment of the check.
        n_later: posts of that day after that moment; None while the day is open.
        n_later_relevant: those on topic, for D-07 `relevant`.
        rules: in force on the day.
    """
    if rules.switches["D-08"].chosen == "until_check":
        return grade_activity(n_posts, rules.rulebook.activity_bands)
    later = n_later_relevant if rules.measure is PostMeasure.RELEVANT else n_later
    return grade_activity(
        n_posts + (later or 0), rules.rulebook.activity_bands, day_closed=n_later is not None
    )


def order_instant(day: date, filed_at: datetime) -> datetime:
    """Return where a check stands in the order of checks: when it was filed, but within its day."""
    if business_day(filed_at) == day:
        return filed_at
    return day_interval(day)[1] - timedelta(microseconds=1)


def is_provisional(verdict: Verdict[ActivityGrade]) -> bool:
    """Tell whether the day of a check is still open; a reading that awaits confirmation is not meant."""
    return verdict.result_status is ResultStatus.PROVISIONAL and not verdict.figures["day_closed"]


def pair_for_visits(unit_codes: Iterable[str], seed: str) -> tuple[tuple[str, str], ...]:
    """Return who inspects whom (交叉检查) as (visitor, visited): everybody once, never oneself.

    The units stand in a circle in order of rank and each visits the next.
    Source: HN-4.1f.
    Raises: BadParameter for fewer than two units.
    """
    circle = sorted(set(unit_codes), key=lambda code: (rank_of(seed, code), code))
    if len(circle) < 2:
        raise BadParameter("nobody to visit", user_text="交叉检查至少需要两个单位")
    return tuple(sorted(zip(circle, [*circle[1:], circle[0]], strict=True)))
