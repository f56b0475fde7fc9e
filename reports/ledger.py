"""The ledger (台账) as a document: groups, accounts, coverage, changes. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from monitor.ledger.ledger import LedgerChange, LedgerReading
from monitor.texts.wording import NONE, data_time_words
from reports.document import Column, Document, Part, Table

_GROUPS = (
    Column("群编号", 8),
    Column("群", 14),
    Column("单位编号", 8),
    Column("单位", 14),
    Column("人数", 5, is_number=True),
    Column("开通", 7),
    Column("停用", 7),
    Column("管理员", 8),
)
_ACCOUNTS = (Column("公众号", 12), Column("标识", 8), Column("单位编号", 8), Column("单位", 14))
_COVERAGE = (
    Column("项目", 8),
    Column("覆盖对象", 8),
    Column("已覆盖", 6, is_number=True),
    Column("基数", 6, is_number=True),
    Column("基数年份", 6),
    Column("基数来源", 14),
    Column("覆盖率", 6),
    Column("档次", 8),
    Column("距下一档", 12),
    Column("条款状态", 6),
)
_CHANGES = (
    Column("编号", 4),
    Column("日期", 7),
    Column("事项", 6),
    Column("对象", 14),
    Column("单位", 12),
    Column("原", 10),
    Column("现", 10),
    Column("原因", 12),
    Column("登记人", 8),
)
_LABELS = {
    "members": "人数",
    "closed_on": "停用日",
    "source": "来源",
    "external_id": "外部编号",
    "title": "话题",
    "name": "姓名",
    "names": "原任",
    "parent": "上级",
    "until": "卸任日",
    "into_name": "并入",
}


_NAMES = ("name", "names")


def ledger_document(reading: LedgerReading, today: date, *, names_people: bool = True) -> Document:
    """Lay out the ledger of a unit and period; closed groups of the period are listed with their last day.

    Leadership sees no names of persons below unit level (requirement D.6).
    """
    rows = tuple(
        (
            group.code, group.name, group.unit_code, group.unit_name, str(group.members),
            group.opened_on.isoformat(), group.closed_on.isoformat() if group.closed_on else NONE,
            _managers(group.managers, names_people),
        )
        for group in sorted({*reading.groups, *reading.closed}, key=lambda one: one.code)
    )  # fmt: skip
    accounts = tuple((one.name, one.key, one.unit_code, one.unit_name) for one in reading.accounts)
    changes = tuple(_change(one, names_people) for one in reading.changes)
    tables = (Table(_GROUPS, rows, "微信群"), Table(_ACCOUNTS, accounts, "公众号"))
    left = reading.n_groups - len(reading.groups)
    return Document(
        title=f"{reading.unit.name}微信平台台账",
        subtitle=f"{reading.period.first_day} 至 {reading.period.last_day}",
        data_time=data_time_words(reading.made_at, today),
        lead=(
            f"微信群 {reading.n_groups} 个，公众号 {len(reading.accounts)} 个，成员 {reading.n_members} 人；"
            f"本期新开 {len(reading.opened)} 个，停用 {len(reading.closed)} 个。",
            *((f"下表列前 {len(reading.groups)} 个群，另有 {left} 个未列。",) if left > 0 else ()),
        ),
        parts=(
            Part("一、台账", tables=tables),
            Part("二、覆盖率", tables=(Table(_COVERAGE, _coverage(reading), "覆盖率"),)),
            Part(
                "三、变更记录",
                tables=(Table(_CHANGES, changes, "变更记录"),),
            ),
        ),
        notes=(
            "成员数为各群登记人数之和，同一人在多个群会重复计；基数未录入或为 0 时不计算覆盖率。",
            "依据：HN-2.1.1；覆盖率档次 HN-A2.2a–c。",
        ),
        is_wide=True,
    )


def show_values(values: object) -> str:
    """Return the figures of one side of a change in words, "—" for none."""
    pairs = values.items() if hasattr(values, "items") else ()
    parts = []
    for key, value in pairs:
        if key in _LABELS and value not in ("", [], None):
            words = "、".join(map(str, value)) if isinstance(value, list) else str(value)
            parts.append(f"{_LABELS[key]} {words}")
    return "，".join(parts) or NONE


def _coverage(reading: LedgerReading) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            one.item, one.kind.value, str(one.covered), str(one.base.number) if one.base else "未录入",
            str(one.base.year) if one.base else NONE, one.base.source if one.base else NONE,
            one.percent or "无基数", one.tier or NONE, one.distance or NONE, one.source.status.value,
        )
        for one in reading.coverage
    )  # fmt: skip


def _managers(names: str, names_people: bool) -> str:
    if not names:
        return "缺位"
    return names if names_people else "在任"


def _change(change: LedgerChange, names_people: bool) -> tuple[str, ...]:
    before, after = (_figures(values, names_people) for values in (change.before, change.after))
    asked_by = change.asked_by_name if names_people else ""
    return (
        str(change.number), change.effective_on.isoformat(), change.kind.value,
        f"{change.code} {change.name}", change.unit_name, show_values(before),
        show_values(after), change.reason or NONE, asked_by or NONE,
    )  # fmt: skip


def _figures(values: Mapping[str, Any], names_people: bool) -> Mapping[str, Any]:
    return values if names_people else {key: value for key, value in values.items() if key not in _NAMES}
