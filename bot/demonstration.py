"""Fixed, documented secrets of the demonstration; a real configuration refuses every one of them."""

from collections.abc import Mapping

SECRETS: Mapping[str, str] = {
    "QINGXUN_SECRET_KEY": "qingxun-demo-secret-key",
    "QINGXUN_ACCOUNT_DEMO_TOKEN": "qingxun-demo-token",
    "QINGXUN_ACCOUNT_DEMO_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "QINGXUN_ACCOUNT_DEMO_APP_SECRET": "qingxun-demo-appsecret",
    "QINGXUN_WECOM_DEMO_TOKEN": "qingxun-demo-wecom-token",
    "QINGXUN_WECOM_DEMO_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "QINGXUN_WECOM_DEMO_APP_SECRET": "qingxun-demo-corpsecret",
    "QINGXUN_SOURCE_DEMO_SECRET": "qingxun-demo-secret",
    "QINGXUN_API_DEMO_TOKEN": "qingxun-demo-api",
    "QINGXUN_ROBOT_INSPECTORS_KEY": "qingxun-demo-robot",
}
CONSOLE_USER = "demo"
CONSOLE_PASSWORD = "qingxun-demo-console"  # noqa: S105
VALUES = frozenset(SECRETS.values()) | {CONSOLE_PASSWORD}
