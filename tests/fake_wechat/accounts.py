"""Which accounts the stand-in knows: the demonstration's unless told otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEMO_APP_ID = "wxdemo0000000001"
DEMO_APP_SECRET = "qingxun-demo-appsecret"
DEMO_CORP_ID = "wwdemo0000000001"
DEMO_CORP_SECRET = "qingxun-demo-corpsecret"
DEMO_AGENT_ID = 1000002
DEMO_ROBOT_KEY = "qingxun-demo-robot"


@dataclass(frozen=True)
class OfficialApp:
    """One official account (公众号): its secret and what it may call.

    Args:
        secret: the AppSecret.
        grants: interface groups that are granted: `custom`, `template`, `menu`.
        template_ids: templates it owns; None accepts any non-empty id.
    """

    secret: str
    grants: frozenset[str] = frozenset({"custom", "template", "menu"})
    template_ids: frozenset[str] | None = None


@dataclass(frozen=True)
class Corp:
    """One WeCom corporation (企业): its applications and members.

    Args:
        agents: agent id by application secret.
        members: user ids that exist; None accepts any.
    """

    agents: Mapping[str, int]
    members: frozenset[str] | None = None


@dataclass(frozen=True)
class Accounts:
    """Everything that is registered at the platform."""

    official: Mapping[str, OfficialApp] = field(
        default_factory=lambda: {DEMO_APP_ID: OfficialApp(DEMO_APP_SECRET)}
    )
    corps: Mapping[str, Corp] = field(
        default_factory=lambda: {DEMO_CORP_ID: Corp({DEMO_CORP_SECRET: DEMO_AGENT_ID})}
    )
    robots: Mapping[str, str] = field(default_factory=lambda: {DEMO_ROBOT_KEY: "督导工作群"})


@dataclass(frozen=True)
class Limits:
    """The platform's published limits; a test may tighten them."""

    token_fetches_per_day: int = 2_000
    forced_refreshes_per_day: int = 20
    forced_refresh_gap_seconds: float = 30
    custom_sends_per_day: int = 500_000
    template_sends_per_day: int = 100_000
    menu_changes_per_day: int = 1_000
    member_per_minute: int = 30
    member_per_hour: int = 1_000
    robot_per_minute: int = 20
    robot_over_limit_code: int = 45009
    window_messages: int = 5
    window_seconds: float = 48 * 3600
    is_every_window_open: bool = False
