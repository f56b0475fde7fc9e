"""From a private message or menu click to its answer, stored once.

A reading command is computed outside the writer; of several answers to one event the one stored first
counts. A writing command runs in one transaction with its answer, so a retry never runs it twice.
Key type: `Dispatcher`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.chat_platforms import platform_of
from bot.commands import COMMANDS, Ask, Command
from bot.commands.charts import as_chart
from bot.commands.command import Continued, Undecided
from bot.continuing import Continuations, with_prompt
from bot.dialog import ASKED, MAIN_MENU, Offered, Reaction, UnknownWords, choose, next_menu, react
from bot.grammar import Call, MainMenu, Pick, Spoken, Unclear, Vocabulary, Word, clean, split_words
from bot.people import People
from bot.permissions import may_use, require_permission
from bot.replies import notices
from bot.replies.phrases import Answer
from monitor.clock import Clock
from monitor.errors import AppError, StorageError
from monitor.events import EventKind, InboundEvent, PostKind
from monitor.people.steps import FoundStep
from monitor.store.database import Database
from monitor.store.people.bindings import Bound
from monitor.store.people.chat import ChatMessage, Connection, Menu, answer_once, load_menu, save_answers
from monitor.store.people.pictures import NewPicture
from monitor.store.people.steps import load_step
from monitor.units import Role
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.delivery.notifications import Notifications
from monitor.usecases.incidents.desk import Incidents
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.oversight.desk import Oversight
from monitor.usecases.people.bind import ChatAddress
from monitor.usecases.people.chat_sign_in import ChatSignIn
from monitor.usecases.queries.questions import Queries
from monitor.usecases.spot_checks.desk import SpotChecks


@dataclass(frozen=True, slots=True)
class _Turn:
    """One event of one person."""

    event: InboundEvent
    who: ChatAddress
    bound: Bound | None
    now: datetime
    found: FoundStep | None = None  # the person's step, open or over


class Dispatcher:
    """Answers people. Thread-safe; one per process."""

    def __init__(
        self,
        database: Database,
        queries: Queries,
        clock: Clock,
        commands: Sequence[Command] = COMMANDS,
        assessments: Assessments | None = None,
        incidents: Incidents | None = None,
        spot_checks: SpotChecks | None = None,
        ledger: Ledger | None = None,
        sign_ins: ChatSignIn | None = None,
        oversight: Oversight | None = None,
    ) -> None:
        """Keep the collaborators and fold the words of the commands."""
        self._oversight = oversight or Oversight(database, clock)
        self._sign_ins = sign_ins or ChatSignIn(database, clock, "")
        self._incidents = incidents or Incidents(database, clock)
        self._ledger = ledger or Ledger(database, clock)
        self._spot_checks = spot_checks or SpotChecks(database, clock)
        self._assessments = assessments or Assessments(database, clock)
        self._database = database
        self._queries = queries
        self._notifications = Notifications(database, clock)
        self._clock = clock
        self._table = commands
        self._by_name = {command.name: command for command in commands}
        self._by_key = {command.key: command for command in commands}
        self._vocabulary = Vocabulary(
            Word(text, command.name) for command in commands for text in (command.name, *command.aliases)
        )
        self._permitted = {
            role: frozenset(command.name for command in commands if may_use(command, role)) for role in Role
        }
        self._people = People(database)
        self._unknown_words = UnknownWords()
        self._continuations = Continuations(commands)

    def reply(self, event: InboundEvent) -> str:
        """Return the text that answers an event, or "" for nothing; every delivery gets the same one.

        Raises: StorageError if the answer could not be stored; the platform then delivers again.
        """
        if event.kind not in (EventKind.CHAT, EventKind.ACCOUNT) or not event.sender_id:
            return ""
        name = str(event.fields.get("Event", "")).lower()
        if event.kind is EventKind.ACCOUNT and name not in ("subscribe", "click"):
            return ""
        who, now = ChatAddress(event.source, event.sender_id), self._clock()
        bound = self._people.find(who, now)
        turn = _Turn(event, who, bound, now, self._load_step(who) if bound else None)
        if event.kind is EventKind.CHAT:
            return self._answer_message(turn)
        if name == "subscribe":
            return self._store(turn, notices.greet(turn.bound, platform_of(event.source).welcome))
        return self._answer_click(turn, str(event.fields.get("EventKey", "")))

    def _answer_message(self, turn: _Turn) -> str:
        kind = turn.event.post_kind
        if kind is PostKind.TEXT:
            if turn.bound is None:
                return self._answer_stranger(turn, turn.event.text)
            permitted = self._permitted[turn.bound.viewer.role]
            spoken = self._vocabulary.understand(turn.event.text, permitted)
            reaction = react(turn.event.text, spoken, turn.found, turn.now)
            if reaction is Reaction.NOTHING:
                return self._answer_spoken(turn, spoken)
            return self._answer_step(turn, reaction)
        if turn.bound is None:
            return self._store(turn, Answer(notices.NOT_BOUND))
        return self._answer_attachment(turn, turn.bound.viewer.role)

    def _answer_step(self, turn: _Turn, reaction: Reaction) -> str:
        """Go on with the open step, or end it."""
        found = turn.found
        if reaction is Reaction.CONTINUE and found and self._continuations.is_known(found.step):
            continued = Continued(found.step, text=clean(turn.event.text).strip())
            ask = self._ask(turn, self._by_name[MAIN_MENU], ())
            return self._change(
                turn, ask, lambda c: self._continuations.go_on(c, ask, continued), ends_step=False
            )
        text = notices.STEP_CANCELLED if reaction is Reaction.CANCEL else notices.STEP_EXPIRED
        return self._store(turn, Answer(text), ends_step=True)

    def _answer_attachment(self, turn: _Turn, role: Role) -> str:
        """Give a picture to the step that waits for it; nothing waits for voices and files."""
        event, kind = turn.event, turn.event.post_kind
        names = [command.name for command in self._table if command.takes_pictures and may_use(command, role)]
        media_id = str(event.fields.get("MediaId", ""))
        if kind is not PostKind.IMAGE or not media_id or not names or turn.bound is None:
            word = notices.name_attachment(kind, event.fields.get("MsgType"))
            if turn.found and turn.found.awaits_picture(turn.now):
                return self._store(turn, Answer(notices.want_picture(word)))
            text = notices.decline_attachment(word, names, is_picture=kind is PostKind.IMAGE)
            return self._store(turn, Answer(text))
        sender = turn.bound.viewer.identity
        picture = NewPicture(event.source, event.sender_id, event.event_key, media_id, sender, turn.now)
        ask = self._ask(turn, self._by_name[MAIN_MENU], ())
        return self._change(
            turn, ask, lambda c: self._continuations.take_picture(c, ask, picture, names), ends_step=False
        )

    def _answer_stranger(self, turn: _Turn, text: str) -> str:
        """Answer who is not bound: binding is possible, nothing else is revealed."""
        words = split_words(text)
        call = self._vocabulary.find(words) if words else None
        if call and self._by_name[call.command].for_strangers:
            return self._run(turn, call)
        return self._store(turn, Answer(notices.NOT_BOUND))

    def _answer_click(self, turn: _Turn, key: str) -> str:
        """Answer a menu click by the stable key of a command; menus of phones may be a day old."""
        command = self._by_key.get(key)
        if command:
            return self._run(turn, Call(command.name))
        if turn.bound is None:
            return self._answer_stranger(turn, key)
        words = split_words(key)
        call = self._vocabulary.find(words) if words else None
        return self._run(turn, call) if call else self._store(turn, Answer(notices.STALE_MENU))

    def _answer_spoken(self, turn: _Turn, spoken: Spoken) -> str:
        if isinstance(spoken, Call):
            if spoken.asks or (spoken.is_guess and self._by_name[spoken.command].writes):
                return self._offer(turn, (spoken,))
            return self._run(turn, spoken)
        if isinstance(spoken, MainMenu):
            return self._run(turn, Call(MAIN_MENU))
        if isinstance(spoken, Pick):
            return self._answer_pick(turn, spoken)
        return self._ask_back(turn, spoken)

    def _answer_pick(self, turn: _Turn, pick: Pick) -> str:
        offered = self._load_offered(turn)
        try:
            line = choose(pick, offered, turn.now)
        except AppError as error:
            return self._store(turn, Answer(error.user_text))
        words = split_words(line)
        call = self._vocabulary.find(words) if words else None
        if call is None:  # offered by a release that had another command
            return self._store(turn, Answer(notices.STALE_MENU))
        return self._run(turn, call, offered[0] if offered and pick.number else None, spoken=line)

    def _ask_back(self, turn: _Turn, unclear: Unclear) -> str:
        offered = self._load_offered(turn)
        person = (turn.who.account, turn.who.address)
        if not self._unknown_words.may_answer(person, turn.event.event_key, offered, turn.now):
            return self._store(turn, Answer(""))
        return self._offer(turn, unclear.nearest)

    def _offer(self, turn: _Turn, calls: Sequence[Call]) -> str:
        """Ask which command was meant; executes none."""
        answer = notices.ask_back([call.line for call in calls])
        return self._store(turn, answer, menu=Menu(answer.choices, here=ASKED) if answer.choices else None)

    def _run(self, turn: _Turn, call: Call, chosen_from: Menu | None = None, spoken: str = "") -> str:
        """Run a command; a step that was open is abandoned."""
        call = as_chart(call)
        command = self._by_name[call.command]
        ask = self._ask(turn, command, call.arguments, spoken)
        try:
            require_permission(command, turn.bound)
        except AppError as error:
            return self._store(turn, Answer(error.user_text), ends_step=True)
        if command.change:
            change = command.change
            return self._change(
                turn, ask, lambda c: self._continuations.use_loose_picture(c, ask, change(c, ask))
            )
        answer = self._read(ask)
        menu = next_menu(call.line, answer.choices, chosen_from)
        text = _text_to_keep(turn, command)
        return self._store(turn, answer, text=text, menu=menu, ends_step=True)

    def _ask(self, turn: _Turn, command: Command, arguments: tuple[str, ...], spoken: str = "") -> Ask:
        return Ask(
            command,
            arguments,
            turn.who,
            turn.bound,
            turn.now,
            queries=self._queries,
            notifications=self._notifications,
            assessments=self._assessments,
            incidents=self._incidents,
            ledger=self._ledger,
            spot_checks=self._spot_checks,
            sign_ins=self._sign_ins,
            oversight=self._oversight,
            table=self._table,
            spoken=spoken or clean(turn.event.text).strip(),
        )

    def _read(self, ask: Ask) -> Answer:
        """Compute a reading command; expected failures become their Chinese text."""
        assert ask.command.answer is not None  # noqa: S101  a command reads or writes
        try:
            return ask.command.answer(ask)
        except StorageError:
            raise
        except AppError as error:
            return _refusal(error)

    def _change(
        self, turn: _Turn, ask: Ask, change: Callable[[Connection], Answer], *, ends_step: bool = True
    ) -> str:
        """Make a change in the transaction of its answer."""
        claim = self._message(turn, Answer(""), ends_step=ends_step)
        said = () if ask.command.hides_arguments else ask.arguments
        line = " ".join((ask.command.name, *said))

        def answered(answer: Answer) -> ChatMessage:
            told = with_prompt(answer)
            menu = next_menu(line, told.choices, None)
            text = _text_to_keep(turn, ask.command)
            return replace(claim, text=text, reply=told.text, menu=menu, step=told.step)

        def work(connection: Connection) -> str:
            return answer_once(
                connection,
                claim,
                lambda: answered(change(connection)),
                lambda error: answered(_refusal(error)),
            )

        reply = self._database.write(work)
        self._people.forget(turn.who)
        return reply

    def _store(
        self,
        turn: _Turn,
        answer: Answer,
        *,
        text: str = "",
        menu: Menu | None = None,
        ends_step: bool = False,
    ) -> str:
        """Store an answer and return the one that counts."""
        message = self._message(turn, with_prompt(answer), text, menu, ends_step=ends_step)
        return self._database.write_bulk(save_answers, [message])[0]

    def _message(
        self, turn: _Turn, answer: Answer, text: str = "", menu: Menu | None = None, *, ends_step: bool
    ) -> ChatMessage:
        event = turn.event
        is_chat = event.kind is EventKind.CHAT  # a menu click does not open the 48 h window
        opens_window = is_chat and platform_of(event.source).has_reply_window
        seen = self._people.window_to_open(turn.who, turn.now) if opens_window else None
        return ChatMessage(
            event.source, event.event_key, event.sender_id, turn.now, text, answer.text, menu,
            seen_identity=seen, step=answer.step, ends_step=ends_step and turn.found is not None,
        )  # fmt: skip

    def _load_step(self, who: ChatAddress) -> FoundStep | None:
        with self._database.reading() as connection:
            return load_step(connection, who.account, who.address)

    def _load_offered(self, turn: _Turn) -> Offered | None:
        with self._database.reading() as connection:
            return load_menu(connection, turn.who.account, turn.who.address)


def _refusal(error: AppError) -> Answer:
    return error.answer if isinstance(error, Undecided) else Answer(error.user_text)


def _text_to_keep(turn: _Turn, command: Command) -> str:
    """Return what is stored of a message: commands of bound people, without secrets."""
    if turn.bound is None:
        return ""
    if command.hides_arguments or turn.event.kind is not EventKind.CHAT:
        return command.name
    return clean(turn.event.text).strip()
