"""Versions of the model (模型版本): listed with their figures, put into use, rolled back in one step.

Key types: `ModelDesk`, `ModelOverview`; `load_models_in_use` is what processes read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.classify.errors import WeightsError
from monitor.classify.linear import HarmModels, load_models, loads
from monitor.clock import Clock
from monitor.errors import CommandError, NotFound, ReadOnlyRole, StateError
from monitor.learning.candidates import SHIPPED, Choice, ChoiceAct, versions_in_use
from monitor.learning.readings import DriftReading
from monitor.store.database import Database
from monitor.store.learning import examples, model_figures, model_versions
from monitor.store.learning.model_versions import Connection, StoredVersion
from monitor.store.operations.audit import insert_audit
from monitor.units import Role, Viewer

_KEEPERS = frozenset((Role.INSPECTOR, Role.OPERATOR))
DRIFT_DAYS = 30


class ModelNotFound(NotFound):
    """No version of that number."""

    code = "model_not_found"
    user_text = "未找到该模型版本"


class ModelRefused(StateError):
    """The version cannot be put into use, or there is nothing to roll back to; nothing has changed."""

    code = "model_refused"
    user_text = "该模型版本不能启用，仍使用原来的版本"


@dataclass(frozen=True, slots=True)
class ModelOverview:
    """What the page of the model shows. `choices` newest first, `versions` too."""

    in_use: int
    previous: int | None
    versions: tuple[StoredVersion, ...]
    choices: tuple[Choice, ...]
    n_examples: int
    n_new_examples: int
    drift: DriftReading


class ModelDesk:
    """Serves console and command line. Thread-safe; one per process."""

    def __init__(
        self, database: Database, clock: Clock, shipped: Callable[[], HarmModels] = load_models
    ) -> None:
        """Keep the collaborators; `shipped` reads the weights that came with the program."""
        self._database, self._clock, self._shipped = database, clock, shipped

    def overview(self, viewer: Viewer) -> ModelOverview:
        """Return versions, history of use, and how well the model has done in the viewer's subtree."""
        now = self._clock()
        with self._database.reading() as connection:
            choices = model_versions.load_choices(connection)
            stack = versions_in_use(choices)
            newest = model_versions.load_newest_made_at(connection)
            return ModelOverview(
                in_use=stack[-1],
                previous=stack[-2] if len(stack) > 1 else None,
                versions=tuple(model_versions.load_versions(connection)),
                choices=tuple(reversed(choices)),
                n_examples=examples.count_harm_examples(connection, None),
                n_new_examples=examples.count_harm_examples(connection, newest),
                drift=model_figures.load_drift(connection, viewer.unit_path, now, DRIFT_DAYS),
            )

    def promote(self, viewer: Viewer, version_id: int, reason: str = "") -> int:
        """Put a stored version into use; return the audit's number.

        Raises: ReadOnlyRole, ModelNotFound; ModelRefused if it did worse on the frozen set, cannot be read,
            or is in use.
        """
        _require_keeper(viewer)

        def change(connection: Connection) -> int:
            stored = {one.version_id: one for one in model_versions.load_versions(connection)}
            version = stored.get(version_id)
            if version is None:
                raise ModelNotFound(f"version {version_id} asked by {viewer.identity}")
            if versions_in_use(model_versions.load_choices(connection))[-1] == version_id:
                raise ModelRefused("in use", user_text=f"版本 {version_id} 正在使用")
            if not version.is_better:
                raise ModelRefused("worse", user_text=f"版本 {version_id} {version.judgement}")
            self._require_readable(connection, version_id)
            choice = Choice(ChoiceAct.PROMOTE, version_id, reason or "人工启用")
            return record_choice(connection, choice, viewer.identity, self._clock())

        return self._database.write(change)

    def roll_back(self, viewer: Viewer, reason: str = "") -> tuple[int, int]:
        """Return to the version that was in use before; return it and the audit's number.

        Raises: ReadOnlyRole; ModelRefused if the shipped version is in use, or that version cannot be read.
        """
        _require_keeper(viewer)

        def change(connection: Connection) -> tuple[int, int]:
            stack = versions_in_use(model_versions.load_choices(connection))
            if len(stack) == 1:
                raise ModelRefused("nothing before", user_text="正在使用出厂模型，没有可回退的版本")
            self._require_readable(connection, stack[-2])
            choice = Choice(ChoiceAct.ROLL_BACK, stack[-2], reason or "人工回退")
            return stack[-2], record_choice(connection, choice, viewer.identity, self._clock())

        return self._database.write(change)

    def _require_readable(self, connection: Connection, version_id: int) -> None:
        try:
            load_version(connection, version_id, self._shipped)
        except WeightsError as error:
            raise ModelRefused(str(error)) from error


def record_choice(connection: Connection, choice: Choice, actor: str, at: datetime) -> int:
    """Write a choice and its audit; return the audit's number."""
    model_versions.insert_choice(connection, choice, actor, at)
    detail = {"version": choice.version_id, "reason": choice.reason}
    return insert_audit(connection, actor, f"model.{choice.act.name.lower()}", "model", detail, at)


def load_models_in_use(connection: Connection, shipped: Callable[[], HarmModels] = load_models) -> HarmModels:
    """Return the models of the version in use.

    Raises: WeightsError if a file is truncated, altered or of another version.
    """
    return load_version(connection, versions_in_use(model_versions.load_choices(connection))[-1], shipped)


def load_version(connection: Connection, version_id: int, shipped: Callable[[], HarmModels]) -> HarmModels:
    """Return the models of a version; 0 is the shipped one.

    Raises: WeightsError.
    """
    if version_id == SHIPPED:
        return shipped()
    files = model_versions.load_weights(connection, version_id)
    if not files:
        raise WeightsError(f"version {version_id}: no weights are stored", subject_id=str(version_id))
    return HarmModels(tuple(loads(content, f"{version_id}/{name}") for name, content in files.items()))


def _require_keeper(viewer: Viewer) -> None:
    """Let inspectors and operators pass.

    Raises: ReadOnlyRole for leaders, CommandError for everybody else.
    """
    if viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{viewer.identity} may only read")
    if viewer.role not in _KEEPERS:
        raise CommandError(viewer.identity, user_text="只有督导检查人员和系统运维可以更换模型")
