"""Builds the channels that the configuration gives: which accounts, applications and robots can push."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.authorized import AuthorizedApi
from bot.channels.by_account import ByAccount
from bot.channels.customer_service import CustomerService
from bot.channels.http import ApiClient
from bot.channels.media import LARGEST_FILE, READ_SECONDS, MediaSource
from bot.channels.template import Template, TemplateForm
from bot.channels.web_authorization import WebAuthorization
from bot.channels.wecom_app import WecomApp
from bot.channels.wecom_robot import WecomRobot
from bot.chat_platforms import wecom_source
from bot.settings import Secrets, Settings
from bot.stored_tokens import DatabaseTokenStore
from bot.stored_uploads import DatabaseUploads
from bot.token import OfficialTokenSource, TokenService, WecomTokenSource
from monitor.clock import Clock
from monitor.delivery.addresses import AddressBook
from monitor.delivery.outbox import ChannelKind
from monitor.ports import Channel
from monitor.store.database import Database


@dataclass(frozen=True, slots=True)
class Platforms:
    """The accounts and applications that have a secret, each with its one refresher of tokens."""

    official: Mapping[str, TokenService]
    wecom: Mapping[str, TokenService]
    database: Database  # keeps what all processes share of an account
    clock: Clock

    def uploads_of(self, tokens: TokenService) -> DatabaseUploads:
        """Return where the media ids of an account are kept."""
        return DatabaseUploads(self.database, self.clock, tokens.account)


def build_platforms(settings: Settings, secrets: Secrets, database: Database, clock: Clock) -> Platforms:
    """Return who can call the platforms; without an AppSecret an account only listens."""
    store = DatabaseTokenStore(database)
    official_api, wecom_api = ApiClient(settings.platform.wechat_api), ApiClient(settings.platform.wecom_api)
    official: dict[str, TokenService] = {}
    for account in settings.accounts:
        if secret := secrets.get("account", account.key, "app_secret"):
            source = OfficialTokenSource(official_api, account.app_id, secret)
            official[account.key] = TokenService(source, store, clock)
    wecom: dict[str, TokenService] = {}
    for app in settings.wecom:
        if secret := secrets.get("wecom", app.key, "app_secret"):
            tokens = WecomTokenSource(wecom_api, app.corp_id, secret, app.agent_id)
            wecom[wecom_source(app.key)] = TokenService(tokens, store, clock)
    return Platforms(official, wecom, database, clock)


def build_gates(settings: Settings, secrets: Secrets) -> Mapping[str, WebAuthorization]:
    """Return the accounts that people can sign in with inside WeChat; their AppSecret must be set."""
    client = ApiClient(settings.platform.wechat_api)
    return {
        account.key: WebAuthorization(
            client,
            settings.platform.wechat_pages,
            account.app_id,
            secrets.require("account", account.key, "app_secret"),
        )
        for account in settings.accounts
        if account.sign_in
    }


def build_media(settings: Settings, platforms: Platforms) -> MediaSource:
    """Return where the pictures that people send are fetched from."""

    def client(address: str) -> ApiClient:
        return ApiClient(address, read_seconds=READ_SECONDS, largest_answer=LARGEST_FILE)

    official, wecom = client(settings.platform.wechat_api), client(settings.platform.wecom_api)
    by_account = {key: AuthorizedApi(official, tokens) for key, tokens in platforms.official.items()}
    by_account |= {key: AuthorizedApi(wecom, tokens) for key, tokens in platforms.wecom.items()}
    return MediaSource(by_account)


def build_channels(
    settings: Settings, secrets: Secrets, platforms: Platforms
) -> tuple[Mapping[ChannelKind, Channel], AddressBook]:
    """Return the channels, and the book of what they serve."""
    official_api, wecom_api = ApiClient(settings.platform.wechat_api), ApiClient(settings.platform.wecom_api)
    customer_service: dict[str, Channel] = {}
    template: dict[str, Channel] = {}
    for account in settings.accounts:
        if tokens := platforms.official.get(account.key):
            customer_service[account.key] = CustomerService(
                official_api, tokens, platforms.uploads_of(tokens)
            )
            if account.template_id:
                template[account.key] = Template(official_api, tokens, TemplateForm(account.template_id))
    apps: dict[str, Channel] = {}
    for app in settings.wecom:
        if tokens := platforms.wecom.get(wecom_source(app.key)):
            apps[wecom_source(app.key)] = WecomApp(
                wecom_api, tokens, app.agent_id, platforms.uploads_of(tokens)
            )
    robots = {robot.key: secrets.require("robot", robot.key, "key") for robot in settings.robots}
    channels: dict[ChannelKind, Channel] = {
        kind: ByAccount(kind, by_account)
        for kind, by_account in (
            (ChannelKind.WECOM_APP, apps),
            (ChannelKind.TEMPLATE, template),
            (ChannelKind.CUSTOMER_SERVICE, customer_service),
        )
        if by_account
    }
    if robots:
        channels[ChannelKind.WECOM_ROBOT] = WecomRobot(wecom_api, robots)
    return channels, AddressBook(
        official_accounts=frozenset(customer_service),
        templates=frozenset(template),
        wecom_apps=frozenset(apps),
        robots=frozenset(robots),
    )
