"""Expected failures outside the rules; the root `AppError` lives in `scoring.errors`.

    AppError
    ├── ConfigError        config.toml: file, key, expected, got → the process does not start
    ├── InboundError       the wire
    │   ├── BadSignature       → 403      ├── TooLarge → 413
    │   └── BadPayload         → 400 (kept for replay)
    ├── CommandError       the user; texts of requirement D.1
    │   ├── UnknownCommand  MissingParameter  BadParameter  AmbiguousName
    │   ├── NotBound  OutOfScope (same text whether or not the unit exists)
    │   └── StepExpired  ReadOnlyRole
    ├── NotFound           UnitNotFound, GroupNotFound
    ├── StateError         PeriodLocked, VersionConflict
    ├── StorageError       SchemaVersionError
    └── DeliveryError      channel, retry_after, ambiguous (permanent → next channel, no retry)

`bot/dispatch.py`, the console's error handler and `monitor/jobs.py` translate them; a test walks the
tree and fails on a class without a text.
"""

from datetime import timedelta

from scoring.errors import AppError

__all__ = ["AppError"]


class ConfigError(AppError):
    """The configuration is wrong; the process does not start."""

    code = "config_error"
    user_text = "配置有误，系统未启动"
    permanent = True

    def __init__(self, *, file: str, key: str, expected: str, got: str) -> None:
        """Compose a message that says where, what was expected and what was found."""
        self.file, self.key, self.expected, self.got = file, key, expected, got
        super().__init__(f"{file}: {key}: expected {expected}, got {got}")


class InboundError(AppError):
    """Something on the wire is refused."""

    code = "inbound_error"
    user_text = "请求无效"
    permanent = True


class BadSignature(InboundError):
    """Signature, token, timestamp or nonce is not acceptable; no detail goes out."""

    code = "bad_signature"
    user_text = "签名无效"


class BadPayload(InboundError):
    """The body cannot be read as what it claims to be."""

    code = "bad_payload"
    user_text = "请求内容无法解析"


class TooLarge(InboundError):
    """The body is longer than this endpoint takes."""

    code = "too_large"
    user_text = "请求内容过大"


class CommandError(AppError):
    """A chat command cannot be carried out as given."""

    code = "command_error"
    user_text = "指令有误，回复“帮助”查看用法"
    permanent = True


class UnknownCommand(CommandError):
    """No command has that name."""

    code = "unknown_command"
    user_text = "未识别的指令，回复“帮助”查看全部指令"


class MissingParameter(CommandError):
    """A parameter is missing; the text shows the usage with a filled example."""

    code = "missing_parameter"
    user_text = "缺少参数，回复“帮助”查看用法"


class BadParameter(CommandError):
    """A parameter is not of its kind; the text says which kind."""

    code = "bad_parameter"
    user_text = "参数有误，回复“帮助”查看用法"


class AmbiguousName(CommandError):
    """Several units or groups match; the text lists numbered candidates."""

    code = "ambiguous_name"
    user_text = "名称不唯一，请回复编号选择"


class NotBound(CommandError):
    """The sender has no role; nothing else is revealed."""

    code = "not_bound"
    user_text = "您尚未绑定。请回复：绑定 邀请码"


class OutOfScope(CommandError):
    """The unit is outside the holder's subtree, or does not exist: the same text."""

    code = "out_of_scope"
    user_text = "无权查看该单位"


class StepExpired(CommandError):
    """A numbered choice or dialog step came too late."""

    code = "step_expired"
    user_text = "操作已超时，未保存"


class ReadOnlyRole(CommandError):
    """A leader sent a command that writes."""

    code = "read_only_role"
    user_text = "您的角色为只读"


class NotFound(AppError):
    """The thing asked for does not exist in the holder's subtree."""

    code = "not_found"
    user_text = "未找到，可回复 群 列出"
    permanent = True


class UnitNotFound(NotFound):
    """No unit of that code or name."""

    code = "unit_not_found"
    user_text = "未找到该单位，可回复 状态 查看本单位"


class GroupNotFound(NotFound):
    """No group of that code or name."""

    code = "group_not_found"
    user_text = "未找到该群，可回复 群 列出"


class StateError(AppError):
    """The thing is not in a state that allows this."""

    code = "state_error"
    user_text = "当前状态不允许此操作"
    permanent = True


class PeriodLocked(StateError):
    """The period is closed and locked."""

    code = "period_locked"
    user_text = "该期已锁定，如需更正请联系上级管理员"


class VersionConflict(StateError):
    """Somebody else has changed the thing since it was read; both values are told, none is lost.

    Attributes:
        stored: what stands now, as it is shown to people.
        attempted: what was about to be written.
    """

    code = "version_conflict"
    user_text = "该项已被他人修改，您的修改未保存，请核对后重新提交"

    def __init__(self, message: str, *, stored: str, attempted: str) -> None:
        """Keep both values and tell them."""
        text = f"该项已被他人修改。现为：{stored}；您提交的：{attempted}，未保存。请核对后重新提交"
        super().__init__(message, user_text=text)
        self.stored, self.attempted = stored, attempted


class StorageError(AppError):
    """The database refused or is away; the cause is chained."""

    code = "storage_error"
    user_text = "存储暂不可用，请稍后再试"


class SchemaVersionError(StorageError):
    """The database was written by another version."""

    code = "schema_version"
    user_text = "数据库版本不符，请先执行升级"
    permanent = True


class DeliveryError(AppError):
    """A message was not, or perhaps not, accepted by a platform.

    Attributes:
        channel: name of the channel.
        retry_after: the platform's own waiting time, or None.
        ambiguous: True when the platform may have accepted the message.
    """

    code = "delivery_error"
    user_text = "消息未能送达"

    def __init__(
        self,
        message: str,
        *,
        channel: str,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        ambiguous: bool = False,
    ) -> None:
        """Keep what the sender of the outbox needs to decide."""
        super().__init__(message, permanent=permanent)
        self.channel, self.retry_after, self.ambiguous = channel, retry_after, ambiguous
