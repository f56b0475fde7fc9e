"""The demonstration's incidents: the real classifier finds the adverts, the real use cases handle them."""

from datetime import date

from monitor.classify.engine import shared_classifier
from monitor.classify.relevance import RelevanceModel
from monitor.incidents.course import IncidentState
from monitor.ledger.registration import NewGroup, NewUnit
from monitor.store.database import Database
from monitor.units import Role, Viewer
from monitor.usecases.demo.incidents import add_incidents
from monitor.usecases.demo.names import PROVINCE_CODE
from monitor.usecases.incidents.desk import Incidents
from monitor.usecases.incidents.docket import load_board, load_card
from monitor.usecases.ledger import register
from scoring.rulebook import load_rulebook
from tests.conftest import FrozenClock

RULES = load_rulebook()
GROUPS = [
    NewGroup(f"QY{number:04d}", f"第{number}群", PROVINCE_CODE, sources=(("demo", str(10_000 + number)),))
    for number in range(1, 14)
]


def test_adverts_stand_in_several_states_and_a_second_run_adds_nothing(
    database: Database, judge: RelevanceModel, clock: FrozenClock
) -> None:
    def settle(connection: register.Connection) -> Viewer:
        units = register.add_units(connection, [NewUnit(PROVINCE_CODE, "共青团青屿省委", "团省委")])
        register.add_groups(connection, GROUPS, date(2026, 1, 1))
        root = units[PROVINCE_CODE]
        return Viewer("console:1", Role.INSPECTOR, root.unit_id, root.path)

    viewer = database.write(settle)
    judges = (judge, shared_classifier())
    assert add_incidents(database, *judges, RULES, GROUPS, clock(), pepper="p") == 4
    assert add_incidents(database, *judges, RULES, GROUPS, clock(), pepper="p") == 0
    incidents = Incidents(database, clock, RULES)
    board = {column.state: column.incidents for column in incidents.read(viewer, load_board)}
    assert {state: len(found) for state, found in board.items() if found} == {
        IncidentState.FOUND: 2,
        IncidentState.DISPOSED: 1,
        IncidentState.CLOSED: 1,
    }
    assert [one.n_missed(clock()) for one in board[IncidentState.FOUND]] == [1, 0]
    closed = board[IncidentState.CLOSED][0].incident_id
    history = incidents.read(viewer, lambda docket: load_card(docket, closed)).history
    assert [line.act for line in history] == ["发现", "确认", "警示", "引导", "办结"]
