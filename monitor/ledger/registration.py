"""What may be registered (登记): cleaned codes and names, and which of many rows are refused. Pure.

Key types: `NewUnit`, `NewGroup`, `Refused`.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from monitor.errors import BadParameter

MAX_NAME_CHARS = 60
MAX_MEMBERS = 9999
_MAX_KEYWORDS = 20
_CODE = re.compile(r"[A-Z0-9]{1,32}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))  # control, direction, lone surrogates …
_MAX_ID_CHARS = 128


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to be registered; only the root has no parent."""

    code: str
    name: str
    kind: str
    parent_code: str = ""


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic (微话题) to be opened with a group."""

    title: str
    keywords: tuple[str, ...] = ()
    opened_on: date | None = None  # None: with the group


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to be registered, with what sources call it, its topics and its managers."""

    code: str
    name: str
    unit_code: str
    member_count: int = 0
    sources: tuple[tuple[str, str], ...] = ()  # (source key, external id)
    topics: tuple[NewTopic, ...] = ()
    managers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that cannot be registered."""

    index: int  # place in the sequence given
    reason: str  # 中文


@dataclass(slots=True)
class Sorted:
    """Rows that can be registered, by index in an order that puts parents first, and those that cannot."""

    accepted: list[int] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def fold_code(text: str) -> str:
    """Return a code as it is compared: half-width, upper case, no outer spaces."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def clean_code(text: str) -> str:
    """Return a code (编号) in its stored form: half-width, upper case, letters and digits only.

    Raises: BadParameter.
    """
    code = fold_code(text)
    if not _CODE.fullmatch(code):
        raise BadParameter("code", user_text="编号应为 1–32 位字母或数字")
    return code


def clean_name(text: str, what: str = "名称") -> str:
    """Return a name as it is stored: single spaces, nothing invisible, 1–60 characters.

    Raises: BadParameter naming `what`.
    """
    name = " ".join(text.split())
    if not name:
        raise BadParameter("name", user_text=f"{what}不能为空")
    if len(name) > MAX_NAME_CHARS:
        raise BadParameter("name", user_text=f"{what}不能超过 {MAX_NAME_CHARS} 个字符")
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        raise BadParameter("name", user_text=f"{what}含有不可见字符")
    return name


def clean_unit(new: NewUnit) -> NewUnit:
    """Return a unit with code, name and kind in their stored form.

    Raises: BadParameter.
    """
    parent = clean_code(new.parent_code) if new.parent_code.strip() else ""
    return NewUnit(clean_code(new.code), clean_name(new.name), clean_name(new.kind, "类别"), parent)


def clean_group(new: NewGroup) -> NewGroup:
    """Return a group with all its parts in their stored form.

    Raises: BadParameter.
    """
    if not 0 <= new.member_count <= MAX_MEMBERS:
        raise BadParameter("member_count", user_text=f"人数应为 0–{MAX_MEMBERS} 的整数")
    return NewGroup(
        clean_code(new.code),
        clean_name(new.name),
        clean_code(new.unit_code),
        new.member_count,
        tuple((clean_key(source, "来源"), clean_external_id(its_id)) for source, its_id in new.sources),
        tuple(clean_topic(topic) for topic in new.topics),
        tuple(clean_name(name, "管理员") for name in new.managers),
    )


def sort_units(
    units: Sequence[NewUnit], known: Collection[str], retired_kinds: Collection[str] = ()
) -> Sorted:
    """Decide which of many units can be registered; a parent may come later in the same sequence.

    Source: HN-1.2 (tree of units).

    Args:
        units: as they were written by people.
        known: codes in use, those that are switched off included.
        retired_kinds: kinds (类别) that new units may not have any more.
    """
    found = Sorted()
    waiting: dict[str, tuple[int, NewUnit]] = {}
    has_root = bool(known)
    for index, raw in enumerate(units):
        try:
            unit = clean_unit(raw)
        except BadParameter as error:
            found.refused.append(Refused(index, error.user_text))
            continue
        if unit.code in known or unit.code in waiting:
            where = "已存在" if unit.code in known else "在文件中重复"
            found.refused.append(Refused(index, f"编号 {unit.code} {where}"))
        elif not unit.parent_code and has_root:
            found.refused.append(Refused(index, "缺少上级编号：只有最上级单位可以没有上级"))
        elif unit.kind in retired_kinds:
            found.refused.append(Refused(index, f"类别“{unit.kind}”已停用，请改用其他类别"))
        else:
            has_root = has_root or not unit.parent_code
            waiting[unit.code] = (index, unit)
    _place(waiting, set(known), found)
    return found


def _place(waiting: dict[str, tuple[int, NewUnit]], placed: set[str], found: Sorted) -> None:
    """Accept units whose parent is there, wave by wave; whoever is left has no way to the root."""
    while waiting:
        wave = [
            code for code, (_, unit) in waiting.items() if not unit.parent_code or unit.parent_code in placed
        ]
        if not wave:
            break
        for code in wave:
            found.accepted.append(waiting.pop(code)[0])
        placed.update(wave)
    for index, unit in waiting.values():
        found.refused.append(Refused(index, f"上级编号 {unit.parent_code} 不存在，或该上级未能登记"))


def sort_groups(
    groups: Sequence[NewGroup],
    unit_codes: Collection[str],
    known: Collection[str],
    pairs: Collection[tuple[str, str]],
) -> Sorted:
    """Decide which of many groups can be registered.

    Args:
        groups: as they were written by people.
        unit_codes: codes of units.
        known: group codes in use.
        pairs: (source, external id) in use.
    """
    found = Sorted()
    codes, taken = set(known), set(pairs)
    for index, raw in enumerate(groups):
        try:
            group = clean_group(raw)
        except BadParameter as error:
            found.refused.append(Refused(index, error.user_text))
            continue
        again = [its_id for source, its_id in group.sources if (source, its_id) in taken]
        if group.code in codes:
            found.refused.append(Refused(index, f"编号 {group.code} 已存在或重复"))
        elif group.unit_code not in unit_codes:
            found.refused.append(Refused(index, f"单位编号 {group.unit_code} 不存在"))
        elif again:
            found.refused.append(Refused(index, f"外部编号 {again[0]} 已属于另一个群"))
        else:
            codes.add(group.code)
            taken.update(group.sources)
            found.accepted.append(index)
    return found


def clean_topic(topic: NewTopic) -> NewTopic:
    """Return a topic with title and keywords in their stored form.

    Raises: BadParameter.
    """
    if len(topic.keywords) > _MAX_KEYWORDS:
        raise BadParameter("keywords", user_text=f"话题关键词不能超过 {_MAX_KEYWORDS} 个")
    keywords = dict.fromkeys(clean_name(word, "话题关键词") for word in topic.keywords)
    if any(len(word) < 2 for word in keywords):  # one character is part of every other sentence
        raise BadParameter("keywords", user_text="话题关键词至少 2 个字")
    return NewTopic(clean_name(topic.title, "话题"), tuple(keywords), topic.opened_on)


def clean_key(text: str, what: str) -> str:
    """Return the key of a source or account as the configuration spells it.

    Raises: BadParameter naming `what`.
    """
    key = text.strip().lower()
    if not _KEY.fullmatch(key):
        raise BadParameter("key", user_text=f"{what}应为小写字母开头的字母、数字或下划线，最长 32 位")
    return key


def clean_external_id(text: str) -> str:
    """Return another system's id of a group or account.

    Raises: BadParameter.
    """
    its_id = text.strip()
    if not its_id or len(its_id) > _MAX_ID_CHARS or any(unicodedata.category(c) in _UNSEEN for c in its_id):
        raise BadParameter("external id", user_text="外部编号为空、过长或含不可见字符")
    return its_id
