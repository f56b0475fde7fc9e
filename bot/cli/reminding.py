"""`reminder-policy`, `import-workdays`: reminder policies per duty and exceptions to the holidays."""

import csv
from datetime import date
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.desk import operator
from monitor.errors import BadParameter
from monitor.reminders.policies import ReminderPolicy, read_month_days, read_quiet, read_times, show_times
from monitor.usecases.reminders.desk import change_policy, import_workdays, read_policies, reset_policy

_WORKS = {
    "班": True,
    "上班": True,
    "工作日": True,
    "1": True,
    "休": False,
    "休息": False,
    "假": False,
    "0": False,
}


@click.command("reminder-policy")
@click.argument("duty", default="")
@click.option("--times", default=None, metavar="12:00,18:00", help="提醒时刻")
@click.option("--month-days", default=None, metavar="1,15", help="每月日期，空为每天")
@click.option("--quiet", default=None, metavar="22:00-07:30", help="该事项的静默时段")
@click.option("--escalate/--no-escalate", "escalates", default=None, help="末次是否加报上级")
@click.option("--on/--off", "is_on", default=None, help="启用或停用")
@click.option("--default", "is_reset", is_flag=True, help="恢复默认（D.8）")
@click.pass_obj
def reminder_policy(
    context: Context,
    duty: str,
    times: str | None,
    month_days: str | None,
    quiet: str | None,
    escalates: bool | None,
    is_on: bool | None,
    is_reset: bool,
) -> None:
    """查看或调整一项职责的提醒策略；不写事项时列出全部。"""
    oversight, viewer = context.services().oversight, operator(context)
    if not duty:
        for policy in oversight.read(viewer, read_policies):
            click.echo(_describe(policy))
        return
    if is_reset:
        click.echo(_describe(oversight.write(viewer, lambda chair: reset_policy(chair, duty))))
        return
    changed = oversight.write(
        viewer,
        lambda chair: change_policy(
            chair,
            duty,
            times=None if times is None else read_times(times),
            month_days=None if month_days is None else read_month_days(month_days),
            quiet=None if quiet is None else read_quiet(quiet),
            escalates=escalates,
            is_on=is_on,
        ),
    )
    click.echo(_describe(changed))


@click.command("import-workdays")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.pass_obj
def import_workdays_command(context: Context, file: Path) -> None:
    """导入节假日例外：CSV，每行“日期,班或休[,说明]”；重复导入结果相同。"""
    days = read_workdays(file.read_text("utf-8-sig"))
    oversight, viewer = context.services().oversight, operator(context)
    n_days = oversight.write(viewer, lambda chair: import_workdays(chair, days))
    click.echo(f"共 {len(days)} 天，新增或更改 {n_days} 天")


def read_workdays(text: str) -> dict[date, tuple[bool, str]]:
    """Read lines of 「2027-02-06,班,春节调休」; a heading and empty lines are passed over.

    Raises: BadParameter with the number of the first line that is wrong; then nothing is kept.
    """
    days: dict[date, tuple[bool, str]] = {}
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0] == "日期"):
            continue
        works = _WORKS.get(cells[1]) if len(cells) > 1 else None
        try:
            day = date.fromisoformat(cells[0])
        except ValueError:
            works = None
        if works is None:
            text = f"第 {number} 行有误，应为“2027-02-06,班”或“2027-02-08,休”。未导入任何一行"
            raise BadParameter(f"line {number}", user_text=text)
        days[day] = (works, cells[2][:100] if len(cells) > 2 else "")
    return days


def _describe(policy: ReminderPolicy) -> str:
    quiet = f"{policy.quiet.begins:%H:%M}-{policy.quiet.ends:%H:%M}"
    parts = [
        f"{policy.title}（{policy.job}，{policy.clause}）",
        "启用" if policy.is_on else "停用",
        f"时间 {show_times(policy.times)}",
        f"每月 {'、'.join(map(str, policy.month_days))} 日" if policy.month_days else "",
        f"发给{policy.recipients}",
        "末次加报上级" if policy.escalates else "",
        f"静默 {quiet}",
        "已调整" if policy.changed_by else "默认",
    ]
    return "，".join(part for part in parts if part)
