"""The maker of documents on a test's database."""

from bot.exporting import DocumentMaker
from monitor.store.database import Database
from monitor.usecases.assess import Assessments
from monitor.usecases.ledger_desk import Ledger
from monitor.usecases.query import Queries
from monitor.usecases.spot_check_desk import SpotChecks
from monitor.usecases.weekly_desk import WeeklyReports
from scoring.rulebook import load_rulebook
from tests.conftest import FrozenClock


def maker_of(database: Database, clock: FrozenClock) -> DocumentMaker:
    """Return the maker with the rulebook as shipped."""
    return DocumentMaker(
        Queries(database, load_rulebook(), clock),
        Assessments(database, clock),
        SpotChecks(database, clock),
        Ledger(database, clock),
        WeeklyReports(database, clock),
        clock,
    )
