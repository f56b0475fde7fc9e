"""The engine: odd texts, words of units, weights that are refused, and `python -m monitor.classify`."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.classify.corpora import read_seeds
from monitor.classify.engine import Classifier, shared_classifier
from monitor.classify.errors import WeightsError
from monitor.classify.lexicon import parse_lexicon
from monitor.classify.linear import load_models
from monitor.classify.retraining import SEEDS
from monitor.classify.segment import shared_segmenter
from monitor.classify.verdicts import Category, HarmModel, Relevance, Thresholds
from monitor.days.topics import Topic
from tests.monitor.classify.test_evasion import named

ROOT = Path(__file__).parents[3]
LEXICON = parse_lexicon("@category 辱骂\n大坏蛋\t3\n小笨蛋\t2\n")


class Nothing:
    """A judge of relevance that has no opinion."""

    def judge(self, text: str, topics: Sequence[Topic]) -> Relevance:
        return Relevance(bool(topics), text[:1])


class Shouting:
    """A model that knows one thing: how many exclamation marks are too many."""

    words_wanted = True

    def __init__(self, version: str) -> None:
        self.version, self.n_asked = version, 0
        self.thresholds = {Category.RUMOUR: Thresholds(0.2, 0.9)}

    def probabilities(self, text: str, words: Sequence[str]) -> Mapping[Category, float]:
        assert "".join(words) == text
        self.n_asked += 1
        return {Category.RUMOUR: min(text.count("!") / 10, 1.0)}


def build(*models: HarmModel, is_dry_run: bool = False) -> Classifier:
    return Classifier(
        [LEXICON], models, relevance=Nothing(), cutter=shared_segmenter(), is_dry_run=is_dry_run
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "😀👨\u200d👩\u200d👧",
        "\x00\x01\x02\x7f",
        "\ud800大\udfff",
        "аbвг abc 中文 ｱｲｳ हिन्दी",
        "大坏" * 32_768,
        "a" * 65_536,
        "1" * 65_536,
        "www." * 16_384,
        "加微信" * 20_000,
        "! " * 32_768,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_no_text_is_too_odd_for_a_verdict(text: str) -> None:
    harm = shared_classifier().judge(text).harm
    assert 0 <= harm.harm <= 1
    assert all(0 <= hit.start < hit.end <= len(text) for hit in harm.hits)


@pytest.mark.parametrize("row", named("default_lexicon"))
def test_the_shipped_lexicons_leave_the_peers_ordinary_texts_alone(row: dict[str, str]) -> None:
    harm = shared_classifier().judge_harm(row["text"])
    assert (harm.is_harmful, harm.needs_review, harm.hits) == (False, False, ())


@pytest.mark.parametrize(
    "text", ["路口交通已恢复", "共产党员先锋岗", "三黄片的说明书", "1221211212", "你在干嘛"]
)
def test_the_five_ordinary_texts_of_the_requirement_are_clean(text: str) -> None:
    harm = shared_classifier().judge_harm(text)
    assert (harm.is_harmful, harm.needs_review, harm.hits) == (False, False, ())


def test_a_verdict_says_words_category_and_version() -> None:
    verdict = build(Shouting("v1")).suspect("你这个大 坏蛋!", "/1/")
    assert verdict is not None
    harm, version = verdict
    assert (harm.is_harmful, harm.categories, version) == (True, (Category.ABUSE,), "v1")
    assert [(hit.word, hit.start, hit.end) for hit in harm.hits] == [("大坏蛋", 3, 7)]


def test_many_posts_at_once_get_the_verdicts_that_each_gets_alone() -> None:
    shipped = shared_classifier()
    texts = [row.text for row in read_seeds(SEEDS)[::23]]
    odd = [
        "",
        " ",
        "…团…",
        "\r\n微信",
        "abc12345\r",
        "加微信abc12345",
        "\ud800坏\u200b蛋",
        "沙币 shabi",
        "。",
        "a" * 600,
    ]
    alone = [shipped.suspect(text, "/1/") for text in (*texts, *odd)]
    shipped.use_models([load_models()])  # forgets
    shipped.foresee([(text, "/1/") for text in (*odd, *texts)])
    together = [shipped.suspect(text, "/1/") for text in (*texts, *odd)]
    assert any(alone)
    for one, other in zip(alone, together, strict=True):
        assert (one is None) == (other is None)
        if one and other:
            assert one.harm.harm == pytest.approx(other.harm.harm, abs=1e-5)
            assert replace(one.harm, harm=0.0) == replace(other.harm, harm=0.0)


def test_what_is_foreseen_is_not_judged_again_and_keeps_the_words_of_its_unit() -> None:
    model = Shouting("v1")
    classifier = build(model)
    classifier.use_unit_words({"/1/12/": parse_lexicon("@category 广告\n拼单群\t3\n")}, version=7)
    classifier.foresee([("拼单群!", "/1/12/"), ("拼单群!", "/1/13/"), ("大坏蛋", "/1/13/")])
    n_asked = model.n_asked
    verdicts = [classifier.suspect("拼单群!", path) for path in ("/1/12/", "/1/13/")]
    assert [verdict is not None and verdict.harm.is_harmful for verdict in verdicts] == [True, False]
    assert model.n_asked == n_asked == 3


def test_an_ordinary_post_carries_no_verdict() -> None:
    assert build(Shouting("v1")).suspect("明天下午三点开会", "/1/") is None


def test_a_dry_run_tells_everything_and_alerts_nobody() -> None:
    harm = build(is_dry_run=True).judge_harm("大坏蛋")
    assert (harm.is_harmful, harm.needs_review) == (False, True)
    assert harm.reasons[-1] == "试运行，不发预警"


def test_words_of_a_unit_hold_for_it_and_below_and_are_replaced_without_a_restart() -> None:
    classifier = build()
    words = parse_lexicon("@category 广告\n拼单群\t3\n!大坏蛋糕店\n")
    classifier.use_unit_words({"/1/12/": words}, version=7)
    assert classifier.unit_words_version == 7
    harmful = {
        path
        for path in ("/1/", "/1/12/", "/1/12/130/", "/1/120/")
        if classifier.judge_harm("拼单群", path).is_harmful
    }
    assert harmful == {"/1/12/", "/1/12/130/"}
    assert classifier.suspect("大坏蛋糕店", "/1/12/") is None
    assert classifier.suspect("大坏蛋糕店", "/1/13/") is not None
    classifier.use_unit_words({}, version=8)
    assert classifier.suspect("拼单群", "/1/12/") is None


def test_refused_weights_leave_the_version_in_use(caplog: pytest.LogCaptureFixture) -> None:
    classifier = build(Shouting("v1"))

    def refuse() -> Iterable[HarmModel]:
        yield Shouting("v2")
        raise WeightsError("abuse.npz: truncated: 100 of 2000 bytes")

    error = classifier.reload_models(refuse)
    assert error is not None
    assert "truncated" in str(error)
    assert classifier.model_version == "v1"
    assert "abuse.npz" in caplog.text
    assert "v1" in caplog.text
    assert classifier.reload_models(lambda: [Shouting("v2")]) is None
    assert classifier.judge("喂!!!").model_version == "v2"
    assert classifier.judge_harm("喂!!!").needs_review


def run(lines: Iterable[bytes], *arguments: str) -> tuple[int, list[dict[str, object]], str]:
    done = subprocess.run(
        [sys.executable, "-m", "monitor.classify", *arguments],
        input=b"\n".join(lines),
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def test_the_command_answers_line_by_line(tmp_path: Path) -> None:
    topics = tmp_path / "topics.json"
    topics.write_text(json.dumps([{"title": "光盘行动", "keywords": ["不剩饭"], "examples": []}]), "utf-8")
    texts = ["今天也是不剩饭的一天", "你这个傻 逼", ""]
    lines = [json.dumps({"id": n, "text": text}).encode() for n, text in enumerate(texts)]
    code, answers, _ = run([*lines, b""], "--topics", str(topics))
    assert code == 0
    assert [answer["id"] for answer in answers] == [0, 1, 2]
    assert [answer["relevant"] for answer in answers] == [True, False, False]
    assert [answer["harmful"] for answer in answers] == [False, True, False]
    assert answers[1]["categories"] == ["辱骂"]
    assert {"word": "傻逼", "start": 3, "end": 6, "category": "辱骂"} in answers[1]["hits"]  # type: ignore[operator]
    keys = {"id", "relevant", "relevance", "harmful", "review", "harm", "categories", "hits", "reasons"}
    assert all(answer.keys() == keys for answer in answers)


def test_lines_that_cannot_be_read_are_answered_with_an_error() -> None:
    lines = [
        b"no json",
        b"[1]",
        b'{"id":"a"}',
        b'{"id":"b","text":5}',
        b'{"id":{},"text":""}',
        b'{"id":NaN,"text":""}',
        b'{"id":"c","text":"\xff"}',
        b"[" * 100_000,
        b'{"id":"\\ud800","text":"\\ud800"}',
    ]
    code, answers, errors = run(lines)
    assert code == 1
    assert [answer["id"] for answer in answers] == [None, None, "a", "b", None, None, None, None, "\ud800"]
    assert ["error" in answer for answer in answers] == [True] * 8 + [False]
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "topics",
    ["", "{}", "[1]", '[{"title":""}]', '[{"title":"a","keywords":"b"}]', '[{"title":"a","colour":1}]'],
)
def test_topics_that_cannot_be_read_stop_the_command(topics: str, tmp_path: Path) -> None:
    file = tmp_path / "topics.json"
    file.write_text(topics, "utf-8")
    code, answers, errors = run([b'{"id":1,"text":"a"}'], "--topics", str(file))
    assert (code, answers) == (2, [])
    assert "topics.json" in errors
    assert "Traceback" not in errors
