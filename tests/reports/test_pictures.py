"""Pictures for chat: the right size, light enough, every character drawn."""

import struct
from unittest.mock import patch

import pytest

from reports.pictures import Bar, Point, draw_bars, draw_trend


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


def test_a_ranking_is_750_pixels_wide_and_light() -> None:
    bars = [Bar(f"第{n}团市委", 100 - n * 5, f"{100 - n * 5}%", is_good=n < 12) for n in range(18)]
    with patch("reports.pictures.MISSING_GLYPHS", "{:nothing is missing}"):  # would raise
        png = draw_bars("群达标率排行", "数据截至 11-20 15:00", [*bars, Bar("无数据县", None, "无数据")])
    assert size_of(png)[0] == 750
    assert len(png) <= 300_000


def test_a_trend_keeps_gaps_apart_from_zero() -> None:
    whole = [Point(f"11-{day:02d}", 50.0) for day in range(1, 31)]
    with_gap = [*whole[:10], Point("11-11", None), *whole[11:]]
    with_zero = [*whole[:10], Point("11-11", 0.0), *whole[11:]]
    pictures = {draw_trend("达标率", "数据截至 11-20", points) for points in (whole, with_gap, with_zero)}
    assert len(pictures) == 3
    assert all(size_of(png)[0] == 750 and len(png) <= 300_000 for png in pictures)


def test_an_empty_ranking_is_still_a_picture() -> None:
    assert size_of(draw_bars("排行", "当日尚无数据", []))[0] == 750


def test_a_character_without_glyph_is_told_in_the_picture() -> None:
    known, unknown = (draw_bars("排行", "", [Bar(name, 50.0, "50%")]) for name in ("县", "ༀ"))
    assert size_of(unknown)[0] == 750
    assert unknown != known
    with (
        patch("reports.pictures.MISSING_GLYPHS", "{:nothing is missing}"),
        pytest.raises(ValueError, match="Invalid format"),
    ):
        draw_bars("排行", "", [Bar("ༀ", 50.0, "50%")])
