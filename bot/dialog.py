"""Numbered choices, open steps, and how often an unknown word is answered.

Decisions only; the rows are in `store.chat` and `store.steps`. Key types: `UnknownWords`, `Reaction`.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

from bot.grammar import Call, MainMenu, Pick, Spoken, split_words
from bot.replies import notices
from monitor.errors import BadParameter, StepExpired, UnknownCommand
from monitor.people.steps import Awaits, FoundStep
from monitor.store.people.chat import MENU_LIFE, Menu

Offered = tuple[Menu, datetime]
"""Choices and when they expire."""

MAIN_MENU = "帮助"
ASKED = "?"
"""`Menu.here` of the choices that an unknown word was answered with."""

_CANCEL = frozenset(("取消", "放弃"))
_YES = frozenset(("确认", "确定", "是", "是的", "好", "好的", "ok", "yes", "y"))
_ASK_EVERY = timedelta(minutes=1)
_MOST_REMEMBERED = 20_000


def choose(pick: Pick, offered: Offered | None, now: datetime) -> str:
    """Return the command line that a number stands for; 0 goes back.

    Raises: UnknownCommand if nothing was ever offered; StepExpired after 5 minutes; BadParameter for a
        number that the list does not have.
    """
    if offered is None:
        raise UnknownCommand("a number without choices", user_text=notices.NO_CHOICES)
    menu, expires_at = offered
    if now >= expires_at:
        raise StepExpired("choices expired", user_text=notices.CHOICES_EXPIRED)
    if pick.number == 0:
        return menu.back or MAIN_MENU
    if pick.number > len(menu.choices):
        text = notices.refuse_number(len(menu.choices))
        raise BadParameter(f"no choice {pick.number}", user_text=text)
    return menu.choices[pick.number - 1]


def next_menu(line: str, choices: tuple[str, ...], chosen_from: Menu | None) -> Menu | None:
    """Return the choices to offer after a command was answered; None leaves those offered before.

    A chosen line that has no choices of its own keeps the list it was chosen from, and 0 shows it again.
    """
    before = chosen_from.here if chosen_from and chosen_from.here != ASKED else ""
    if choices:
        return Menu(choices, here=line, back=before)
    if chosen_from:
        return Menu(chosen_from.choices, here=before, back=before)
    return None


class Reaction(Enum):
    """What a text means for the step that is open."""

    CONTINUE = auto()  # it is what the step waits for
    CANCEL = auto()  # 取消
    TOO_LATE = auto()  # it would have been, but the step is over
    NOTHING = auto()  # it is a message like any other


def react(text: str, spoken: Spoken, found: FoundStep | None, now: datetime) -> Reaction:
    """Tell what a text means for a step: a command's exact word is never swallowed by one.

    Args:
        text: as received.
        spoken: the same text as a command.
        found: the person's step, open or over.
        now: the present instant.
    """
    if found is None or not found.is_remembered(now):
        return Reaction.NOTHING
    words = split_words(text)
    word = words[0].lower() if len(words) == 1 else ""
    if word in _CANCEL:
        return Reaction.CANCEL if found.is_open(now) else Reaction.TOO_LATE
    if not _is_awaited(word, spoken, found.step.awaits):
        return Reaction.NOTHING
    return Reaction.CONTINUE if found.is_open(now) else Reaction.TOO_LATE


def _is_awaited(word: str, spoken: Spoken, awaits: Awaits) -> bool:
    if awaits is Awaits.CONFIRMATION:
        return word in _YES
    is_command = isinstance(spoken, MainMenu) or (isinstance(spoken, Call) and not spoken.is_guess)
    return awaits is Awaits.TEXT and not is_command


class UnknownWords:
    """Lets at most one unknown word per minute and person be answered (D.1).

    This process remembers; what another process asked is recognised by the choices it offered.
    """

    def __init__(self) -> None:
        """Start with nobody."""
        self._answered: dict[tuple[str, str], tuple[int, datetime]] = {}

    def may_answer(
        self, person: tuple[str, str], event_key: int, offered: Offered | None, now: datetime
    ) -> bool:
        """Tell whether to answer, and remember it; overlapping deliveries of one event agree."""
        last = self._answered.get(person)
        if last and last[0] == event_key:
            return True
        if last and now - last[1] < _ASK_EVERY:
            return False
        if offered and offered[0].here == ASKED and now - (offered[1] - MENU_LIFE) < _ASK_EVERY:
            return False
        if len(self._answered) >= _MOST_REMEMBERED:
            self._answered = {}
        self._answered[person] = (event_key, now)
        return True
