"""Exports: asked for once, made by a job, fetched by their owner only, gone after seven days."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.errors import BadParameter, OutOfScope, StorageError
from monitor.exports import (
    ExportNotFound,
    ExportOrder,
    ExportState,
    MadeFile,
    Tell,
    TooManyExports,
    clean_order,
    watermark,
)
from monitor.store.database import Database
from monitor.store.operations.export_folder import ExportFolder
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role, Viewer
from monitor.usecases.operations.exports import Exports
from tests.cast import Cast
from tests.conftest import FrozenClock

ORDER = clean_order("简报", "LC", "2026-11", "pdf")


@pytest.fixture
def exports(database: Database, clock: FrozenClock, tmp_path: Path) -> Exports:
    return Exports(database, clock, ExportFolder(tmp_path / "exports"))


def write_back(viewer: Viewer, order: ExportOrder, made_for: str, tell: Tell) -> MadeFile:
    """A maker whose file says what it was asked for."""
    tell(60)
    return MadeFile("简报.pdf", f"{order.subject}|{order.period}|{made_for}".encode())


def test_a_finished_export_is_fetched_by_its_owner_and_says_who_made_it(
    exports: Exports, cast: Cast, database: Database
) -> None:
    viewer = cast.viewer("LC")
    number, is_new = exports.order(viewer, ORDER)
    assert is_new
    assert [each.state for each in exports.list_own(viewer)] == [ExportState.WAITING]
    assert exports.make_due(write_back) == 1
    made = exports.fetch(viewer, number)
    assert made.name == "简报.pdf"
    assert made.content.decode() == (
        "LC|2026-11|单位管理员 LC管理员 于 2026-11-20 15:00 导出，范围：鹭川团市委及下级"
    )
    [listed] = exports.list_own(viewer)
    assert (listed.state, listed.progress, listed.n_opened, listed.opened_by) == (
        ExportState.DONE, 100, 1, "LC管理员",
    )  # fmt: skip
    assert listed.title == "鹭川团市委 月报 2026-11"
    with database.reading() as connection:
        actions = list(
            connection.execute(
                select(table_of(AuditRow).c.action).order_by(table_of(AuditRow).c.id)
            ).scalars()
        )
    assert actions == ["export.order", "export.open"]


def test_the_same_order_within_a_minute_is_the_same_export(
    exports: Exports, cast: Cast, clock: FrozenClock
) -> None:
    viewer = cast.viewer("LC")
    first, _ = exports.order(viewer, ORDER)
    clock.advance(seconds=59)
    assert exports.order(viewer, ORDER) == (first, False)
    assert exports.order(viewer, replace(ORDER, period="2026"))[1]
    clock.advance(seconds=2)
    assert exports.order(viewer, ORDER)[1]


def test_nothing_written_means_the_own_unit(exports: Exports, cast: Cast) -> None:
    viewer = cast.viewer("LC")
    exports.order(viewer, clean_order("简报", " ", "2026-11", "docx"))
    assert exports.list_own(viewer)[0].order.subject == "LC"


def test_ten_an_hour_and_no_more(exports: Exports, cast: Cast, clock: FrozenClock) -> None:
    viewer = cast.viewer("QS", Role.INSPECTOR)
    for month in range(1, 11):
        exports.order(viewer, replace(ORDER, period=f"2026-{month:02d}"))
    with pytest.raises(TooManyExports):
        exports.order(viewer, ORDER)
    assert exports.order(cast.viewer("LC"), ORDER)[1]
    clock.advance(minutes=61)
    assert exports.order(viewer, ORDER)[1]


@pytest.mark.parametrize("subject", ["YS", "YS01", "nothing"])
def test_a_foreign_unit_is_refused_like_a_missing_one(exports: Exports, cast: Cast, subject: str) -> None:
    viewer = cast.viewer("LC")
    with pytest.raises(OutOfScope) as refused:
        exports.order(viewer, replace(ORDER, subject=subject))
    assert refused.value.user_text == "无权查看该单位"
    assert exports.list_own(viewer) == []


def test_a_foreign_group_is_refused(exports: Exports, cast: Cast) -> None:
    with pytest.raises(OutOfScope):
        exports.order(cast.viewer("LC"), clean_order("群逐日记录", "YS0001", "2026-11", "xlsx"))


@pytest.mark.parametrize(
    ("kind", "period"),
    [
        ("考评表", "2026-11"),
        ("未达标名单", "2026-W47"),
        ("简报", "2026-12"),
        ("简报", "x"),
        ("群逐日记录", "2026-11-20"),
    ],
)
def test_a_period_that_does_not_fit_the_kind_is_refused(
    exports: Exports, cast: Cast, kind: str, period: str
) -> None:
    with pytest.raises(BadParameter):
        exports.order(cast.viewer("LC"), clean_order(kind, "LC", period, "pdf"))


@pytest.mark.parametrize(
    "words",
    [("总结", "LC", "2026", "pdf"), ("简报", "LC", "2026", "exe"), ("简报", "L" * 65, "2026", "pdf")],
)
def test_words_that_name_nothing_are_refused(words: tuple[str, str, str, str]) -> None:
    with pytest.raises(BadParameter):
        clean_order(*words)


def test_nobody_else_fetches_an_export(exports: Exports, cast: Cast) -> None:
    number, _ = exports.order(cast.viewer("LC"), ORDER)
    exports.make_due(write_back)
    for stranger in (cast.viewer("YS"), cast.viewer("QS", Role.INSPECTOR)):
        with pytest.raises(ExportNotFound) as refused:
            exports.fetch(stranger, number)
        assert refused.value.user_text == ExportNotFound.user_text
    for missing in (0, -1, number + 1, 2**40):
        with pytest.raises(ExportNotFound):
            exports.fetch(cast.viewer("LC"), missing)


def test_who_lost_the_scope_lost_the_export(exports: Exports, cast: Cast) -> None:
    """The same person, moved from the province to a city, keeps nothing of the province."""
    inspector = cast.viewer("QS", Role.INSPECTOR)
    number, _ = exports.order(inspector, ORDER)
    exports.make_due(write_back)
    moved = replace(cast.viewer("LC"), identity=inspector.identity)
    assert exports.list_own(moved) == []
    with pytest.raises(ExportNotFound):
        exports.fetch(moved, number)


def test_an_export_is_gone_after_seven_days(
    exports: Exports, cast: Cast, clock: FrozenClock, tmp_path: Path
) -> None:
    viewer = cast.viewer("LC")
    number, _ = exports.order(viewer, ORDER)
    exports.make_due(write_back)
    clock.advance(days=6, hours=23)
    assert exports.expire() == 0
    assert exports.fetch(viewer, number).content
    clock.now += timedelta(hours=1)
    with pytest.raises(ExportNotFound):
        exports.fetch(viewer, number)
    assert exports.expire() == 1
    assert list((tmp_path / "exports").iterdir()) == []
    assert exports.list_own(viewer)[0].state is ExportState.EXPIRED
    assert exports.expire() == 0


def test_a_refusal_is_told_and_not_tried_again(exports: Exports, cast: Cast) -> None:
    def refuse(_viewer: Viewer, _order: ExportOrder, _made_for: str, _tell: Tell) -> MadeFile:
        raise OutOfScope("moved away")

    viewer = cast.viewer("LC")
    number, _ = exports.order(viewer, ORDER)
    assert exports.make_due(refuse) == 1
    [failed] = exports.list_own(viewer)
    assert (failed.state, failed.error) == (ExportState.FAILED, "无权查看该单位")
    assert exports.make_due(write_back) == 0
    with pytest.raises(ExportNotFound):
        exports.fetch(viewer, number)


def test_what_nobody_expected_is_tried_three_times(exports: Exports, cast: Cast, clock: FrozenClock) -> None:
    def burst(_viewer: Viewer, _order: ExportOrder, _made_for: str, _tell: Tell) -> MadeFile:
        raise RuntimeError("out of paper")

    viewer = cast.viewer("LC")
    exports.order(viewer, ORDER)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            exports.make_due(burst)
        assert exports.make_due(burst) == 0  # leased
        clock.advance(minutes=6)
    assert exports.make_due(burst) == 1
    assert exports.list_own(viewer)[0].state is ExportState.FAILED


def test_a_file_that_was_changed_is_not_given_out(exports: Exports, cast: Cast, tmp_path: Path) -> None:
    viewer = cast.viewer("LC")
    number, _ = exports.order(viewer, ORDER)
    exports.make_due(write_back)
    [file] = (tmp_path / "exports").iterdir()
    file.write_bytes(b"other")
    with pytest.raises(StorageError):
        exports.fetch(viewer, number)


def test_the_watermark_names_person_time_and_scope(cast: Cast, clock: FrozenClock) -> None:
    line = watermark(cast.viewer("QS", Role.INSPECTOR), "全省", clock.now)
    assert line == "督导检查 QS管理员 于 2026-11-20 15:00 导出，范围：全省"
