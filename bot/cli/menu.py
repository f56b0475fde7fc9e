"""`menu`: the menu of the official accounts and WeCom applications, shown or put onto their platforms."""

from collections.abc import Mapping

import click

from bot.channels.authorized import NOTHING, AuthorizedApi
from bot.channels.http import ApiClient, CallFailed, describe, errcode_of
from bot.chat_platforms import wecom_source
from bot.cli.context import Context
from bot.commands import COMMANDS
from bot.menu import build_menu
from bot.token import TokenError
from monitor.errors import AppError
from monitor.store.operations.audit import insert_audit


class MenuRefused(AppError):
    """The platform did not take the menu."""

    code = "menu_refused"
    user_text = "平台未接受菜单"
    permanent = True


@click.command()
@click.option("--apply", "is_applied", is_flag=True, help="提交到平台；不加只显示")
@click.option(
    "--account", "key", default="", metavar="账号", help="只提交这一个：公众号的 key，或 wecom:应用的 key"
)
@click.pass_obj
def menu(context: Context, is_applied: bool, key: str) -> None:
    """公众号和企业微信应用的自定义菜单，由指令表生成。"""
    made = build_menu(COMMANDS)
    for button in made["button"]:
        click.echo(f"{button['name']}：" + "、".join(one["name"] for one in button["sub_button"]))
    if not is_applied:
        click.echo("以上为预览；加 --apply 提交到平台")
        return
    services = context.services()
    places = {name: place for name, place in _places(context).items() if key in ("", name)}
    if not places:
        text = "没有可提交的公众号或企业微信应用：未配置，或缺 AppSecret"
        raise MenuRefused("no account", user_text=text)
    for name, (api, query) in places.items():
        apply_menu(api, made, query)
        now = services.clock()
        services.database.write(
            lambda connection, name=name, now=now: insert_audit(  # type: ignore[misc]
                connection, "cli:menu", "menu.applied", f"account:{name}", {}, now
            )
        )
        click.echo(f"✅ {name} 菜单已更新，手机端最迟 24 小时内生效")


def _places(context: Context) -> dict[str, tuple[AuthorizedApi, dict[str, str]]]:
    """Return where a menu can be put by name; WeCom is told which application of the corporation."""
    platforms, addresses = context.services().platforms, context.settings.platform
    official, wecom = ApiClient(addresses.wechat_api), ApiClient(addresses.wecom_api)
    found: dict[str, tuple[AuthorizedApi, dict[str, str]]] = {
        name: (AuthorizedApi(official, tokens), {}) for name, tokens in platforms.official.items()
    }
    for app in context.settings.wecom:
        name = wecom_source(app.key)
        if tokens := platforms.wecom.get(name):
            found[name] = (AuthorizedApi(wecom, tokens), {"agentid": str(app.agent_id)})
    return found


def apply_menu(api: AuthorizedApi, made: dict[str, object], query: Mapping[str, str] = NOTHING) -> None:
    """Put a menu onto the platform. Raises: MenuRefused with what the platform said."""
    failure = ""
    try:
        answer = api.post("cgi-bin/menu/create", made, query)
        failure = describe(answer) if errcode_of(answer) else ""
    except CallFailed as failed:
        failure = failed.reason
    except TokenError as failed:
        failure = str(failed)
    if failure:  # raised here, so that no cause carries the token
        raise MenuRefused(failure, user_text=f"平台未接受菜单：{failure}")
