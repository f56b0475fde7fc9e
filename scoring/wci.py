"""WCI (微信传播指数) by version: GD-3.3c and requirements B.3.

The one module with floats, because the formulas take natural logarithms; results leave as Decimal text.
Imports only the standard library and `scoring`. Key types: `WciFacts`, `WciResult`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import log

from scoring.errors import InputError
from scoring.facts import FactTable
from scoring.source import ResultStatus, SourceStatus, Verdict

_PLACES = Decimal("0.0001")
_FACTOR_PLACES = Decimal("0.000001")

FIELDS = {
    "d": "天数", "n": "篇数", "R": "阅读", "Z": "在看", "L": "点赞", "RE": "分享",
    "Rt": "头条阅读", "Zt": "头条在看", "Lt": "头条点赞", "REt": "头条分享",
    "Rmax": "最高阅读", "Zmax": "最高在看", "Lmax": "最高点赞", "REmax": "最高分享",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WciResult:
    """A WCI and its factors.

    Attributes:
        wci: four decimals, as 清博 publishes two more than needed to rank.
        factors: O, A, H, P (V2.0: r, z), six decimals.
        flag: 本期无发布 when there was no article, else empty.
    """

    wci: Decimal
    factors: Mapping[str, Decimal]
    flag: str = ""


@dataclass(frozen=True, slots=True)
class WciVersion:
    """One published formula.

    Attributes:
        name: "13.0" and so on.
        needs: the inputs it uses.
        factors: computes the factors from complete inputs.
        combine: computes the WCI from the factors.
        formula: in words, for the arithmetic.
    """

    name: str
    needs: tuple[str, ...]
    factors: Callable[[Mapping[str, int]], dict[str, float]]
    combine: Callable[[Mapping[str, float]], float]
    formula: str


def compute_wci(version: str, facts: Mapping[str, object]) -> Verdict[WciResult]:
    """Compute the WCI (微信传播指数) of one account and period.

    Source: GD-3.3c 载明 names 清博's index; the version is 推定 (V13.0 for 2019), formulas as published.

    Args:
        version: "2.0", "13.0", "14.2-3" or "14.2-4".
        facts: symbols of B.3 as counts: d days, n articles, R reads, Z 在看, L 点赞, RE shares; suffix t =
            headline articles, max = best article; “10万+” is 100001. Unused ones may be absent.

    Returns: verdict; with n = 0 the WCI is 0 and the flag 本期无发布.

    Raises: InputError for an unknown version or field, a field missing, or one that is no count.
    """
    if version not in VERSIONS:
        raise InputError(f"no such version: {version!r} (allowed: {', '.join(VERSIONS)})", key_path="version")
    formula = VERSIONS[version]
    table = FactTable(facts)
    table.only(FIELDS)
    counts = {key: table.count(key) for key in FIELDS if table.has(key) or key in ("n",)}
    if counts["n"] == 0:
        return _verdict(formula, counts, WciResult(Decimal(0), {}, "本期无发布"), "本期无发布，WCI = 0")
    for key in formula.needs:
        if key not in counts:
            raise table.refuse(key, f"missing: V{version} needs it ({FIELDS[key]})")
    if "d" in formula.needs and counts["d"] == 0:
        raise table.refuse("d", "must be at least 1 day")
    factors = formula.factors(counts)
    result = WciResult(
        wci=Decimal(formula.combine(factors)).quantize(_PLACES),
        factors={name: Decimal(value).quantize(_FACTOR_PLACES) for name, value in factors.items()},
    )
    shown = "，".join(f"{name} {value}" for name, value in result.factors.items())
    return _verdict(formula, counts, result, f"{shown}；{formula.formula} = {result.wci}")


def _verdict(
    formula: WciVersion, counts: Mapping[str, int], result: WciResult, line: str
) -> Verdict[WciResult]:
    return Verdict(
        name="wci",
        outcome=result,
        clause="GD-3.3c",
        status=SourceStatus.INFERRED,
        result_status=ResultStatus.PROVISIONAL,
        figures={"version": formula.name, **counts},
        arithmetic=line,
    )


def _factors_of_v2(c: Mapping[str, int]) -> dict[str, float]:
    def f(total: int, best: int) -> float:
        return 0.40 * log(total + 1) + 0.45 * log(total / c["n"] + 1) + 0.15 * log(best + 1)

    return {"r": f(c["R"], c["Rmax"]), "z": f(c["Z"], c["Zmax"])}


def _combine_v2(factors: Mapping[str, float]) -> float:
    return (0.8 * factors["r"] + 0.2 * factors["z"]) ** 2 * 10


def _four_factors(weights: Mapping[str, float]) -> Callable[[Mapping[str, int]], dict[str, float]]:
    """Build O (per day), A (per article), H (headlines per day), P (best) from the weight of each symbol.

    Reads enter as ln(x+1), everything else as ln(10x+1).
    """

    def f(values: Mapping[str, float]) -> float:
        parts = (
            (weight, (1 if symbol == "R" else 10) * values[symbol]) for symbol, weight in weights.items()
        )
        return sum(weight * log(value + 1) for weight, value in parts)

    def factors(c: Mapping[str, int]) -> dict[str, float]:
        return {
            "O": f({symbol: c[symbol] / c["d"] for symbol in weights}),
            "A": f({symbol: c[symbol] / c["n"] for symbol in weights}),
            "H": f({symbol: c[symbol + "t"] / c["d"] for symbol in weights}),
            "P": f({symbol: c[symbol + "max"] for symbol in weights}),
        }

    return factors


def _combine_v13(factors: Mapping[str, float]) -> float:
    return (0.3 * factors["O"] + 0.3 * factors["A"] + 0.3 * factors["H"] + 0.1 * factors["P"]) ** 2 * 10


def _combine_v14(factors: Mapping[str, float]) -> float:
    weighted = 0.6 * factors["O"] + 0.2 * factors["A"] + 0.1 * factors["H"] + 0.1 * factors["P"]
    return weighted**2 * 1.2 * 10


def _needs(*symbols: str) -> tuple[str, ...]:
    return ("d", "n", *(symbol + suffix for symbol in symbols for suffix in ("", "t", "max")))


_V14 = "(0.6·O + 0.2·A + 0.1·H + 0.1·P)²·1.2·10"

VERSIONS: Mapping[str, WciVersion] = {
    version.name: version
    for version in (
        WciVersion(
            "2.0", ("n", "R", "Rmax", "Z", "Zmax"), _factors_of_v2, _combine_v2, "(0.8·r + 0.2·z)²·10"
        ),
        WciVersion(
            "13.0",
            _needs("R", "Z"),
            _four_factors({"R": 0.85, "Z": 0.15}),
            _combine_v13,
            "(0.3·O + 0.3·A + 0.3·H + 0.1·P)²·10",
        ),
        WciVersion(
            "14.2-3",
            _needs("R", "Z", "L"),
            _four_factors({"R": 0.85, "Z": 0.09, "L": 0.06}),
            _combine_v14,
            _V14,
        ),
        WciVersion(
            "14.2-4",
            _needs("R", "Z", "L", "RE"),
            _four_factors({"R": 0.70, "Z": 0.09, "L": 0.06, "RE": 0.15}),
            _combine_v14,
            _V14,
        ),
    )
}
