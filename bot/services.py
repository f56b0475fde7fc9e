"""The composition root's parts: everything one process needs, built once from the configuration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.chat_platforms import WECOM_APP
from bot.desks import Desks, build_desks, evidence_folder, preset_of
from bot.dispatch import Dispatcher
from bot.outbound import Platforms, build_channels, build_gates, build_platforms
from bot.scheduled import build_tasks
from bot.settings import Protocol, Secrets, Settings
from bot.watches import build_watches
from bot.webhook import ApiClient, Webhooks
from bot.wechat_codec import WeChatCodec
from monitor.classify.engine import build_classifier
from monitor.classify.relevance import shared_relevance
from monitor.clock import Clock, system_clock
from monitor.index.audience import Audience, read_audience
from monitor.jobs import JobRunner
from monitor.ports import RelevanceJudge
from monitor.store.database import Database
from monitor.store.directory import load_unit_by_code
from monitor.store.migrate import require_current_schema
from monitor.units import Role, Viewer
from monitor.usecases.days.receive import Receiver
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.index.receive_facts import FactDesk
from monitor.usecases.learning.fresh_classifier import FreshClassifier
from monitor.usecases.operations.keep_input import InputKeeper
from monitor.usecases.operations.premises import Premises
from monitor.usecases.operations.purge import Retention
from monitor.usecases.operations.rerun import Reruns
from monitor.usecases.operations.scheduled import ScheduledTask
from monitor.usecases.oversight.desk import Office, Oversight
from monitor.usecases.people.entrances import Entrances, build_entrances
from monitor.usecases.people.sign_in import SignIn
from monitor.usecases.rules.in_force import RuleSource


@dataclass(frozen=True, slots=True)
class Services:
    """What the commands, the web side and the jobs work with."""

    settings: Settings
    secret_key: str
    clock: Clock
    database: Database
    rules: RuleSource
    judge: RelevanceJudge
    classifier: FreshClassifier
    receiver: Receiver
    desks: Desks
    oversight: Oversight
    platforms: Platforms
    entrances: Entrances
    webhooks: Webhooks
    jobs: JobRunner
    audience: Audience
    api_viewers: Mapping[str, Viewer]

    @property
    def sign_in(self) -> SignIn:
        """Users and passwords of the console."""
        return self.entrances.sign_in


def build_services(settings: Settings, secrets: Secrets, clock: Clock = system_clock) -> Services:
    """Build everything; connects to the database.

    Raises: ConfigError, SchemaVersionError, RulebookError: the process does not start.
    """
    database = Database(settings.database.url)
    require_current_schema(database)
    rules = RuleSource(settings.rules.rulebook, preset_of(settings))
    secret_key = secrets.require("secret", "key")
    judge = shared_relevance()
    classifier = FreshClassifier(database, build_classifier(is_dry_run=settings.classify.dry_run))
    receiver = Receiver(database, judge, clock, pepper=secret_key, harm_judge=classifier)
    desks = build_desks(settings, database, rules, classifier, clock)
    entrances = build_entrances(
        database, clock, SignIn(database, clock), secret_key, build_gates(settings, secrets)
    )
    platforms = build_platforms(settings, secrets, database, clock)
    channels, address_book = build_channels(settings, secrets, platforms)
    tasks = build_tasks(settings, desks.assessments.desk)
    office = Office(
        rules,
        address_book,
        frozenset(channels),
        public_url=settings.server.public_url,
        tasks=tasks,
        premises=Premises(settings.database.url, settings.rules.rulebook, shared_relevance),
        precision_floor=settings.classify.precision_floor,
    )
    oversight = Oversight(database, clock, office)
    dispatcher = _build_dispatcher(database, desks, entrances, oversight, clock)
    webhooks = Webhooks(receiver, dispatcher, InputKeeper(database, clock), clock)
    facts = FactDesk(database, clock, shipped_media().rules)
    _add_endpoints(webhooks, settings, secrets, clock, facts)
    sender = AlertSender(database, channels, address_book, clock, load_picture=desks.exports.load_chart)
    watches = {
        **build_watches(settings, database, rules, platforms, evidence_folder(settings), clock),
        "exports": lambda: desks.exports.make_due(desks.document_maker) + desks.exports.expire(),
        "reruns": Reruns(database, clock, office, retention=retention_of(settings)).run_asked,
    }
    jobs = _build_jobs(settings, database, rules, sender, tasks, watches, clock)
    return Services(
        settings=settings,
        secret_key=secret_key,
        clock=clock,
        database=database,
        rules=rules,
        judge=judge,
        classifier=classifier,
        receiver=receiver,
        desks=desks,
        oversight=oversight,
        platforms=platforms,
        entrances=entrances,
        webhooks=webhooks,
        jobs=jobs,
        audience=read_audience(settings.index.week_to, settings.index.month_to, settings.index.year_to),
        api_viewers=_api_viewers(settings, secrets, database),
    )


def _build_dispatcher(
    database: Database, desks: Desks, entrances: Entrances, oversight: Oversight, clock: Clock
) -> Dispatcher:
    return Dispatcher(
        database,
        desks.queries,
        clock,
        assessments=desks.assessments,
        incidents=desks.incidents,
        spot_checks=desks.spot_checks,
        ledger=desks.ledger,
        sign_ins=entrances.chat,
        oversight=oversight,
    )


def _build_jobs(
    settings: Settings,
    database: Database,
    rules: RuleSource,
    sender: AlertSender,
    tasks: Sequence[ScheduledTask],
    watches: Mapping[str, Callable[[], int]],
    clock: Clock,
) -> JobRunner:
    return JobRunner(
        database,
        rules,
        clock,
        sender,
        retention=retention_of(settings),
        robots=tuple(robot.key for robot in settings.robots),
        tasks=tasks,
        watches=watches,
    )


def retention_of(settings: Settings) -> Retention:
    """Return how long things are kept in this installation."""
    privacy = settings.privacy
    return Retention(
        text_days=privacy.text_retention_days,
        incident_days=privacy.incident_retention_days,
        example_days=privacy.example_retention_days,
        audit_days=privacy.audit_retention_days,
    )


def _add_endpoints(
    webhooks: Webhooks, settings: Settings, secrets: Secrets, clock: Clock, facts: FactDesk
) -> None:
    for account in settings.accounts:
        codec = WeChatCodec(
            secrets.require("account", account.key, "token"),
            account.app_id,
            _aes_keys(secrets, "account", account.key),
            clock,
            require_encryption=account.require_encryption,
        )
        webhooks.add_official_account(account.key, codec)
    for app in settings.wecom:
        codec = WeChatCodec(
            secrets.require("wecom", app.key, "token"),
            app.corp_id,
            _aes_keys(secrets, "wecom", app.key),
            clock,
            platform=WECOM_APP,
        )
        webhooks.add_wecom(app.key, codec)
    for source in settings.sources:
        secret = secrets.require("source", source.key, "secret")
        if source.protocol is Protocol.ONEBOT:
            webhooks.add_onebot(source.key, secret)
        else:
            webhooks.add_bridge(source.key, secret, source.protocol)
    clients = [
        ApiClient(
            client.key,
            secrets.require("api", client.key, "token"),
            frozenset(client.sources),
            client.unit,
            client.may_write_facts,
        )
        for client in settings.api_clients
    ]
    webhooks.add_posts_api(clients)
    webhooks.add_facts_api(clients, facts)


def _aes_keys(secrets: Secrets, kind: str, key: str) -> list[str]:
    """Return the EncodingAESKeys in use, current first."""
    found = (secrets.get(kind, key, "aes_key"), secrets.get(kind, key, "aes_key_previous"))
    return [aes_key for aes_key in found if aes_key]


def _api_viewers(settings: Settings, secrets: Secrets, database: Database) -> dict[str, Viewer]:
    """Return who each API token reads as; a client of a unit that does not exist reads nothing."""
    viewers: dict[str, Viewer] = {}
    with database.reading() as connection:
        for client in settings.api_clients:
            unit = load_unit_by_code(connection, client.unit)
            if unit is not None:
                viewers[secrets.require("api", client.key, "token")] = Viewer(
                    identity=f"api:{client.key}",
                    role=Role.INSPECTOR if unit.parent_id is None else Role.UNIT_ADMIN,
                    unit_id=unit.unit_id,
                    unit_path=unit.path,
                    display_name=client.key,
                )
    return viewers
