"""What is looked at every few seconds, whatever the time of day: incidents to tell, pictures to fetch.

Unlike a scheduled job a watch has no slots: what is to be done are rows, and done is what their states say.
"""

from collections.abc import Callable, Mapping

from bot.outbound import Platforms, build_media
from bot.settings import Settings
from monitor.clock import Clock
from monitor.days.self_reports import PICTURE
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.usecases.days.fetch_pictures import PictureFetcher
from monitor.usecases.days.self_reporting import note_same_self_report
from monitor.usecases.incidents.acts import note_same_picture
from monitor.usecases.incidents.alerts import watch_incidents
from monitor.usecases.incidents.docket import INCIDENT_PICTURE
from monitor.usecases.rules.in_force import AnyRules

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
