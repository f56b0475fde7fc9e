"""A unit's own assessment of its lower level (HN-2.2.3) and the contacts of schools (GD-5.3)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from monitor.assessment.view import explain_item
from monitor.errors import BadParameter, CommandError, NotFound, OutOfScope
from monitor.store.assessment import lower as lower_assessments
from monitor.units import Role
from monitor.usecases.assessment.lower import LowerResult, record_lower, void_lower
from monitor.usecases.assessment.sheets import view_sheet
from monitor.usecases.index.contacts import ContactDuty, SchoolContacts
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.assess_help import YEAR, Panel
from tests.monitor.index_stage import RULES

RESULTS = (LowerResult("LC01", "8.5", "优秀"), LowerResult("LC0101", "", "合格", "补考评"))


def evidence_of(panel: Panel) -> list[str]:
    sheet = panel.desk.read(panel.inspector, lambda sitting: view_sheet(sitting, YEAR, "LC"))
    return [text for text in explain_item(sheet, "HN-A1.2") if "对下考核" in text]


def record(panel: Panel, *results: LowerResult, title: str = "考核办法", copies: bool = True) -> int:
    return panel.by(
        panel.admin, record_lower, YEAR, title, "鹭团发〔2026〕3号", results, copies_rubric=copies
    )


def stored(panel: Panel, number: int) -> list[tuple[str, str]]:
    with panel.database.reading() as connection:
        return [(row.points, row.grade) for row in lower_assessments.load_results(connection, number)]


def test_an_own_assessment_is_shown_as_evidence_and_scores_nothing(panel: Panel) -> None:
    assert evidence_of(panel) == []
    number = record(panel, *RESULTS)
    (shown,) = evidence_of(panel)
    assert "对下考核《考核办法》（鹭团发〔2026〕3号，照用综合考评表），登记下级结果 2 个" in shown
    assert shown.startswith("参考：")
    assert stored(panel, number) == [("8.5", "优秀"), ("", "合格")]
    assert record(panel, RESULTS[0]) == number, "the same title again is the same record"
    assert stored(panel, number) == [("8.5", "优秀")]
    panel.by(panel.admin, void_lower, YEAR, number, "办法已修订")
    assert all("登记下级结果" not in text for text in evidence_of(panel))
    with pytest.raises(NotFound):
        panel.by(panel.admin, void_lower, YEAR, number, "再作废")


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (LowerResult("YS01", "8"), OutOfScope),
        (LowerResult("LC", "8"), OutOfScope),
        (LowerResult("XX", "8"), OutOfScope),
        (LowerResult("LC01"), BadParameter),
        (LowerResult("LC01", "八分"), BadParameter),
        (LowerResult("LC01", "NaN"), BadParameter),
    ],
)
def test_a_wrong_row_stores_nothing(panel: Panel, result: LowerResult, error: type[Exception]) -> None:
    with pytest.raises(error):
        record(panel, LowerResult("LC0101", "7"), result)
    assert evidence_of(panel) == []
    with pytest.raises(CommandError):
        panel.by(panel.inspector, record_lower, YEAR, "办法", "文", (), copies_rubric=False)


@pytest.fixture
def contacts(database: Any, cast: Cast, clock: FrozenClock) -> SchoolContacts:
    assert cast
    return SchoolContacts(database, clock, RULES.head.unit_kinds)


def test_a_new_contact_ends_the_term_before(contacts: SchoolContacts, cast: Cast) -> None:
    own = cast.viewer("QD")
    first = contacts.name(own, "QD", ContactDuty.LIAISON, "甲", "0898-1234567", date(2026, 1, 1))
    assert contacts.name(own, "QD", ContactDuty.LIAISON, "甲", "0898-1234567", date(2026, 5, 1)) == first
    contacts.name(own, "QD", ContactDuty.RESPONSIBLE, "乙", "13800000000", date(2026, 1, 1))
    contacts.name(own, "QD", ContactDuty.LIAISON, "丙", "13800000001", date(2026, 9, 1))
    assert [(t.duty, t.name, t.since, t.until) for t in contacts.terms(own, "QD")] == [
        ("联络人", "甲", date(2026, 1, 1), date(2026, 8, 31)),
        ("负责人", "乙", date(2026, 1, 1), None),
        ("联络人", "丙", date(2026, 9, 1), None),
    ]


@pytest.mark.parametrize(
    ("phone", "since"), [("abc", date(2026, 1, 1)), ("", date(2026, 1, 1)), ("12345", date(2026, 11, 21))]
)
def test_a_wrong_contact_is_refused(contacts: SchoolContacts, cast: Cast, phone: str, since: date) -> None:
    with pytest.raises(BadParameter):
        contacts.name(cast.viewer("QD"), "QD", ContactDuty.LIAISON, "甲", phone, since)
    assert list(contacts.terms(cast.viewer("QD"), "QD")) == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda contacts, cast: contacts.terms(cast.viewer("LC"), "QD"),
        lambda contacts, cast: contacts.terms(cast.viewer("QS", Role.INSPECTOR), "LC"),
        lambda contacts, cast: contacts.name(
            cast.viewer("QD", Role.LEADER), "QD", ContactDuty.LIAISON, "甲", "12345", date(2026, 1, 1)
        ),
    ],
)
def test_contacts_of_others_are_out_of_scope(
    contacts: SchoolContacts, cast: Cast, ask: Callable[[SchoolContacts, Cast], object]
) -> None:
    with pytest.raises(OutOfScope):
        ask(contacts, cast)
