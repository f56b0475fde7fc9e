"""Readings as JSON, and the JSON Schema of the same readings: one walk over the types serves both.

A field that exists is written and described; nothing is written twice. Internal ids and paths never
leave: units and groups go out by code and name. Key functions: `to_json`, `schema_of`.
"""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from monitor.clock import as_shanghai
from monitor.days.readings import DutyTally
from monitor.units import Group, Unit

_PUBLIC = {Unit: ("code", "name", "kind"), Group: ("code", "name", "unit_name", "member_count")}
_COMPUTED: dict[type, dict[str, Any]] = {DutyTally: {"n_with_data": int, "met_ratio": float | None}}
_SCALARS: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}

DESCRIPTIONS = {
    "activity": "活跃度等次（HN-4.1d）；null 表示无数据，不评",
    "activity_reason": "活跃度的算式，或不评的原因",
    "breadcrumb": "从令牌所属单位到本单位",
    "by_provenance": "按来源的条数：采集、自报、检查、导入",
    "clause": "所依条款",
    "clauses": "数字所依条款",
    "code": "编号；出错时为错误代码",
    "data_at": "数据截至；当日为最近一条信息的时间，已结算的日期为结算时间；null 表示无数据",
    "day": "日期（北京时间自然日）",
    "days": "逐日情况，由早到晚，无数据的日期也列出",
    "error": "出错说明",
    "duty": "每日职责状态（HN-2.1.3）；无数据不等于未达标",
    "duty_reason": "每日职责的算式，或不作判断的原因",
    "first_day": "起始日期",
    "group": "微信群",
    "is_closed": "当日是否已结算；未结算的数字均为暂定",
    "is_small_sample": "有数据的群·日不足 5，仅供参考",
    "kind": "单位类别；空表示全部",
    "last_at": "该来源最近一条的时间",
    "last_data_at": "该群最近一次有数据的时间（不限当日）",
    "last_data_by": "该群最近一次数据的来源",
    "last_day": "截止日期",
    "manager_name": "群管理员",
    "member_count": "登记的群人数",
    "message": "给人看的说明",
    "met_ratio": "达标率 0–1，以有数据的群（群·日）为基数；null 表示没有数据",
    "missing": "未达标和无微话题的群，问题严重的在前，至多 50 个",
    "movement": "与等长的上一期相比上升的名次；null 表示任一期没有名次",
    "n_accounts": "公众号数",
    "n_accounts_met": "达标的公众号数",
    "n_accounts_no_data": "无数据的公众号数",
    "n_excellent": "活跃度优秀的群数",
    "n_fair": "活跃度一般的群数",
    "n_good": "活跃度良好的群数",
    "n_groups": "群数",
    "n_members": "发言人数；null 表示未知",
    "n_met": "达标数",
    "n_no_data": "无数据的群数",
    "n_no_topic": "无微话题的群数",
    "n_not_met": "未达标的群数",
    "n_open_alerts": "未办结的预警数",
    "n_poor": "活跃度差的群数",
    "n_posts": "发布信息条数；null 表示无数据，不是 0",
    "n_relevant": "话题相关条数；null 表示无数据，不是 0",
    "n_repeats": "重复内容条数：照计并标记",
    "n_with_data": "有数据的群数（群·日数）",
    "name": "名称",
    "provenance": "来源：采集、自报、检查、导入",
    "rank": "名次，并列同名次；null 表示没有数据",
    "rows": "各单位，名次在前的在前",
    "status": "结果状态：正式、暂定、待补充",
    "tally": "本单位及下级的群在各状态的数量",
    "topics": "当日开设的微话题",
    "unit": "单位",
    "unit_name": "所属单位",
    "week_ratio": "此前 7 个已结算日的达标率 0–1；null 表示没有数据",
}
"""What each field means, by its name; a test holds it complete and free of leftovers."""


def to_json(value: Any) -> Any:
    """Return a reading as JSON values: enums as 中文, days as ISO dates, instants with +08:00."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: to_json(getattr(value, name)) for name in _fields(type(value))}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return as_shanghai(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def schema_of(wanted: Any, components: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a type; dataclasses and enums become entries of `components`."""
    if get_origin(wanted) in (Union, UnionType):
        (inner,) = [each for each in get_args(wanted) if each is not type(None)]
        return {"anyOf": [schema_of(inner, components), {"type": "null"}]}
    if get_origin(wanted) in (tuple, list):
        return {"type": "array", "items": schema_of(get_args(wanted)[0], components)}
    if wanted in _SCALARS:
        return dict(_SCALARS[wanted])
    if wanted.__name__ not in components:
        components[wanted.__name__] = {}  # entered before its fields: a type may hold itself
        components[wanted.__name__] = _component(wanted, components)
    return {"$ref": f"#/components/schemas/{wanted.__name__}"}


def _component(wanted: Any, components: dict[str, Any]) -> dict[str, Any]:
    if issubclass(wanted, Enum):
        return {"type": "string", "enum": [member.value for member in wanted]}
    properties = {
        name: schema_of(kind, components) | {"description": DESCRIPTIONS[name]}
        for name, kind in _fields(wanted).items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _fields(wanted: type) -> Mapping[str, Any]:
    """Return the fields of a reading that go out, computed ones last, with their types."""
    hints = get_type_hints(wanted)
    names = _PUBLIC.get(wanted) or [field.name for field in dataclasses.fields(wanted)]
    return {name: hints[name] for name in names} | _COMPUTED.get(wanted, {})
