"""What differs between the platforms by which people write (聊天平台), as facts. Pure.

Everything else is one dialog: the same commands, steps, choices and record numbers, whatever the channel.
Key type: `ChatPlatform`.
"""

from dataclasses import dataclass

_WECOM_SCHEME = "wecom:"


@dataclass(frozen=True, slots=True)
class ChatPlatform:
    """A platform's facts.

    Attributes:
        name: as it is shown.
        longest_reply_bytes: what a passive text reply (被动回复) may have; a longer one is cut.
        has_reply_window: our own messages reach a person only 48 hours after theirs (客服消息), so that
            every message is noted; elsewhere it need not be.
        is_always_encrypted: there is no plain mode (明文模式).
        sender: what `FromUserName` is; a person who writes by two platforms is bound twice.
        welcome: said to somebody new who is not bound.
    """

    name: str
    longest_reply_bytes: int
    has_reply_window: bool
    is_always_encrypted: bool
    sender: str
    welcome: str


OFFICIAL_ACCOUNT = ChatPlatform(
    name="公众号",
    longest_reply_bytes=2048,
    has_reply_window=True,
    is_always_encrypted=False,
    sender="openid, one for each account and person",
    welcome="欢迎关注。本号供团组织工作人员使用。",
)
WECOM_APP = ChatPlatform(
    name="企业微信应用",
    longest_reply_bytes=2048,
    has_reply_window=False,
    is_always_encrypted=True,
    sender="user id of the member in the corporation",
    welcome="欢迎使用。本应用供团组织工作人员使用。",
)
WECOM_BOT = ChatPlatform(
    name="企业微信智能机器人",
    longest_reply_bytes=20480,  # content of a stream message
    has_reply_window=False,
    is_always_encrypted=True,
    sender="user id of the member in the corporation",
    welcome="欢迎使用。本机器人供团组织工作人员使用。",
)


def wecom_source(key: str) -> str:
    """Return the source name of a WeCom application, which an official account of that key cannot have."""
    return f"{_WECOM_SCHEME}{key}"


def platform_of(source: str) -> ChatPlatform:
    """Return by which platform the messages of a source come."""
    return WECOM_APP if source.startswith(_WECOM_SCHEME) else OFFICIAL_ACCOUNT
