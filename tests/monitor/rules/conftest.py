"""Fixtures of the tests of the rule settings."""

import pytest

from monitor.store.database import Database
from monitor.usecases.days.receive import Receiver
from monitor.usecases.rules.changes import RuleChanges
from monitor.usecases.rules.in_force import RuleSource
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.days.test_close_day import Story


@pytest.fixture
def source() -> RuleSource:
    return RuleSource()


@pytest.fixture
def changes(database: Database, cast: Cast, source: RuleSource, clock: FrozenClock) -> RuleChanges:
    assert cast
    return RuleChanges(database, source, clock)


@pytest.fixture
def story(database: Database, receiver: Receiver, clock: FrozenClock, cast: Cast) -> Story:
    return Story(database, receiver, clock, cast)
