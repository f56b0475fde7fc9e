"""Words of units: imported and exported, judged with at once in their subtree only, audited, tried out."""

import pytest
from sqlalchemy import select

from monitor.classify.engine import Classifier, load_lexicons
from monitor.classify.lexicon import Entry
from monitor.classify.linear import load_models
from monitor.classify.relevance import shared_relevance
from monitor.classify.segment import shared_segmenter
from monitor.classify.verdicts import Category, Severity
from monitor.errors import AppError, BadParameter, CommandError, ReadOnlyRole, UnitNotFound
from monitor.incidents.course import IncidentAct
from monitor.learning.readings import WordFilter
from monitor.store.database import Database
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.incidents.acts import act_on
from monitor.usecases.learning.fresh_classifier import REFRESH_SECONDS, FreshClassifier
from monitor.usecases.learning.lexicons import MOST_WORDS, ImportRefused, Lexicons, WordNotFound
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.incident_help import Case

LIST = """词,类别,级别
青屿快贷,诈骗,高
海风盲盒,广告,3
海风盲盒,广告,3
贷,诈骗,低
坏词,没有的类别
"""
LOAN = "急用钱找青屿快贷，当天到账"


class Desk:
    """Words of units over the cast, with a classifier of its own."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        self.database, self.cast, self.clock, self.seconds = database, cast, clock, 0.0
        classifier = Classifier(
            load_lexicons(), [load_models()], relevance=shared_relevance(), cutter=shared_segmenter()
        )
        self.fresh = FreshClassifier(database, classifier, seconds=lambda: self.seconds)
        self.lexicons = Lexicons(database, clock, self.fresh)
        self.admin = cast.viewer("LC")
        self.inspector = cast.viewer("QS", Role.INSPECTOR)

    def is_flagged(self, text: str, unit: str) -> bool:
        self.fresh.refresh()
        return self.fresh.suspect(text, self.cast.paths[unit]) is not None

    def audited(self) -> list[dict[str, object]]:
        audit = table_of(AuditRow)
        with self.database.reading() as connection:
            query = select(audit.c.detail).where(audit.c.action == "lexicon.change").order_by(audit.c.id)
            return list(connection.execute(query).scalars())


@pytest.fixture
def desk(database: Database, cast: Cast, clock: FrozenClock) -> Desk:
    return Desk(database, cast, clock)


def test_an_import_reports_what_it_did_and_holds_for_the_subtree_only(desk: Desk) -> None:
    assert not desk.is_flagged(LOAN, "LC01")
    report = desk.lexicons.import_list(desk.admin, "LC", LIST, Category.ABUSE)
    assert (report.unit_name, report.n_added, report.n_renewed) == ("鹭川团市委", 3, 0)
    assert [problem.line for problem in report.problems] == [6]
    assert [remark.text for remark in report.remarks] == [
        "“海风盲盒”重复，保留第一次",
        "“贷”只有一个字，容易误报",
    ]
    assert [desk.is_flagged(LOAN, unit) for unit in ("LC", "LC0101", "YS", "QS")] == [
        True,
        True,
        False,
        False,
    ]
    again = desk.lexicons.import_list(desk.admin, "LC", LIST, Category.ABUSE)
    assert (again.n_added, again.n_renewed) == (0, 3)
    assert [(one["act"], one["n_words"], one["n_renewed"]) for one in desk.audited()] == [
        ("导入", 3, 0),
        ("导入", 3, 3),
    ]


def test_what_is_exported_can_be_imported_elsewhere(desk: Desk) -> None:
    own = "@category 广告\n海风盲盒\t3\tpart\t直播间话术\n@category 诈骗\n青屿快贷\t3\n!青屿快贷防骗宣传\n"
    desk.lexicons.import_list(desk.admin, "LC", own, Category.ABUSE)
    exported = desk.lexicons.export_list(desk.admin, "LC")
    stranger = desk.cast.viewer("YS")
    report = desk.lexicons.import_list(stranger, "YS", exported, Category.ABUSE)
    assert (report.n_words, report.n_allowed, report.problems) == (3, 1, ())
    assert desk.lexicons.export_list(stranger, "YS") == exported
    assert (
        desk.lexicons.export_list(desk.admin, "LC", as_table=True).splitlines()[0]
        == "\ufeff词,类别,级别,标记,备注"
    )
    assert desk.is_flagged(LOAN, "YS01")
    assert not desk.is_flagged("开展青屿快贷防骗宣传", "YS01")


def test_a_word_is_switched_off_and_on_and_every_change_is_audited(desk: Desk) -> None:
    entry = Entry("青屿快贷", Category.FRAUD, Severity.ALERT)
    desk.lexicons.add_word(desk.admin, "LC01", entry)
    word = desk.lexicons.page(desk.admin).words[0]
    assert (word.word, word.unit_code, word.is_enabled) == ("青屿快贷", "LC01", True)
    assert desk.lexicons.switch_word(desk.admin, word.word_id, is_enabled=False) > 0
    assert desk.lexicons.switch_word(desk.admin, word.word_id, is_enabled=False) == 0
    assert not desk.is_flagged(LOAN, "LC01")
    desk.lexicons.switch_word(desk.admin, word.word_id, is_enabled=True)
    assert desk.is_flagged(LOAN, "LC01")
    assert [one["act"] for one in desk.audited()] == ["添加", "停用", "启用"]
    assert [change.act for change in desk.lexicons.page(desk.admin).changes] == ["启用", "停用", "添加"]


def test_an_allowed_span_keeps_a_shipped_word_from_hitting(desk: Desk) -> None:
    text = "真人百家乐首存送彩金，加微信 abc123"
    assert desk.is_flagged(text, "LC")
    entry = Entry("海风盲盒", Category.ADVERTISING, Severity.ALERT)
    desk.lexicons.add_word(desk.inspector, "QS", entry)
    assert desk.is_flagged("海风盲盒", "LC")
    desk.lexicons.add_word(desk.admin, "LC", Entry("海风盲盒读书会", Category.ADVERTISING), is_allowed=True)
    assert not desk.is_flagged("海风盲盒读书会", "LC")
    assert desk.is_flagged("海风盲盒读书会", "YS")


def test_strangers_words_read_like_none_and_others_may_not_write(desk: Desk) -> None:
    desk.lexicons.import_list(desk.admin, "LC", LIST, Category.ABUSE)
    word = desk.lexicons.page(desk.admin).words[0]
    stranger = desk.cast.viewer("YS")
    assert desk.lexicons.page(stranger).words == ()
    refusals = (
        (WordNotFound, lambda: desk.lexicons.switch_word(stranger, word.word_id, is_enabled=False)),
        (WordNotFound, lambda: desk.lexicons.switch_word(stranger, 999_999, is_enabled=False)),
        (UnitNotFound, lambda: desk.lexicons.import_list(stranger, "LC", LIST, Category.ABUSE)),
        (UnitNotFound, lambda: desk.lexicons.export_list(stranger, "LC")),
        (UnitNotFound, lambda: desk.lexicons.test(stranger, "字", "LC")),
    )
    for error, act in refusals:
        with pytest.raises(error):
            act()
    people: tuple[tuple[Role, type[AppError]], ...] = (
        (Role.LEADER, ReadOnlyRole),
        (Role.BRANCH_ADMIN, CommandError),
    )
    for role, refused in people:
        with pytest.raises(refused):
            desk.lexicons.import_list(desk.cast.viewer("LC", role), "LC", LIST, Category.ABUSE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "词表里没有可用的词"),
        ("！！！\n", "第 1 行“！！！”里没有文字"),
        ("坏词,没有的类别", "没有类别“没有的类别”"),
        ("\n".join(f"词{n}" for n in range(MOST_WORDS + 1)), f"最多 {MOST_WORDS} 个"),
    ],
)
def test_a_list_that_cannot_be_used_changes_nothing(desk: Desk, text: str, words: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        desk.lexicons.import_list(desk.admin, "LC", text, Category.ABUSE)
    assert words in refused.value.user_text
    assert desk.lexicons.page(desk.admin).n_words == 0


def test_the_longest_list_is_taken_and_judged_with(desk: Desk) -> None:
    n_words = MOST_WORDS if desk.database.is_sqlite else MOST_WORDS // 10  # the same, but 20 s there
    text = "\n".join(f"海风{n}号盲盒" for n in range(n_words))
    report = desk.lexicons.import_list(desk.inspector, "QS", text, Category.ADVERTISING)
    assert report.n_added == n_words
    assert desk.is_flagged(f"海风{n_words - 1}号盲盒上新", "LC0101")
    assert desk.lexicons.page(desk.inspector, WordFilter(part="海风7777号")).n_words == 1


def test_a_change_is_seen_within_a_minute_without_asking_each_time(desk: Desk) -> None:
    assert desk.fresh.suspect(LOAN, desk.cast.paths["LC"]) is None  # loads
    desk.lexicons.import_list(desk.admin, "LC", LIST, Category.ABUSE)
    assert desk.fresh.suspect(LOAN, desk.cast.paths["LC"]) is None
    desk.seconds += REFRESH_SECONDS
    desk.fresh.refresh()  # what the thread does that the next question starts
    assert desk.fresh.suspect(LOAN, desk.cast.paths["LC"]) is not None


def test_the_test_box_tells_hits_in_place_lists_and_what_the_model_saw(desk: Desk) -> None:
    desk.lexicons.import_list(desk.inspector, "QS", LIST, Category.ABUSE)
    desk.lexicons.import_list(desk.admin, "LC", "青屿快贷,诈骗,3", Category.ABUSE)
    tried = desk.lexicons.test(desk.admin, f"{LOAN}，加微信 abc123 领优惠券")
    assert tried.harm.is_harmful
    by_word = {listed.hit.word: listed for listed in tried.hits}
    loan = by_word["青屿快贷"]
    assert tried.text[loan.hit.start : loan.hit.end] == "青屿快贷"
    assert loan.lists == ("上级单位词库", "鹭川团市委")
    assert by_word["加微信"].lists == ("系统词库",)
    assert tried.contributions
    assert all(each.weight > 0 for pieces in tried.contributions.values() for each in pieces)
    assert desk.lexicons.test(desk.admin, "今天下午三点团支部开会").harm.categories == ()
    for text in ("", "   ", "长" * 2001):
        with pytest.raises(BadParameter):
            desk.lexicons.test(desk.admin, text)


def test_the_audit_counts_hits_and_false_alarms_in_scope(desk: Desk) -> None:
    case = Case(desk.database, desk.cast, desk.clock)
    case.posted("LC0001", "YS0001")
    case.posted("LC0001", text="优惠券第二条，扫码领取吧", number=2)
    case.acts(desk.admin, lambda docket: act_on(docket, 1, IncidentAct.FALSE_ALARM))
    case.acts(desk.admin, lambda docket: act_on(docket, 2, IncidentAct.CONFIRM))
    own = desk.lexicons.audit(desk.admin)
    assert [(one.word, one.n_posts, one.n_false, one.n_confirmed) for one in own] == [("优惠券", 2, 1, 1)]
    province = desk.lexicons.audit(desk.inspector)
    assert [(one.n_posts, one.n_false, one.n_confirmed) for one in province] == [(3, 1, 1)]
