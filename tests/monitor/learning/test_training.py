"""Training, measuring and retraining on a handful of texts; scikit-learn is the yardstick of the figures."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from monitor.classify import evaluate, measure_cards, train
from monitor.classify.augment import PERTURBATIONS
from monitor.classify.corpora import LABELS, CorpusError, Row, read_lines, read_rows, read_seeds
from monitor.classify.fitting import platt
from monitor.classify.linear import HarmModels, LinearModel, load_models
from monitor.classify.retraining import BaseCorpus, evaluate_candidate, retrain

ABUSE_LINES = [f"你这个{who}真是个大骗子{n}" for n, who in enumerate(["坏蛋", "笨蛋", "混蛋", "蠢货"] * 12)]
CALM_LINES = [f"明天{what}开会请准时参加{n}" for n, what in enumerate(["上午", "下午", "中午", "晚上"] * 12)]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [f"{n},1,{text}" for n, text in enumerate(ABUSE_LINES)]
    lines += [f"{n},0,{text}" for n, text in enumerate(CALM_LINES)]
    file = tmp_path_factory.mktemp("labelled") / "toy.csv"
    file.write_text("\ufeffnumber,label,TEXT\n" + "\n".join(lines) + "\n", "utf-8")
    return file


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds")
    lines = [f"赌博\t真人百家乐首存送彩金{n}\tcasino{n % 5}" for n in range(20)]
    lines += [f"正常\t群里的同学记得交作业{n}\tchat{n % 5}" for n in range(20)]
    lines += [f"辱骂\t{text}\tpersonal{n % 5}" for n, text in enumerate(ABUSE_LINES[:20])]
    (folder / "toy.tsv").write_text("# label\ttext\tfamily\n" + "\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(labelled: Path, seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    run_training(labelled, seeds, folder)
    return folder


def run_training(labelled: Path, seeds: Path, out: Path) -> None:
    arguments = ["--labelled", str(labelled), "--seeds", str(seeds), "--out", str(out)]
    arguments += ["--lexicons", str(seeds), "--licence", "toy.csv: written for this test"]
    assert train.main(arguments) == 0


@pytest.mark.slow
def test_training_is_deterministic_and_learns_the_difference(
    labelled: Path, seeds: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_training(labelled, seeds, tmp_path / "b")
    names = sorted(file.name for file in trained.iterdir())
    assert names == ["1-abuse.json", "1-abuse.npz", "2-categories.json", "2-categories.npz"]
    for name in names:
        if name.endswith(".npz"):
            assert (trained / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    card = json.loads((trained / "1-abuse.json").read_text("utf-8"))
    assert card["licences"] == ["toy.csv: written for this test", "seeds: written for this project"]
    capsys.readouterr()
    assert evaluate.main([str(labelled), "--models", str(trained), "--by", "label"]) == 0
    printed = capsys.readouterr().out
    assert "accuracy 100.00%" in printed
    assert "label = 0: 48 rows" in printed


def test_corrections_move_the_model_and_only_as_they_say(seeds: Path, trained: Path) -> None:
    base = BaseCorpus(load_models(trained), tuple(read_seeds(seeds)))
    corrections = [Row(f"星空娱乐城等你来玩{n}", "赌博") for n in range(12)]
    frozen = [Row(f"来星空娱乐城玩一把{n}", "赌博") for n in range(5)]
    frozen += [Row(text, "正常") for text in CALM_LINES]
    before = evaluate_candidate(retrain(base, [], 1), frozen)
    first, again = retrain(base, corrections, 1), retrain(base, corrections, 1)
    assert first.weights == again.weights
    assert first.card == again.card
    after = evaluate_candidate(first, frozen)
    assert after.by_label["赌博"].recall > before.by_label["赌博"].recall
    assert after.by_label["正常"].recall >= before.by_label["正常"].recall


def test_a_retrained_model_is_a_file_like_any_other(seeds: Path, trained: Path, tmp_path: Path) -> None:
    candidate = retrain(BaseCorpus(load_models(trained), tuple(read_seeds(seeds))), [], 1)
    for name, packed in candidate.weights.items():
        (tmp_path / name).write_bytes(packed)
    loaded = HarmModels(tuple(LinearModel.load(tmp_path / name) for name in candidate.weights))
    assert loaded.version == candidate.models.version


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_those_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    random = Random(seed)
    truths = [random.choice(LABELS[:4]) for _ in range(200)]
    predictions = [truth if random.random() < 0.6 else random.choice(LABELS[:4]) for truth in truths]
    report = evaluate.measure(truths, predictions)
    assert report.accuracy == pytest.approx(accuracy_score(truths, predictions))
    assert report.macro_f1 == pytest.approx(f1_score(truths, predictions, average="macro"))
    for label, score in report.by_label.items():
        chosen = {"labels": [label], "average": "macro", "zero_division": 0}
        assert score.precision == pytest.approx(precision_score(truths, predictions, **chosen))
        assert score.recall == pytest.approx(recall_score(truths, predictions, **chosen))


def test_calibration_finds_the_odds_that_made_the_labels() -> None:
    random = np.random.default_rng(3)
    scores = random.normal(0, 3, 20_000)
    targets = (random.random(20_000) < 1 / (1 + np.exp(-(0.5 * scores + 1)))).astype(np.int64)
    slope, offset = platt(scores, targets)
    assert slope == pytest.approx(0.5, abs=0.05)
    assert offset == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("text,kind\n你好,1\n", "none of the columns label"),
        ("label,words\n1,你好\n", "none of the columns text"),
        ("label,text\n7,你好\n", "line 2: unknown label '7'"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(CorpusError, match=complaint):
        read_rows(file)


def test_one_label_alone_teaches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "one.csv"
    file.write_text("label,text\n0,你好\n0,再见\n", "utf-8")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.tsv").write_text("正常\t你好吗\tchat\n", "utf-8")
    out = tmp_path / "out"
    assert train.main(["--labelled", str(file), "--seeds", str(tmp_path / "seeds"), "--out", str(out)]) == 2
    assert "only the label 正常" in capsys.readouterr().err
    assert not out.exists()


def test_an_unknown_column_is_refused(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate.main([str(labelled), "--by", "topic"]) == 2
    assert "no column 'topic'" in capsys.readouterr().err


def test_turns_of_a_dialogue_are_rows(tmp_path: Path) -> None:
    file = tmp_path / "chat.txt"
    file.write_text("今 天 吃 啥\t火 锅 吧\n今 天 吃 啥\tok good\n", "utf-8")
    assert [row.text for row in read_lines(file)] == ["今天吃啥", "火锅吧", "ok good"]


@pytest.mark.parametrize(
    ("kind", "expected"), [("full_pinyin", ["henan"]), ("initials", ["hn"]), ("shuffle", ["南河"])]
)
def test_perturbed_words_look_as_people_write_them(kind: str, expected: Sequence[str]) -> None:
    assert PERTURBATIONS[kind]("河南", Random(1)) in expected


def test_cards_get_what_the_models_reach(trained: Path, labelled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(trained, folder)
    chat = tmp_path / "calm.txt"
    chat.write_text("\n".join(CALM_LINES[:8]), "utf-8")
    assert measure_cards.main([f"--labelled={labelled}", f"--chat={chat}", f"--models={folder}"]) == 0
    figures = [json.loads(file.read_text("utf-8"))["measured"] for file in sorted(folder.glob("*.json"))]
    assert figures[0] == figures[-1]
    assert figures[0]["n_rows"] == len(ABUSE_LINES) + len(CALM_LINES)
    assert figures[0]["accuracy"] > 0.5
    assert set(figures[0]["evasion_found"]) == set(measure_cards.KINDS)
    assert (figures[0]["n_harmless"], figures[0]["models"]) == (8, load_models(folder).version)
    assert measure_cards.main([f"--labelled={chat}", f"--chat={chat}", f"--models={folder}"]) == 2


def test_hiding_changes_the_telling_words_only(trained: Path) -> None:
    hidden = measure_cards.hide(load_models(trained), ABUSE_LINES[0], "full_pinyin", Random(1))
    assert hidden != ABUSE_LINES[0]
    assert sum(part in hidden for part in ("你", "这个", "真是", "骗子")) >= 2
