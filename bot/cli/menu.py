"""`menu`: the menu of the official accounts, shown or put onto the platform."""

import click

from bot.channels.authorized import AuthorizedApi
from bot.channels.http import ApiClient, CallFailed, describe, errcode_of
from bot.cli.context import Context
from bot.commands import COMMANDS
from bot.menu import build_menu
from bot.token import TokenError
from monitor.errors import AppError
from monitor.store.audit import insert_audit


class MenuRefused(AppError):
    """The platform did not take the menu."""

    code = "menu_refused"
    user_text = "平台未接受菜单"
    permanent = True


@click.command()
@click.option("--apply", "is_applied", is_flag=True, help="提交到平台；不加只显示")
@click.option("--account", "key", default="", metavar="账号", help="只提交这一个公众号")
@click.pass_obj
def menu(context: Context, is_applied: bool, key: str) -> None:
    """公众号自定义菜单，由指令表生成。"""
    made = build_menu(COMMANDS)
    for button in made["button"]:
        click.echo(f"{button['name']}：" + "、".join(one["name"] for one in button["sub_button"]))
    if not is_applied:
        click.echo("以上为预览；加 --apply 提交到平台")
        return
    services = context.services()
    accounts = {name: tokens for name, tokens in services.platforms.official.items() if key in ("", name)}
    if not accounts:
        raise MenuRefused("no account", user_text="没有可提交的公众号：未配置，或缺 AppSecret")
    client = ApiClient(context.settings.platform.wechat_api)
    for name, tokens in accounts.items():
        apply_menu(AuthorizedApi(client, tokens), made)
        now = services.clock()
        services.database.write(
            lambda connection, name=name, now=now: insert_audit(  # type: ignore[misc]
                connection, "cli:menu", "menu.applied", f"account:{name}", {}, now
            )
        )
        click.echo(f"✅ {name} 菜单已更新，手机端最迟 24 小时内生效")


def apply_menu(api: AuthorizedApi, made: dict[str, object]) -> None:
    """Put a menu onto the platform. Raises: MenuRefused with what the platform said."""
    failure = ""
    try:
        answer = api.post("cgi-bin/menu/create", made)
        failure = describe(answer) if errcode_of(answer) else ""
    except CallFailed as failed:
        failure = failed.reason
    except TokenError as failed:
        failure = str(failed)
    if failure:  # raised here, so that no cause carries the token
        raise MenuRefused(failure, user_text=f"平台未接受菜单：{failure}")
