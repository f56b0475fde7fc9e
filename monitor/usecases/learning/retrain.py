"""Retraining at night (重新训练): corrections become a candidate, which is taken only if it is not worse.

Training starts from the shipped weights and takes some seconds, outside of any transaction; one transaction
then claims the slot and stores version, card, figures and choice. Key types: `Retraining`, `Trained`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from monitor.classify.corpora import NORMAL, Row
from monitor.classify.errors import ClassifierFileError
from monitor.classify.evaluate import Report
from monitor.classify.fitting import read_as_models_do
from monitor.classify.linear import HarmModels
from monitor.classify.retraining import BaseCorpus, Candidate, evaluate_candidate, retrain
from monitor.clock import Clock
from monitor.learning.candidates import (
    LEAST_NEW_EXAMPLES,
    Choice,
    ChoiceAct,
    FrozenFigures,
    Judgement,
    is_frozen_example,
    judge_candidate,
    split_seeds,
)
from monitor.schedule import Job
from monitor.store.database import Database
from monitor.store.learning import examples, model_versions
from monitor.store.learning.examples import Example
from monitor.store.learning.model_versions import Connection, NewVersion
from monitor.store.operations import job_slots
from monitor.usecases.learning.versions import load_models_in_use, record_choice
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do
from monitor.usecases.rules.in_force import AnyRules

RETRAIN = Job("retrain", (time(1, 30),), timedelta(hours=6))
ACTOR = "job:retrain"
_SEED = 20130808


@dataclass(frozen=True, slots=True)
class Trained:
    """A candidate with its figures and the decision on it."""

    candidate: Candidate
    judgement: Judgement
    figures: dict[str, Any]
    n_examples: int


class Retraining:
    """The job and what it starts from; `base` is read when it is needed, it is some megabytes."""

    def __init__(self, base: Callable[[], BaseCorpus] = BaseCorpus.shipped) -> None:
        """Keep how to read the shipped weights and seeds."""
        self._base = base

    def task(self) -> ScheduledTask:
        """Return the scheduled task."""
        return ScheduledTask(RETRAIN, self.run)

    def run(self, database: Database, _rules: AnyRules, clock: Clock, slot: datetime) -> str | None:
        """Retrain if there are enough new examples; returns the outcome, None if the slot has run."""
        with database.reading() as connection:
            if job_slots.has_run(connection, RETRAIN.name, slot):
                return None
            n_new = _count_new(connection)
        if n_new < LEAST_NEW_EXAMPLES:
            words = f"新样本 {n_new} 条，不足 {LEAST_NEW_EXAMPLES} 条，未训练"
            return claim_and_do(database, RETRAIN, slot, clock(), lambda _: words)
        try:
            trained = self.train(database)
        except ClassifierFileError as error:  # it would fail again in twenty seconds
            failed = f"未训练：{error}"
            return claim_and_do(database, RETRAIN, slot, clock(), lambda _: failed)
        now = clock()
        return claim_and_do(database, RETRAIN, slot, now, lambda c: store(c, trained, ACTOR, now))

    def train(self, database: Database) -> Trained:
        """Make a candidate of all examples and measure it beside the models in use. Writes nothing.

        Raises: WeightsError, CorpusError if weights or seeds cannot be used.
        """
        base = self._base()
        with database.reading() as connection:
            known = examples.load_harm_examples(connection)
            in_use = load_models_in_use(connection, lambda: base.models)
        rehearsed, frozen = split_seeds(base.seeds)
        frozen += [_row(one) for one in known if is_frozen_example(one.text_key)]
        corrections = [_row(one) for one in known if not is_frozen_example(one.text_key)]
        candidate = retrain(BaseCorpus(base.models, tuple(rehearsed)), corrections, _SEED)
        report, before = _measure(candidate.models, frozen), _measure(in_use, frozen)
        judgement = judge_candidate(report.frozen, before.frozen)
        figures = {"candidate": _as_json(report), "in_use": _as_json(before)}
        return Trained(candidate, judgement, figures, len(known))


@dataclass(frozen=True, slots=True)
class _Measured:
    frozen: FrozenFigures
    report: Report


def store(connection: Connection, trained: Trained, actor: str, now: datetime) -> str:
    """Store a candidate, and put it into use if it is not worse; return the outcome in words."""
    is_better, reason = trained.judgement
    version = NewVersion(
        made_at=now,
        made_by=actor,
        weights_version=trained.candidate.models.version,
        n_examples=trained.n_examples,
        is_better=is_better,
        judgement=reason,
        card=trained.candidate.card,
        figures=trained.figures,
    )
    number = model_versions.insert_version(connection, version, trained.candidate.weights)
    if is_better:
        record_choice(connection, Choice(ChoiceAct.PROMOTE, number, reason), actor, now)
    return f"版本 {number}：{reason}"


def _count_new(connection: Connection) -> int:
    return examples.count_harm_examples(connection, model_versions.load_newest_made_at(connection))


def _row(example: Example) -> Row:
    return Row(example.text, example.label)


def _measure(models: HarmModels, frozen: Sequence[Row]) -> _Measured:
    report = evaluate_candidate(Candidate(models, {}, {}), frozen)
    harmless = [row for row in frozen if row.label == NORMAL]
    n_alarms = sum(_alarms(models, row.text) for row in harmless)
    ratio = n_alarms / len(harmless) if harmless else 0.0
    return _Measured(FrozenFigures(report.n_rows, report.macro_f1, ratio), report)


def _alarms(models: HarmModels, text: str) -> bool:
    """Tell whether a text passes the alert threshold of any category."""
    found = models.probabilities(*read_as_models_do(text))
    return any(
        probability >= models.thresholds[category].alert
        for category, probability in found.items()
        if category in models.thresholds
    )


def _as_json(measured: _Measured) -> dict[str, Any]:
    report = measured.report
    return {
        "n_rows": report.n_rows,
        "accuracy": round(report.accuracy, 4),
        "macro_f1": round(report.macro_f1, 4),
        "false_alarm_ratio": round(measured.frozen.false_alarm_ratio, 5),
        "by_label": {
            label: {
                "precision": round(each.precision, 4),
                "recall": round(each.recall, 4),
                "rows": each.n_rows,
            }
            for label, each in report.by_label.items()
        },
    }
