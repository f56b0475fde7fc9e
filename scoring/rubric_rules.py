"""The rubric (考评表) as data: sections, items and the components that give an item's points.

Imports only the standard library and `scoring`. Key types: `Rubric`, `Item`, `Component`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from scoring.bands import Band, BandTable, join_bands
from scoring.source import Provenance
from scoring.strict import SOURCE_KEYS, StrictTable, pick_in_force

RatioBands = BandTable[Decimal]


class ComponentKind(Enum):
    """How a component turns facts into points (计分方式)."""

    FLAG = "flag"
    AT_LEAST = "at_least"
    PER_RECORD = "per_record"
    PANEL = "panel"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Component:
    """One source of points inside an item.

    Attributes:
        kind: FLAG points if true; AT_LEAST points if the count reaches `minimum`; PER_RECORD points each;
            PANEL up to points, entered by the panel; RATIO points of the band of covered / base.
        key: name of the fact; RATIO also reads "base".
        title: Chinese, shown in the arithmetic.
        points: points (分); 0 for RATIO, whose bands hold them.
        minimum: count needed by AT_LEAST, else 0.
        bands: of RATIO, else None.
        source: clause and status.
    """

    kind: ComponentKind
    key: str
    title: str
    points: Decimal
    minimum: int
    bands: RatioBands | None
    source: Provenance

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the facts it reads."""
        return (self.key, "base") if self.kind is ComponentKind.RATIO else (self.key,)


@dataclass(frozen=True, slots=True)
class Item:
    """One rubric item (考核项目).

    Attributes:
        id: "HN-A1.1" and so on.
        section: id of its section.
        max_points: the printed 分值 (分).
        components: in printed order; empty for a placeholder.
        panel_may_replace: the panel may enter the whole item instead of its components.
        is_placeholder: the source lost item and rule; 团省委 supplies them with a document reference.
        source: clause and status of the item as a whole; 缺失 needs a written reason (依据).
    """

    id: str
    section: str
    title: str
    max_points: Decimal
    components: tuple[Component, ...]
    panel_may_replace: bool
    is_placeholder: bool
    source: Provenance


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the sheet with its printed cap (分)."""

    id: str
    title: str
    max_points: Decimal
    source: Provenance


@dataclass(frozen=True, slots=True)
class Rubric:
    """The whole sheet; items in printed order, every item in a section, caps agreeing with the items."""

    full_points: Decimal
    sections: tuple[Section, ...]
    items: tuple[Item, ...]


def read_rubric(table: StrictTable, on: date | None, confirmed: Collection[str]) -> Rubric:
    """Read full marks, sections and items.

    Source: HN-4.3, HN-A1 … HN-A4.
    Raises: RulebookFormatError, also when items do not add up to their section or sections to full marks.
    """
    full = table.table("full_marks")
    full.only("points", *SOURCE_KEYS)
    full.source(confirmed)
    sections = tuple(
        _read_section(entry, confirmed) for entry in pick_in_force(table.tables("section"), on, "id")
    )
    items = tuple(_read_item(entry, confirmed) for entry in pick_in_force(table.tables("item"), on, "id"))
    rubric = Rubric(full.decimal("points"), sections, items)
    _refuse_sums_that_differ(table, rubric)
    return rubric


def _read_section(entry: StrictTable, confirmed: Collection[str]) -> Section:
    entry.only("id", "title", "max_points", *SOURCE_KEYS)
    source = entry.source(confirmed)
    return Section(entry.text("id"), entry.text("title"), entry.decimal("max_points"), source)


def _read_item(entry: StrictTable, confirmed: Collection[str]) -> Item:
    entry.only(
        "id",
        "section",
        "title",
        "max_points",
        "panel_may_replace",
        "is_placeholder",
        "component",
        *SOURCE_KEYS,
    )
    is_placeholder = entry.flag("is_placeholder")
    parts = () if is_placeholder else tuple(_read_component(c, confirmed) for c in entry.tables("component"))
    return Item(
        id=entry.text("id"),
        section=entry.text("section"),
        title=entry.text("title"),
        max_points=entry.decimal("max_points"),
        components=parts,
        panel_may_replace=entry.flag("panel_may_replace"),
        is_placeholder=is_placeholder,
        source=entry.source(confirmed),
    )


def _read_component(entry: StrictTable, confirmed: Collection[str]) -> Component:
    entry.only("kind", "key", "title", "points", "minimum", "band", *SOURCE_KEYS)
    kind = entry.choice("kind", ComponentKind)
    is_ratio = kind is ComponentKind.RATIO
    return Component(
        kind=kind,
        key=entry.text("key"),
        title=entry.text("title"),
        points=Decimal(0) if is_ratio else entry.decimal("points"),
        minimum=entry.integer("minimum") if kind is ComponentKind.AT_LEAST else 0,
        bands=_read_ratio_bands(entry, confirmed) if is_ratio else None,
        source=entry.source(confirmed),
    )


def _read_ratio_bands(entry: StrictTable, confirmed: Collection[str]) -> RatioBands:
    bands = []
    for band in entry.tables("band"):
        band.only("from_ratio", "below_ratio", "points", "label", *SOURCE_KEYS)
        upper = band.decimal("below_ratio") if band.has("below_ratio") else None
        source = band.source(confirmed)
        bands.append(
            Band(band.decimal("points"), band.decimal("from_ratio"), upper, source, band.text("label"))
        )
    return join_bands(entry, "band", bands)


def _refuse_sums_that_differ(table: StrictTable, rubric: Rubric) -> None:
    known = {section.id for section in rubric.sections}
    for item in rubric.items:
        if item.section not in known:
            raise table.refuse("item", f"{item.id} names no section: {item.section!r}", known)
    for section in rubric.sections:
        total = sum((i.max_points for i in rubric.items if i.section == section.id), Decimal(0))
        if total != section.max_points:
            raise table.refuse(
                "section", f"{section.id}: items add up to {total}, cap is {section.max_points}"
            )
    total = sum((section.max_points for section in rubric.sections), Decimal(0))
    if total != rubric.full_points:
        raise table.refuse("full_marks", f"sections add up to {total}, full marks are {rubric.full_points}")
