"""The configuration: one strict TOML file, secrets from the environment, nothing guessed.

An unknown key, a wrong type or a missing secret stops the start and names file, key, what was
expected and what was found. `QINGXUN_DATABASE_URL` and other `QINGXUN_<SECTION>_<KEY>` variables
override plain values; secrets come from a variable or, by `…_FILE`, from a file.
"""

import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot import demonstration
from monitor.errors import ConfigError
from monitor.index.audience import read_place
from monitor.rules.settings import validate_preset
from scoring.switches import load_switches

CONFIG_VARIABLE = "QINGXUN_CONFIG"
"""Names the configuration file, also to a server's worker process."""
JOBS_VARIABLE = "QINGXUN_WITH_JOBS"
"""Tells a server's worker process to run the jobs."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")]


class Section(BaseModel):
    """Base of all sections: unknown keys and loose types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Mode(StrEnum):
    """What the installation is for."""

    DEMONSTRATION = "demonstration"
    PRODUCTION = "production"


class DatabaseSection(Section):
    """Where facts are kept."""

    url: str = Field(pattern=r"^(sqlite:///|postgres(ql)?://).+")


class ServerSection(Section):
    """How the web side is served."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    threads: int = Field(default=64, ge=1, le=512)
    public_url: Address = "http://127.0.0.1:8000"
    fast_lane: bool = True


class RulesSection(Section):
    """Which rulebook judges groups and accounts, and the readings selected until one is recorded."""

    rulebook: str = "hn-2013"
    switches: dict[str, str] = Field(default_factory=dict)


class AssessmentSection(Section):
    """The assessment of the year (考评)."""

    evidence_folder: str = Field(default="var/evidence", min_length=1)  # outside everything that is served
    objection_days: int = Field(default=15, ge=1, le=365)


def _place(text: str) -> str:
    read_place(text)
    return text


PlaceName = Annotated[str, AfterValidator(_place)]


class IndexSection(Section):
    """The Guangdong assessment of schools: whether it is used, and who is told of published runs (GD-4.1)."""

    is_used: bool = True
    week_to: list[PlaceName] = ["province.inspector"]
    month_to: list[PlaceName] = [
        "province.leader",
        "province.inspector",
        "city.unit_admin",
        "school.unit_admin",
    ]
    year_to: list[PlaceName] = [
        "province.leader",
        "province.inspector",
        "city.unit_admin",
        "school.unit_admin",
        "school.leader",
    ]


class ExportsSection(Section):
    """Documents that people export (导出)."""

    folder: str = Field(default="var/exports", min_length=1)  # outside everything that is served


class PrivacySection(Section):
    """How long what members wrote is kept."""

    text_retention_days: int = Field(default=30, ge=1, le=3650)
    incident_retention_days: int = Field(default=365, ge=1, le=3650)  # after an incident is settled
    example_retention_days: int = Field(default=365, ge=1, le=3650)  # of texts that people labelled
    audit_retention_days: int = Field(default=1096, ge=184, le=36500)  # network logs: at least six months


class ClassifySection(Section):
    """How 不良信息 is judged."""

    dry_run: bool = False  # flag for review, never alert
    precision_floor: float = Field(default=0.5, ge=0, le=1)  # of 30 days; below it operators are warned


class PlatformSection(Section):
    """Addresses of the platforms' interfaces; the demonstration points them at its stand-in server."""

    wechat_api: Address = "https://api.weixin.qq.com"
    wecom_api: Address = "https://qyapi.weixin.qq.com"
    wechat_pages: Address = "https://open.weixin.qq.com"  # where people are sent for 网页授权


class AccountSection(Section):
    """An official account (公众号). Secrets: QINGXUN_ACCOUNT_<KEY>_TOKEN, _AES_KEY, _APP_SECRET."""

    key: Key
    app_id: str = Field(min_length=1)
    require_encryption: bool = False
    template_id: str = ""
    sign_in: bool = False  # into the console inside WeChat (网页授权)


class WeComSection(Section):
    """A WeCom application (企业微信应用). Secrets: QINGXUN_WECOM_<KEY>_TOKEN, _AES_KEY, _APP_SECRET."""

    key: Key
    corp_id: str = Field(min_length=1)
    agent_id: int = Field(ge=1)


class Protocol(StrEnum):
    """How a source of group posts talks to us."""

    ONEBOT = "onebot"
    GEWE = "gewe"
    WECHATBOT_WEBHOOK = "wechatbot_webhook"


class SourceSection(Section):
    """A bridge or collector that pushes group posts. Secret: QINGXUN_SOURCE_<KEY>_SECRET."""

    key: Key
    protocol: Protocol = Field(default=Protocol.ONEBOT, strict=False)
    accept_unofficial: bool = False  # personal-account bridges: the operator's own risk, off by default


class ApiClientSection(Section):
    """A program that posts or reads by API. Secret: QINGXUN_API_<KEY>_TOKEN."""

    key: Key
    unit: str = Field(min_length=1)  # code of the unit whose subtree it may read
    sources: list[str] = Field(default_factory=list)  # sources it may post for
    may_write_facts: bool = False  # POST /api/v1/facts about the schools of this subtree


class RobotSection(Section):
    """A WeCom group robot (消息推送). Secret: QINGXUN_ROBOT_<KEY>_KEY."""

    key: Key


class Settings(Section):
    """The whole configuration; made by `load_settings`."""

    mode: Mode = Field(strict=False)
    database: DatabaseSection
    server: ServerSection = ServerSection()
    rules: RulesSection = RulesSection()
    assessment: AssessmentSection = AssessmentSection()
    index: IndexSection = IndexSection()
    exports: ExportsSection = ExportsSection()
    privacy: PrivacySection = PrivacySection()
    classify: ClassifySection = ClassifySection()
    platform: PlatformSection = PlatformSection()
    accounts: list[AccountSection] = []
    wecom: list[WeComSection] = []
    sources: list[SourceSection] = []
    api_clients: list[ApiClientSection] = []
    robots: list[RobotSection] = []


class Secrets:
    """Secrets by name, read when asked for; never printed."""

    def __init__(self, mode: Mode, environment: Mapping[str, str] = os.environ) -> None:
        """Look names up in `environment`, in the demonstration also among its fixed secrets."""
        self._environment = environment
        self._is_demonstration = mode is Mode.DEMONSTRATION
        self._fallback = demonstration.SECRETS if self._is_demonstration else {}

    def get(self, *parts: str) -> str:
        """Return a secret by the parts of its name, "" if it is not set.

        Raises: ConfigError if its file cannot be read, or if it is one of the demonstration's.
        """
        name = "_".join(("QINGXUN", *(part.upper() for part in parts)))
        value = self._environment.get(name) or self._from_file(name) or self._fallback.get(name, "")
        if value in demonstration.VALUES and not self._is_demonstration:
            raise ConfigError(
                file="environment", key=name, expected="a secret of your own", got="the demonstration's"
            )
        return value

    def require(self, *parts: str) -> str:
        """Return a secret that must be set.

        Raises: ConfigError naming the variable.
        """
        value = self.get(*parts)
        if not value:
            name = "_".join(("QINGXUN", *(part.upper() for part in parts)))
            raise ConfigError(
                file="environment", key=name, expected=f"a secret in {name} or {name}_FILE", got="nothing"
            )
        return value

    def _from_file(self, name: str) -> str:
        file = self._environment.get(f"{name}_FILE")
        if not file:
            return ""
        try:
            return Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                file="environment", key=f"{name}_FILE", expected="a readable file", got=type(error).__name__
            ) from error


def load_settings(file: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the checked configuration.

    Raises: ConfigError naming file, key, what was expected and what was found.
    """
    document = _read(file)
    _override(document, environment)
    try:
        settings = Settings.model_validate(document)
    except ValidationError as error:
        raise _config_error(file, error) from None  # its own text repeats input, which may be private
    _refuse_unknown_readings(file, settings.rules.switches)
    _check_secrets(settings, Secrets(settings.mode, environment))
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            file=str(file), key="(file)", expected="a readable file", got=type(error).__name__
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(file=str(file), key="(file)", expected="TOML", got=str(error)) from None


def _override(document: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Let QINGXUN_<SECTION>_<KEY> replace a plain value; numbers and switches as TOML writes them."""
    for section in (
        "database",
        "server",
        "rules",
        "assessment",
        "index",
        "exports",
        "privacy",
        "classify",
        "platform",
    ):
        model = Settings.model_fields[section].annotation
        for key in model.model_fields:  # type: ignore[union-attr]
            value = environment.get(f"QINGXUN_{section}_{key}".upper())
            if value:
                document.setdefault(section, {})[key] = _plain(value)


def _plain(value: str) -> str | int | bool:
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdigit() else value


def _config_error(file: Path, error: ValidationError) -> ConfigError:
    first = min(error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"]) or "(file)"
    if first["type"] == "extra_forbidden":
        allowed = _allowed_keys(first["loc"])
        return ConfigError(
            file=str(file), key=key, expected=f"one of {allowed}", got=f"unknown key {first['loc'][-1]!r}"
        )
    got = "nothing" if first["type"] == "missing" else repr(first["input"])[:80]
    return ConfigError(file=str(file), key=key, expected=first["msg"], got=got)


def _allowed_keys(location: tuple[int | str, ...]) -> str:
    model: Any = Settings
    for part in location[:-1]:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            model = getattr(annotation, "__args__", (annotation,))[0]
    return ", ".join(sorted(model.model_fields))


def _refuse_unknown_readings(file: Path, switches: Mapping[str, str]) -> None:
    """Refuse a reading (默认读法) that cannot be selected."""
    for key, expected in validate_preset(load_switches(), switches):
        raise ConfigError(
            file=str(file), key=f"rules.switches.{key}", expected=expected, got=repr(switches[key])
        )


def _check_secrets(settings: Settings, secrets: Secrets) -> None:
    """Refuse to start without the secrets that verification stands on, or with two things of one key."""
    for section in ("accounts", "wecom", "sources", "api_clients", "robots"):
        keys = [entry.key for entry in getattr(settings, section)]
        if repeated := {key for key in keys if keys.count(key) > 1}:
            raise ConfigError(
                file="config.toml", key=f"{section}.key", expected="keys used once", got=", ".join(repeated)
            )
    secrets.require("secret", "key")
    for account in settings.accounts:
        secrets.require("account", account.key, "token")
        if account.require_encryption:
            secrets.require("account", account.key, "aes_key")
    for app in settings.wecom:
        secrets.require("wecom", app.key, "token")
        secrets.require("wecom", app.key, "aes_key")
    for source in settings.sources:
        secrets.require("source", source.key, "secret")
        if source.protocol is not Protocol.ONEBOT and not source.accept_unofficial:
            raise ConfigError(
                file="config.toml",
                key=f"sources.{source.key}.accept_unofficial",
                expected="true: it hooks a personal account against WeChat's terms, at your own risk",
                got="false",
            )
    for client in settings.api_clients:
        secrets.require("api", client.key, "token")
    for robot in settings.robots:
        secrets.require("robot", robot.key, "key")
