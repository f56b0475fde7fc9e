"""Rulebooks (细则): dated, sourced figures read strictly from TOML.

Imports only the standard library and `scoring`. Key types: `Rulebook`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from scoring.activity import ActivityBands, ActivityGrade
from scoring.bands import Band, join_bands
from scoring.duty import DutyRule
from scoring.errors import NoRulebookInForce
from scoring.lost_text import LostText, read_lost_text
from scoring.rubric_rules import Rubric, read_rubric
from scoring.strict import (
    RULEBOOK_FOLDER,
    SOURCE_KEYS,
    StrictTable,
    parse_toml,
    pick_in_force,
    read_toml_text,
)
from scoring.year import YearRules, read_year_rules

_TABLES = (
    "rulebook", "activity_band", "duty_rule", "full_marks", "year_band", "excellence_cap",
    "consequence", "disqualification", "section", "item", "lost_text",
)  # fmt: skip
_HEAD_KEYS = (
    "id", "title", "document", "unit_kinds", "reference_unit_kinds", "effective_from", "last_checked_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RulebookHead:
    """What a rulebook is called and whom it binds.

    Attributes:
        id: file stem, as "hn-2013".
        unit_kinds: unit kinds (单位类别) it binds.
        reference_unit_kinds: kinds that follow it 参照 (HN-4.4e).
        effective_from: first day on which it applies.
    """

    id: str
    title: str
    document: str
    unit_kinds: tuple[str, ...]
    reference_unit_kinds: tuple[str, ...]
    effective_from: date


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The Hainan rulebook: activity, duty, and the rubric of the year.

    Attributes:
        head: name, document and unit kinds.
        activity_bands: HN-4.1d, for `activity.grade_activity`.
        group_duty: HN-2.1.3b, for `duty.judge_group_duty`.
        account_duty: HN-2.1.3a, for `duty.judge_account_duty`.
        rubric: the annex, for `sheet.score_sheet`.
        year: HN-4.1e, HN-4.3, HN-4.4, for `year.judge_year` and `streak.find_poor_streaks`.
        lost_text: where the source is damaged, for `explain.list_lost_text`.
    """

    head: RulebookHead
    activity_bands: ActivityBands
    group_duty: DutyRule
    account_duty: DutyRule
    rubric: Rubric
    year: YearRules
    lost_text: tuple[LostText, ...]


def load_rulebook(
    name: str = "hn-2013",
    *,
    on: date | None = None,
    confirmed: Collection[str] = (),
    folder: Path = RULEBOOK_FOLDER,
) -> Rulebook:
    """Load the rulebook (细则) of activity, duty and rubric as in force on a day.

    Source: none (design §4, rules are data).

    Args:
        name: file stem under `folder`.
        on: business day asked for; None means the newest values.
        confirmed: clause ids whose 推定, 默认 or 残缺 readings 团省委 has confirmed.
        folder: where the TOML files are.

    Raises: RulebookFormatError naming file, key path and allowed keys; NoRulebookInForce if too early.
    """
    return parse_rulebook(name, read_toml_text(name, folder), on=on, confirmed=confirmed)


def parse_rulebook(
    name: str, text: str, *, on: date | None = None, confirmed: Collection[str] = ()
) -> Rulebook:
    """Read a rulebook (细则) from the text of its file, such as one that was kept; see `load_rulebook`.

    Source: none (design §4, a rulebook is frozen per assessment).
    Raises: RulebookFormatError naming file, key path and allowed keys; NoRulebookInForce if too early.
    """
    table = parse_toml(name, text)
    table.only(*_TABLES)
    head = read_head(table, name, on)
    duties = {
        entry.text("subject"): entry for entry in pick_in_force(table.tables("duty_rule"), on, "subject")
    }
    for subject in ("group", "account"):
        if subject not in duties:
            raise table.refuse("duty_rule", f"missing the rule for {subject!r}", ["account", "group"])
    return Rulebook(
        head=head,
        activity_bands=read_activity_bands(table, on, confirmed),
        group_duty=_read_duty(duties["group"], confirmed),
        account_duty=_read_duty(duties["account"], confirmed),
        rubric=read_rubric(table, on, confirmed),
        year=read_year_rules(table, on, confirmed),
        lost_text=read_lost_text(table),
    )


def read_head(table: StrictTable, name: str, on: date | None) -> RulebookHead:
    """Read the `[rulebook]` table and refuse a day before it came into force.

    Source: none (design §4).
    Raises: RulebookFormatError; NoRulebookInForce.
    """
    entry = table.table("rulebook")
    entry.only(*_HEAD_KEYS)
    if entry.text("id") != name:
        raise entry.refuse("id", f"must be the file's name {name!r}")
    if entry.has("last_checked_on"):
        entry.day("last_checked_on")
    head = RulebookHead(
        id=name,
        title=entry.text("title"),
        document=entry.text("document"),
        unit_kinds=entry.texts("unit_kinds"),
        reference_unit_kinds=entry.texts("reference_unit_kinds"),
        effective_from=entry.day("effective_from"),
    )
    if on is not None and on < head.effective_from:
        raise NoRulebookInForce(f"in force from {head.effective_from}, asked for {on}", file=table.file)
    return head


def choose_rulebook(heads: Iterable[RulebookHead], unit_kind: str, on: date) -> RulebookHead:
    """Tell which rulebook binds a unit kind (单位类别) on a day: the newest that names it; 参照 counts.

    Source: HN-4.4e 载明 (高校参照执行), GD-1.1 载明.
    Raises: NoRulebookInForce if none does.
    """
    fitting = [
        head
        for head in heads
        if head.effective_from <= on and unit_kind in head.unit_kinds + head.reference_unit_kinds
    ]
    if not fitting:
        raise NoRulebookInForce(f"no rulebook for unit kind {unit_kind!r} on {on}")
    return max(fitting, key=lambda head: (head.effective_from, head.id))


def read_activity_bands(table: StrictTable, on: date | None, confirmed: Collection[str]) -> ActivityBands:
    """Read the four `[[activity_band]]` entries.

    Source: HN-4.1d.
    Raises: RulebookFormatError on a gap, an overlap, a grade missing or named twice, or not starting at 0.
    """
    bands = []
    for entry in pick_in_force(table.tables("activity_band"), on):
        entry.only("grade", "from_posts", "below_posts", *SOURCE_KEYS)
        lower = entry.integer("from_posts")
        upper = entry.integer("below_posts") if entry.has("below_posts") else None
        bands.append(
            Band(
                outcome=entry.choice("grade", ActivityGrade),
                lower=Decimal(lower),
                upper=None if upper is None else Decimal(upper),
                source=entry.source(confirmed),
                label=f"{lower} 条以上（含）" if upper is None else f"{lower}-{upper - 1} 条",
            )
        )
    if sorted(band.outcome.value for band in bands) != sorted(grade.value for grade in ActivityGrade):
        raise table.refuse("activity_band", "needs each grade once", [grade.value for grade in ActivityGrade])
    return join_bands(table, "activity_band", bands)


def _read_duty(entry: StrictTable, confirmed: Collection[str]) -> DutyRule:
    entry.only("subject", "min_posts", *SOURCE_KEYS)
    return DutyRule(min_posts=entry.integer("min_posts"), source=entry.source(confirmed))
