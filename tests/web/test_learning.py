"""词库, 模型, 数据可信提示 and 有关 / 无关, as inspector, unit and leader use them."""

import re
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from monitor.classify.lexicon import parse_lexicon
from monitor.classify.linear import dumps, load_models
from monitor.classify.verdicts import Category, Hit, Severity
from monitor.days.signals import Signal, SignalKind
from monitor.learning.candidates import Choice, ChoiceAct
from monitor.store.database import Database
from monitor.store.days.signals import replace_signals
from monitor.store.days.tables import PostRow
from monitor.store.learning.model_versions import NewVersion, insert_choice, insert_version
from monitor.store.learning.unit_words import insert_change, put_lexicon
from monitor.store.tables import GroupRow, table_of
from monitor.usecases.learning.lexicons import ListedHit
from tests.conftest import FrozenClock
from tests.web.conftest import Login, csrf_token
from tests.web.filling import MARKUP
from tests.web.test_assess import send
from web.presenters.learning import mark_hits

YESTERDAY = date(2026, 11, 19)
WORD = {"word": "青屿快贷", "category": "诈骗", "severity": "3", "unit": "LC", "note": "直播间"}


def add_learning(database: Database, clock: FrozenClock) -> None:
    """A version in use, a worse one and one more, three signals, and some words of the province."""
    models = load_models()
    weights = {f"{n}.npz": dumps(model) for n, model in enumerate(models.models)}
    group = table_of(GroupRow)
    with database.reading() as connection:
        ids = {row.code: row.id for row in connection.execute(select(group.c.code, group.c.id))}
    flood = Signal(SignalKind.FLOOD, 1.0, 0.8, {"最密集": "10 分钟内 6 条", "当日": "6 条"})
    one = Signal(SignalKind.ONE_SENDER, 0.9, 0.8, {"发布最多的一人": "9/10 条", "发言成员": "2 人"})

    def work(connection: object) -> None:
        for is_better, judgement in (
            (True, "不差于在用版本。"),
            (False, "未启用，误报增多。"),
            (True, "不差于在用版本。"),
        ):
            version = NewVersion(clock(), "job:retrain", models.version, 40, is_better, judgement, {}, {})
            insert_version(connection, version, weights)  # type: ignore[arg-type]
        choice = Choice(ChoiceAct.PROMOTE, 1, "不差于在用版本")
        insert_choice(connection, choice, "job:retrain", clock())  # type: ignore[arg-type]
        replace_signals(connection, YESTERDAY, {ids["LC0001"]: [flood], ids["YS0001"]: [flood, one]})  # type: ignore[arg-type]

        words = parse_lexicon("@category 广告\n海风盲盒\t3\t\t直播间话术\n贷\t1\n!海风盲盒读书会\n")
        put_lexicon(connection, 1, words, "console:1", clock())  # type: ignore[arg-type]
        detail = {"n_renewed": 0, "n_left_out": 0}
        insert_change(connection, 1, "导入", 3, "console:1", clock(), detail)  # type: ignore[arg-type]

    database.write(work)


@pytest.fixture
def taught(filled: Database, clock: FrozenClock) -> Database:
    add_learning(filled, clock)
    return filled


def test_a_word_is_added_tried_switched_off_and_exported(login: Login) -> None:
    unit = login("luchuan")
    assert "没有这样的词" in unit.get("/lexicon").text
    assert send(unit, "/lexicon/words", seen="/lexicon", **WORD).status_code == 302
    page = unit.get("/lexicon").text
    assert ("已添加“青屿快贷”" in page, "鹭川团市委" in page, "直播间" in page) == (True, True, True)
    tried = send(unit, "/lexicon/test", seen="/lexicon/test", text=f"找青屿快贷{MARKUP}", unit="LC")
    assert tried.status_code == 200
    assert '<mark title="青屿快贷（诈骗）">青屿快贷</mark>' in tried.text
    assert ("<script>alert" in tried.text, "不良信息：诈骗" in tried.text) == (False, True)
    exported = unit.get("/lexicon/export/LC")
    assert (exported.text, exported.mimetype) == ("@category 诈骗\n青屿快贷\t3\t\t直播间\n", "text/plain")
    assert unit.get("/lexicon/export/LC?format=csv").mimetype == "text/csv"
    number = re.search(r"/lexicon/words/(\d+)", page)
    assert number is not None
    off = send(unit, number[0], seen="/lexicon", act="停用")
    assert off.status_code == 302
    assert "已停用" in unit.get("/lexicon?kind=诈骗&part=快贷").text
    assert "没有这样的词" in unit.get("/lexicon?kind=赌博").text


def test_a_list_is_imported_from_a_file_with_a_report(login: Login) -> None:
    unit = login("luchuan")
    token = csrf_token(unit.get("/lexicon").text)
    file = (BytesIO("\ufeff青屿快贷,诈骗,3\n青屿快贷,诈骗,3\n坏词,没有的类别\n".encode()), "words.csv")
    fields = {"csrf_token": token, "to": "LC", "kind": "诈骗", "list": "", "file": file}
    done = unit.post("/lexicon/import", data=fields)
    assert done.status_code == 200
    assert "鹭川团市委：新增 1 个，更新 0 个" in done.text
    assert ("没有类别“没有的类别”" in done.text, "重复，保留第一次" in done.text) == (True, True)
    bad = {**fields, "file": (BytesIO("词".encode("gbk")), "words.csv")}
    refused = unit.post("/lexicon/import", data=bad)
    assert (refused.status_code, "不是 UTF-8 文本" in refused.text) == (400, True)


@pytest.mark.parametrize(
    ("address", "fields", "words"),
    [
        ("/lexicon/words", {**WORD, "word": ""}, "请填写词"),
        ("/lexicon/words", {**WORD, "word": "！！"}, "里没有文字"),
        ("/lexicon/words", {**WORD, "category": "随便"}, "请选择类别"),
        ("/lexicon/import", {"to": "LC", "kind": "诈骗", "list": ""}, "词表里没有可用的词"),
        ("/lexicon/test", {"text": "", "unit": ""}, "请填写要测试的文字"),
    ],
)
def test_what_is_refused_stays_typed(login: Login, address: str, fields: dict[str, str], words: str) -> None:
    answer = send(login("luchuan"), address, seen="/lexicon", **fields)
    assert (answer.status_code, words in answer.text) == (400, True)
    if fields.get("note"):
        assert 'value="直播间"' in answer.text


def test_foreign_words_and_units_look_like_missing_ones(login: Login) -> None:
    owner, stranger = login("luchuan"), login("yunshan")
    send(owner, "/lexicon/words", seen="/lexicon", **WORD)
    number = re.search(r"/lexicon/words/(\d+)", owner.get("/lexicon").text)
    assert number is not None
    assert "青屿快贷" not in stranger.get("/lexicon").text
    for address in (number[0], "/lexicon/words/99999"):
        assert send(stranger, address, seen="/lexicon", act="停用").status_code == 404
    assert (
        stranger.get("/lexicon/export/LC").status_code
        == stranger.get("/lexicon/export/XX").status_code
        == 404
    )
    assert send(stranger, "/lexicon/words", seen="/lexicon", **WORD).status_code == 404


@pytest.mark.usefixtures("taught")
def test_a_model_is_rolled_back_and_promoted(login: Login) -> None:
    inspector = login("province")
    page = inspector.get("/model").text
    assert ("在用：版本 1" in page, "回退到出厂版本" in page, "启用版本 2" in page) == (True, True, False)
    assert "近 30 天准确率 —（确认 0 处，误报 0 处）" in page
    assert send(inspector, "/model/rollback", seen="/model", reason="误报多").status_code == 302
    page = inspector.get("/model").text
    assert ("在用：出厂版本" in page, "误报多" in page, "没有可回退的版本" in page) == (True, True, True)
    again = send(inspector, "/model/rollback", seen="/model", reason="")
    assert (again.status_code, "没有可回退的版本" in again.text) == (400, True)
    worse = send(inspector, "/model/promote", seen="/model", version="2")
    assert (worse.status_code, "误报增多" in worse.text) == (400, True)
    assert send(inspector, "/model/promote", seen="/model", version="99").status_code == 404
    assert send(inspector, "/model/promote", seen="/model", version="3").status_code == 302
    assert "在用：版本 3" in inspector.get("/model").text


@pytest.mark.usefixtures("taught")
def test_signals_are_listed_with_figures_and_on_the_page_of_their_group(login: Login) -> None:
    inspector = login("province")
    page = inspector.get("/signals").text
    assert ("3 条" in page, "10 分钟内 6 条" in page, "（默认）" in page) == (True, True, True)
    one = inspector.get("/signals?kind=一人发布").text
    assert ("9/10 条" in one, "鹭川团干群" in one) == (True, False)
    assert inspector.get("/signals?kind=随便").status_code == 404
    assert login("luchuan").get("/signals").status_code == 403
    group = login("luchuan").get("/group/LC0001").text
    assert ("数据可信提示" in group, "最密集 10 分钟内 6 条，当日 6 条" in group) == (True, True)
    assert "数据可信提示" not in login("luchuan").get("/group/LC0101").text.partition("<main")[2]


def test_a_signal_of_a_school_becomes_a_finding_once_and_can_be_taken_back(
    filled: Database, login: Login
) -> None:
    group = table_of(GroupRow)
    one = Signal(SignalKind.ONE_SENDER, 0.9, 0.8, {"发布最多的一人": "9/10 条"})
    with filled.reading() as connection:
        ids = {row.code: row.id for row in connection.execute(select(group.c.code, group.c.id))}
    filled.write(lambda c: replace_signals(c, YESTERDAY, {ids["QD0101"]: [one], ids["LC0001"]: [one]}))
    inspector = login("province")
    page = inspector.get("/signals").text
    assert (page.count("登记数据异常"), "非高校" in page, "没有登记过" in page) == (1, True, True)
    address = "/signals/declare?group=QD0101&day=2026-11-19&kind=一人发布"
    assert "数据可信提示 2026-11-19 QD0101 一人发布：发布最多的一人 9/10 条" in inspector.get(address).text
    half = send(inspector, address, seen=address, reason="核实为代发")
    assert (half.status_code, "请填写处理决定" in half.text, "核实为代发" in half.text) == (400, True, True)
    for _ in range(2):
        sent = send(inspector, address, seen=address, reason="核实为代发", decision="责令整改")
        assert sent.status_code == 302
    page = inspector.get("/signals").text
    assert ("已登记 1" in page, "已登记 2" in page, "9/10 条" in page) == (True, False, True)
    assert "请填写撤回原因" in send(inspector, "/signals/1/withdraw").text
    assert send(inspector, "/signals/1/withdraw", withdrawal="查无此事").status_code == 302
    page = inspector.get("/signals").text
    assert ("撤回原因：查无此事" in page, page.count("登记数据异常")) == (True, 1)
    for wrong in (
        "group=LC0001&day=2026-11-19&kind=一人发布",
        "group=QD0101&day=2026-11-18&kind=一人发布",
        "",
    ):
        assert inspector.get(f"/signals/declare?{wrong}").status_code == 404, wrong
    assert login("luchuan").get(address).status_code == 403


def test_a_word_on_a_post_from_the_drawer(filled: Database, login: Login) -> None:
    unit, day = login("luchuan"), "/group/LC0001/day/2026-11-20"
    drawer = unit.get(day).text
    assert (drawer.count(">认定有关<"), drawer.count(">认定无关<")) == (3, 2)
    assert "认定有关" not in login("leader").get(day).text
    done = send(unit, f"{day}/relevance", seen=day, post="2", word="有关", page="1")
    assert (done.status_code, done.location) == (302, f"{day}?page=1")
    assert "已认定“有关”，编号" in unit.get(day).text
    with filled.reading() as connection:
        post = table_of(PostRow)
        reason = connection.execute(select(post.c.reason).where(post.c.event_key == 2)).scalar_one()
    assert reason.startswith("人工认定有关")
    assert send(unit, f"{day}/relevance", seen=day, post="2", word="也许").status_code == 400
    assert send(unit, f"{day}/relevance", seen=day, post="77", word="有关").status_code == 404
    assert send(login("yunshan"), f"{day}/relevance", seen="/", post="2", word="有关").status_code == 404


def hit(word: str, start: int, end: int) -> ListedHit:
    return ListedHit(Hit(word, start, end, Category.FRAUD, Severity.ALERT), ())


def test_marks_put_together_are_the_text_again() -> None:
    text = "甲乙丙丁戊己"
    pieces = list(mark_hits(text, [hit("乙丙", 1, 3), hit("丙丁", 2, 4), hit("己", 5, 6)]))
    assert "".join(piece.text for piece in pieces) == text
    assert [(piece.text, bool(piece.title)) for piece in pieces] == [
        ("甲", False), ("乙丙丁", True), ("戊", False), ("己", True),
    ]  # fmt: skip
    assert [piece.text for piece in mark_hits(text, [])] == [text]
