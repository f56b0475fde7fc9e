"""What words, patterns, models and cues weigh together, on both sides of every threshold."""

import pytest

from monitor.classify.cues import Cue, find_cues
from monitor.classify.fusion import DEFAULT_THRESHOLDS, Findings, fuse
from monitor.classify.normalise import MODEL_STEPS, normalise
from monitor.classify.patterns import Evidence, Trace, find_evidence
from monitor.classify.verdicts import Category, Hit, Severity, Thresholds

ABUSE, FRAUD, ADS = Category.ABUSE, Category.FRAUD, Category.ADVERTISING
CARD = {ABUSE: Thresholds(0.5, 0.8)}


def hit(severity: Severity, category: Category = ABUSE, word: str = "词") -> Hit:
    return Hit(word, 0, len(word), category, severity)


def trace(kind: Evidence) -> Trace:
    return Trace(kind, 0, 1)


@pytest.mark.parametrize(
    ("probability", "is_harmful", "needs_review"),
    [(0.0, False, False), (0.49, False, False), (0.5, False, True), (0.79, False, True), (0.8, True, False)],
)
def test_the_card_of_the_model_decides_between_alert_and_review(
    probability: float, is_harmful: bool, needs_review: bool
) -> None:
    harm = fuse(Findings(probabilities={ABUSE: probability}), CARD)
    assert (harm.is_harmful, harm.needs_review) == (is_harmful, needs_review)
    assert harm.harm == probability
    assert bool(harm.categories) == (is_harmful or needs_review)


@pytest.mark.parametrize(
    ("severity", "verdict"),
    [
        (Severity.EVIDENCE, (False, False)),
        (Severity.REVIEW, (False, True)),
        (Severity.ALERT, (True, False)),
    ],
)
def test_a_word_alone_is_worth_what_its_severity_says(severity: Severity, verdict: tuple[bool, bool]) -> None:
    harm = fuse(Findings(hits=[hit(severity)]), {})
    assert (harm.is_harmful, harm.needs_review) == verdict


@pytest.mark.parametrize(
    ("findings", "is_harmful"),
    [
        (Findings(probabilities={ADS: 0.94}), False),
        (Findings(probabilities={ADS: 0.95}), True),
        (Findings(probabilities={ADS: 0.94}, has_number=True), True),
        (Findings(traces=[trace(Evidence.LINK)], probabilities={ADS: 0.94}), True),
        (Findings(hits=[hit(Severity.EVIDENCE, ADS)], probabilities={ADS: 0.94}), False),
        (Findings(hits=[hit(Severity.REVIEW, ADS)], probabilities={ADS: 0.94}), True),
    ],
)
def test_an_offer_nobody_can_follow_is_looked_at_by_a_person(findings: Findings, is_harmful: bool) -> None:
    harm = fuse(findings, {ADS: Thresholds(0.5, 0.9)})
    assert (harm.is_harmful, harm.needs_review) == (is_harmful, not is_harmful)


def test_nothing_found_is_no_harm() -> None:
    assert fuse(Findings(), {}).harm == 0


@pytest.mark.parametrize("kinds", [*((kind,) for kind in Evidence), tuple(Evidence)])
def test_patterns_alone_are_never_an_alert(kinds: tuple[Evidence, ...]) -> None:
    assert not fuse(Findings(traces=[trace(kind) for kind in kinds]), {}).is_harmful


def test_contact_and_lure_together_are_looked_at() -> None:
    both = [trace(Evidence.HANDLE), trace(Evidence.MONEY)]
    assert fuse(Findings(traces=both), {}).needs_review
    assert not fuse(Findings(traces=both[:1]), {}).needs_review


def test_contact_turns_a_suspicion_of_fraud_into_an_alert_but_not_one_of_abuse() -> None:
    traces = [trace(Evidence.HANDLE), trace(Evidence.MONEY)]
    assert fuse(Findings([hit(Severity.REVIEW, FRAUD)], traces), {}).is_harmful
    assert not fuse(Findings([hit(Severity.REVIEW, ABUSE)], traces), {}).is_harmful


def test_several_words_weigh_more_than_one() -> None:
    one = fuse(Findings([hit(Severity.REVIEW)]), {})
    twice = fuse(Findings([hit(Severity.REVIEW), hit(Severity.REVIEW)]), {})
    two = fuse(Findings([hit(Severity.REVIEW), hit(Severity.REVIEW, word="别的词")]), {})
    assert one.harm == twice.harm < two.harm


@pytest.mark.parametrize(
    ("severity", "suspicion", "traces", "is_looked_at"),
    [
        (Severity.REVIEW, 0.0, [], False),
        (Severity.REVIEW, 0.0, [Evidence.MONEY], False),
        (Severity.REVIEW, 0.3, [], True),
        (Severity.ALERT, 0.0, [], True),
        (Severity.REVIEW, 0.0, [Evidence.PHONE], True),
    ],
)
def test_a_warning_that_only_names_what_it_warns_of_is_left_alone(
    severity: Severity, suspicion: float, traces: list[Evidence], is_looked_at: bool
) -> None:
    found = [hit(severity, FRAUD)], [trace(kind) for kind in traces], {FRAUD: suspicion}
    assert fuse(Findings(*found), CARD).categories == (FRAUD,)
    harm = fuse(Findings(*found, cues=[Cue.WARNING]), CARD)
    assert (harm.is_harmful, harm.needs_review) == (False, is_looked_at)


@pytest.mark.parametrize("cue", Cue)
def test_who_quotes_or_warns_is_looked_at_and_never_alerted(cue: Cue) -> None:
    findings = Findings([hit(Severity.ALERT)], probabilities={ABUSE: 0.99}, cues=[cue])
    harm = fuse(findings, CARD)
    assert (harm.is_harmful, harm.needs_review) == (False, True)
    assert harm.harm < CARD[ABUSE].alert
    assert any(cue in reason for reason in harm.reasons)


def test_the_likeliest_category_comes_first_with_its_reasons() -> None:
    harm = fuse(Findings([hit(Severity.REVIEW, ADS, "免费")], probabilities={ABUSE: 0.9, FRAUD: 0.1}), {})
    assert harm.categories == (ABUSE, ADS)
    assert harm.reasons == ("模型判断辱骂：90%", "广告词：免费")


@pytest.mark.parametrize(("review", "alert"), [(0.0, 0.5), (0.6, 0.5), (0.5, 1.1)])
def test_thresholds_that_make_no_sense_are_refused(review: float, alert: float) -> None:
    with pytest.raises(ValueError, match="review"):
        Thresholds(review, alert)
    assert 0 < DEFAULT_THRESHOLDS.review < DEFAULT_THRESHOLDS.alert < 1


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("加微信 abc12345 日赚500", {"联系方式", "利诱", "招揽"}),
        ("➕v：hao_123456", {"联系方式"}),
        ("薇信号 wxid123456", {"联系方式"}),
        ("QQ群：123456789", {"联系方式"}),
        ("①③⑧00138000致电", {"手机号"}),
        ("一三八零零一三八零零零", {"手机号"}),
        ("138-0013-8000", {"手机号"}),
        ("详情见 www.example.com/a", {"链接"}),
        ("邮箱 a.b@example.com", {"邮箱"}),
        ("今天下午开会", set()),
        ("1221211212", set()),
        ("截至2026年11月30日18:00", set()),
        ("", set()),
    ],
)
def test_contact_and_lures_are_noticed(text: str, kinds: set[str]) -> None:
    assert {trace.kind.value for trace in find_evidence(normalise(text, MODEL_STEPS), text)} == kinds


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("谨防刷单诈骗，切勿轻信", [Cue.WARNING]),
        ("他骂我“垃圾”，怎么举报", [Cue.QUOTING]),
        ("反对一切形式的地域歧视", [Cue.AGAINST_BIAS]),
        ("你就是个垃圾", []),
    ],
)
def test_sentences_about_harm_are_told_from_harm(text: str, cues: list[Cue]) -> None:
    assert [cue for cue in find_cues(text) if cue in cues] == cues
    assert bool(find_cues(text)) == bool(cues)
