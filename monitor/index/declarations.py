"""Declarations about a school (认定): what only people decide. Pure.

Key types: `DeclarationKind`, `Declaration`.
"""

from dataclasses import dataclass
from enum import StrEnum

from monitor.errors import BadParameter
from monitor.index.fact_cells import read_text
from monitor.index.periods import read_month, read_year


class DeclarationKind(StrEnum):
    """What is declared; the value is shown to people."""

    INCIDENT = "重大舆情事故"  # GD-3.3e: the month's account score is 0
    FAKING = "造假"  # GD-3.1o, GD-3.2f: may bar from 好
    ANOMALY = (
        "数据异常"  # GD-5.2: a finding with its decision; the criteria are not stated, nothing is scored
    )


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration: about whom, when, why, on what evidence, and what was decided."""

    kind: DeclarationKind
    unit_code: str
    period: str  # a month; faking and anomalies also a whole year
    reason: str
    evidence: str
    decision: str = ""
    bars_from_good: bool = False


def clean_declaration(given: Declaration) -> Declaration:
    """Return a declaration in its stored form.

    Raises: BadParameter without reason or evidence, for a finding without a decision, for a wrong period.
    """
    period = read_month(given.period)
    is_finding = given.kind is not DeclarationKind.INCIDENT
    if period is None and is_finding:
        period = read_year(given.period)
    if period is None:
        raise BadParameter(
            "period",
            user_text="期间应写作 2019-03" + ("" if given.kind is DeclarationKind.INCIDENT else " 或 2019"),
        )
    return Declaration(
        kind=given.kind,
        unit_code=given.unit_code,
        period=period,
        reason=read_text(given.reason, "事由"),
        evidence=read_text(given.evidence, "依据"),
        decision=read_text(given.decision, "处理决定") if is_finding else given.decision.strip(),
        bars_from_good=given.bars_from_good and given.kind is DeclarationKind.FAKING,
    )
