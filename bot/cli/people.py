"""`invite`, `add-user`: letting people in. Codes and passwords are printed once and stored as hashes only."""

import secrets
from datetime import timedelta

import click

from bot.cli.context import Context
from monitor.errors import BadParameter, GroupNotFound, UnitNotFound
from monitor.ledger.registration import fold_code
from monitor.store import directory
from monitor.store.ledger import registry
from monitor.store.ledger.registry import Connection
from monitor.units import Group, Role, Unit
from monitor.usecases.ledger import register

INVITATION_HOURS = 72
ONLY_ONCE = "以上只显示这一次，请立即记录。"
_LONGEST_HOURS = 24 * 366
_ENGLISH = {role: role.name.lower().replace("_", "-") for role in Role}


def new_code() -> str:
    """Return a random invitation code that can be read out and typed on a phone."""
    return secrets.token_hex(5).upper()


def new_password() -> str:
    """Return a random password."""
    return secrets.token_urlsafe(12)


@click.command()
@click.argument("role")
@click.argument("unit")
@click.option("--group", default="", metavar="群编号", help="群管理员所管的群（只用于群管理员）")
@click.option("--name", default="", metavar="姓名", help="受邀人的姓名；群管理员须与登记的姓名一致才算到任")
@click.option(
    "--hours",
    type=click.IntRange(1, _LONGEST_HOURS),
    default=INVITATION_HOURS,
    show_default=True,
    help="几小时内有效",
)
@click.option("--reusable", "is_reusable", is_flag=True, help="有效期内可由多人使用")
@click.pass_obj
def invite(
    context: Context, role: str, unit: str, group: str, name: str, hours: int, is_reusable: bool
) -> None:
    """发放一个邀请码：角色（督导检查、单位管理员……或 inspector、unit-admin……）和单位编号。

    邀请码只显示这一次，数据库中只有它的散列。
    """
    wanted, code, services = _read_role(role), new_code(), context.services()
    now = services.clock()

    def save(connection: Connection) -> str:
        its_unit = _find_unit(connection, unit)
        its_group = _find_group(connection, group, its_unit) if group else None
        group_code = its_group.code if its_group else ""
        register.add_invitation(
            connection, code, wanted, its_unit.code, group_code=group_code, display_name=name.strip(),
            is_reusable=is_reusable, expires_at=now + timedelta(hours=hours),
        )  # fmt: skip
        detail = {"role": wanted.value, "group": group_code, "hours": hours, "reusable": is_reusable}
        registry.write_audit(connection, now, "cli:invite", "invitation.added", its_unit.code, detail)
        place = its_group or its_unit
        return f"{wanted.value} · {place.name}（{place.code}）" + (f" {name.strip()}" if name.strip() else "")

    holding = services.database.write(save)
    click.echo(f"邀请码（{hours} 小时内有效，{'可多人使用' if is_reusable else '一次性'}）：{code}")
    click.echo(f"角色：{holding}。受邀人在公众号或企业微信应用中回复：绑定 {code}")
    click.echo(ONLY_ONCE)


@click.command("add-user")
@click.argument("name")
@click.argument("role")
@click.argument("unit")
@click.option("--replace", is_flag=True, help="已有同名用户时，重设其密码、角色和单位，并结束其登录")
@click.pass_obj
def add_user(context: Context, name: str, role: str, unit: str, replace: bool) -> None:
    """增设控制台用户：用户名、角色（督导检查……或 inspector……）和单位编号；密码随机，只显示这一次。"""
    wanted, password, services = _read_role(role), new_password(), context.services()
    name = name.strip()
    with services.database.reading() as connection:
        its_unit = _find_unit(connection, unit)
    if services.sign_in.has_user(name) and not replace:
        raise BadParameter(
            f"user {name!r} exists", user_text=f"已有用户 {name}；要重设其密码，请加 --replace"
        )
    services.sign_in.save_user(name, password, wanted, its_unit.code)
    now, detail = services.clock(), {"role": wanted.value, "unit": its_unit.code}
    services.database.write(
        lambda connection: registry.write_audit(
            connection, now, "cli:add-user", "console.user_saved", name, detail
        )
    )
    click.echo(f"控制台用户 {name}（{wanted.value} · {its_unit.name}），密码：{password}")
    click.echo(ONLY_ONCE)


def _read_role(word: str) -> Role:
    """Return the role that a Chinese or English word names.

    Raises: BadParameter with all of them.
    """
    folded = word.strip().lower().replace("_", "-")
    for role in Role:
        if folded in (role.value, _ENGLISH[role]):
            return role
    known = "、".join(f"{role.value}（{_ENGLISH[role]}）" for role in Role)
    raise BadParameter(f"no role {word!r}", user_text=f"角色应为：{known}")


def _find_unit(connection: Connection, code: str) -> Unit:
    unit = directory.load_unit_by_code(connection, fold_code(code))
    if unit is None:
        raise UnitNotFound(f"no unit {code!r}", user_text=f"没有编号为 {code} 的单位，或该单位已停用")
    return unit


def _find_group(connection: Connection, code: str, unit: Unit) -> Group:
    """Return a group of a unit's subtree: a manager is shown the unit he is invited for."""
    group = directory.load_group_by_code(connection, fold_code(code))
    if group is None:
        raise GroupNotFound(f"no group {code!r}", user_text=f"没有编号为 {code} 的群")
    if not group.unit_path.startswith(unit.path):
        raise BadParameter(
            f"group {group.code} is not in {unit.code}",
            user_text=f"群 {group.code} 属于{group.unit_name}，不在{unit.name}（{unit.code}）及其下级",
        )
    return group
