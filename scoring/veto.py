"""Single-item veto (单项否决) of official accounts: the optional rulebook of 国办秘函〔2019〕19号.

Imports only the standard library and `scoring`. Key types: `VetoRulebook`, `VetoResult`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scoring.facts import FactTable
from scoring.rulebook import RulebookHead, read_head
from scoring.source import Provenance, ResultStatus, Verdict, worst_result, worst_source
from scoring.strict import RULEBOOK_FOLDER, SOURCE_KEYS, load_toml, pick_in_force


@dataclass(frozen=True, slots=True)
class VetoRulebook:
    """What vetoes an account.

    Attributes:
        stale_days: days since the last update (停更天数) that veto.
        stale_level: colour shown, 红.
        no_interaction: word of the veto for lack of interaction.
        grounds: grounds a person declares, word → source.
    """

    head: RulebookHead
    stale_days: int
    stale_level: str
    stale_source: Provenance
    no_interaction: str
    no_interaction_source: Provenance
    grounds: Mapping[str, Provenance]


@dataclass(frozen=True, slots=True)
class VetoResult:
    """Whether an account is vetoed, and every ground that applies."""

    is_vetoed: bool
    grounds: tuple[str, ...]


def load_veto_rulebook(
    name: str = "gb-2019-19",
    *,
    on: date | None = None,
    confirmed: Collection[str] = (),
    folder: Path = RULEBOOK_FOLDER,
) -> VetoRulebook:
    """Load the veto rulebook (单项否决) as in force on a day.

    Source: B.5 of the requirements, 推定: taken from notices, not from the document.
    Raises: RulebookFormatError naming file, key path and allowed keys; NoRulebookInForce if too early.
    """
    table = load_toml(name, folder)
    table.only("rulebook", "stale", "no_interaction", "veto")
    head = read_head(table, name, on)
    stale, interaction = table.table("stale"), table.table("no_interaction")
    stale.only("days", "level", *SOURCE_KEYS)
    interaction.only("word", *SOURCE_KEYS)
    grounds = {}
    for entry in pick_in_force(table.tables("veto"), on, "word"):
        entry.only("word", *SOURCE_KEYS)
        grounds[entry.text("word")] = entry.source(confirmed)
    return VetoRulebook(
        head=head,
        stale_days=stale.integer("days"),
        stale_level=stale.text("level"),
        stale_source=stale.source(confirmed),
        no_interaction=interaction.text("word"),
        no_interaction_source=interaction.source(confirmed),
        grounds=grounds,
    )


def judge_veto(facts: Mapping[str, object], rules: VetoRulebook) -> Verdict[VetoResult]:
    """Judge an account (公众号) by veto: 停更, no interaction, declared grounds.

    Source: B.5 of the requirements, 推定.

    Args:
        facts: {"days_since_update": days or null for 无数据, "has_interaction": true, false or null,
            "findings": [words of the rulebook]}.
        rules: the rulebook.

    Returns: verdict; 待补充 while nothing vetoes and a fact is absent.

    Raises: InputError naming the key path.
    """
    table = FactTable(facts)
    table.only({"days_since_update", "has_interaction", "findings"})
    found: list[tuple[str, Provenance]] = []
    if table.has("days_since_update") and (days := table.count("days_since_update")) >= rules.stale_days:
        found.append((f"停更 {days} 天 ≥ {rules.stale_days} 天（{rules.stale_level}）", rules.stale_source))
    if table.has("has_interaction") and not table.flag("has_interaction"):
        found.append((rules.no_interaction, rules.no_interaction_source))
    for n, word in enumerate(table.items("findings")):
        if not isinstance(word, str) or word not in rules.grounds:
            raise table.refuse(
                f"findings[{n}]", f"unknown ground {word!r} (allowed: {', '.join(rules.grounds)})"
            )
        found.append((word, rules.grounds[word]))
    absent = [key for key in ("days_since_update", "has_interaction") if not table.has(key)]
    sources = [source for _, source in found] or [rules.stale_source]
    words = tuple(word for word, _ in found)
    line = "；".join(words) or (f"缺 {'、'.join(absent)}" if absent else "无否决项")
    return Verdict(
        name="veto",
        outcome=VetoResult(bool(found), words),
        clause=sources[0].clause,
        status=worst_source(source.status for source in sources),
        result_status=worst_result(source.result_status for source in sources)
        if found or not absent
        else ResultStatus.INCOMPLETE,
        figures=dict(facts),
        arithmetic=f"{line} → {'单项否决' if found else '待补充' if absent else '未否决'}",
    )
