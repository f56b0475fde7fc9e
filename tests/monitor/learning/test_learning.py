"""The learning loop: what people find becomes examples, a candidate, a version in use, and back."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from monitor.classify import train
from monitor.classify.corpora import NORMAL, Row, read_seeds
from monitor.classify.engine import Classifier
from monitor.classify.linear import HarmModels, load_models
from monitor.classify.relevance import shared_relevance
from monitor.classify.retraining import BaseCorpus
from monitor.classify.segment import shared_segmenter
from monitor.errors import AppError, CommandError, ReadOnlyRole
from monitor.events import EventKind, InboundEvent, stable_key
from monitor.incidents.course import IncidentAct
from monitor.learning.candidates import (
    Choice,
    ChoiceAct,
    FrozenFigures,
    is_frozen_example,
    judge_candidate,
    split_seeds,
    versions_in_use,
)
from monitor.store.database import Database
from monitor.store.incidents.tables import IncidentRow
from monitor.store.learning.examples import count_harm_examples, load_harm_examples
from monitor.store.learning.tables import LabelledExampleRow, ModelFileRow
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow, JobSlotRow
from monitor.units import Role
from monitor.usecases.days.receive import Receiver
from monitor.usecases.incidents.acts import act_on
from monitor.usecases.learning.fresh_classifier import REFRESH_SECONDS, FreshClassifier
from monitor.usecases.learning.retrain import RETRAIN, Retraining
from monitor.usecases.learning.versions import ModelDesk, ModelNotFound, ModelRefused
from monitor.usecases.operations.purge import Retention, purge
from scoring.rulebook import load_rulebook
from tests.cast import SOURCE, Cast
from tests.conftest import FrozenClock
from tests.monitor.incident_help import ADVERT, Case

RULEBOOK = load_rulebook()
PHRASES = [f"百家乐龄课堂首存送书，第{n}期真人讲座" for n in range(40)]
SEEDS = [f"赌博\t真人百家乐首存送彩金{n}\tcasino{n % 5}" for n in range(25)]
SEEDS += [f"正常\t群里的同学记得交作业{n}\tchat{n % 5}" for n in range(25)]
SEEDS += [f"辱骂\t你这个坏蛋真是个大骗子{n}\tpersonal{n % 5}" for n in range(25)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseCorpus:
    """Weights trained on a handful of texts; they take 百家乐龄课堂 for a casino."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "toy.tsv").write_text("\n".join(SEEDS) + "\n", "utf-8")
    out = folder / "models"
    arguments = ["--seeds", str(folder), "--lexicons", str(folder), "--out", str(out), "--only", "categories"]
    assert train.main(arguments) == 0
    return BaseCorpus(load_models(out), tuple(read_seeds(folder)))


class Loop:
    """A database where posts come in by a classifier with the toy weights, and people judge them."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock, base: BaseCorpus) -> None:
        self.case = Case(database, cast, clock)
        self.database, self.cast, self.clock, self.base = database, cast, clock, base
        self.seconds = 0.0
        self.fresh = self.process()
        self.receiver = Receiver(
            database, shared_relevance(), clock, pepper="test-pepper", harm_judge=self.fresh
        )
        self.inspector = cast.viewer("QS", Role.INSPECTOR)
        self.desk = ModelDesk(database, clock, self.shipped)
        self.job = Retraining(lambda: base)

    def shipped(self) -> HarmModels:
        return self.base.models

    def process(self) -> FreshClassifier:
        """One more process on the same database."""
        classifier = Classifier(
            [], [self.base.models], relevance=shared_relevance(), cutter=shared_segmenter()
        )
        return FreshClassifier(self.database, classifier, shipped=self.shipped, seconds=lambda: self.seconds)

    def post(self, text: str) -> None:
        event = InboundEvent(
            kind=EventKind.POST, source=SOURCE, event_key=stable_key(text), occurred_at=self.clock(),
            place_id="10001", sender_id="m1", text=text,
        )  # fmt: skip
        self.receiver.receive([event])

    def judges_all(self, act: IncidentAct) -> int:
        """Let an administrator say the same of every open incident; returns how many."""
        with self.database.reading() as connection:
            incident = table_of(IncidentRow)
            open_ids = select(incident.c.id).where(incident.c.settled_at.is_(None)).order_by(incident.c.id)
            ids = list(connection.execute(open_ids).scalars())
        admin = self.cast.viewer("LC", Role.UNIT_ADMIN)
        for number in ids:
            self.case.acts(admin, lambda docket, n=number: act_on(docket, n, act))
        return len(ids)

    def night(self) -> str | None:
        """Run the job of the coming night."""
        self.clock.now = self.clock.now.replace(hour=17, minute=30) + timedelta(days=1)  # 01:30 in Shanghai
        return self.job.run(self.database, RULEBOOK, self.clock, self.clock.now)

    def flags(self, process: FreshClassifier | None = None) -> int:
        judge = process or self.fresh
        return sum(judge.suspect(text, "/") is not None for text in PHRASES)

    def examples(self) -> list[tuple[str, str]]:
        with self.database.reading() as connection:
            return [(one.text, one.label) for one in load_harm_examples(connection)]


@pytest.fixture
def loop(database: Database, cast: Cast, clock: FrozenClock, base: BaseCorpus) -> Loop:
    return Loop(database, cast, clock, base)


def test_forty_false_alarms_are_learned_over_night_and_a_roll_back_restores(loop: Loop) -> None:
    for text in PHRASES:
        loop.post(text)
    assert loop.judges_all(IncidentAct.FALSE_ALARM) == 40
    other = loop.process()
    assert (loop.flags(), loop.flags(other)) == (40, 40)
    outcome = loop.night()
    assert outcome is not None
    assert "不差于在用版本" in outcome
    loop.seconds += REFRESH_SECONDS + 1
    loop.fresh.refresh()
    other.refresh()
    assert (loop.flags(), loop.flags(other)) == (0, 0)
    assert loop.fresh.suspect("真人百家乐首存送彩金88", "/") is not None
    page = loop.desk.overview(loop.inspector)
    assert (page.in_use, page.previous, page.n_examples, page.n_new_examples) == (1, 0, 40, 0)
    assert page.versions[0].card["n_corrections"] < 40  # the other half is only measured on
    assert page.versions[0].figures["candidate"]["macro_f1"] > page.versions[0].figures["in_use"]["macro_f1"]
    assert (page.drift.n_confirmed, page.drift.n_false, page.drift.precision) == (0, 40, 0.0)
    assert loop.desk.roll_back(loop.inspector)[0] == 0
    other.refresh()
    assert loop.flags(other) == 40
    with loop.database.reading() as connection:
        actions = list(
            connection.execute(
                select(table_of(AuditRow).c.action).order_by(table_of(AuditRow).c.id)
            ).scalars()
        )
    assert [action for action in actions if action.startswith("model.")] == [
        "model.promote",
        "model.roll_back",
    ]


def test_a_night_without_enough_examples_trains_nothing_and_a_slot_runs_once(loop: Loop) -> None:
    for text in PHRASES[:19]:
        loop.post(text)
    loop.judges_all(IncidentAct.FALSE_ALARM)
    assert loop.night() == "新样本 19 条，不足 20 条，未训练"
    assert loop.job.run(loop.database, RULEBOOK, loop.clock, loop.clock.now) is None
    assert loop.desk.overview(loop.inspector).versions == ()
    with loop.database.reading() as connection:
        slot = connection.execute(
            select(table_of(JobSlotRow)).where(table_of(JobSlotRow).c.job == RETRAIN.name)
        )
        assert slot.one().outcome == "新样本 19 条，不足 20 条，未训练"


def test_weights_that_cannot_be_read_end_the_night_with_a_reason(loop: Loop) -> None:
    for text in PHRASES[:25]:
        loop.post(text)
    loop.judges_all(IncidentAct.FALSE_ALARM)
    loop.job = Retraining(lambda: BaseCorpus.shipped(Path("/nowhere")))
    outcome = loop.night()
    assert outcome is not None
    assert outcome.startswith("未训练：")


def test_a_worse_candidate_is_kept_but_not_used_and_cannot_be_promoted(loop: Loop) -> None:
    """Findings that contradict what the frozen seeds say make the model worse there."""
    row = table_of(LabelledExampleRow)
    for n in range(60):
        text = f"群里的同学记得交作业，第{n}次"
        key = next(key for key in range(n * 100, n * 100 + 100) if not is_frozen_example(key))
        values = {"question": "不良信息", "group_id": 0, "text_key": key, "text": text, "label": "赌博",
                  "source": "incident:1", "said_by": "chat:1", "said_at": loop.clock()}  # fmt: skip
        loop.database.write(lambda c, values=values: c.execute(row.insert().values(**values)).rowcount)
    outcome = loop.night()
    assert outcome is not None
    assert "未启用" in outcome
    page = loop.desk.overview(loop.inspector)
    assert (page.in_use, page.versions[0].is_better) == (0, False)
    with pytest.raises(ModelRefused) as refused:
        loop.desk.promote(loop.inspector, 1)
    assert "变差" in refused.value.user_text or "误报增多" in refused.value.user_text


def test_a_truncated_file_is_refused_and_what_was_in_use_stays(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    for text in PHRASES:
        loop.post(text)
    loop.judges_all(IncidentAct.FALSE_ALARM)
    loop.night()
    file = table_of(ModelFileRow)
    cut = update(file).values(content=b"PK\x03\x04 broken")
    loop.database.write(lambda connection: connection.execute(cut).rowcount)
    with caplog.at_level(logging.WARNING):
        loop.fresh.refresh()
    assert "weights refused" in caplog.text
    assert loop.flags() == 40
    loop.desk.roll_back(loop.inspector)
    with pytest.raises(ModelRefused):
        loop.desk.promote(loop.inspector, 1)


def test_the_first_question_waits_for_what_is_in_use(loop: Loop) -> None:
    for text in PHRASES:
        loop.post(text)
    loop.judges_all(IncidentAct.FALSE_ALARM)
    loop.night()
    assert loop.flags(loop.process()) == 0


def test_only_what_an_administrator_found_is_learned_and_the_latest_finding_counts(
    loop: Loop, clock: FrozenClock
) -> None:
    case = loop.case
    case.posted("LC0001", "YS0001")
    manager = loop.cast.viewer("LC0101", Role.GROUP_MANAGER, "LC0001")
    admin, inspector = loop.cast.viewer("LC", Role.UNIT_ADMIN), loop.inspector
    case.acts(manager, lambda docket: act_on(docket, 1, IncidentAct.HANDLE, "已删"))
    assert loop.examples() == []
    case.acts(inspector, lambda docket: act_on(docket, 1, IncidentAct.CONFIRM))
    assert loop.examples() == [(ADVERT, "广告")]
    said_at = clock.now
    clock.now += timedelta(hours=1)
    case.acts(admin, lambda docket: act_on(docket, 1, IncidentAct.GUIDE, "已说明"))
    with loop.database.reading() as connection:  # the same label again is nothing new
        assert count_harm_examples(connection, said_at) == 0
    case.acts(admin, lambda docket: act_on(docket, 1, IncidentAct.FALSE_ALARM, "学校活动"))
    assert loop.examples() == [(ADVERT, NORMAL)]
    case.acts(admin, lambda docket: act_on(docket, 1, IncidentAct.REOPEN, "再看"))
    assert loop.examples() == [(ADVERT, "广告")]


def test_examples_have_a_retention_of_their_own(loop: Loop, clock: FrozenClock) -> None:
    loop.post(PHRASES[0])
    loop.judges_all(IncidentAct.FALSE_ALARM)
    clock.now += timedelta(days=100)
    purge(loop.database, clock, Retention(text_days=30, example_days=365))
    assert loop.examples() == [(PHRASES[0], NORMAL)]
    clock.now += timedelta(days=300)
    assert "删除样本 1" in str(purge(loop.database, clock, Retention(text_days=30, example_days=365)))
    assert loop.examples() == []


@pytest.mark.parametrize(
    ("role", "error"),
    [(Role.LEADER, ReadOnlyRole), (Role.UNIT_ADMIN, CommandError), (Role.INSPECTOR, ModelNotFound)],
)
def test_only_inspectors_and_operators_change_the_model(
    loop: Loop, role: Role, error: type[AppError]
) -> None:
    with pytest.raises(error):
        loop.desk.promote(loop.cast.viewer("QS", role), 7)


def test_there_is_nothing_to_roll_back_to_before_the_shipped_version(loop: Loop) -> None:
    with pytest.raises(ModelRefused) as refused:
        loop.desk.roll_back(loop.inspector)
    assert refused.value.user_text == "正在使用出厂模型，没有可回退的版本"


def test_roll_backs_go_back_one_by_one() -> None:
    promoted = [Choice(ChoiceAct.PROMOTE, number, "") for number in (1, 2, 3)]
    assert versions_in_use(promoted) == [0, 1, 2, 3]
    back = Choice(ChoiceAct.ROLL_BACK, 2, "")
    assert versions_in_use([*promoted, back]) == [0, 1, 2]
    assert versions_in_use([*promoted, *[back] * 9]) == [0]
    assert versions_in_use([*promoted, back, back, Choice(ChoiceAct.PROMOTE, 3, "")]) == [0, 1, 3]


@pytest.mark.parametrize(
    ("macro_f1", "alarms", "is_better"),
    [(0.8, 0.01, True), (0.81, 0.01, True), (0.8, 0.009, True), (0.799, 0.0, False), (0.9, 0.011, False)],
)
def test_a_candidate_is_taken_only_if_it_is_not_worse(
    macro_f1: float, alarms: float, is_better: bool
) -> None:
    judged = judge_candidate(FrozenFigures(100, macro_f1, alarms), FrozenFigures(100, 0.8, 0.01))
    assert judged.is_better is is_better
    assert ("未启用" in judged.reason) is not is_better


def test_families_are_frozen_whole_and_half_of_the_examples() -> None:
    seeds = [Row(f"text {n}", NORMAL, f"file/{n % 50}") for n in range(500)]
    rehearsed, frozen = split_seeds(seeds)
    assert {row.family for row in rehearsed}.isdisjoint({row.family for row in frozen})
    assert 0.1 < len(frozen) / len(seeds) < 0.35
    assert 400 < sum(is_frozen_example(stable_key(str(n))) for n in range(1000)) < 600
