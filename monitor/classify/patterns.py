"""Contact and solicitation in a text (联系方式、招揽): evidence that raises a suspicion, no verdict alone.

Key types: `Evidence`, `find_evidence`; `find_numbers`, `find_urls`, `find_emails`, `find_addresses` are the
detectors it rests on. Spans count code points of the original text.
"""

import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import ahocorasick_rs

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
_PLACES = (
    r"微\s*信|[薇威徽维]\s*信|微\s*x|v\s*信|卫\s*星|vx|wx|weixin|wechat|微信号|[薇徽][:号]|"
    r"扣\s*扣|企鹅|q\s*q|球球|群号|电报|飞机|telegram|tg|whatsapp|蝙蝠"
)
_NAME = r"[a-z0-9][a-z0-9_\-]{4,19}"
_HANDLE = re.compile(
    rf"(?:{_PLACES})\s*(?:号|群|是|为|加|同号|[:+]|\s){{0,4}}\s*{_NAME}"
    rf"|[加+十➕搜扫私]\s*(?:我|一下|老师|客服|助理)?\s*(?:[微薇威徽维扣]|vx?|wx|qq?)\s*[:号]?\s*{_NAME}"
)
_MAY_BE_HANDLE = re.compile(r"[a-z0-9_\-]{5}")
_PHONE = re.compile(rf"(?<!\d)1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!{_GAP}\d)")
_DIGIT_LIKE = re.compile("[0-9零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖\u2776-\u2793\u24f5-\u24ff]")
_PHONE_DIGITS = 11
_LURES = Path(__file__).parent / "tables" / "lures.txt"
_ASKED = ("加", "+", "添加", "搜", "联系", "咨询", "扫", "私聊", "关注")
_WHOM = ("", "我", "老师", "客服", "助理", "一下")
_CHANNELS = ("微信", "薇信", "威信", "徽信", "v信", "vx", "wx", "qq", "扣扣", "微", "薇", "群", "v", "q")


def find_evidence(folded: Normalised, original: str) -> tuple[Trace, ...]:
    """Return everything in a text that solicitations hold, in the order of the text.

    Args:
        folded: `normalise(original, MODEL_STEPS)`.
        original: the text as it came.
    """
    automaton, kinds = _lures()
    traces = [
        Trace(kinds[word], *folded.original_span(start, end))
        for word, start, end in automaton.find_matches_as_indexes(folded.text)
    ]
    if _MAY_BE_HANDLE.search(folded.text):
        traces += (Trace(Evidence.HANDLE, *span) for span in _spans(_HANDLE, folded))
    if len(_DIGIT_LIKE.findall(folded.text)) >= _PHONE_DIGITS:
        digits = fold_characters(original, _DIGIT_STEPS)
        traces += (Trace(Evidence.PHONE, *span) for span in _spans(_PHONE, digits))
    if "." in folded.text:
        traces += (Trace(Evidence.EMAIL, *span) for span in _spans(_EMAIL, folded))
        traces += (Trace(Evidence.LINK, *span) for span in _spans(_BARE_URL, folded))
    return tuple(sorted(traces, key=lambda trace: (trace.start, trace.end)))


@lru_cache(maxsize=1)
def _lures() -> tuple[Any, list[Evidence]]:
    words: dict[str, Evidence] = {
        f"{asked}{whom}{channel}": Evidence.CALL
        for asked in _ASKED
        for whom in _WHOM
        for channel in _CHANNELS
    }
    for line in _LURES.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, *listed = line.split()
            words.update(dict.fromkeys(listed, Evidence(kind)))
    return ahocorasick_rs.AhoCorasick(list(words)), list(words.values())


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
