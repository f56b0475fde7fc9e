"""Acting on the ledger in tests: one person, one transaction."""

from collections.abc import Callable
from typing import TypeVar

from monitor.store.database import Database
from monitor.units import Role, Viewer
from monitor.usecases.ledger.desk import Clerk, Ledger
from tests.cast import Cast
from tests.conftest import FrozenClock

R = TypeVar("R")


class Registry:
    """The ledger with the cast, and short words for who acts."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        self.database, self.cast, self.clock = database, cast, clock
        self.ledger = Ledger(database, clock)

    def viewer(self, unit: str) -> Viewer:
        role = {"QS": Role.INSPECTOR}.get(unit, Role.UNIT_ADMIN if len(unit) == 2 else Role.BRANCH_ADMIN)
        return self.cast.viewer(unit, role)

    def do(self, unit: str, act: Callable[[Clerk], R]) -> R:
        return self.ledger.write(self.viewer(unit), act)

    def see(self, unit: str, question: Callable[[Clerk], R]) -> R:
        return self.ledger.read(self.viewer(unit), question)
