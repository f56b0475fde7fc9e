"""What is sent about self-reports: approval asked for, decided, a screenshot seen before."""

from monitor.days.self_reports import SelfReport


def approval_text(report: SelfReport) -> tuple[str, str]:
    """Return title and text for those above: a report came too late to count by itself."""
    title = f"自报待批：{report.label}"
    lines = (
        title,
        f"{report.unit_name} {report.reported_by_name}",
        f"补报条数 {report.n_posts}、话题相关 {report.n_relevant}",
        "次日12:00后补报，批准前不计入",
        f"可回复：核实 {report.number} 通过，或 核实 {report.number} 退回 原因",
    )
    return title, "\n".join(lines)


def decision_text(report: SelfReport) -> tuple[str, str]:
    """Return title and text for the manager: what was decided."""
    title = f"自报{report.state.value}：{report.label}"
    reason = f"，原因：{report.reason}" if report.reason else ""
    lines = (
        title,
        f"编号 {report.number}，条数 {report.n_posts}、话题相关 {report.n_relevant}{reason}",
        "可回复：今日",
    )
    return title, "\n".join(lines)


def undecided_text(report: SelfReport) -> tuple[str, str]:
    """Return title and text for the manager: the decision was taken back by who made it."""
    title = f"自报恢复“{report.state.value}”：{report.label}"
    lines = (title, f"编号 {report.number}，此前的核实结果已由核实人撤销", "可回复：今日")
    return title, "\n".join(lines)


def same_picture_text(report: SelfReport, picture_id: int, same_as: int) -> tuple[str, str]:
    """Return title and text for manager and those above: the screenshot was handed in before."""
    title = f"⚠️自报截图重复：{report.label}"
    lines = (
        title,
        f"编号 {report.number} 的截图（第{picture_id}号）与此前第{same_as}号相同",
        f"请核实：上级可回复 核实 {report.number}；群管理员请重新发送 上报 和当日截图",
    )
    return title, "\n".join(lines)
