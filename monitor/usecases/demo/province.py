"""Structure of the demonstration province: units, groups, accounts, people. Pure.

Groups are numbered in the order of the tree: the external ids 10001, 10002, … of source `demo`. The
first one belongs to the first city. Key type: `Province`.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from monitor.ledger.registration import NewGroup, NewTopic, NewUnit
from monitor.units import Role
from monitor.usecases.demo.names import (
    CITIES,
    FACULTIES,
    NICKNAMES,
    PROVINCE_CODE,
    PROVINCIAL_BODIES,
    PROVINCIAL_COMMITTEE,
    UNIVERSITIES,
    Place,
    draw_place_names,
    draw_stream,
)

SOURCE = "demo"
ACCOUNT = "demo"
FIRST_EXTERNAL_ID = 10001
FIRST_GROUP = f"{CITIES[0].code}0001"
_N_BRANCHES = (4, 6)  # 乡镇 or 院系 of one city or university
_N_LEAVES = (2, 3)  # 村 or 班级 of one of those
_LEAF_CHANCE = 0.4
_NO_TOPIC_CHANCE = 0.07
_NO_MANAGER_CHANCE = 0.05
_NO_OFFICER_CHANCE = 0.06
_LATE_TOPIC_CHANCE = 0.05
_SECOND_TOPIC_CHANCE = 0.35
_BOUND_CHANCE = 0.4  # managers who can be reached by WeCom

TOPICS = {
    "志愿服务": ("净滩行动", "河湖巡护"),
    "青年大学习": ("学习打卡", "本期学习"),
    "主题团日": ("团日活动", "重温誓词"),
    "乡村振兴青年行": ("助农直播", "驻村日记"),
    "防溺水宣传": ("水域安全", "安全巡塘"),
    "青春普法": ("普法课堂", "宪法宣传"),
    "就业帮扶": ("招聘信息", "见习岗位"),
    "绿色家园": ("植树护绿", "垃圾分类"),
    "学雷锋": ("敬老助残", "便民服务"),
    "反诈宣传": ("防骗提醒", "国家反诈"),
}


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An official account to be registered."""

    key: str
    original_id: str
    name: str
    unit_code: str


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person who can be reached in WeCom by a user id."""

    user_id: str
    role: Role
    unit_code: str
    display_name: str
    group_code: str = ""


@dataclass(slots=True)
class Province:
    """Everything that is registered before the first post."""

    units: list[NewUnit] = field(default_factory=list)
    groups: list[NewGroup] = field(default_factory=list)
    accounts: list[NewAccount] = field(default_factory=list)
    officers: list[tuple[str, str]] = field(default_factory=list)  # unit code, name
    people: list[NewPerson] = field(default_factory=list)


def build_province(first_day: date, last_day: date) -> Province:
    """Return the province whose groups are watched from `first_day` to `last_day`."""
    chance = draw_stream("province")
    province = Province()
    province.units.append(NewUnit(PROVINCE_CODE, PROVINCIAL_COMMITTEE, "团省委"))
    province.accounts.append(NewAccount(ACCOUNT, "gh_demo", "青春青屿", PROVINCE_CODE))
    names = draw_place_names()
    late_days = (last_day - first_day).days // 2
    for place in CITIES:
        _add_place(province, place, "市县", chance)
        for number in range(1, chance.randint(*_N_BRANCHES) + 1):
            town = names.pop() + chance.choice("镇镇乡")
            leaves = [f"{names.pop()}村" for _ in range(_draw_leaves(chance, place, number))]
            _add_branch(province, place, number, (town, "乡镇"), leaves, chance)
    for place in UNIVERSITIES:
        _add_place(province, place, "高校", chance)
        for number, name in enumerate(chance.sample(FACULTIES, chance.randint(*_N_BRANCHES)), start=1):
            n_leaves = _draw_leaves(chance, place, number)
            leaves = [f"{name}2{chance.randint(3, 6)}级{n}班" for n in range(1, n_leaves + 1)]
            _add_branch(province, place, number, (name, "院系"), leaves, chance)
    for place in PROVINCIAL_BODIES:
        _add_place(province, place, "省直", chance)
    _open_topics(province, chance, first_day, timedelta(days=late_days))
    _add_officers_and_people(province, chance)
    return province


def _add_place(province: Province, place: Place, kind: str, chance: Random) -> None:
    province.units.append(NewUnit(place.code, place.name, kind, PROVINCE_CODE))
    if kind != "省直":
        key = f"{place.code.lower()}_youth"
        name = f"{place.short}青年" if kind == "市县" else f"{place.short}青年说"
        province.accounts.append(NewAccount(key, f"gh_{key}", name, place.code))
    _add_group(province, place, place.code, f"{place.short}团干群", chance)


def _draw_leaves(chance: Random, place: Place, number: int) -> int:
    """Return how many 村 or 班级 the branch of that number has; the very first one has some."""
    is_first = place == CITIES[0] and number == 1
    return chance.randint(*_N_LEAVES) if is_first or chance.random() < _LEAF_CHANCE else 0


def _add_branch(
    province: Province, place: Place, number: int, branch: tuple[str, str], leaves: list[str], chance: Random
) -> None:
    """Add a 乡镇 or 院系 with its group, and its 村 or 班级 with theirs."""
    name, kind = branch
    is_town = kind == "乡镇"
    code = f"{place.code}{number:02d}"
    province.units.append(
        NewUnit(code, f"{name}团委" if is_town else f"{place.short}{name}团委", kind, place.code)
    )
    _add_group(province, place, code, f"{name}青年群" if is_town else f"{place.short}{name}团学群", chance)
    for leaf_number, leaf in enumerate(leaves, start=1):
        leaf_code = f"{code}{leaf_number:02d}"
        full_name = f"{leaf}团支部" if is_town else f"{place.short}{leaf}团支部"
        province.units.append(NewUnit(leaf_code, full_name, "村" if is_town else "班级", code))
        _add_group(
            province, place, leaf_code, f"{leaf}青年群" if is_town else f"{place.short}{leaf}群", chance
        )


def _add_group(province: Province, place: Place, unit_code: str, name: str, chance: Random) -> None:
    """Add the next group with its number in the city and its external id in the province."""
    n_of_place = sum(group.code.startswith(place.code) for group in province.groups)
    external_id = str(FIRST_EXTERNAL_ID + len(province.groups))
    code = f"{place.code}{n_of_place + 1:04d}"
    has_manager = code == FIRST_GROUP or chance.random() >= _NO_MANAGER_CHANCE
    managers = (chance.choice(NICKNAMES),) if has_manager else ()
    province.groups.append(
        NewGroup(code, name, unit_code, chance.randint(18, 460), ((SOURCE, external_id),), (), managers)
    )


def _open_topics(province: Province, chance: Random, first_day: date, late: timedelta) -> None:
    """Give most groups a topic or two (微话题); some had none until the middle of the history."""
    titles = list(TOPICS)
    for place, group in enumerate(province.groups):
        if group.code == FIRST_GROUP:
            chosen, opened_on = titles[:2], first_day - timedelta(days=120)
        elif chance.random() < _NO_TOPIC_CHANCE:
            continue
        else:
            chosen = chance.sample(titles, 2 if chance.random() < _SECOND_TOPIC_CHANCE else 1)
            is_late = chance.random() < _LATE_TOPIC_CHANCE
            opened_on = first_day + late if is_late else first_day - timedelta(days=chance.randint(10, 200))
        topics = tuple(NewTopic(title, TOPICS[title], opened_on) for title in chosen)
        province.groups[place] = NewGroup(
            group.code, group.name, group.unit_code, group.member_count, group.sources, topics, group.managers
        )


def _add_officers_and_people(province: Province, chance: Random) -> None:
    """Fill most posts; alerts and digests reach the province, its cities, universities and some managers."""
    for unit in province.units:
        if unit.kind in ("村", "班级") or (unit.kind != "团省委" and chance.random() < _NO_OFFICER_CHANCE):
            continue
        province.officers.append((unit.code, chance.choice(NICKNAMES)))
    province.people += [
        NewPerson("inspector", Role.INSPECTOR, PROVINCE_CODE, "督导员岚岚"),
        NewPerson("leader", Role.LEADER, PROVINCE_CODE, "领导小组"),
        NewPerson("operator", Role.OPERATOR, PROVINCE_CODE, "运维员"),
    ]
    for place in (*CITIES, *UNIVERSITIES, *PROVINCIAL_BODIES):
        person = f"{place.short}{chance.choice(NICKNAMES)}"
        province.people.append(NewPerson(f"admin_{place.code.lower()}", Role.UNIT_ADMIN, place.code, person))
    for group in province.groups[1:]:
        if group.managers and chance.random() < _BOUND_CHANCE:
            user_id = f"manager_{group.code.lower()}"
            province.people.append(
                NewPerson(user_id, Role.GROUP_MANAGER, group.unit_code, group.managers[0], group.code)
            )
