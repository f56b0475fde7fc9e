"""A traceback in the log says where, never what was in the variables."""

import traceback
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import text

from bot.logs import configure_logs
from monitor.errors import StorageError
from monitor.store.database import Database


@pytest.fixture
def configured() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_a_logged_failure_shows_its_place_and_no_values(
    configured: None, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(body: str) -> None:
        raise ValueError("broken")

    configure_logs()
    try:
        fail(" ".join(("what", "a", "person", "wrote")))  # the line itself is shown
    except ValueError:
        structlog.get_logger("test").exception("page failed", number="E-1")
    out, err = capsys.readouterr()
    assert "what a person wrote" not in out + err
    assert "page failed" in err
    assert "number=E-1" in err
    assert "ValueError: broken" in err
    assert "in fail" in err
    assert not out


def test_an_error_of_the_database_does_not_repeat_the_values(database: Database) -> None:
    statement = text("INSERT INTO nowhere (words) VALUES (:words)")
    words = "-".join(("what", "a", "person", "wrote"))
    with pytest.raises(StorageError) as refused:
        database.write(lambda connection: connection.execute(statement, {"words": words}))
    shown = "".join(traceback.format_exception(refused.value))
    assert "nowhere" in shown
    assert words not in shown
