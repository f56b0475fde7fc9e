"""A mistake in the configuration stops the start with file, key, expected and got."""

from pathlib import Path

import pytest

from bot import demonstration
from bot.settings import Mode, Secrets, Settings, load_settings
from monitor.errors import ConfigError

COMMITTED = Path("config.toml")
TWICE = '[[robots]]\nkey = "a"\n[[robots]]\nkey = "a"'
OWN_SECRETS = {name: f"own-{number:02d}-secret" for number, name in enumerate(demonstration.SECRETS)}


def load(tmp_path: Path, old: str = "", new: str = "", **environment: str) -> Settings:
    text = COMMITTED.read_text("utf-8")
    assert old in text
    file = tmp_path / "config.toml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    return load_settings(file, environment)


def test_the_committed_configuration_is_the_demonstration(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.mode is Mode.DEMONSTRATION
    assert [account.app_id for account in settings.accounts] == ["wxdemo0000000001"]
    secrets = Secrets(settings.mode, {})
    assert secrets.get("account", "demo", "token") == "qingxun-demo-token"


@pytest.mark.parametrize(
    ("old", "new", "key", "expected", "got"),
    [
        ("port = 8000", "prot = 8000", "server.prot", "port", "prot"),
        ("[rules]", "[rulez]", "rulez", "rules", "rulez"),
        ("agent_id = 1000002", 'agent_id = "1000002"', "wecom.0.agent_id", "integer", "'1000002'"),
        ("port = 8000", "port = 0", "server.port", "greater", "0"),
        ('key = "inspectors"', 'nick = "x"', "robots.0.nick", "key", "nick"),
        ("sqlite:///var/qingxun.db", "mysql://x/y", "database.url", "pattern", "mysql"),
        ('mode = "demonstration"', 'mode = "demo"', "mode", "production", "demo"),
        ('key = "inspectors"', 'key = "../x"', "robots.0.key", "pattern", "../x"),
        ("[[robots]]", "[[robots", "(file)", "TOML", "']]'"),
        ("threads = 64", "threads = 6.4", "server.threads", "integer", "6.4"),
        ('protocol = "onebot"', 'protocol = "gewe"', "accept_unofficial", "own risk", "false"),
        ('[[robots]]\nkey = "inspectors"', TWICE, "robots.key", "once", "a"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, key: str, expected: str, got: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, old, new, QINGXUN_ROBOT_A_KEY="x")
    error = caught.value
    assert "config.toml" in error.file
    assert key in error.key
    assert expected in error.expected
    assert got in error.got


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="readable file"):
        load_settings(tmp_path / "absent.toml", {})


def test_the_environment_overrides_plain_values(tmp_path: Path) -> None:
    environment = {
        "QINGXUN_DATABASE_URL": "postgresql://db/qingxun",
        "QINGXUN_SERVER_PORT": "9000",
        "QINGXUN_SERVER_FAST_LANE": "false",
    }
    settings = load(tmp_path, **environment)
    assert settings.database.url == "postgresql://db/qingxun"
    assert (settings.server.port, settings.server.fast_lane) == (9000, False)


PRODUCTION = ('mode = "demonstration"', 'mode = "production"')


def test_production_takes_secrets_of_its_own(tmp_path: Path) -> None:
    own = OWN_SECRETS | {"QINGXUN_ACCOUNT_DEMO_AES_KEY": "A" * 43}
    assert load(tmp_path, *PRODUCTION, **own).mode is Mode.PRODUCTION


@pytest.mark.parametrize(
    "name", ["QINGXUN_SECRET_KEY", "QINGXUN_ACCOUNT_DEMO_TOKEN", "QINGXUN_API_DEMO_TOKEN"]
)
def test_production_refuses_a_missing_secret_and_every_demonstration_secret(
    tmp_path: Path, name: str
) -> None:
    without = {key: value for key, value in OWN_SECRETS.items() if key != name}
    with pytest.raises(ConfigError) as missing:
        load(tmp_path, *PRODUCTION, **without)
    assert missing.value.key == name
    with pytest.raises(ConfigError, match="the demonstration's"):
        load(tmp_path, *PRODUCTION, **OWN_SECRETS | {name: demonstration.SECRETS[name]})


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n", "utf-8")
    secrets = Secrets(Mode.PRODUCTION, {"QINGXUN_ACCOUNT_A_TOKEN_FILE": str(file)})
    assert secrets.require("account", "a", "token") == "from-file"
    absent = Secrets(Mode.PRODUCTION, {"QINGXUN_ACCOUNT_A_TOKEN_FILE": str(tmp_path / "absent")})
    with pytest.raises(ConfigError, match="readable file"):
        absent.require("account", "a", "token")


def test_a_configuration_never_prints_a_secret(tmp_path: Path) -> None:
    settings = load(tmp_path, QINGXUN_SECRET_KEY="canary-4711")
    assert "canary" not in repr(settings) + str(settings)
    assert "canary" not in repr(Secrets(Mode.PRODUCTION, {"QINGXUN_SECRET_KEY": "canary-4711"}))
