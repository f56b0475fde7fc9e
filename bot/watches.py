"""What is looked at every few seconds, whatever the time of day: incidents to tell, pictures to fetch.

Unlike a scheduled job a watch has no slots: what is to be done are rows, and done is what their states say.
"""

from collections.abc import Callable, Mapping

from bot.outbound import Platforms, build_media
from bot.settings import Settings
from monitor.clock import Clock
from monitor.self_reports import PICTURE
from monitor.store.database import Database
from monitor.store.evidence import EvidenceFolder
from monitor.usecases.fetch_pictures import PictureFetcher
from monitor.usecases.incident_acts import note_same_picture
from monitor.usecases.incident_alerts import watch_incidents
from monitor.usecases.query_incidents import INCIDENT_PICTURE
from monitor.usecases.rules import AnyRules
from monitor.usecases.self_reporting import note_same_self_report

Watch = Callable[[], int]
"""Does what is to be done; returns how much that was."""


def build_watches(
    settings: Settings,
    database: Database,
    rules: AnyRules,
    platforms: Platforms,
    folder: EvidenceFolder,
    clock: Clock,
) -> Mapping[str, Watch]:
    """Return the watches of this installation by name, the most urgent first."""
    seen_before = {INCIDENT_PICTURE: note_same_picture, PICTURE: note_same_self_report}
    fetcher = PictureFetcher(database, build_media(settings, platforms), folder, clock, seen_before)
    return {
        "incidents": lambda: watch_incidents(database, rules, clock),
        "pictures": fetcher.fetch_due,
    }
