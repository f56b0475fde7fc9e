"""The last reminder of a duty to the layer above (末次加报上级), where its policy says so."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from monitor.delivery.alerts import Watcher, admins_by_path, nearest_admins
from monitor.delivery.outbox import MessageKind, NewMessage
from monitor.reminders.policies import ReminderPolicy
from monitor.texts.dues import above_text
from monitor.units import Role


def write_above(
    policy: ReminderPolicy, slot: datetime, watchers: Sequence[Watcher], lacking: Iterable[tuple[str, str]]
) -> list[NewMessage]:
    """Return one message for each person above units that have not done their duty; none on other slots.

    Source: requirement D.8.

    Args:
        policy: of the duty.
        slot: whose reminder goes out.
        watchers: everybody who can be told.
        lacking: path and name of each unit that is reminded.
    """
    if not policy.tells_above(slot):
        return []
    admins = admins_by_path(watchers)
    inspectors = [one.recipient for one in watchers if one.role == Role.INSPECTOR]
    told: dict[str, list[str]] = {}
    for path, name in lacking:
        above = path.rstrip("/").rpartition("/")[0] + "/"
        for recipient in nearest_admins(above, admins) or inspectors:
            told.setdefault(recipient, []).append(name)
    return [
        NewMessage(
            f"{policy.job}:above:{slot:%Y%m%d%H%M}:{recipient}", MessageKind.REMINDER, recipient,
            *above_text(policy.title, policy.clause, names),
        )
        for recipient, names in told.items()
    ]  # fmt: skip
