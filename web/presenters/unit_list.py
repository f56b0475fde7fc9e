"""Which of a unit's children are listed: by state and name, in which order, page by page. Pure.

Units with thousands of children are filtered before their bars are loaded. Key type: `UnitFilter`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from monitor.days.readings import UnitRow

STATES = {"": "全部", "unmet": "有未达标", "nodata": "有无数据", "met": "全部达标"}
SORTS = {"": "差者在前", "name": "名称", "week": "近 7 日达标率", "groups": "群数多者在前"}
SIZES = (10, 25)
MOST = SIZES[-1]  # more bars would make the page heavier than 60 kB
PARAMETERS = ("q", "state", "sort", "size")

_MATCHES: Mapping[str, Callable[[UnitRow], bool]] = {
    "": lambda row: True,
    "unmet": lambda row: row.today.n_with_data > row.today.n_met,
    "nodata": lambda row: row.today.n_no_data > 0,
    "met": lambda row: 0 < row.today.n_groups == row.today.n_met,
}
_ORDERS: Mapping[str, Callable[[UnitRow], object]] = {
    "name": lambda row: (row.unit.name, row.unit.code),
    "week": lambda row: (row.week_ratio is None, row.week_ratio or 0.0, row.unit.code),
    "groups": lambda row: (-row.today.n_groups, row.unit.code),
}


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """What is asked for; anything unknown means the default."""

    state: str = ""
    sort: str = ""
    text: str = ""
    size: int = MOST

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "UnitFilter":
        """Read the parameters of an address."""
        state, sort, size = asked.get("state", ""), asked.get("sort", ""), asked.get("size", "")
        return cls(
            state if state in STATES else "",
            sort if sort in SORTS else "",
            asked.get("q", "").strip()[:40],
            int(size) if size in map(str, SIZES) else MOST,
        )

    @property
    def is_set(self) -> bool:
        """Whether rows may be left out."""
        return bool(self.state or self.text)

    def choose(self, rows: Sequence[UnitRow]) -> list[UnitRow]:
        """Return the rows it lets through, in its order; `rows` come worst first."""
        text = self.text.casefold()
        found = [
            row
            for row in rows
            if _MATCHES[self.state](row)
            and (text in row.unit.name.casefold() or text == row.unit.code.casefold())
        ]
        return sorted(found, key=_ORDERS[self.sort]) if self.sort else found  # type: ignore[arg-type]
