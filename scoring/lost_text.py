"""Lost text (原文残缺) of a rulebook, one entry per place, kept in the rulebook itself.

Imports only the standard library and `scoring`. Key types: `LostText`.
"""

from dataclasses import dataclass

from scoring.source import Provenance
from scoring.strict import SOURCE_KEYS, StrictTable


@dataclass(frozen=True, slots=True)
class LostText:
    """One place where the source is damaged or missing.

    Attributes:
        number: running number inside its rulebook, from 1.
        what: what is lost, Chinese.
        handling: what the system does instead, Chinese.
        source: clause and status, 残缺 or 缺失.
    """

    number: int
    what: str
    handling: str
    source: Provenance


def read_lost_text(table: StrictTable) -> tuple[LostText, ...]:
    """Read the `[[lost_text]]` entries in order.

    Source: none (design, register A.4).
    Raises: RulebookFormatError, also when the numbers do not run 1, 2, 3 ….
    """
    found = []
    for expected, entry in enumerate(table.tables("lost_text"), 1):
        entry.only("number", "what", "handling", *SOURCE_KEYS)
        if entry.integer("number") != expected:
            raise entry.refuse("number", f"must be {expected}")
        found.append(LostText(expected, entry.text("what"), entry.text("handling"), entry.source()))
    return tuple(found)
