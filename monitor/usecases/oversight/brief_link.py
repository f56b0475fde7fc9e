"""A link to the brief (简报): valid 24 hours, revocable, read only (requirement D.6).

The token is shown once and stored as a hash. Who opens it sees a unit's brief without signing in: figures of
units, no message, no name of a person. Key types: `MadeLink`, `BriefPages`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import Clock, business_day
from monitor.days.briefs import Brief, BriefKind, BriefPeriod, period_of
from monitor.errors import CommandError, NotFound, StateError
from monitor.store.database import Database
from monitor.store.operations.audit import load_audit
from monitor.store.oversight import brief_links
from monitor.units import Role, Viewer
from monitor.usecases.console.link_tokens import hash_token, new_token
from monitor.usecases.oversight.desk import Chair
from monitor.usecases.queries.questions import Queries

LIFE = timedelta(hours=24)
UNDO_WITHIN = timedelta(minutes=10)
_LINKED = "brief.linked"
_MAKERS = (Role.LEADER, Role.INSPECTOR)


class LinkNotFound(NotFound):
    """The link does not exist, is over or was revoked: the same text."""

    code = "brief_link_not_found"
    user_text = "链接无效或已过期，请回复“简报”重新获取"


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A fresh link; `path` holds the token and is shown this once."""

    path: str
    expires_at: datetime
    number: int


def make_link(chair: Chair, kind: BriefKind = BriefKind.DAY) -> MadeLink:
    """Make a link to the brief of the viewer's unit.

    Raises: CommandError for who is neither leader nor inspector.
    """
    if chair.viewer.role not in _MAKERS:
        raise CommandError("role makes no link", user_text="简报由领导和督导检查查阅")
    token = new_token()
    expires_at = chair.now + LIFE
    link_id = brief_links.insert_link(
        chair.connection,
        hash_token(token),
        chair.viewer.unit_id,
        chair.viewer.identity,
        chair.now,
        expires_at,
    )
    number = chair.record(_LINKED, f"brief:{link_id}", expires=expires_at.isoformat())
    query = "" if kind is BriefKind.DAY else f"?period={kind.name.lower()}"
    return MadeLink(f"/brief/{token}{query}", expires_at, number)


def revoke_links(chair: Chair) -> int:
    """End every link that the viewer made and that still opens; returns how many."""
    n_links = brief_links.revoke_links(chair.connection, chair.viewer.identity, chair.now)
    if n_links:
        chair.record("brief.revoked", chair.viewer.identity, links=n_links)
    return n_links


def take_back_link(chair: Chair, number: int) -> bool:
    """End one link by the number of its record (撤销); False if the number is not that of one's own.

    Source: requirements D.0 (undo within ten minutes).
    Raises: StateError if the link was taken back before.
    """
    record = load_audit(chair.connection, number, chair.viewer.identity, _LINKED)
    if record is None or chair.now - record.at > UNDO_WITHIN:
        return False
    link_id = int(record.subject.partition(":")[2])
    if not brief_links.revoke_link(chair.connection, link_id, chair.viewer.identity, chair.now):
        raise StateError(f"link {link_id} is revoked", user_text="该简报链接此前已收回")
    chair.record("brief.revoked", record.subject, links=1)
    return True


class BriefPages:
    """Opens links. Thread-safe; one per process."""

    def __init__(self, database: Database, queries: Queries, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database, self._queries, self._clock = database, queries, clock

    def open(self, token: str, kind: str = "") -> tuple[Brief, datetime]:
        """Return the brief behind a token, as a leader of its unit reads it, and when the link ends.

        Raises: LinkNotFound.
        """
        now = self._clock()
        with self._database.reading() as connection:
            link = brief_links.find_link(connection, hash_token(token), now)
        if link is None:
            raise LinkNotFound("no such link")
        viewer = Viewer(f"brief:{link.link_id}", Role.LEADER, link.unit_id, link.unit_path)
        return self._queries.brief(viewer, None, _period_of(kind, now)), link.expires_at


def _period_of(kind: str, now: datetime) -> BriefPeriod:
    known = {one.name.lower(): one for one in BriefKind}
    return period_of(known.get(kind, BriefKind.DAY), business_day(now))
