"""Tables beside the console's users and sessions: recovery codes, sign-in by chat and WeChat, audit seals."""

from datetime import date, datetime

from sqlmodel import Field

from monitor.store.tables import Table


class RecoveryCodeRow(Table, table=True):
    """A recovery code (恢复码) of a second factor, good once; only its hash is stored."""

    __tablename__ = "console_recovery_code"

    user_id: int = Field(primary_key=True, foreign_key="console_user.id")
    code_hash: str = Field(primary_key=True)
    used_at: datetime | None = None


class ChatSignInRow(Table, table=True):
    """A browser that waits for a person to confirm in chat who sits before it (用微信确认登录).

    `state` is a value of `monitor.people.sign_in.SignInState`; the code is stored as a keyed hash.
    """

    __tablename__ = "chat_sign_in"

    browser_hash: str = Field(primary_key=True)
    code_hash: str = Field(index=True)
    state: str
    created_at: datetime
    expires_at: datetime = Field(index=True)
    user_agent: str = ""
    address: str = Field(default="", index=True)
    identity_id: int | None = Field(
        default=None, foreign_key="chat_identity.id", index=True, ondelete="CASCADE"
    )


class WeChatStateRow(Table, table=True):
    """A sign-in inside WeChat that was begun: its `state`, good once and five minutes."""

    __tablename__ = "wechat_state"

    state_hash: str = Field(primary_key=True)
    account: str
    target: str
    expires_at: datetime = Field(index=True)


class AuditSealRow(Table, table=True):
    """The seal of a day of the audit: digest over its entries in order and over the seal before.

    Entries of a sealed day can be deleted only after `purged_at` was set; triggers refuse the rest.
    """

    __tablename__ = "audit_seal"

    day: date = Field(primary_key=True)
    starts_at: datetime
    ends_at: datetime
    n_rows: int
    digest: str
    sealed_at: datetime
    purged_at: datetime | None = None
