"""Big screens (大屏) and badges (徽章): making, listing and revoking their links, and opening them.

The token is shown once and stored as a hash. What a link opens is read with the eyes of a leader of its
unit: figures, no message, no name of a person. Key types: `NewShare`, `MadeShare`, `SharedPages`.
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.clock import Clock
from monitor.console.screens import LIVES, LONGEST_NOTE, BadgeFigure, LinkKind
from monitor.errors import BadParameter, CommandError, NotFound
from monitor.store.console import shared_links
from monitor.store.console.shared_links import NewLink
from monitor.store.console.shared_links import SharedLink as SharedLink
from monitor.store.database import Database
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.console.link_tokens import hash_token, new_token
from monitor.usecases.oversight.desk import Chair

MOST_OPEN = 20
"""So many links to one unit may be open at a time."""
_MOST_LISTED = 200
_MAKERS = (Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN)


class SharedLinkNotFound(NotFound):
    """The link does not exist, is over or was revoked, or lies outside: the same text."""

    code = "shared_link_not_found"
    user_text = "链接无效、已过期或已撤销"


@dataclass(frozen=True, slots=True)
class NewShare:
    """What a person wants to show; a group's code only for a badge."""

    kind: LinkKind
    unit_code: str
    group_code: str = ""
    figure: BadgeFigure | None = None
    days: int = 30
    note: str = ""


@dataclass(frozen=True, slots=True)
class MadeShare:
    """A fresh link; the token is shown this once."""

    link_id: int
    kind: LinkKind
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link opens, and whose eyes it is read with."""

    link: SharedLink
    viewer: Viewer


def make_share(chair: Chair, new: NewShare) -> MadeShare:
    """Make a link to a unit or group of the viewer's subtree; audited.

    Source: none (design).
    Raises: OutOfScope; BadParameter for a life that is not offered or a long note; CommandError for who
        makes no links, for a screen of a group, and beyond 20 open ones of a unit.
    """
    if chair.viewer.role not in _MAKERS:
        raise CommandError("role makes no link", user_text="大屏和徽章链接由督导检查和单位管理员创建")
    if new.days not in LIVES:
        raise BadParameter("days", user_text="有效期应为 7、30、90 或 365 天")
    if len(new.note) > LONGEST_NOTE:
        raise BadParameter("note", user_text=f"用途不超过 {LONGEST_NOTE} 字")
    if new.kind is LinkKind.SCREEN and new.group_code:
        raise CommandError("a screen shows a unit", user_text="大屏按单位展示，请不要填写群编号")
    if new.kind is LinkKind.BADGE and new.figure is None:
        raise BadParameter("figure", user_text="请选择徽章展示的指标")
    unit = chair.unit(new.unit_code)
    group = chair.group(new.group_code) if new.group_code else None
    unit_id = group.unit_id if group else unit.unit_id
    if shared_links.count_open(chair.connection, unit_id, chair.now) >= MOST_OPEN:
        raise CommandError("too many links", user_text=f"该单位已有 {MOST_OPEN} 个有效链接，请先撤销不用的")
    token, expires_at = new_token(), chair.now + LIVES[new.days]
    figure = new.figure.value if new.figure and new.kind is LinkKind.BADGE else ""
    link_id = shared_links.insert_link(
        chair.connection,
        NewLink(
            new.kind.value, hash_token(token), unit_id, group.group_id if group else None, figure,
            new.note, chair.now, chair.viewer.identity, expires_at,
        ),
    )  # fmt: skip
    place = group.code if group else unit.code
    chair.record(
        "share.made", f"share:{link_id}", kind=new.kind.value, place=place, expires=expires_at.isoformat()
    )
    return MadeShare(link_id, new.kind, token, expires_at)


def revoke_share(chair: Chair, link_id: int) -> bool:
    """End a link to something in the viewer's subtree, whoever made it; False if it was over before.

    Raises: SharedLinkNotFound; CommandError for who makes no links.
    """
    if chair.viewer.role not in _MAKERS:
        raise CommandError("role revokes no link", user_text="大屏和徽章链接由督导检查和单位管理员撤销")
    if shared_links.find_link(chair.connection, link_id, chair.viewer.unit_path) is None:
        raise SharedLinkNotFound(f"link {link_id}")
    was_open = shared_links.revoke_link(chair.connection, link_id, chair.viewer.identity, chair.now)
    if was_open:
        chair.record("share.revoked", f"share:{link_id}")
    return was_open


def list_shares(chair: Chair) -> list[SharedLink]:
    """Return the links to what is in the viewer's subtree, newest first, at most 200."""
    return shared_links.load_links(chair.connection, chair.viewer.unit_path, _MOST_LISTED)


class SharedPages:
    """Opens links. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database, self._clock = database, clock

    def open(self, token: str, kind: LinkKind) -> Shared:
        """Return what is behind a token, and note that it was opened.

        Raises: SharedLinkNotFound.
        """
        now = self._clock()
        with self._database.reading() as connection:
            link = shared_links.find_open(connection, hash_token(token), kind.value, now)
        if link is None:
            raise SharedLinkNotFound("no such link")
        if not shared_links.is_seen_lately(link, now):
            self._database.write(lambda connection: shared_links.note_opened(connection, link.link_id, now))
        viewer = Viewer(f"share:{link.link_id}", Role.LEADER, UnitId(link.unit_id), link.unit_path)
        return Shared(link, viewer)
