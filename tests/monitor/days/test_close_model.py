"""Out of order and late (T-03): whatever happens in whatever order, closed days equal a simple fold.

The suite runs a small profile. Before a release, with T-03's 2,000 runs of up to 40 steps:

    QINGXUN_MODEL_RUNS=2000 python -m pytest tests/monitor/days/test_close_model.py

`QINGXUN_MODEL_SEED=n` makes a run repeatable, and several at once different.
"""

import os
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    rule,
    run_state_machine_as_test,
)

from monitor.classify.relevance import RelevanceModel
from monitor.clock import as_shanghai
from monitor.days.closing import TallyRow
from monitor.store.days.tables import DayCountRow, DayGradeRow, UnitDayRow
from monitor.store.work_tables import AuditRow, JobSlotRow
from monitor.usecases.days.close_day import close_day, close_late_groups
from tests.monitor.close_acts import RULEBOOK, Acts
from tests.monitor.close_model import Key

RUNS = int(os.environ.get("QINGXUN_MODEL_RUNS", "25"))


class Closing(Acts):
    """The acts, the clock and the nightly jobs; what must hold after each and after all."""

    # -- time

    @rule(minutes=st.sampled_from([1, 7, 11, 60, 600, 1440]))
    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def step_back(self) -> None:
        self.now -= timedelta(minutes=10)

    @rule(data=st.data())
    def close_again(self, data: st.DataObject) -> None:
        """Ask for a day that is over, whether or not it was closed (重跑)."""
        day = self.today - timedelta(days=data.draw(st.integers(1, 3)))
        assert close_day(self.database, RULEBOOK, self._clock, day) is not None
        self._note_closed([row for row in self._rows(DayGradeRow) if row.business_day == day])

    @rule()
    def run_jobs(self) -> None:
        late = sorted({row.business_day for row in self._rows(DayGradeRow) if row.has_late_posts})
        again = close_late_groups(self.database, RULEBOOK, self._clock)
        assert [report.day for report in again] == late, "each late day once"
        assert close_late_groups(self.database, RULEBOOK, self._clock) == []
        for _ in range(2):  # late closes are due ten minutes after the last, whatever the clock did
            self.now += timedelta(minutes=10)
            self.jobs.run_due()
        rows = self._rows(DayGradeRow)
        self._note_closed(rows)
        assert not any(row.has_late_posts for row in rows)
        self._compare(rows)

    def _note_closed(self, rows: list[Any]) -> None:
        counts = self.fold.counts()
        for row in rows:
            key = (row.group_id, row.business_day)
            self.closed_counts[key] = counts.get(key, {})

    def _compare(self, rows: list[Any]) -> None:
        """After the jobs every closed day is what the fold of everything says, all the way up the tree."""
        counts = self.fold.counts()
        closed = [as_shanghai(row.slot).date() - timedelta(days=1) for row in self._rows(JobSlotRow)
                  if row.job == "close_day"]  # fmt: skip
        assert len(closed) == len(set(closed))
        assert {key for key in counts if key[1] < min(closed, default=date.min)} == set()
        expected = {(group, day) for day in closed for group in self.fold.open_on(day)}
        assert {(row.group_id, row.business_day) for row in rows} == expected
        for row in rows:
            key = (row.group_id, row.business_day)
            found = (row.n_posts, row.n_relevant, row.activity, row.duty)
            assert found == self.fold.judge(key, counts.get(key, {})), key
        stored: defaultdict[date, dict[str, dict[str, int]]] = defaultdict(dict)
        codes = {number: code for code, number in self.cast.units.items()}
        for row in self._rows(UnitDayRow):
            values = {name: getattr(row, name) for name in TallyRow._fields}
            stored[row.business_day][codes[row.unit_id]] = {name: n for name, n in values.items() if n}
        assert set(stored) <= set(closed)
        for day in closed:
            assert stored[day] == self.fold.tallies(day), day

    # -- what holds at every moment

    @invariant()
    def day_counts_are_those_of_the_fold(self) -> None:
        stored: dict[Key, Any] = {}
        for row in self._rows(DayCountRow):
            count = {row.provenance: (row.n_posts, row.n_relevant)}
            stored.setdefault((row.group_id, row.business_day), {}).update(count)
        assert stored == self.fold.counts()

    @invariant()
    def a_closed_day_that_moved_is_provisional(self) -> None:
        counts = self.fold.counts()
        for row in self._rows(DayGradeRow):
            key = (row.group_id, row.business_day)
            if counts.get(key, {}) != self.closed_counts[key]:
                assert (row.has_late_posts, row.status) == (True, "暂定"), key

    @invariant()
    def no_final_grade_changes_without_an_audit_entry(self) -> None:
        audits: defaultdict[str, int] = defaultdict(int)
        for row in self._rows(AuditRow):
            if row.action == "day_grade.changed":
                audits[row.subject] += 1
        final = {
            (row.group_id, row.business_day): (row.activity, row.duty)
            for row in self._rows(DayGradeRow)
            if not row.has_late_posts
        }
        for key, grades in final.items():
            subject = f"group:{key[0]}:{key[1]}"
            has_changed = key in self.final and self.final[key] != grades
            assert (audits[subject] > self.n_audits.get(subject, 0)) == has_changed, subject
        self.final |= final
        self.n_audits = dict(audits)


@pytest.mark.slow
def test_closed_days_equal_the_fold_of_everything_that_happened(
    sqlite_template: Path, judge: RelevanceModel
) -> None:
    Closing.template, Closing.judge = sqlite_template, judge
    machine: Any = Closing
    if number := os.environ.get("QINGXUN_MODEL_SEED"):
        machine = seed(int(number))(Closing)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=40,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a failure is read as it is
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
