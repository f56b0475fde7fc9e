"""The index rulebook (指数细则) of Guangdong as data: parts, indicators, bottom lines, parameters.

Imports only the standard library and `scoring`. Key types: `IndexRulebook`, `Indicator`, `Parameter`.
A parameter the source lost has no value; it stays None until 团省委 supplies it with a reference.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path

from scoring.lost_text import LostText, read_lost_text
from scoring.rulebook import RulebookHead, read_head
from scoring.source import Provenance, SourceStatus
from scoring.strict import RULEBOOK_FOLDER, SOURCE_KEYS, StrictTable, load_toml, pick_in_force


class IndicatorKind(Enum):
    """What an indicator measures (指标类型)."""

    RATIO = "ratio"
    RATE = "rate"
    MEAN = "mean"
    RATINGS = "ratings"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class BottomLine:
    """The least value that passes (底线指标), inclusive: "不低于"."""

    minimum: Decimal
    source: Provenance

    @property
    def is_evaluated(self) -> bool:
        """False while the printed figure is damaged and nobody has confirmed it."""
        return self.source.status in (SourceStatus.STATED, SourceStatus.INFERRED) or self.source.is_confirmed


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator (指标); its weight (占权重) is lost in the source.

    Attributes:
        id: "GD-3.1a" and so on.
        part: id of its part.
        kind: RATIO 0-1, RATE per head, MEAN, RATINGS 1-5 per member, SCORE 0-100.
        unit: Chinese, shown.
        bottom_line: None where the text has none.
    """

    id: str
    part: str
    title: str
    kind: IndicatorKind
    unit: str
    bottom_line: BottomLine | None
    source: Provenance


@dataclass(frozen=True, slots=True)
class Weighted:
    """A part (部分) of the total, or a component of part 3, with its weight as ratio 0-1."""

    id: str
    title: str
    weight_ratio: Decimal
    source: Provenance


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of a rule; `value` is None where the source lost it (缺失)."""

    id: str
    title: str
    unit: str
    value: Decimal | None
    source: Provenance


@dataclass(frozen=True, slots=True)
class IndexRulebook:
    """The Guangdong rulebook.

    Attributes:
        parts: id → the three parts of the total, GD-2.0.
        total_source: how sure the plain weighted sum is.
        media: id → components of part 3, "video" and "account".
        indicators: id → indicator, in printed order.
        parameters: id → parameter.
        lost_text: where the source is damaged.
    """

    head: RulebookHead
    parts: Mapping[str, Weighted]
    total_source: Provenance
    media: Mapping[str, Weighted]
    indicators: Mapping[str, Indicator]
    parameters: Mapping[str, Parameter]
    lost_text: tuple[LostText, ...]

    def value(self, parameter_id: str) -> Decimal | None:
        """The figure of a parameter, or None if the source lost it."""
        return self.parameters[parameter_id].value

    def stated(self, parameter_id: str) -> Decimal:
        """The figure of a parameter the source has; the loader made sure of it."""
        value = self.parameters[parameter_id].value
        assert value is not None  # noqa: S101 - see _REQUIRED
        return value

    def supply(self, figures: Mapping[str, Decimal], reference: str) -> "IndexRulebook":
        """Fill lost parameters with figures 团省委 gives, each marked 默认 and confirmed by the reference.

        Source: none (design §4).
        Raises: RulebookFormatError for an unknown parameter or one the source has.
        """
        parameters = dict(self.parameters)
        for parameter_id, figure in figures.items():
            known = parameters.get(parameter_id)
            if known is None or known.source.status is not SourceStatus.MISSING:
                lost = [p.id for p in self.parameters.values() if p.value is None]
                table = StrictTable({}, f"{self.head.id}.toml", "parameter")
                raise table.refuse(parameter_id, "is no lost parameter", lost)
            note = f"团省委补充：{reference}"
            source = replace(known.source, status=SourceStatus.DEFAULT, note=note, is_confirmed=True)
            parameters[parameter_id] = replace(known, value=figure, source=source)
        return replace(self, parameters=parameters)


_TABLES = ("rulebook", "part", "total", "media_component", "indicator", "parameter", "lost_text")
_REQUIRED = (
    "GD-3.1n.max_failures", "GD-3.1f.limit_hours", "GD-3.1k.low_rating", "GD-3.1k.shift",
    "GD-3.1l.threshold_points", "GD-3.3a.due_day", "GD-3.3b.min_seconds", "GD-3.3b.usual_seconds",
    "GD-3.3b.max_seconds", "GD-3.3b.width", "GD-3.3b.height", "GD-3.3d.min_posts",
)  # fmt: skip
_MAY_BE_LOST = (
    "GD-3.1g.share_posted", "GD-3.1g.share_signups", "GD-3.1g.share_ratings",
    "GD-3.1i.limit_ratio", "GD-3.1i.step_ratio", "GD-3.1i.factor",
    "GD-3.1l.step_points", "GD-3.1l.factor",
    "GD-3.1p.threshold_ratio", "GD-3.1p.step_ratio", "GD-3.1p.factor",
    "GD-3.1m.constant", "GD-3.2f.constant", "GD-3.3a.formula",
    "GD-3.3d.factor_2", "GD-3.3d.factor_1",
)  # fmt: skip


def load_index_rulebook(
    name: str = "gd-2019",
    *,
    on: date | None = None,
    confirmed: Collection[str] = (),
    folder: Path = RULEBOOK_FOLDER,
) -> IndexRulebook:
    """Load an index rulebook (指数细则) as in force on a day.

    Source: none (design §4, rules are data).

    Args:
        name: file stem under `folder`.
        on: day asked for; None means the newest values.
        confirmed: clause ids whose 推定, 默认 or 残缺 figures 团省委 has confirmed; a confirmed bottom line
            that is 残缺 is evaluated.
        folder: where the TOML files are.

    Raises: RulebookFormatError naming file, key path and allowed keys; NoRulebookInForce if too early.
    """
    table = load_toml(name, folder)
    table.only(*_TABLES)
    total = table.table("total")
    total.only("formula", *SOURCE_KEYS)
    if total.text("formula") != "weighted_sum":
        raise total.refuse("formula", "unknown formula", ["weighted_sum"])
    head = read_head(table, name, on)
    parts = _read_weighted(table, "part", on, confirmed)
    parameters = [
        _read_parameter(entry, confirmed) for entry in pick_in_force(table.tables("parameter"), on, "id")
    ]
    return IndexRulebook(
        head=head,
        parts=parts,
        total_source=total.source(confirmed),
        media=_read_weighted(table, "media_component", on, confirmed),
        indicators=_read_indicators(table, on, confirmed, parts),
        parameters=_require_parameters(table, parameters),
        lost_text=read_lost_text(table),
    )


def _read_weighted(
    table: StrictTable, key: str, on: date | None, confirmed: Collection[str]
) -> dict[str, Weighted]:
    found = {}
    for entry in pick_in_force(table.tables(key), on, "id"):
        entry.only("id", "title", "weight_ratio", *SOURCE_KEYS)
        weight = entry.decimal("weight_ratio")
        found[entry.text("id")] = Weighted(
            entry.text("id"), entry.text("title"), weight, entry.source(confirmed)
        )
    total = sum((weighted.weight_ratio for weighted in found.values()), Decimal(0))
    if total != 1:
        raise table.refuse(key, f"weights add up to {total}, not 1")
    return found


def _read_indicators(
    table: StrictTable, on: date | None, confirmed: Collection[str], parts: Mapping[str, Weighted]
) -> dict[str, Indicator]:
    found = {}
    for entry in pick_in_force(table.tables("indicator"), on, "id"):
        entry.only("id", "part", "title", "kind", "unit", "bottom_line", *SOURCE_KEYS)
        if entry.text("part") not in parts:
            raise entry.refuse("part", f"no such part: {entry.text('part')!r}", parts)
        bottom_line = None
        if entry.has("bottom_line"):
            line = entry.table("bottom_line")
            line.only("minimum", *SOURCE_KEYS)
            bottom_line = BottomLine(line.decimal("minimum"), line.source(confirmed))
        found[entry.text("id")] = Indicator(
            id=entry.text("id"),
            part=entry.text("part"),
            title=entry.text("title"),
            kind=entry.choice("kind", IndicatorKind),
            unit=entry.text("unit"),
            bottom_line=bottom_line,
            source=entry.source(confirmed),
        )
    return found


def _read_parameter(entry: StrictTable, confirmed: Collection[str]) -> Parameter:
    entry.only("id", "title", "unit", "value", *SOURCE_KEYS)
    source = entry.source(confirmed)
    is_lost = source.status is SourceStatus.MISSING
    if is_lost and entry.has("value"):
        raise entry.refuse("value", f"a figure that is {source.status.value} has no value")
    value = None if is_lost else entry.decimal("value")
    return Parameter(entry.text("id"), entry.text("title"), str(entry.values.get("unit", "")), value, source)


def _require_parameters(table: StrictTable, parameters: list[Parameter]) -> dict[str, Parameter]:
    found = {parameter.id: parameter for parameter in parameters}
    known = (*_REQUIRED, *_MAY_BE_LOST)
    for parameter_id in found:
        if parameter_id not in known:
            raise table.refuse("parameter", f"unknown parameter {parameter_id!r}", known)
    for parameter_id in known:
        if parameter_id not in found:
            raise table.refuse("parameter", f"missing parameter {parameter_id!r}", known)
    for parameter_id in _REQUIRED:
        if found[parameter_id].value is None:
            raise table.refuse("parameter", f"{parameter_id!r} needs a value")
    return found
