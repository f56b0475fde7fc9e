"""Keeps a process's classifier as the database says: words of units and the model in use.

The hot path asks at most once a minute whether anything has changed, and loads in a thread beside it; only
the very first question waits. What cannot be read is logged, and what was in use stays.
Key type: `FreshClassifier`.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from time import monotonic

from monitor.classify.engine import Classifier
from monitor.classify.errors import ClassifierFileError
from monitor.classify.linear import HarmModels, load_models
from monitor.classify.verdicts import PostVerdict
from monitor.errors import StorageError
from monitor.store.database import Database
from monitor.store.learning import model_versions, unit_words
from monitor.usecases.learning.versions import load_models_in_use

REFRESH_SECONDS = 60.0
_log = logging.getLogger(__name__)


class FreshClassifier:
    """A `monitor.ports.HarmJudge` over a classifier that other processes may have changed. Thread-safe."""

    def __init__(
        self,
        database: Database,
        classifier: Classifier,
        *,
        shipped: Callable[[], HarmModels] = load_models,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """Keep the collaborators; `seconds` is a monotonic clock."""
        self._database, self.classifier = database, classifier
        self._shipped, self._seconds = shipped, seconds
        self._refreshing = threading.Lock()
        self._next_at: float | None = None
        self._words = -1
        self._choice = 0  # the shipped models are loaded

    def suspect(self, text: str, unit_path: str) -> PostVerdict | None:
        """Judge one post's text by what is in use."""
        self._look_after()
        return self.classifier.suspect(text, unit_path)

    def foresee(self, posts: Sequence[tuple[str, str]]) -> None:
        """Judge many posts (text, path of the unit) at once by what is in use."""
        self._look_after()
        self.classifier.foresee(posts)

    def refresh(self) -> None:
        """Load what has changed since the last time.

        Raises: StorageError if the database is away.
        """
        with self._refreshing:
            self._next_at = self._seconds() + REFRESH_SECONDS
            with self._database.reading() as connection:
                words_version = unit_words.load_version(connection)
                if words_version != self._words:
                    self._words = words_version
                    lexicons = unit_words.load_lexicons(connection)
                    self.classifier.use_unit_words(lexicons, words_version)
                choice = model_versions.load_choice_number(connection)
                if choice != self._choice:
                    self._choice = choice  # a broken file is told once, not every minute
                    self.classifier.reload_models(lambda: [load_models_in_use(connection, self._shipped)])

    def _look_after(self) -> None:
        if self._next_at is None:
            self._refresh_or_tell()
        elif self._seconds() >= self._next_at:
            self._next_at = self._seconds() + REFRESH_SECONDS
            threading.Thread(target=self._refresh_or_tell, name="classifier", daemon=True).start()

    def _refresh_or_tell(self) -> None:
        try:
            self.refresh()
        except (StorageError, ClassifierFileError):
            _log.exception("classifier not refreshed, what was in use stays")
