"""`python -m tests.fake_wechat --port N`: the stand-in for the demonstration."""

import argparse
import contextlib

from .accounts import Limits
from .messages import Subscriber
from .server import FakeWeChat


def main() -> None:
    """Serve until interrupted."""
    options = _parser().parse_args()
    limits = Limits(is_every_window_open=not options.strict_windows)
    fake = FakeWeChat(limits=limits, subscriber=_subscriber(options), host=options.host, port=options.port)
    try:
        fake.start()
    except OSError as error:
        raise SystemExit(f"无法监听 {options.host}:{options.port}：{error.strerror}") from None
    print(f"模拟微信已启动：{fake.url}/ 显示大家实际收到的消息（Ctrl+C 停止）", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        fake.wait_forever()
    fake.stop()


def _subscriber(options: argparse.Namespace) -> Subscriber | None:
    if not options.callback:
        return None
    return Subscriber(
        url=options.callback,
        token=options.token,
        account_id=options.account_id,
        mode=options.mode,
        aes_key=options.aes_key,
        receive_id=options.app_id,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_wechat", description="替代微信接口的演示服务")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址")
    parser.add_argument("--port", type=int, default=8001, help="监听端口")
    parser.add_argument("--strict-windows", action="store_true", help="客服消息须在用户发言后 48 小时内")
    parser.add_argument("--callback", default="", help="公众号回调地址；给出后页面上可以发言")
    parser.add_argument(
        "--mode", choices=("plain", "compatible", "safe"), default="safe", help="消息加密方式"
    )
    parser.add_argument("--token", default="qingxun-demo-token", help="回调令牌")
    parser.add_argument(
        "--aes-key", default="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", help="EncodingAESKey"
    )
    parser.add_argument("--app-id", default="wxdemo0000000001", help="AppID")
    parser.add_argument("--account-id", default="gh_demo", help="公众号原始 ID")
    return parser


if __name__ == "__main__":
    main()
