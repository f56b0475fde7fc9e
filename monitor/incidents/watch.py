"""Who is told of an incident, layer by layer (HN-2.2.2b 层级性管理员体系). Pure.

At once: the group's managers, the admins of the lowest unit that has any, and the inspectors above. When the
first target is missed, the next layer up; when the second is missed, all of them. Key type: `Layers`.
"""

from collections.abc import Iterable, Mapping, Sequence

from monitor.delivery.alerts import Watcher, admins_by_path, managers_by_group
from monitor.delivery.outbox import identity_recipient
from monitor.incidents.readings import PlaceReading
from monitor.units import Role


class Layers:
    """The people of the whole tree, sorted once by what they answer for."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        """Sort them."""
        self._admins: Mapping[str, list[str]] = admins_by_path(watchers)
        self._managers = managers_by_group(watchers)
        self._inspectors = [watcher for watcher in watchers if watcher.role == Role.INSPECTOR]
        self.roles = {watcher.recipient: watcher.role for watcher in watchers}

    def find_recipients(self, place: PlaceReading, n_missed: int = 0) -> list[str]:
        """Return who is told about a place: managers first, then layer by layer.

        Args:
            place: where it was found.
            n_missed: how far it has fallen behind; see `count_missed`.
        """
        managers = self._managers.get(place.group_id, []) if place.group_id is not None else []
        layers = [self._admins[path] for path in _upwards(place.unit_path) if path in self._admins]
        n_layers = len(layers) if n_missed >= 2 else 1 + n_missed
        told = [*managers, *(name for layer in layers[:n_layers] for name in layer)]
        told += [one.recipient for one in self._inspectors if place.unit_path.startswith(one.unit_path)]
        told += [place.holder] if place.holder else []
        reporter = place.reported_by.removeprefix("chat:")
        own = identity_recipient(int(reporter)) if reporter.isdigit() and not n_missed else ""
        return [name for name in dict.fromkeys(told) if name != own]


def group_by_recipient(told: Iterable[tuple[str, PlaceReading]]) -> dict[str, list[PlaceReading]]:
    """Return the places that each recipient is told about, in order."""
    found: dict[str, list[PlaceReading]] = {}
    for recipient, place in told:
        found.setdefault(recipient, []).append(place)
    return found


def _upwards(unit_path: str) -> list[str]:
    """Return the paths from a unit up to the root."""
    found = []
    while unit_path.count("/") >= 2:
        found.append(unit_path)
        unit_path = unit_path[: unit_path.rindex("/", 0, -1) + 1]
    return found
