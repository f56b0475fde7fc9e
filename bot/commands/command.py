"""What a chat command is: one declaration from which help, matching, permission and menu are made.

Key types: `Command`, `Ask`, `Undecided`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.replies.phrases import Answer
from monitor.clock import business_day
from monitor.errors import AmbiguousName, NotBound
from monitor.people.steps import Awaits, OpenStep
from monitor.store.people.bindings import Bound
from monitor.store.people.chat import Connection
from monitor.units import Role, Viewer
from monitor.usecases.people.bind import ChatAddress

if TYPE_CHECKING:
    from monitor.usecases.assessment.sheets import Assessments
    from monitor.usecases.delivery.notifications import Notifications
    from monitor.usecases.incidents.desk import Incidents
    from monitor.usecases.ledger.desk import Ledger
    from monitor.usecases.oversight.desk import Oversight
    from monitor.usecases.people.chat_sign_in import ChatSignIn
    from monitor.usecases.queries.questions import Queries
    from monitor.usecases.spot_checks.desk import SpotChecks


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of a command by one person."""

    command: "Command"
    arguments: tuple[str, ...]
    who: ChatAddress
    bound: Bound | None
    now: datetime
    queries: "Queries"
    notifications: "Notifications"
    assessments: "Assessments"
    incidents: "Incidents"
    ledger: "Ledger"
    spot_checks: "SpotChecks"
    sign_ins: "ChatSignIn"
    oversight: "Oversight"
    table: Sequence["Command"]  # all commands, for 帮助
    spoken: str = ""  # the message or the chosen line as it was written, for texts to be kept verbatim

    @property
    def viewer(self) -> Viewer:
        """The asker. Raises: NotBound for a stranger."""
        if self.bound is None:
            raise NotBound("a stranger has no view")
        return self.bound.viewer

    @property
    def today(self) -> date:
        """The present business day."""
        return business_day(self.now)

    def line_with(self, word: str, replacement: str) -> str:
        """Return the command line of this call with one argument replaced, for a numbered choice."""
        arguments = [replacement if argument == word else argument for argument in self.arguments]
        return " ".join((self.command.name, *arguments))


@dataclass(frozen=True, slots=True)
class Continued:
    """What came for an open step: a text, or the number of the picture; neither for 「确认」."""

    step: OpenStep
    text: str = ""
    picture_id: int = 0


@dataclass(frozen=True, slots=True)
class Continuation:
    """How a command goes on when what its open step waits for has come.

    `take` runs in the transaction of the answer and looks at rights and states anew: things may have
    changed since the step was opened. Its answer may open the next step.
    """

    purpose: str  # of `OpenStep`; one command's own
    awaits: Awaits
    take: Callable[[Connection, "Ask", Continued], Answer]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Exactly one of `answer` (reads) and `change` (writes, in the transaction of its answer) is given.
    `key` is stable and names the command in menus that phones keep for a day.
    """

    name: str
    key: str
    purpose: str  # one line, for 帮助
    usage: str
    example: str  # filled, ready to send
    roles: frozenset[Role]
    aliases: tuple[str, ...] = ()
    for_strangers: bool = False
    hides_arguments: bool = False  # they are secret: never stored
    answer: Callable[[Ask], Answer] | None = None
    change: Callable[[Connection, Ask], Answer] | None = None
    continuations: tuple[Continuation, ...] = ()
    examples: Mapping[Role, str] = field(default_factory=dict)  # of roles that cannot send `example`

    def for_role(self, role: Role) -> "Command":
        """Return the command as 帮助 shows it to a role: with an example that the role may send."""
        return replace(self, example=self.examples.get(role, self.example))

    @property
    def takes_pictures(self) -> bool:
        """Whether the command has a step that waits for a picture."""
        return any(one.awaits is Awaits.PICTURE for one in self.continuations)

    @property
    def writes(self) -> bool:
        """Whether the command changes anything."""
        return self.change is not None

    @property
    def usage_line(self) -> str:
        """Usage with a filled example (D.1): 抽查登记 群编号 条数，例：抽查登记 HK0312 4."""
        return f"用法：{self.usage}，例：{self.example}"


class Undecided(AmbiguousName):
    """Several units or groups match; carries the numbered candidates."""

    code = "undecided"

    def __init__(self, answer: Answer) -> None:
        """Keep the answer that asks."""
        super().__init__("several match", user_text=answer.text)
        self.answer = answer
