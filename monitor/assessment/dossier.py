"""The assessment of a unit's year (考评): its values, and what may be entered when. Pure.

自评 (by the unit), 考察 (site, reference only) and 考评 (by the panel) stand side by side; the figures
that are no judgement are facts with provenance and time. Scoring is `assessment_sheet`.
Key types: `Assessment`, `Entry`, `Fact`, `Dossier`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from monitor.assessment.frozen_rules import RuleText
from monitor.errors import BadParameter
from monitor.units import Unit
from scoring.errors import ReasonRequired
from scoring.facts import FactTable
from scoring.rubric import read_points
from scoring.rubric_rules import Component, ComponentKind, Item, Rubric
from scoring.source import SourceStatus
from scoring.streak import CheckFact

MAX_REASON_CHARS = 500
OBJECTION_DAYS = 15  # 默认: HN states no time for 申诉
SEASON_ENDS_IN_MONTH = 3  # 默认: until March people who name no year mean the year before


class AssessmentState(StrEnum):
    """How far a sheet has come."""

    DRAFT = "自评中"
    SUBMITTED = "自评已提交"
    PANEL = "考评中"
    PUBLISHED = "已公布"


class EntryKind(StrEnum):
    """Who judges (HN-4.0)."""

    SELF = "自评"
    SITE = "考察"
    PANEL = "考评"


class BaseKind(StrEnum):
    """What a coverage is compared with (基数)."""

    MEMBERS = "团员青年数"
    GROUPS = "前期上报数"
    ORGANISATIONS = "团组织数"


class FactSource(StrEnum):
    """Where a figure of the sheet comes from."""

    LEDGER = "台账"
    RECORDS = "登记材料"
    DAYS = "日结汇总"
    BASE = "基数登记"
    PERSON = "人工核定"


BASE_OF_ITEM: Mapping[str, BaseKind] = {
    "HN-A2.2a": BaseKind.MEMBERS,
    "HN-A2.2b": BaseKind.GROUPS,
    "HN-A2.2c": BaseKind.ORGANISATIONS,
}
SYSTEMS_ITEM = "HN-A1.2"
MEETINGS_ITEM, ACCOUNTS_ITEM, MANAGEMENT_ITEM, PUBLISHING_ITEM = "HN-A1.3", "HN-A2.1", "HN-A3.1", "HN-A3.2"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The sheet (考评表) of one unit, year and rulebook; the rules' hash says by which version."""

    assessment_id: int
    year: int
    unit: Unit
    rulebook: str
    rules_hash: str
    is_reference: bool  # 参照执行 (HN-4.4e)
    state: AssessmentState
    opened_at: datetime
    opened_by: str
    submitted_at: datetime | None = None
    submitted_by: str = ""
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest version of an entry; points are None when it was taken back."""

    item: str
    kind: EntryKind
    version: int
    points: Decimal | None
    reason: str
    author: str
    author_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with provenance and time; `number` None is not there, never 0."""

    item: str
    key: str
    number: int | None
    provenance: FactSource
    text: str
    taken_at: datetime
    taken_by: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Supplied:
    """An item whose text is lost, as 团省委 has supplied it for the year."""

    item: str
    version: int
    max_points: Decimal
    reference: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file (佐证材料) linked to an item, or to an act by its clause."""

    link_id: int
    item: str
    slot: str
    sha256: str
    name: str
    media_type: str
    n_bytes: int
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Disqualification:
    """A declared loss of eligibility (HN-4.4d)."""

    number: int
    ground: str
    reason: str
    declared_by: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of the leadership (HN-4.4f); "" leaves the computed value."""

    number: int
    minutes_no: str
    decided_on: date
    text: str
    grade: str
    eligibility: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection (申诉) with the day until which it is to be answered."""

    number: int
    item: str
    text: str
    filed_by: str
    filed_at: datetime
    due_on: date
    outcome: str = ""
    reply: str = ""
    replied_by: str = ""
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What follows from a final total (HN-4.4c)."""

    number: int
    word: str
    clause: str
    state: str
    opened_at: datetime
    closed_by: str = ""
    closed_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything a sheet rests on, as of one moment.

    `facts` hold the newest of the machine and the newest of a person per figure. `checks` are the spot
    checks of the unit in that year, from wherever they are registered.
    """

    assessment: Assessment
    rules: RuleText
    confirmed: frozenset[str] = frozenset()
    facts: tuple[Fact, ...] = ()
    entries: tuple[Entry, ...] = ()
    supplied: tuple[Supplied, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    disqualification: Disqualification | None = None
    decision: Decision | None = None
    objections: tuple[Objection, ...] = ()
    tasks: tuple[Task, ...] = ()
    checks: tuple[CheckFact, ...] = ()

    def entry(self, item: str, kind: EntryKind) -> Entry | None:
        """Return the newest entry of an item and kind, also one that was taken back; None if never made."""
        return next((each for each in self.entries if each.item == item and each.kind is kind), None)

    def supplied_item(self, item: str) -> Supplied | None:
        """Return what 团省委 supplied for an item, or None."""
        return next((each for each in self.supplied if each.item == item), None)


def assessment_year(today: date) -> int:
    """Return the year that people mean who name none: until March the one that has just ended.

    Source: HN-4.2, HN-4.3 (年底考核); the month is 默认.
    """
    return today.year - 1 if today.month <= SEASON_ENDS_IN_MONTH else today.year


def is_late(handed_in_on: date, year: int) -> bool:
    """Tell whether a self-assessment came after 12-31 (逾期).

    Source: HN-4.2 (12月底前).
    """
    return handed_in_on > date(year, 12, 31)


_SHORT = re.compile(r"([一二三四])[.．]?([0-9]*)[.．]?[(（]?([a-c]?)[)）]?", re.IGNORECASE)


def short_name(item: Item) -> str:
    """Return how people call an item: 一1, 二2a, 三3, 四."""
    number = item.id.partition("-A")[2].partition(".")[2]
    return f"{item.section}{number}"


def find_item(rubric: Rubric, word: str) -> Item:
    """Return the item that a word means: 一1 … 四, 二2a, or the id HN-A….

    Source: HN annex.
    Raises: BadParameter, naming the items that could be meant.
    """
    folded = word.strip().upper().replace("—", "-")
    by_id = {item.id.upper(): item for item in rubric.items}
    short = {short_name(item).upper(): item for item in rubric.items}
    found = by_id.get(folded) or by_id.get(f"HN-{folded}")
    match = _SHORT.fullmatch(word.strip())
    if found is None and match:
        name = "".join(match.groups()).upper()
        found = short.get(name) or (short.get(name[:1]) if name[1:] == "1" else None)
        near = [each for each in short if name and each.startswith(name)]
        if found is None and near:
            raise BadParameter(f"item {word!r} is several", user_text=f"请指明项目：{_names(near)}")
    if found is None:
        raise BadParameter(f"no item {word!r}", user_text=f"没有这个项目。项号：{_names(short)}")
    return found


def _names(names: Iterable[str]) -> str:
    return "、".join(re.sub("[A-C]$", lambda letter: letter[0].lower(), name) for name in names)


def panel_component(item: Item) -> Component | None:
    """Return the part of an item that the panel judges, or None where figures alone decide."""
    return next((part for part in item.components if part.kind is ComponentKind.PANEL), None)


def entry_limit(item: Item, kind: EntryKind, supplied: Supplied | None) -> Decimal:
    """Return the most points (分) that may be entered for an item.

    The unit and the site team judge the item as a whole; the panel judges the part that the figures leave.

    Source: HN-A1 … HN-A4; HN-A2.1 leaves 0.2 to the panel.
    Raises: BadParameter for lost text that is not supplied, and where figures alone decide.
    """
    if item.is_placeholder:
        if supplied is None:
            text = f"{item.id} 原文未载明，须先由团省委附文件补充"
            raise BadParameter(f"{item.id} is not supplied", user_text=text)
        return supplied.max_points
    if kind is not EntryKind.PANEL or item.panel_may_replace:
        return item.max_points
    part = panel_component(item)
    if part is None:
        text = f"{item.id} 按登记的数据计分，不由考评组打分；数据有误请核定数据或更正基数"
        raise BadParameter(f"{item.id} has no panel part", user_text=text)
    return part.points


def check_entry(
    item: Item, kind: EntryKind, points: Decimal | str, reason: str, supplied: Supplied | None
) -> Decimal:
    """Return the points of an entry that may be stored.

    Source: HN annex; requirement A.2 (缺失: written reason).
    Raises: BadParameter, InputError, PointsOutOfRange, ReasonRequired.
    """
    limit = entry_limit(item, kind, supplied)
    accepted = read_points(FactTable({"points": points}, item.id), "points", limit)
    if item.source.status is SourceStatus.MISSING and not reason:
        raise ReasonRequired(f"{item.id} is 缺失", user_text=f"{item.id} 原文缺失，评分须填写依据")
    if len(reason) > MAX_REASON_CHARS:
        raise BadParameter("reason too long", user_text=f"依据不能超过 {MAX_REASON_CHARS} 个字")
    return accepted


def find_unfilled(rubric: Rubric, entries: Collection[Entry]) -> tuple[Item, ...]:
    """Return the items with a 载明 rule for which the unit has entered no points.

    Source: HN-4.2 载明; requirement D.3.
    """
    filled = {entry.item for entry in entries if entry.kind is EntryKind.SELF and entry.points is not None}
    return tuple(
        item for item in rubric.items if item.source.status is SourceStatus.STATED and item.id not in filled
    )
