"""Topic relevance: what is League work, what only looks like it, and what a topic takes in."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from monitor.classify.errors import LexiconFormatError, WeightsError
from monitor.classify.league_words import LEAGUE_LEXICON, LeagueWords, load_weights
from monitor.classify.relevance import (
    LEAGUE_MODEL,
    RelevanceModel,
    load_league_model,
    save_league_model,
)
from monitor.days.topics import Topic
from monitor.units import GroupId

SPOT_SET = Path(__file__).parents[2] / "data" / "relevance_spot.tsv"
TOPIC = Topic(1, GroupId(1), "光盘行动", ("不剩饭", "节约粮食"), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("请大家踊跃参加光盘行动", "话题词：光盘行动"),
        ("今天也是不剩饭的一天", "话题词：不剩饭"),
        ("志願服務報名開始了", "团务词：志愿服务"),
        ("志​愿​服务", "团务词：志愿服务"),
        ("下午上团课", "团务词：团课"),
        ("ｉ志愿系统打不开", "团务词：i志愿"),
        ("青年大学习最后一天", "团务词：青年大学习"),
        ("集团团委组织青年突击队", "团务词：集团团委、青年突击队"),
        ("征集团员意见", "团务词：团员"),
    ],
)
def test_a_post_on_topic_says_by_which_word(judge: RelevanceModel, text: str, reason: str) -> None:
    relevance = judge.judge(text, [TOPIC])
    assert (relevance.is_relevant, relevance.reason) == (True, reason)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "😀😀😀",
        "中午吃什么",
        "集团员工食堂涨价了",
        "集团委派新的财务总监",
        "旅行团团员投诉导游",
        "社团课改到周五",
        "公司团建去爬山",
        "路口交通已恢复",
        "\x01\x02",
        "\ud800",
        "1" * 4000,
    ],
)
def test_other_posts_are_off_topic(judge: RelevanceModel, text: str) -> None:
    relevance = judge.judge(text, [TOPIC])
    assert not relevance.is_relevant
    assert 0 <= (relevance.probability or 0) < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "到祖国最需要的地方去，把青春写在基层一线",
        "请党放心，强国有我，奋进新征程",
        "让青年在乡村大有可为，倾听青年心声、服务青年成长",
    ],
)
def test_the_model_knows_league_work_without_its_words(judge: RelevanceModel, text: str) -> None:
    relevance = judge.judge(text, [])
    assert relevance.is_relevant
    assert relevance.reason.startswith("像团务内容：")
    assert (relevance.probability or 0) >= 0.5


@pytest.mark.parametrize(
    ("text", "is_league"),
    [
        ("妇联开展巾帼志愿服务活动", False),
        ("工会志愿服务队给户外劳动者送凉茶", False),
        ("跟团游团费一千八，导游催团员交钱", False),
        ("团委联合妇联开展志愿服务", True),
        ("青年志愿者配合工会送凉茶", True),
        ("志愿服务报名开始了", True),
        ("团员按季交团费", True),
    ],
)
def test_words_that_others_use_too_need_one_of_the_league(
    judge: RelevanceModel, text: str, is_league: bool
) -> None:
    assert judge.judge(text, []).is_relevant is is_league


def test_the_spot_set_is_told_apart(judge: RelevanceModel) -> None:
    lines = SPOT_SET.read_text("utf-8").splitlines()[1:]
    pairs = [line.split("\t") for line in lines]
    answers = [(label == "有关", judge.judge(text, []).is_relevant) for label, text in pairs]
    n_right = sum(truth and answer for truth, answer in answers)
    n_named, n_wanted = sum(answer for _, answer in answers), sum(truth for truth, _ in answers)
    assert (n_wanted >= 150, len(answers) - n_wanted >= 300) == (True, True)
    assert 2 * n_right / (n_named + n_wanted) >= 0.95
    assert n_right / n_named >= 0.985


def test_a_text_near_an_open_topic_is_on_topic_without_its_words(judge: RelevanceModel) -> None:
    text = "食堂里大家不浪费粮食，光盘真好"
    assert not judge.judge(text, []).is_relevant
    relevance = judge.judge(text, [TOPIC])
    assert (relevance.is_relevant, relevance.reason) == (True, "像话题内容：光盘行动")


def test_a_topic_with_blank_keywords_matches_nothing(judge: RelevanceModel) -> None:
    blank = Topic(2, GroupId(1), "植树", ("", " "), date(2026, 1, 1))
    assert not judge.judge("中午吃什么", [blank]).is_relevant


def test_a_word_counts_once_and_an_other_sense_takes_it_away() -> None:
    words = LeagueWords({"团员": 0.6, "青年": 0.3, "旅行团员": 0.0})
    weight, found = words.find("团员团员青年")
    assert (round(weight, 3), found) == (0.9, ("团员", "青年"))
    assert words.find("旅行团员") == (0.0, ())


def test_the_shipped_lexicon_is_read_without_remarks() -> None:
    weights = load_weights(LEAGUE_LEXICON)
    assert sum(weight > 0 for weight in weights.values()) >= 64
    assert {"社团", "旅游团"} <= {word for word, weight in weights.items() if weight == 0}


def test_a_bad_lexicon_names_every_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "league.txt"
    file.write_text("# note\n团课\t1\n团课\t1\n团\t1\n团日\n团费\t2\n", "utf-8")
    with pytest.raises(LexiconFormatError) as refused:
        load_weights(file)
    assert [problem.line for problem in refused.value.problems] == [3, 4, 5, 6]


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"[]"), gzip.compress(b'{"format":0}'), LEAGUE_MODEL.read_bytes()[:-9]],
    ids=("empty", "no gzip", "a list", "other format", "cut off"),
)
def test_damaged_weights_are_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "weights.json.gz"
    file.write_bytes(content)
    with pytest.raises(WeightsError, match=r"weights\.json\.gz"):
        load_league_model(file)


def test_weights_come_back_as_they_were_saved(tmp_path: Path) -> None:
    model = load_league_model()
    save_league_model(model, tmp_path / "again.json.gz")
    assert load_league_model(tmp_path / "again.json.gz") == model
    assert (tmp_path / "again.json.gz").read_bytes() == LEAGUE_MODEL.read_bytes()
