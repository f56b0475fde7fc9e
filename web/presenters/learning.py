"""Words, model and signals: from readings to what the templates lay out. Pure.

Key types: `MarkedPiece`, `BoxPage`, `ModelPage`, `SignalsRoom`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitor.days.readings import tenths_of_percent
from monitor.days.signals import SignalKind, SignalLimits, threshold_words
from monitor.learning.candidates import SHIPPED, ChoiceAct
from monitor.learning.readings import SignalReading, WordHits
from monitor.usecases.days.signals import SignalsPage
from monitor.usecases.index.anomalies import AnomalyFinding, evidence_of
from monitor.usecases.learning.lexicons import JudgedText, ListedHit
from monitor.usecases.learning.versions import ModelOverview
from web.presenters.overview import Slice
from web.wording import NONE, Badge, moment_words

_LOOKS = {"alert": Badge("unmet", "!", "不良信息"), "review": Badge("topic", "?", "待审"),
          "none": Badge("met", "✓", "正常")}  # fmt: skip
_IN_USE, _PASSED = Badge("met", "✓", "在用"), Badge("info", "○", "可启用")
_WORSE = Badge("none", "–", "未启用")
_STANDS, _WITHDRAWN = Badge("unmet", "!", "已认定"), Badge("none", "–", "已撤回")
_ACT_WORDS = {ChoiceAct.PROMOTE: "启用", ChoiceAct.ROLL_BACK: "回退到"}


@dataclass(frozen=True, slots=True)
class MarkedPiece:
    """A piece of the tested text; `title` names the words that hit there, empty where none did."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class BoxPage:
    """What the test box says of a text. `model` by category: pieces and their weights."""

    badge: Badge
    share: str
    categories: str
    pieces: tuple[MarkedPiece, ...]
    reasons: tuple[str, ...]
    hits: tuple[tuple[str, str, str, str], ...]  # word, category, severity, lists
    model: tuple[tuple[str, str], ...]
    relevance: str
    model_version: str


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of the model."""

    version_id: int
    name: str
    badge: Badge
    made_at: str
    n_examples: str
    judgement: str
    may_promote: bool


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Versions, how the model does, and the history of use."""

    in_use: str
    previous: str  # name of the version that a roll-back returns to, empty if there is none
    conclusion: str
    n_examples: int
    n_new_examples: int
    versions: tuple[VersionLine, ...]
    days: tuple[tuple[str, int, int, int, str], ...]  # day, posts, suspected, harmful, share
    history: tuple[tuple[str, str, str, str], ...]  # when, what, by, why
    is_dry_run: bool


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal of a group's day."""

    day: date
    kind: str
    group_code: str
    group_name: str
    unit_name: str
    figures: str
    finding: int = 0  # number of the 数据异常 that stands about it
    may_declare: bool = False


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding 数据异常 (GD-5.2) of the register."""

    number: int
    unit_name: str
    period: str
    reason: str
    evidence: str
    decision: str
    declared_at: str
    state: Badge
    withdrawn_for: str


@dataclass(frozen=True, slots=True)
class SignalsRoom:
    """Signals of a subtree."""

    kinds: tuple[tuple[str, int, str], ...]  # name, how many, threshold
    chosen: str
    lines: tuple[SignalLine, ...]
    total: int
    slice: Slice
    period: str


def present_box(judged: JudgedText) -> BoxPage:
    """Lay out what a text was judged to be."""
    harm = judged.harm
    look = "alert" if harm.is_harmful else "review" if harm.needs_review else "none"
    return BoxPage(
        badge=_LOOKS[look],
        share=f"{harm.harm:.0%}",
        categories="、".join(category.value for category in harm.categories),
        pieces=tuple(mark_hits(judged.text, judged.hits)),
        reasons=harm.reasons,
        hits=tuple(
            (hit.word, hit.category.value, str(int(hit.severity)), "、".join(lists))
            for hit, lists in judged.hits
        ),
        model=tuple(
            (
                category.value,
                "、".join(f"{one.piece} +{one.weight:.2f}" for one in pieces if _has_letters(one.piece)),
            )
            for category, pieces in judged.contributions.items()
        ),
        relevance=f"话题{'有关' if judged.is_relevant else '无关'}：{judged.relevance_reason}",
        model_version=judged.model_version or "无模型，只按词判断",
    )


def mark_hits(text: str, hits: Sequence[ListedHit]) -> Iterator[MarkedPiece]:
    """Cut a text where hits begin and end; overlapping hits make one piece."""
    place = 0
    spans: list[tuple[int, int, list[str]]] = []
    for hit, _ in sorted(hits, key=lambda one: (one.hit.start, one.hit.end)):
        name = f"{hit.word}（{hit.category}）"
        if spans and hit.start < spans[-1][1]:
            start, end, names = spans[-1]
            spans[-1] = (start, max(end, hit.end), [*names, name])
        else:
            spans.append((hit.start, hit.end, [name]))
    for start, end, names in spans:
        if start > place:
            yield MarkedPiece(text[place:start])
        yield MarkedPiece(text[start:end], "、".join(dict.fromkeys(names)))
        place = end
    if place < len(text):
        yield MarkedPiece(text[place:])


def present_model(overview: ModelOverview, today: date, *, is_dry_run: bool) -> ModelPage:
    """Lay out versions, drift and history."""
    drift = overview.drift
    decided = f"确认 {drift.n_confirmed} 处，误报 {drift.n_false} 处"
    n_posts = sum(day.n_posts for day in drift.days)
    n_flagged = sum(day.n_suspected for day in drift.days)
    flagged = f"采集 {n_posts} 条，标记 {n_flagged} 条，占 {_share(n_flagged / n_posts if n_posts else None)}"
    return ModelPage(
        in_use=name_version(overview.in_use),
        previous="" if overview.previous is None else name_version(overview.previous),
        conclusion=f"近 30 天准确率 {_share(drift.precision)}（{decided}）；{flagged}",
        n_examples=overview.n_examples,
        n_new_examples=overview.n_new_examples,
        versions=tuple(
            VersionLine(
                version_id=one.version_id,
                name=name_version(one.version_id),
                badge=_IN_USE if one.version_id == overview.in_use else _PASSED if one.is_better else _WORSE,
                made_at=moment_words(one.made_at, today),
                n_examples=f"{one.n_examples} 条",
                judgement=one.judgement,
                may_promote=one.is_better and one.version_id != overview.in_use,
            )
            for one in overview.versions
        ),
        days=tuple(
            (day.day.isoformat(), day.n_posts, day.n_suspected, day.n_harmful, _share(day.ratio))
            for day in reversed(drift.days)
        ),
        history=tuple(
            (
                moment_words(choice.at, today) if choice.at else NONE,
                f"{_ACT_WORDS[choice.act]}{name_version(choice.version_id)}",
                "每夜自动训练" if choice.actor.startswith("job:") else choice.actor,
                choice.reason,
            )
            for choice in overview.choices
        ),
        is_dry_run=is_dry_run,
    )


def name_version(version_id: int) -> str:
    """Return how a version is called."""
    return "出厂版本" if version_id == SHIPPED else f"版本 {version_id}"


def present_signals(
    found: SignalsPage, chosen: str, page: int, size: int, limits: SignalLimits
) -> SignalsRoom:
    """Lay out one page of signals."""
    total = found.by_kind.get(chosen, 0) if chosen else sum(found.by_kind.values())
    return SignalsRoom(
        kinds=tuple(
            (kind.value, found.by_kind.get(kind.value, 0), threshold_words(kind, limits))
            for kind in SignalKind
        ),
        chosen=chosen,
        lines=present_hints(found.signals),
        total=total,
        slice=slice_of(total, page, len(found.signals), size),
        period=f"{found.first_day:%m-%d} 至 {found.last_day:%m-%d}",
    )


def present_hints(found: Sequence[SignalReading]) -> tuple[SignalLine, ...]:
    """Lay out signals for a list."""
    return tuple(
        SignalLine(
            one.day, one.kind, one.group_code, one.group_name, one.unit_name, figures_words(one.figures)
        )
        for one in found
    )


def with_findings(
    lines: Sequence[SignalLine],
    found: Sequence[SignalReading],
    register: Sequence[AnomalyFinding],
    of_schools: Collection[str],
) -> tuple[SignalLine, ...]:
    """Return the lines of signals with the finding that stands about each, or that one may be registered."""
    standing = {one.evidence: one.number for one in register if not one.withdrawn_for}
    return tuple(
        replace(
            line,
            finding=standing.get(evidence_of(signal), 0),
            may_declare=line.group_code in of_schools,
        )
        for line, signal in zip(lines, found, strict=True)
    )


def present_findings(register: Sequence[AnomalyFinding], today: date) -> tuple[FindingLine, ...]:
    """Lay out the register of findings, newest first."""
    return tuple(
        FindingLine(
            one.number,
            one.unit_name,
            one.period,
            one.reason,
            one.evidence,
            one.decision,
            moment_words(one.declared_at, today),
            _WITHDRAWN if one.withdrawn_for else _STANDS,
            one.withdrawn_for,
        )
        for one in register
    )


def slice_of(total: int, page: int, n_shown: int, size: int) -> Slice:
    """Return where a page of rows lies that the database has cut."""
    first = (page - 1) * size
    return Slice(first + 1, first + n_shown, total, page, max(1, -(-total // size)))


def figures_words(figures: Mapping[str, object]) -> str:
    """Write the figures of a signal on one line."""
    return "，".join(f"{name} {value}" for name, value in figures.items())


def false_ratio(hits: WordHits) -> str:
    """Say how often a word was wrong among what people decided."""
    n_decided = hits.n_false + hits.n_confirmed
    return _share(hits.n_false / n_decided if n_decided else None)


def _has_letters(piece: str) -> bool:
    return any(map(str.isalnum, piece))


def _share(ratio: float | None) -> str:
    return NONE if ratio is None else f"{tenths_of_percent(ratio) / 10:.1f}%"
