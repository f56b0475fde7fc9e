"""What the 系统 pages work with, together. Key types: `SystemDesk`."""

from dataclasses import dataclass

from monitor.clock import Clock
from monitor.store.database import Database
from monitor.usecases.operations.audit_trail import AuditTrail
from monitor.usecases.operations.purge import Retention
from monitor.usecases.people.administer import Administration
from monitor.usecases.people.sessions import SessionsDesk
from monitor.usecases.people.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class SystemDesk:
    """Users, sessions, audit and retention."""

    administration: Administration
    sessions: SessionsDesk
    trail: AuditTrail


def build_system_desk(
    database: Database, clock: Clock, sign_in: SignIn, retention: Retention | None = None
) -> SystemDesk:
    """Build it from the collaborators of the installation."""
    return SystemDesk(
        Administration(database, clock, sign_in),
        SessionsDesk(database, clock),
        AuditTrail(database, clock, retention or Retention()),
    )
