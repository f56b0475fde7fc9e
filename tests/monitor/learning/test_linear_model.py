"""The linear model at run time: files it refuses, what it answers, what it explains."""

import json
from pathlib import Path

import numpy as np
import pytest

from monitor.classify.errors import WeightsError
from monitor.classify.features import N_BUCKETS, column_names, extract, spell
from monitor.classify.fitting import read_as_models_do
from monitor.classify.linear import HarmModels, LinearModel, dumps, load_models, loads, quantise
from monitor.classify.verdicts import Category, Thresholds

ABUSE = Category.ABUSE.value


def model_of(word: str, label: str = ABUSE) -> LinearModel:
    """A model that knows one word."""
    weights = np.zeros((N_BUCKETS, 1))
    features = extract(word, [word])
    start, end = features.blocks[1]
    weights[features.columns[start:end]] = 8.0
    steps, scale = quantise(weights)
    limits = {label: Thresholds(0.5, 0.9)}
    return LinearModel((label,), steps, scale, np.array([-2.0], np.float32), (1.0, 1.0, 0.5), limits)


def test_a_text_with_the_word_is_likelier_harmful_than_one_without() -> None:
    model = model_of("骗子")
    assert model.probability("你是骗子", ["你", "是", "骗子"])[ABUSE] > 0.9
    assert model.probability("你是老师", ["你", "是", "老师"])[ABUSE] < 0.2


def test_an_empty_text_has_the_prior_probability() -> None:
    assert model_of("骗子").probability("", [])[ABUSE] == pytest.approx(1 / (1 + np.exp(2)), abs=1e-6)


def test_weights_survive_the_file(tmp_path: Path) -> None:
    model = model_of("骗子")
    file = tmp_path / "a.npz"
    file.write_bytes(dumps(model))
    back = LinearModel.load(file)
    words = ["你", "是", "骗子"]
    assert back.probability("你是骗子", words) == model.probability("你是骗子", words)
    assert back.thresholds == model.thresholds
    assert (back.steps == model.steps).all()


def test_the_same_model_gives_the_same_bytes() -> None:
    assert dumps(model_of("骗子")) == dumps(model_of("骗子"))


@pytest.mark.parametrize("kept", [0, 10, 200, -1])
def test_a_truncated_file_is_refused_by_name(kept: int) -> None:
    with pytest.raises(WeightsError, match=r"a\.npz"):
        loads(dumps(model_of("骗子"))[:kept], "a.npz")


@pytest.mark.parametrize("key", ["format_version", "features_version"])
def test_a_file_of_another_version_is_refused(key: str) -> None:
    with pytest.raises(WeightsError, match=key):
        loads(dumps(model_of("骗子"), **{key: 99}), "a.npz")


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    packed = dumps(model_of("骗子"))
    file = tmp_path / "a.npz"
    file.write_bytes(packed)
    with np.load(file) as archive:
        parts = {key: archive[key] for key in archive.files}
    parts["intercepts"] = parts["intercepts"] + 5
    np.savez_compressed(file, allow_pickle=False, **parts)
    with pytest.raises(WeightsError, match="checksum"):
        LinearModel.load(file)


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such file"):
        LinearModel.load(tmp_path / "none.npz")
    with pytest.raises(WeightsError, match="no weights"):
        load_models(tmp_path)


def test_the_explanation_names_the_word_that_spoke() -> None:
    pieces = model_of("骗子").explain("你是骗子", ["你", "是", "骗子"], ABUSE)
    assert [each.piece for each in pieces] == ["骗子"]
    assert pieces[0].weight > 0


def test_the_first_model_that_knows_a_category_rules_it() -> None:
    models = HarmModels((model_of("骗子"), model_of("傻瓜"), model_of("加微信", Category.ADVERTISING.value)))
    found = models.probabilities("傻瓜加微信", ["傻瓜", "加微信"])
    assert found[Category.ABUSE] < 0.2
    assert found[Category.ADVERTISING] > 0.5
    assert models.explain("傻瓜", ["傻瓜"], Category.PORN) == []


def test_sounds_are_the_same_in_characters_and_in_letters() -> None:
    written, spelled = (extract(text, [text]) for text in ("沙币", "shabi"))
    (start, end), (first, last) = written.blocks[2], spelled.blocks[2]
    assert written.columns[start:end].tolist() == spelled.columns[first:last].tolist()
    assert end > start


@pytest.mark.parametrize(
    ("run", "syllables"), [("shabi", ("sha", "bi")), ("xian", ("xian",)), ("nmsl", ()), ("", ())]
)
def test_letters_are_cut_into_syllables(run: str, syllables: tuple[str, ...]) -> None:
    assert spell(run) == syllables


@pytest.mark.parametrize("text", ["", "a", "傻", "\ud800", "😀" * 3000, "1" * 9, " \n"])
def test_any_text_has_features(text: str) -> None:
    features = extract(*read_as_models_do(text))
    assert features.blocks[-1][1] == len(features.columns)
    assert not len(features.columns) or 0 <= features.columns.min() <= features.columns.max() < N_BUCKETS


def test_columns_have_names() -> None:
    names = column_names("骗子", ["骗子"])
    assert set(names.values()) == {"骗", "子", "骗子"}


def test_shipped_weights_are_the_ones_their_cards_describe() -> None:
    import hashlib

    from monitor.classify.linear import MODELS_FOLDER

    for file in sorted(MODELS_FOLDER.glob("*.npz")):
        card = json.loads(file.with_suffix(".json").read_text("utf-8"))
        assert card["weights_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert card["thresholds"]
        assert card["figures"]
        assert card["licences"]
        assert card["command"]
    assert sum(file.stat().st_size for file in MODELS_FOLDER.glob("*.npz")) <= 3_000_000
    assert set(load_models().thresholds) == set(Category)
