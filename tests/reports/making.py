"""The maker of documents on a test's database."""

from bot.exporting import DocumentMaker
from monitor.store.database import Database
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.queries.questions import Queries
from monitor.usecases.spot_checks.desk import SpotChecks
from monitor.usecases.weekly.desk import WeeklyReports
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
