"""What a run was made by (冻结的细则): every figure of the rulebook and every reading, as JSON. Pure.

A run keeps this beside its results, so that it can be explained after rules have changed.
"""

import hashlib
import json
from typing import Any

from monitor.index.account_wci import MediaRules
from scoring.source import Provenance, plain

_READINGS = ("D-12", "D-13", "D-14", "D-15", "D-16")


def freeze(media: MediaRules) -> dict[str, Any]:
    """Return rulebook, readings and version as JSON values, with a digest of all of it."""
    rules = media.rules
    frozen: dict[str, Any] = {
        "rulebook": rules.head.id,
        "title": rules.head.title,
        "effective_from": rules.head.effective_from.isoformat(),
        "wci_version": media.version,
        "readings": {
            key: {
                "chosen": media.switches[key].chosen,
                "label": _label(media, key),
                **_source(media.switches[key].source),
            }
            for key in _READINGS
        },
        "parts": {
            key: {"title": part.title, "weight": plain(part.weight_ratio), **_source(part.source)}
            for key, part in (*rules.parts.items(), *rules.media.items())
        },
        "indicators": {
            indicator.id: {
                "title": indicator.title,
                "part": indicator.part,
                "bottom_line": plain(indicator.bottom_line.minimum) if indicator.bottom_line else None,
                "is_evaluated": indicator.bottom_line.is_evaluated if indicator.bottom_line else None,
                **_source(indicator.source),
            }
            for indicator in rules.indicators.values()
        },
        "parameters": {
            parameter.id: {
                "title": parameter.title,
                "value": plain(parameter.value),
                "unit": parameter.unit,
                **_source(parameter.source),
            }
            for parameter in rules.parameters.values()
        },
    }
    text = json.dumps(frozen, ensure_ascii=False, sort_keys=True)
    return {**frozen, "digest": hashlib.sha256(text.encode()).hexdigest()}


def _label(media: MediaRules, key: str) -> str:
    switch = media.switches[key]
    return switch.labels[switch.chosen]


def _source(source: Provenance) -> dict[str, object]:
    return {"clause": source.clause, "status": source.status.value, "is_confirmed": source.is_confirmed}
