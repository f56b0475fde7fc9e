"""Pictures for chat replies: a trend or a ranking as PNG, 750 px wide, title with data time.

matplotlib costs seconds and 90 MB to load, so it is imported where a picture is drawn, in a worker.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from reports.document import clean_cell
from reports.pdf import FONTS

WIDTH_PIXELS = 750
_DPI = 150
_MET, _UNMET, _GREY = "#10906f", "#cf4a2e", "#a9b4c0"
MISSING_GLYPHS = "有 {} 个字字库中没有，以方框代替"
_SYSTEM_FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "PingFang SC", "Microsoft YaHei")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: label, 0…100 or None for 无数据, and the text at its end."""

    label: str
    percent: float | None
    words: str
    is_good: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a trend; None is a gap, never 0."""

    label: str
    percent: float | None


def draw_bars(title: str, data_time: str, bars: Sequence[Bar]) -> bytes:
    """Return horizontal bars in the order given, first on top, as PNG of at most 300 kB."""
    figure, axes = _open(title, data_time, height=1.4 + 0.32 * max(len(bars), 1))
    shown = list(reversed(bars))
    places = range(len(shown))
    colours = [_GREY if bar.percent is None else _MET if bar.is_good else _UNMET for bar in shown]
    drawn = axes.barh(places, [bar.percent or 0 for bar in shown], color=colours, height=0.62)
    for patch, bar in zip(drawn.patches, shown, strict=True):
        if not bar.is_good:
            patch.set_hatch("///")  # never by colour alone
    axes.set_yticks(places, [clean_cell(bar.label) for bar in shown])
    axes.set_xlim(0, 118)
    axes.set_xticks((0, 25, 50, 75, 100))
    axes.xaxis.set_major_formatter("{x:.0f}%")
    for place, bar in enumerate(shown):
        axes.text((bar.percent or 0) + 1.5, place, clean_cell(bar.words), va="center", fontsize=8)
    return _close(figure)


def draw_trend(title: str, data_time: str, points: Sequence[Point]) -> bytes:
    """Return a line over days as PNG; days without data are gaps marked on the axis."""
    figure, axes = _open(title, data_time, height=2.9)
    places = range(len(points))
    values = [float("nan") if point.percent is None else point.percent for point in points]
    axes.plot(places, values, color=_MET, linewidth=1.8, marker="o", markersize=2.6)
    gaps = [place for place, point in enumerate(points) if point.percent is None]
    axes.plot(gaps, [0] * len(gaps), linestyle="", marker="x", color=_GREY, markersize=4)
    axes.set_ylim(-4, 104)
    axes.yaxis.set_major_formatter("{x:.0f}%")
    step = max(1, len(points) // 6)
    axes.set_xticks(list(places)[::step], [point.label for point in points][::step])
    return _close(figure)


def _open(title: str, data_time: str, *, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_PIXELS / _DPI, height), dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(f"{clean_cell(title)}\n{clean_cell(data_time)}", fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="both", color="#e4e8ee", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _close(figure: Any) -> bytes:
    """Return the figure as PNG; what the font has no glyph for is said in the picture."""
    import matplotlib

    with matplotlib.rc_context({"font.family": _families(), "font.size": 8, "hatch.linewidth": 0.6}):
        for text in figure.findobj(_is_text):
            text.set_fontfamily(_families())
        content, n_missing = _save(figure)
        if n_missing:
            figure.supxlabel(MISSING_GLYPHS.format(n_missing), fontsize=7, color=_UNMET)
            content, _ = _save(figure)
    return content


def _save(figure: Any) -> tuple[bytes, int]:
    out = BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(out, format="png", dpi=_DPI)
    missing = {str(each.message) for each in caught if "missing from" in str(each.message)}
    return out.getvalue(), len(missing)


def _is_text(artist: Any) -> bool:
    return hasattr(artist, "set_fontfamily")


@lru_cache(maxsize=1)
def _families() -> list[str]:
    """Return the families to draw with: the bundled font, else what the system has."""
    from matplotlib import font_manager

    bundled: list[str] = []
    for file in sorted(FONTS.glob("*.ttf")):
        font_manager.fontManager.addfont(file)
        bundled.append(font_manager.FontProperties(fname=Path(file)).get_name())
    known = set(font_manager.get_font_names())
    return [*dict.fromkeys(bundled), *(name for name in _SYSTEM_FONTS if name in known), "sans-serif"]
