"""What people are told of duties that are due: site visits (现场督导), and what the layer above is told."""

from collections.abc import Sequence
from datetime import date

_MOST_NAMED = 12


def above_text(duty: str, clause: str, names: Sequence[str]) -> tuple[str, str]:
    """Return title and text for the layer above of units that have not done a duty."""
    title = f"加报：{duty}未完成 {len(names)} 个单位"
    return title, "\n".join((title, _name_some(names), f"末次提醒已发本单位管理员（{clause}）"))


def own_visits_text(lines: Sequence[str], last_day: date) -> tuple[str, str]:
    """Return title and text for a unit that has to visit others (交叉检查)."""
    title = f"交叉检查尚未完成：{len(lines)} 个单位"
    tail = f"{last_day:%m-%d} 前完成（HN-4.1f，推定），情况报团省委登记；结果仅供参考，不计分"
    return title, "\n".join((title, *lines[:_MOST_NAMED], tail))


def visits_text(lines: Sequence[str], unplanned: Sequence[str], last_day: date) -> tuple[str, str]:
    """Return title and text for inspectors: visits without findings, units for which none is planned."""
    parts = [f"{len(lines)} 次未登记情况"] if lines else []
    parts += [f"{len(unplanned)} 个单位未安排"] if unplanned else []
    title = f"现场督导：{'，'.join(parts)}"
    shown = [title, *lines[:_MOST_NAMED]]
    if len(lines) > _MOST_NAMED:
        shown.append(f"…… 另 {len(lines) - _MOST_NAMED} 次")
    if unplanned:
        shown.append(f"未安排：{_name_some(unplanned)}")
    return title, "\n".join((*shown, f"{last_day:%m-%d} 前完成（HN-4.1f，推定）。网页“现场督导”可登记"))


def _name_some(names: Sequence[str]) -> str:
    shown = "、".join(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} 等 {len(names)} 个"
