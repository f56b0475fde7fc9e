"""What a person typed into a form, and what is wrong with it: nothing typed is lost when a form is refused.

A view reads `Form.of_request()`, calls its use case inside `with form.refusals():`, and shows the page again
with the form and status 400 if `form.is_refused`; else it redirects.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from flask import request

from monitor.clock import EARLIEST_DAY, LATEST_DAY
from monitor.errors import GroupNotFound, NotFound, OutOfScope, StorageError, UnitNotFound
from scoring.errors import AppError

_NO_PLACE = "没有这个编号，或不在您的范围内"
_LONGEST = 4000  # characters of one field; longer is a mistake or an attack


class Form:
    """Values by field name, problems by field name; the problem of "" concerns the whole form."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        """Begin with the values to show."""
        self.values = dict(values or {})
        self.problems: dict[str, str] = {}

    @classmethod
    def of_request(cls) -> "Form":
        """Read what was sent, cut to a length that a person types."""
        return cls({name: value.strip()[:_LONGEST] for name, value in request.form.items()})

    def __getitem__(self, name: str) -> str:
        """Return the value of a field, "" if it was left out."""
        return self.values.get(name, "")

    @property
    def is_refused(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.problems)

    def refuse(self, text: str, field: str = "") -> None:
        """Note what is wrong, at a field or with the whole form; the first problem of a field stays."""
        self.problems.setdefault(field, text)

    def required(self, name: str, label: str) -> str:
        """Return a value, and note the problem if it is empty."""
        if not self[name]:
            self.refuse(f"请填写{label}", name)
        return self[name]

    def whole_number(self, name: str, label: str, most: int = 9999) -> int:
        """Return a whole number from 0 to `most`; notes the problem and returns 0 otherwise."""
        text = self[name]
        if text.isdecimal() and int(text) <= most:
            return int(text)
        self.refuse(f"{label}应为 0–{most} 的整数", name)
        return 0

    def day(self, name: str, label: str) -> date | None:
        """Return a date; notes the problem and returns None otherwise."""
        try:
            day = date.fromisoformat(self[name])
        except ValueError:
            self.refuse(f"{label}应为日期，如 2026-11-20", name)
            return None
        if EARLIEST_DAY <= day <= LATEST_DAY:
            return day
        self.refuse(f"{label}应在 {EARLIEST_DAY.year}–{LATEST_DAY.year} 年之间", name)
        return None

    def one_of(self, name: str, label: str, values: Iterable[str]) -> str:
        """Return one of the values; notes the problem and returns the first of them otherwise."""
        known = list(values)
        if self[name] in known:
            return self[name]
        self.refuse(f"请选择{label}", name)
        return known[0]

    @contextmanager
    def refusals(self, field: str = "", *, place: str = "") -> Iterator[None]:
        """Turn what a use case refuses into a problem of the form, or of the field that it is about.

        That is `field`, or the field that the error names as its subject.

        Foreign and missing things stay errors, but for what is typed into the field `place`: a unit or group
        that is not theirs and one that does not exist get the same words beside it.
        """
        try:
            yield
        except StorageError:
            raise
        except (NotFound, OutOfScope) as error:
            is_place = isinstance(error, (OutOfScope, UnitNotFound, GroupNotFound))
            if not (is_place and place and self[place]):
                raise
            self.refuse(_NO_PLACE, place)
        except AppError as error:
            about = error.subject_id if error.subject_id in self.values else ""
            self.refuse(error.user_text, field or about or "")
