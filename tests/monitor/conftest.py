"""Shared by the tests of monitor/: one loaded judge, a receiver on each database."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.classify.relevance import RelevanceModel, shared_relevance
from monitor.store.database import Database
from monitor.usecases.days.receive import Receiver
from monitor.usecases.queries.questions import Queries
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.assess_help import Panel
from tests.monitor.index_stage import IndexStage
from tests.monitor.query_help import Stage


@pytest.fixture(scope="session")
def judge() -> RelevanceModel:
    """The process's one judge, with the shipped lexicon and weights."""
    return shared_relevance()


@pytest.fixture
def receiver(database: Database, cast: Cast, judge: RelevanceModel, clock: FrozenClock) -> Receiver:
    assert cast
    return Receiver(database, judge, clock, pepper="test-pepper")


@pytest.fixture
def stage(database: Database, cast: Cast) -> Stage:
    """Short ways to write what the queries read."""
    return Stage(database, cast)


@pytest.fixture
def queries(database: Database, cast: Cast, clock: FrozenClock) -> Queries:
    """The questions of people, over the cast."""
    assert cast
    return Queries(database, load_rulebook(), clock)


@pytest.fixture(params=["UTC", "America/Chicago", "Asia/Shanghai"])
def host_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The zone of the machine: must make no difference."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture
def index_stage(database: Database, cast: Cast, clock: FrozenClock) -> IndexStage:
    """Schools of the Guangdong assessment, ready for facts."""
    return IndexStage(database, cast, clock)


@pytest.fixture
def panel(database: Database, cast: Cast, clock: FrozenClock, tmp_path: Path) -> Panel:
    """The desk of the year's assessment, with the cast at it."""
    return Panel(database, cast, clock, tmp_path / "evidence")
