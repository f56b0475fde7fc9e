"""Contact and solicitation in a text (联系方式、招揽): evidence that raises a suspicion, no verdict alone.

Key types: `Evidence`, `find_evidence`; `find_numbers`, `find_urls`, `find_emails`, `find_addresses` are the
detectors it rests on. Spans count code points of the original text.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from monitor.classify.characters import Step
from monitor.classify.normalise import PLAIN_STEPS, Normalised, fold_characters

_DIGIT_STEPS = PLAIN_STEPS
_LETTER_STEPS = PLAIN_STEPS - {Step.DIGITS}
_GAP = r"[\s\-=_.·*~]{0,6}"
_NUMBER = re.compile(r"\d+")
_LOOSE_NUMBER = re.compile(rf"\d(?:{_GAP}\d)*")
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,13})"
_TAIL = r"(?::\d{1,5})?(?:[/?#][a-z0-9\-._~:/?#@!$&'()*+,;=%]*)?"
_URL = re.compile(rf"(?:https?|ftp)://{_HOST}{_TAIL}")
_BARE_URL = re.compile(rf"(?<![a-z0-9@.\-]){_HOST}(?![a-z0-9@]){_TAIL}")
_EMAIL = re.compile(rf"(?<![a-z0-9._%+\-])[a-z0-9._%+\-]{{1,64}}@{_HOST}(?![a-z0-9])")
_ADDRESS = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")


class Evidence(StrEnum):
    """What a text holds that solicitations hold; the value is shown to people."""

    HANDLE = "联系方式"
    PHONE = "手机号"
    LINK = "链接"
    EMAIL = "邮箱"
    MONEY = "利诱"
    CALL = "招揽"


class Trace(NamedTuple):
    """One place of a text that is evidence."""

    kind: Evidence
    start: int
    end: int


# 微信 and its evasions, QQ and groups, with something that can be a handle behind them
_ASKED = r"(?:加|＋|\+|十|➕|添加|搜|联系|咨询|扫|私|私聊|关注)"
_HANDLE = re.compile(
    r"(?:(?:微\s*信|薇\s*信|威\s*信|徽\s*信|维\s*信|微\s*x|v\s*信|卫\s*星|vx|wx|weixin|wechat|微信号|薇[:号]|徽[:号]|"
    r"扣\s*扣|企鹅|qq|q\s*q|球球|群号|电报|飞机|telegram|tg|whatsapp|蝙蝠|纸飞机)"
    rf"\s*(?:号|群|是|为|加|同号|[:：+]|\s){{0,4}}\s*[a-z0-9][a-z0-9_\-]{{4,19}})"
    rf"|(?:{_ASKED}\s*(?:我|一下|老师|客服|助理)?\s*(?:微|薇|威|徽|维|v|vx|wx|q|qq|扣|微信|薇信|威信)\s*[:：号]?\s*[a-z0-9][a-z0-9_\-]{{4,19}})"
)
_PHONE = re.compile(rf"(?<!\d)1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!{_GAP}\d)")
_MONEY = re.compile(
    r"日[赚入结][\d千百万几]|月[赚入][\d千百万几]|时薪\d|日薪\d|稳赚|包赚|躺赚|秒到账|立刻到账|返[利现佣]|高额回报|"
    r"内部渠道|无抵押|免抵押|秒批|低息|首充|彩金|提现|佣金|赔率|带单|回血|上岸|导师带|稳定盈利|刷单|兼职[^。]{0,8}\d"
)
_CALL = re.compile(
    rf"{_ASKED}\s*(?:我|一下|老师|客服|助理)?\s*(?:微信|薇信|威信|vx?|wx|qq?|扣扣|微|薇|群)|(?:私聊|私信|滴滴|联系)我|"
    r"懂的(?:来|加|私)|扫码[进加领]|点击(?:链接|下方)|名额有限|先到先得|包邮|代[办开购]|诚[招聘]|招(?:代理|兼职)|在线客服"
)
_KINDS = ((_HANDLE, Evidence.HANDLE), (_MONEY, Evidence.MONEY), (_CALL, Evidence.CALL))


def find_evidence(text: str) -> tuple[Trace, ...]:
    """Return everything in a text that solicitations hold, in the order of the text."""
    folded = fold_characters(text, _LETTER_STEPS)
    traces = [
        Trace(kind, *folded.original_span(*match.span()))
        for pattern, kind in _KINDS
        for match in pattern.finditer(folded.text)
    ]
    if _may_hold_phone(folded.text):
        digits = fold_characters(text, _DIGIT_STEPS)
        traces += (Trace(Evidence.PHONE, *span) for span in _spans(_PHONE, digits))
    if "." in folded.text:
        traces += (Trace(Evidence.EMAIL, *span) for span in _spans(_EMAIL, folded))
        traces += (Trace(Evidence.LINK, *span) for span in _spans(_BARE_URL, folded))
    return tuple(sorted(traces, key=lambda trace: (trace.start, trace.end)))


def _may_hold_phone(folded: str) -> bool:
    return sum(character.isnumeric() for character in folded) >= 11


def find_numbers(text: str, at_least: int, *, skip_gaps: bool = False) -> list[tuple[int, int]]:
    """Return the spans of numbers of at least so many digits, in whatever style they are written.

    Args:
        skip_gaps: up to six signs like - = . between two digits do not end a number.
    """
    folded = fold_characters(text, _DIGIT_STEPS)
    pattern = _LOOSE_NUMBER if skip_gaps else _NUMBER
    return [
        folded.original_span(*match.span())
        for match in pattern.finditer(folded.text)
        if sum(map(str.isdigit, match[0])) >= at_least
    ]


def find_urls(text: str, *, bare: bool = False) -> list[tuple[int, int]]:
    """Return the spans of links.

    Args:
        bare: hosts without http:// are found too, and of all links only host and path are returned.
    """
    return list(_spans(_BARE_URL if bare else _URL, fold_characters(text, _LETTER_STEPS)))


def find_emails(text: str) -> list[tuple[int, int]]:
    """Return the spans of e-mail addresses."""
    return list(_spans(_EMAIL, fold_characters(text, _LETTER_STEPS)))


def find_addresses(text: str) -> list[tuple[int, int]]:
    """Return the spans of IPv4 addresses."""
    return list(_spans(_ADDRESS, fold_characters(text, _LETTER_STEPS)))


def _spans(pattern: re.Pattern[str], folded: Normalised) -> list[tuple[int, int]]:
    return [folded.original_span(*match.span()) for match in pattern.finditer(folded.text)]
