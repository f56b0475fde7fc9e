"""What the chat waits for after a command (未完成的一步), and how long. Pure.

A command whose answer carries an `OpenStep` asks for something more: a picture, a text, or 「确认」. The step
is kept in the database, because another process may receive what comes. Key types: `OpenStep`, `Awaits`,
`PictureState`, `AttachedPicture`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

STEP_LIFE = timedelta(minutes=5)
STEP_MEMORY = timedelta(minutes=30)
"""So long after its end what comes for a step is still told that it came too late."""
LOOSE_PICTURE_LIFE = timedelta(minutes=10)
"""So long a picture that nothing waited for can be taken by the next command (requirement D.1)."""
MEDIA_LIFE = timedelta(days=3)
"""The platform forgets what people sent after this time."""


class Awaits(StrEnum):
    """What a step waits for."""

    PICTURE = "图片"
    TEXT = "文字"
    CONFIRMATION = "确认"


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that is open for one person.

    Attributes:
        awaits: what is to come.
        purpose: what it is for; names the continuation of a command.
        subject_id: what it belongs to, such as the number of an incident; 0 for nothing yet.
        carried: what the command knew already, in words of its own.
        prompt: the last line of the answer that asks; not kept.
    """

    awaits: Awaits
    purpose: str
    subject_id: int = 0
    carried: str = ""
    prompt: str = ""


def await_picture(purpose: str, subject_id: int, *, prompt: str = "请发送截图（5分钟内）") -> OpenStep:
    """Return the step that waits for a picture of a subject."""
    return OpenStep(Awaits.PICTURE, purpose, subject_id, prompt=prompt)


def await_text(purpose: str, subject_id: int, *, carried: str = "", prompt: str = "") -> OpenStep:
    """Return the step that waits for a text, such as a reason."""
    return OpenStep(Awaits.TEXT, purpose, subject_id, carried, prompt)


def await_confirmation(purpose: str, carried: str, *, subject_id: int = 0, prompt: str = "") -> OpenStep:
    """Return the step that waits for 「确认」 before `carried` is done."""
    asks = prompt or "回复“确认”保存，“取消”放弃（5分钟内）"
    return OpenStep(Awaits.CONFIRMATION, purpose, subject_id, carried, asks)


@dataclass(frozen=True, slots=True)
class FoundStep:
    """A step as it is found when the next message comes."""

    step: OpenStep
    expires_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Tell whether it may still be continued."""
        return now < self.expires_at

    def awaits_picture(self, now: datetime) -> bool:
        """Tell whether it is open and waits for a picture."""
        return self.is_open(now) and self.step.awaits is Awaits.PICTURE

    def is_remembered(self, now: datetime) -> bool:
        """Tell whether what comes for it is told that it came too late."""
        return now < self.expires_at + STEP_MEMORY


class PictureState(StrEnum):
    """What has become of a picture; the value is shown."""

    LOOSE = "未关联"
    WAITING = "待获取"
    KEPT = "已保存"
    REFUSED = "不合要求"  # not a picture, or too large
    LOST = "未能获取"  # the platform does not give it out any more


@dataclass(frozen=True, slots=True)
class AttachedPicture:
    """A picture that belongs to something. `same_as` is an earlier one with the same content."""

    picture_id: int
    subject_id: int
    state: PictureState
    sha256: str
    received_at: datetime
    sender: str
    same_as: int | None
