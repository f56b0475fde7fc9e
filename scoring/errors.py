"""The root of the error tree, and the errors of rules and scores.

Other packages derive their own errors from `AppError`; nothing outside the standard library is imported here.

    AppError                     code, user_text (中文), subject_id, permanent
    ├── RulebookError            file, key_path, allowed
    │   ├── RulebookFormatError      unknown key, missing clause or status, gap or overlap in bands
    │   └── NoRulebookInForce        no rulebook for that unit kind on that day
    └── ScoringError             a fact that cannot be scored
        ├── InputError               wrong type, negative count, ratio above 1, unknown item
        ├── PointsOutOfRange         points outside an item's range
        └── ReasonRequired           an item without a legible rule was scored without 依据

Key types: `AppError`, `RulebookError`, `ScoringError`.
"""

from collections.abc import Iterable


class AppError(Exception):
    """An expected failure with one text for operators and one for the user.

    Attributes:
        code: stable word for logs and API answers; each class sets its own.
        user_text: Chinese sentence for chat and console; each class sets a default.
        subject_id: what it is about (a unit, a group, a file, an item), or None.
        permanent: True when trying again with the same input cannot help.
    """

    code: str = "app_error"
    user_text: str = "操作未完成，请稍后再试"
    permanent: bool = False

    def __init__(
        self,
        message: str = "",
        *,
        user_text: str | None = None,
        subject_id: str | None = None,
        permanent: bool | None = None,
    ) -> None:
        """Keep the message for operators; override the class's text and permanence where given."""
        super().__init__(message or user_text or type(self).user_text)
        self.subject_id = subject_id
        if user_text is not None:
            self.user_text = user_text
        if permanent is not None:
            self.permanent = permanent

    def __str__(self) -> str:
        """Message, subject and cause in one line."""
        text = str(self.args[0])
        if self.subject_id is not None:
            text = f"{text} [{self.subject_id}]"
        if self.__cause__ is not None:
            text = f"{text}: {self.__cause__}"
        return text


class RulebookError(AppError):
    """A rulebook (细则) cannot be used.

    Attributes:
        file: name of the TOML file, or None.
        key_path: where in the file, as `activity_band[2].clause`.
        allowed: the keys or values that would have been accepted, sorted.
    """

    code = "rulebook_error"
    user_text = "考核细则有误，请联系系统管理员"
    permanent = True

    def __init__(
        self, message: str = "", *, file: str | None = None, key_path: str = "", allowed: Iterable[str] = ()
    ) -> None:
        """Compose `file: key path: message (allowed: …)`."""
        self.file = file
        self.key_path = key_path
        self.allowed = tuple(sorted(allowed))
        where = ": ".join(part for part in (file or "", key_path) if part)
        text = f"{where}: {message}" if where else message
        if self.allowed:
            text = f"{text} (allowed: {', '.join(self.allowed)})"
        super().__init__(text)


class RulebookFormatError(RulebookError):
    """A rulebook file does not have the required form."""

    code = "rulebook_format"
    user_text = "考核细则文件格式有误，未启用"


class NoRulebookInForce(RulebookError):
    """No rulebook is in force for that unit kind on that day."""

    code = "no_rulebook_in_force"
    user_text = "该单位类别在该日期没有生效的考核细则"


class ScoringError(AppError):
    """A fact or an entry cannot be scored.

    Attributes:
        key_path: where in the input, as `items.HN-A2.2a.covered`; empty if not from a document.
    """

    code = "scoring_error"
    user_text = "评分未完成"
    permanent = True

    def __init__(
        self,
        message: str = "",
        *,
        key_path: str = "",
        user_text: str | None = None,
        subject_id: str | None = None,
    ) -> None:
        """Compose `key path: message`."""
        self.key_path = key_path
        text = f"{key_path}: {message}" if key_path else message
        super().__init__(text, user_text=user_text, subject_id=subject_id)


class InputError(ScoringError):
    """An input is of the wrong type, out of its domain, or unknown."""

    code = "bad_input"
    user_text = "输入有误"


class PointsOutOfRange(ScoringError):
    """Points lie below 0 or above the item's maximum (分值)."""

    code = "points_out_of_range"
    user_text = "得分超出该项分值范围"


class ReasonRequired(ScoringError):
    """The source lost this item's rule, so points need a written reason (依据)."""

    code = "reason_required"
    user_text = "该项原文缺失，评分须填写依据"
