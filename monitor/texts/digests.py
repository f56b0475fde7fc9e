"""The morning digest (早报): conclusion, data time, units with problems first, one suggested command."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.days.readings import DutyTally
from monitor.texts.alerts import data_time

_MOST_LINES = 8
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """What a digest of one unit's subtree is written from."""

    unit_name: str
    tally: DutyTally
    children: Sequence[tuple[str, DutyTally]]  # names of direct children with groups
    silent_accounts: Sequence[str]  # names of official accounts without article
    closed_at: datetime


def digest_text(figures: DigestFigures) -> tuple[str, str]:
    """Return title and text, at most 600 汉字."""
    tally = figures.tally
    title = f"{tally.day:%m-%d} {figures.unit_name}早报：{_conclusion(tally)}"
    lines = [title, data_time(figures.closed_at), _summary(tally), *_children(figures.children)]
    if figures.silent_accounts:
        names = "、".join(figures.silent_accounts[:_MOST_NAMES])
        more = " 等" if len(figures.silent_accounts) > _MOST_NAMES else ""
        lines.append(f"❌公众号未发布 {len(figures.silent_accounts)} 个：{names}{more}")
    lines.append("回复“未达标 昨日”查看名单")
    return title, "\n".join(lines)


def _conclusion(tally: DutyTally) -> str:
    if tally.n_with_data == 0:
        return "❔各群均无数据"
    n_unmet = tally.n_not_met + tally.n_no_topic
    if n_unmet == 0:
        return f"✅{tally.n_met} 个群全部达标"
    return f"❌{n_unmet} 个群未达标，达标率 {_percent(tally)}"


def _summary(tally: DutyTally) -> str:
    parts = [f"共 {tally.n_groups} 个群", f"达标 {tally.n_met}", f"未达标 {tally.n_not_met}"]
    parts += [f"无微话题 {tally.n_no_topic}"] if tally.n_no_topic else []
    parts += [f"❔无数据 {tally.n_no_data}"] if tally.n_no_data else []
    parts += [f"活跃度差 {tally.n_poor}"] if tally.n_poor else []
    return "，".join(parts)


def _children(children: Sequence[tuple[str, DutyTally]]) -> list[str]:
    troubled = [(name, tally) for name, tally in children if tally.n_met < tally.n_groups]
    troubled.sort(
        key=lambda child: (-child[1].n_not_met - child[1].n_no_topic, -child[1].n_no_data, child[0])
    )
    lines = [_child(name, tally) for name, tally in troubled[:_MOST_LINES]]
    if len(troubled) > _MOST_LINES:
        n_unmet = sum(tally.n_not_met + tally.n_no_topic for _, tally in troubled[_MOST_LINES:])
        lines.append(f"另有 {len(troubled) - _MOST_LINES} 个单位，未达标 {n_unmet} 个群")
    n_well = len(children) - len(troubled)
    return [*lines, f"✅其余 {n_well} 个单位全部达标"] if n_well else lines


def _child(name: str, tally: DutyTally) -> str:
    parts = [f"未达标 {tally.n_not_met}"] if tally.n_not_met else []
    parts += [f"无微话题 {tally.n_no_topic}"] if tally.n_no_topic else []
    parts += [f"❔无数据 {tally.n_no_data}"] if tally.n_no_data else []
    sign = "❌" if tally.n_not_met + tally.n_no_topic else "❔"
    return f"{sign}{name}（{tally.n_groups} 个群）：{'，'.join(parts)}"


def _percent(tally: DutyTally) -> str:
    """Round down, so that 100 % is said only when it is true."""
    return f"{tally.n_met * 100 // tally.n_with_data}%"
