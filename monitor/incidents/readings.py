"""What is shown of incidents (不良信息事件): cards, places, history. Pure values.

Every reading holds only the places that its viewer may see; its state is that of these places.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from monitor.incidents.course import (
    IncidentOrigin,
    IncidentState,
    Place,
    Target,
    Targets,
    combine_states,
    count_missed,
    due_target,
)
from monitor.masking import shorten
from monitor.people.steps import AttachedPicture


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """A place of an incident. `group_code` is empty for a report that names no group."""

    place: Place
    unit_id: int
    unit_code: str
    unit_name: str
    unit_path: str
    group_id: int | None
    group_code: str
    group_name: str
    sender: str  # masked
    n_posts: int
    action: str
    holder: str
    reported_by: str
    n_targets_missed: int
    targets: Targets

    @property
    def label(self) -> str:
        """What people call it: a group by code and name, else the unit."""
        return f"{self.group_code} {self.group_name}" if self.group_code else self.unit_name

    @property
    def state(self) -> IncidentState:
        """State of this place."""
        return self.place.state


@dataclass(frozen=True, slots=True)
class HistoryReading:
    """One line of the history."""

    number: int
    at: datetime
    act: str
    actor_name: str
    note: str
    n_places: int


@dataclass(frozen=True, slots=True)
class IncidentReading:
    """An incident as one viewer sees it."""

    incident_id: int
    origin: IncidentOrigin
    text: str  # empty when its retention is over
    categories: tuple[str, ...]
    hits: tuple[str, ...]
    reasons: tuple[str, ...]
    harm: float | None
    found_at: datetime
    places: tuple[PlaceReading, ...]

    @property
    def state(self) -> IncidentState:
        """The least advanced state of the places shown."""
        return combine_states(place.state for place in self.places)

    @property
    def excerpt(self) -> str:
        """The beginning of the text on one line."""
        return shorten(self.text)

    @property
    def next_due(self) -> tuple[Target, datetime] | None:
        """The earliest step that is due at any of the places, and by when."""
        due = (due_target(one.place, one.targets) for one in self.places)
        return min((found for found in due if found), key=lambda found: found[1], default=None)

    def n_missed(self, now: datetime) -> int:
        """Return how far the place that is furthest behind has fallen behind: 0 in time … 3."""
        return max(count_missed(one.place, one.targets, now) for one in self.places)

    def without_body(self) -> "IncidentReading":
        """Return it as leadership sees it (D.6): no message, no names below unit level."""
        places = tuple(replace(place, sender="", holder="", reported_by="") for place in self.places)
        return replace(self, text="", hits=(), reasons=(), places=places)


@dataclass(frozen=True, slots=True)
class IncidentCard:
    """An incident in full: with history and pictures."""

    incident: IncidentReading
    history: tuple[HistoryReading, ...]
    pictures: tuple[AttachedPicture, ...]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One column of the board: the incidents in a state, those furthest behind first."""

    state: IncidentState
    incidents: tuple[IncidentReading, ...]
