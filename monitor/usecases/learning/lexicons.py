"""Words that units add (本单位词库): import, export, switching words on and off, the test box, the hit audit.

A unit's words hold for its subtree; inspectors and unit administrators change those of their own. Every
change is audited and gives all words a new version, by which processes see it within a minute.
Key types: `Lexicons`, `ImportReport`, `WordsPage`, `JudgedText`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from monitor.classify.engine import Classifier
from monitor.classify.errors import Problem
from monitor.classify.lexicon import Entry, Lexicon, refuse_unusable
from monitor.classify.lexicon_files import export_csv, export_txt, import_words
from monitor.classify.linear import Contribution
from monitor.classify.verdicts import Category, Harm, Hit
from monitor.clock import Clock, business_day
from monitor.errors import BadParameter, CommandError, NotFound, OutOfScope, ReadOnlyRole, UnitNotFound
from monitor.learning.readings import ALLOWED, WordFilter, WordHits
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.learning import model_figures, unit_words
from monitor.store.learning.unit_words import Connection, StoredChange, StoredWord
from monitor.store.operations.audit import insert_audit
from monitor.units import Role, Unit, Viewer
from monitor.usecases import scope
from monitor.usecases.learning.fresh_classifier import FreshClassifier

_KEEPERS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN))
MOST_WORDS = 200_000
MOST_FILE_CHARS = 12_000_000
MOST_TEST_CHARS = 2_000
PAGE_WORDS = 40
AUDIT_DAYS = 30
SHIPPED_LIST = "系统词库"
ABOVE = "上级单位词库"
_MOST_CHANGES = 20


class WordNotFound(NotFound):
    """No word of that number, or its unit is out of scope: the same text."""

    code = "word_not_found"
    user_text = "未找到该词"


class ImportRefused(CommandError):
    """A word list cannot be imported as it is; nothing was imported."""

    code = "import_refused"
    user_text = "词表未导入"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: `problems` are lines left out, `remarks` lines that a person should look at."""

    unit_name: str
    n_added: int
    n_renewed: int  # known before; severity, flags and note are now those of the list
    n_allowed: int
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    number: int  # of the audit's entry

    @property
    def n_words(self) -> int:
        """How many words are in use because of it."""
        return self.n_added + self.n_renewed


@dataclass(frozen=True, slots=True)
class WordsPage:
    """Words of a subtree, newest first, with what has happened to them."""

    n_words: int
    by_category: dict[str, int]
    words: tuple[StoredWord, ...]
    changes: tuple[StoredChange, ...]
    units: tuple[Unit, ...]  # whose words the viewer may change


class ListedHit(NamedTuple):
    """A hit, and the list that its word stands in."""

    hit: Hit
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedText:
    """A text in the test box. `contributions` by category: pieces and what each adds (log-odds)."""

    text: str
    harm: Harm
    hits: tuple[ListedHit, ...]
    contributions: dict[Category, list[Contribution]]
    model_version: str
    is_relevant: bool
    relevance_reason: str


class Lexicons:
    """Serves console and command line. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, fresh: FreshClassifier) -> None:
        """Keep the collaborators."""
        self._database, self._clock, self._fresh = database, clock, fresh

    def page(self, viewer: Viewer, wanted: WordFilter | None = None, page: int = 1) -> WordsPage:
        """Return words of the viewer's subtree."""
        wanted = wanted or WordFilter()
        with self._database.reading() as connection:
            path = viewer.unit_path
            skipped = (page - 1) * PAGE_WORDS
            own = directory.load_units(
                connection, directory.units().where(directory.in_subtree(path)).limit(200)
            )
            return WordsPage(
                n_words=unit_words.count_words(connection, path, wanted),
                by_category=unit_words.count_by_category(connection, path),
                words=tuple(unit_words.load_words(connection, path, wanted, PAGE_WORDS, skipped)),
                changes=tuple(unit_words.load_changes(connection, path, _MOST_CHANGES)),
                units=tuple(own) if viewer.role in _KEEPERS else (),
            )

    def import_list(self, viewer: Viewer, unit_code: str, text: str, category: Category) -> ImportReport:
        """Add the words of a list to a unit; lines that cannot be used are left out and reported.

        Args:
            text: our own format, one word a line, or a table; see `monitor.classify.lexicon_files`.
            category: of words whose line names none.

        Raises: ReadOnlyRole, CommandError, UnitNotFound; ImportRefused if nothing is usable or too much.
        """
        _require_keeper(viewer)
        if len(text) > MOST_FILE_CHARS:
            raise ImportRefused("too long", user_text=f"词表过大，最多 {MOST_WORDS} 个词，未导入")
        lexicon, problems, remarks = import_words(text, category)
        n_words = len(lexicon.entries) + len(lexicon.allowed)
        if n_words > MOST_WORDS:
            raise ImportRefused("too many", user_text=f"词表有 {n_words} 个词，最多 {MOST_WORDS} 个，未导入")
        if not n_words:
            why = f"：第 {problems[0].line} 行{problems[0].text}" if problems else ""
            raise ImportRefused("no words", user_text=f"词表里没有可用的词{why}，未导入")
        now = self._clock()
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

        def change(connection: Connection) -> ImportReport:
            unit = _find_unit(connection, viewer, unit_code)
            known = unit_words.load_known(connection, unit.unit_id)
            keys = [(one.word, one.category.value) for one in lexicon.entries]
            keys += [(word, ALLOWED) for word in lexicon.allowed]
            n_renewed = sum(key in known for key in keys)
            unit_words.put_lexicon(connection, unit.unit_id, lexicon, viewer.identity, now)
            detail = {"n_renewed": n_renewed, "n_left_out": len(problems), "sha256": digest}
            number = _record(connection, viewer, unit, "导入", n_words, detail, now)
            n_added, n_allowed = n_words - n_renewed, len(lexicon.allowed)
            return ImportReport(unit.name, n_added, n_renewed, n_allowed, problems, remarks, number)

        return self._database.write(change)

    def add_word(self, viewer: Viewer, unit_code: str, entry: Entry, *, is_allowed: bool = False) -> int:
        """Add one word, or one allowed span; return the audit's number.

        Raises: ReadOnlyRole, CommandError, UnitNotFound; BadParameter if the word cannot be looked for.
        """
        _require_keeper(viewer)
        try:
            refuse_unusable(entry)
        except ValueError as error:
            raise BadParameter("word", user_text=str(error)) from error
        lexicon = Lexicon((), (entry.word,)) if is_allowed else Lexicon((entry,))
        now = self._clock()

        def change(connection: Connection) -> int:
            unit = _find_unit(connection, viewer, unit_code)
            unit_words.put_lexicon(connection, unit.unit_id, lexicon, viewer.identity, now)
            detail = {"word": entry.word, "category": "" if is_allowed else entry.category.value}
            return _record(connection, viewer, unit, "添加", 1, detail, now)

        return self._database.write(change)

    def switch_word(self, viewer: Viewer, word_id: int, *, is_enabled: bool) -> int:
        """Put a word into use or out of it; return the audit's number, 0 if nothing changed.

        Raises: ReadOnlyRole, CommandError, WordNotFound.
        """
        _require_keeper(viewer)

        def change(connection: Connection) -> int:
            word = unit_words.find_word(connection, word_id)
            if word is None or not viewer.may_see_unit(word.unit_path):
                raise WordNotFound(f"word {word_id} asked by {viewer.identity}")
            if not unit_words.enable_word(connection, word_id, is_enabled=is_enabled):
                return 0
            unit = _find_unit(connection, viewer, word.unit_code)
            detail = {"word": word.word, "category": word.category}
            act = "启用" if is_enabled else "停用"
            return _record(connection, viewer, unit, act, 1, detail, self._clock())

        return self._database.write(change)

    def export_list(self, viewer: Viewer, unit_code: str, *, as_table: bool = False) -> str:
        """Return a unit's own words as a list that `import_list` reads back; a table has no allowed spans.

        Raises: UnitNotFound.
        """
        with self._database.reading() as connection:
            unit = _find_unit(connection, viewer, unit_code)
            words = unit_words.load_words(
                connection, unit.path, WordFilter(unit_code=unit.code), MOST_WORDS + 1
            )
        rows = [
            (one.word, one.category, one.severity, one.flags, one.note) for one in words if one.is_enabled
        ]
        order = list(Category)
        rows.sort(key=lambda row: order.index(Category(row[1])) if row[1] else len(order))
        lexicon = unit_words.lexicon_of(rows)
        return export_csv(lexicon) if as_table else export_txt(lexicon)

    def test(self, viewer: Viewer, text: str, unit_code: str = "") -> JudgedText:
        """Judge a text as a post of a unit would be; it is not kept.

        Raises: UnitNotFound; BadParameter for an empty or long text.
        """
        if not text.strip():
            raise BadParameter("no text", user_text="请填写要测试的文字")
        if len(text) > MOST_TEST_CHARS:
            raise BadParameter("long text", user_text=f"文字最多 {MOST_TEST_CHARS} 字")
        self._fresh.refresh()
        classifier = self._fresh.classifier
        with self._database.reading() as connection:
            path = _find_unit(connection, viewer, unit_code).path if unit_code else viewer.unit_path
            judged = classifier.judge(text, (), path)
            found = [(hit.word, hit.category.value) for hit in judged.harm.hits]
            places = unit_words.load_places(connection, found) if found else []
        return JudgedText(
            text=text,
            harm=judged.harm,
            hits=tuple(
                ListedHit(hit, _lists(hit, places, path, viewer, classifier)) for hit in judged.harm.hits
            ),
            contributions=classifier.explain(text, judged.harm.categories),
            model_version=judged.model_version,
            is_relevant=judged.relevance.is_relevant,
            relevance_reason=judged.relevance.reason,
        )

    def audit(self, viewer: Viewer) -> list[WordHits]:
        """Return how often each word has hit in the viewer's subtree in 30 days, and how many were 误报."""
        since = business_day(self._clock()) - timedelta(days=AUDIT_DAYS)
        with self._database.reading() as connection:
            return model_figures.load_word_hits(connection, viewer.unit_path, since)


def _lists(
    hit: Hit, places: Sequence[tuple[str, str, str, str]], path: str, viewer: Viewer, classifier: Classifier
) -> tuple[str, ...]:
    """Name the lists in which a hit's word stands; lists above the viewer are not named one by one."""
    names = [
        name if viewer.may_see_unit(unit_path) else ABOVE
        for word, category, name, unit_path in places
        if (word, category) == (hit.word, hit.category.value) and path.startswith(unit_path)
    ]
    if classifier.knows(hit.word, hit.category):
        names.insert(0, SHIPPED_LIST)
    return tuple(dict.fromkeys(names))


def _find_unit(connection: Connection, viewer: Viewer, unit_code: str) -> Unit:
    try:
        return scope.find_unit(connection, viewer, unit_code)
    except OutOfScope as error:
        raise UnitNotFound(f"unit {unit_code!r} asked by {viewer.identity}") from error


def _record(
    connection: Connection, viewer: Viewer, unit: Unit, act: str, n_words: int, detail: Mapping[str, object],
    now: datetime,
) -> int:  # fmt: skip
    unit_words.insert_change(connection, unit.unit_id, act, n_words, viewer.identity, now, detail)
    subject = f"unit:{unit.unit_id}"
    audited = {"act": act, "n_words": n_words, **detail}
    return insert_audit(connection, viewer.identity, "lexicon.change", subject, audited, now)


def _require_keeper(viewer: Viewer) -> None:
    """Let inspectors and unit administrators pass.

    Raises: ReadOnlyRole for leaders, CommandError for everybody else.
    """
    if viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{viewer.identity} may only read")
    if viewer.role not in _KEEPERS:
        raise CommandError(viewer.identity, user_text="只有督导检查人员和单位管理员可以修改词库")
