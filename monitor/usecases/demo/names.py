"""Names of the demonstration province (演示省). All are made up: no real place, school or person.

Key function: `draw_stream`, the only source of chance of the demonstration.
"""

from random import Random
from typing import NamedTuple

PROVINCE_CODE = "QY"
PROVINCE = "青屿省"
PROVINCIAL_COMMITTEE = "共青团青屿省委"


class Place(NamedTuple):
    """Code and name of a 市县, 高校 or 省直 body, and the short name its groups begin with."""

    code: str
    name: str
    short: str


CITIES = (
    Place("LC", "鹭川团市委", "鹭川"),
    Place("YS", "云杉团县委", "云杉"),
    Place("WC", "望潮团市委", "望潮"),
    Place("SY", "松渊团县委", "松渊"),
    Place("BY", "碧屿团市委", "碧屿"),
    Place("QJ", "青岬团县委", "青岬"),
    Place("LW", "澜湾团市委", "澜湾"),
    Place("SF", "石帆团县委", "石帆"),
    Place("RP", "榕坞团市委", "榕坞"),
    Place("ZL", "竹陵团县委", "竹陵"),
    Place("SH", "沙洄团县委", "沙洄"),
    Place("BO", "白鸥团县委", "白鸥"),
    Place("YT", "雁汀团县委", "雁汀"),
    Place("ZC", "珠潮团县委", "珠潮"),
    Place("CM", "沧嵋团县委", "沧嵋"),
    Place("JL", "霁岭团县委", "霁岭"),
    Place("TY", "桐崖团县委", "桐崖"),
    Place("LD", "岚渡团市委", "岚渡"),
)
UNIVERSITIES = (
    Place("QD", "青屿大学团委", "青屿大学"),
    Place("QF", "青屿师范大学团委", "青屿师大"),
    Place("QG", "青屿理工大学团委", "青屿理工"),
    Place("QH", "青屿海洋大学团委", "青屿海大"),
    Place("QN", "青屿农林大学团委", "青屿农林"),
    Place("QZ", "青屿职业技术学院团委", "青屿职院"),
)
PROVINCIAL_BODIES = (
    Place("JG", "省直机关团工委", "省直机关"),
    Place("GQ", "省属企业团工委", "省属企业"),
    Place("WS", "省卫健系统团委", "省卫健系统"),
)
FACULTIES = (
    "文学院", "理学院", "海洋学院", "信息学院", "经管学院", "外语学院", "艺术学院", "医学院", "农学院",
    "法学院", "材料学院", "建工学院", "马院", "体育学院",
)  # fmt: skip
NICKNAMES = (
    "小舟", "阿禾", "小满", "青禾", "阿岚", "小鹿", "木木", "晓晓", "星野", "阿澄", "南枝", "小圆", "知夏",
    "阿树", "小北", "可可", "海盐", "山竹", "阿布", "豆豆", "小雨", "糯米", "阿远", "朵朵", "小麦", "松果",
    "阿宁", "小晨", "乐乐", "橙子", "阿帆", "小溪", "点点", "石头", "阿朗", "小暖", "夏至", "芝麻", "阿渔",
    "禾苗", "麦穗", "阿柚", "小荷", "青柠", "阿泽", "小霜", "云朵", "阿蓝", "小竹", "薄荷", "阿川", "小棠",
    "向阳", "阿亮", "小夏", "果果", "阿乔", "小桃", "白白", "阿森",
)  # fmt: skip
_FIRST = "鹭云松霁岚汀枫荻苇蓼桐榆槐杏棠梧雁鸥鹤鲸芷蒲"
_SECOND = "洄渡坞埠岬矶湾陂垄塬坳塘屿垅"


def draw_stream(*parts: object) -> Random:
    """Return a stream of chance that is the same for the same parts, in every process and release."""
    return Random("/".join(map(str, parts)))  # noqa: S311  a demonstration, not a secret


def draw_place_names() -> list[str]:
    """Return two-character names for townships and villages, each once, in a fixed order."""
    names = [first + second for first in _FIRST for second in _SECOND]
    draw_stream("places").shuffle(names)
    return names
