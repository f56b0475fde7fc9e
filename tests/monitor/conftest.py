"""Shared by the tests of monitor/: one loaded judge, a receiver on each database."""

import pytest

from monitor.classify.keywords import KeywordJudge
from monitor.store.database import Database
from monitor.usecases.receive import Receiver
from tests.cast import Cast
from tests.conftest import FrozenClock


@pytest.fixture(scope="session")
def judge() -> KeywordJudge:
    """The keyword judge; jieba's dictionary is loaded once."""
    return KeywordJudge()


@pytest.fixture
def receiver(database: Database, cast: Cast, judge: KeywordJudge, clock: FrozenClock) -> Receiver:
    assert cast
    return Receiver(database, judge, clock, pepper="test-pepper")
