"""Open steps in the dialog: what came is handed to the command that waits for it. Runs in its transaction.

A picture is noted here and fetched later by a job; one that nothing waits for is kept for ten minutes, and
the next command that asks for a picture finds it. Key type: `Continuations`.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.commands.command import Ask, Command, Continuation, Continued
from bot.permissions import require_permission
from bot.replies.notices import PICTURE_TOO_LATE, decline_attachment, name_attachment
from bot.replies.phrases import Answer
from monitor.events import PostKind
from monitor.people.steps import Awaits, OpenStep
from monitor.store.people.chat import Connection
from monitor.store.people.pictures import NewPicture, insert_picture, take_loose
from monitor.store.people.steps import end_step, load_step


class Continuations:
    """The continuations of all commands by their purpose."""

    def __init__(self, commands: Iterable[Command]) -> None:
        """Gather them.

        Raises: ValueError if two commands have one purpose.
        """
        self._by_purpose: dict[str, tuple[Command, Continuation]] = {}
        for command in commands:
            for one in command.continuations:
                if one.purpose in self._by_purpose:
                    raise ValueError(f"two continuations for {one.purpose}")
                self._by_purpose[one.purpose] = (command, one)

    def go_on(self, connection: Connection, ask: Ask, continued: Continued) -> Answer:
        """Hand what came to the command that waits for it, with its rights looked at again; end the step.

        After a refusal the step stays open: what came can be sent again, corrected.

        Args:
            connection: of the transaction that stores the answer.
            ask: who writes; command and arguments are filled in here.
            continued: what came, for which step.

        Raises: whatever the command refuses with; then nothing is written.
        """
        command, continuation = self._by_purpose[continued.step.purpose]
        require_permission(command, ask.bound)
        end_step(connection, ask.who.account, ask.who.address)
        return continuation.take(connection, replace(ask, command=command, arguments=()), continued)

    def is_known(self, step: OpenStep) -> bool:
        """Tell whether this release has a continuation of that purpose, waiting for the same."""
        found = self._by_purpose.get(step.purpose)
        return found is not None and found[1].awaits is step.awaits

    def take_picture(
        self, connection: Connection, ask: Ask, picture: NewPicture, names: Iterable[str]
    ) -> Answer:
        """Give a picture to the step that waits for one, or keep it for the next command.

        Args:
            connection: of the transaction that stores the answer.
            ask: who sent it.
            picture: as it came.
            names: commands of this person that take one.
        """
        found = load_step(connection, picture.account, picture.address)
        if found and found.step.awaits is Awaits.PICTURE and self.is_known(found.step):
            if found.is_open(ask.now):
                step = found.step
                number = insert_picture(connection, picture, step.purpose, step.subject_id)
                return self.go_on(connection, ask, Continued(step, picture_id=number))
            if found.is_remembered(ask.now):
                end_step(connection, picture.account, picture.address)
                insert_picture(connection, picture)
                return Answer(PICTURE_TOO_LATE)
        insert_picture(connection, picture)
        return decline_attachment_kept(tuple(names))

    def use_loose_picture(self, connection: Connection, ask: Ask, answer: Answer) -> Answer:
        """Return an answer that asks for a picture, or what follows if the picture was there before."""
        step = answer.step
        if step is None or step.awaits is not Awaits.PICTURE:
            return answer
        who = ask.who
        number = take_loose(connection, who.account, who.address, step.purpose, step.subject_id, ask.now)
        if number is None:
            return answer
        more = self.go_on(connection, ask, Continued(step, picture_id=number))
        return Answer(f"{answer.text}\n{more.text}", answer.choices or more.choices, more.step)


def decline_attachment_kept(names: tuple[str, ...]) -> Answer:
    """Answer a picture that was kept for the next command."""
    word = name_attachment(PostKind.IMAGE)
    return Answer(decline_attachment(word, names, is_picture=True))


def with_prompt(answer: Answer) -> Answer:
    """Return an answer whose last line asks for what its step waits for."""
    if answer.step is None or not answer.step.prompt:
        return answer
    return replace(answer, text=f"{answer.text}\n{answer.step.prompt}")
