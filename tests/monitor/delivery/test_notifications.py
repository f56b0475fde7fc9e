"""Alert list, acknowledgement and sending again, within the viewer's subtree; on both databases."""

import pytest
from sqlalchemy import select, update

from monitor.clock import business_day
from monitor.delivery.alerts import AlertKind, Finding
from monitor.delivery.outbox import OutboxState
from monitor.errors import NotFound, ReadOnlyRole, StateError
from monitor.store.database import Database
from monitor.store.delivery.alerts import raise_alerts
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role, Viewer
from monitor.usecases.delivery.notifications import Notifications
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import bind, outbox, queue, rows


@pytest.fixture
def notifications(database: Database, clock: FrozenClock) -> Notifications:
    return Notifications(database, clock)


@pytest.fixture
def alert_ids(database: Database, clock: FrozenClock, cast: Cast) -> dict[str, int]:
    """One alert each about LC0001, LC0101 and YS0001, by group code."""
    day = business_day(clock())
    places = {"LC0001": "LC", "LC0101": "LC0101", "YS0001": "YS"}
    findings = [
        Finding(
            AlertKind.GROUP_UNMET, f"group_unmet:{cast.groups[code]}:{day}", day, cast.units[unit],
            cast.paths[unit], cast.groups[code], code, "某群", "理由",
        )
        for code, unit in places.items()
    ]  # fmt: skip
    assert database.write(lambda connection: raise_alerts(connection, findings, clock())) == 3
    return {code: number for number, code in enumerate(places, start=1)}


def audit(database: Database) -> list[tuple[str, str]]:
    table = table_of(AuditRow)
    with database.reading() as connection:
        return [(row.action, row.actor) for row in connection.execute(select(table)).all()]


@pytest.mark.parametrize(
    ("unit", "role", "groups", "codes"),
    [
        ("QS", Role.INSPECTOR, (), {"LC0001", "LC0101", "YS0001"}),
        ("LC", Role.UNIT_ADMIN, (), {"LC0001", "LC0101"}),
        ("LC0101", Role.BRANCH_ADMIN, (), {"LC0101"}),
        ("LC", Role.GROUP_MANAGER, ("LC0001",), {"LC0001"}),
        ("QD", Role.UNIT_ADMIN, (), set()),
    ],
)
def test_everybody_sees_the_alerts_of_the_own_subtree(
    notifications: Notifications,
    alert_ids: dict[str, int],
    cast: Cast,
    unit: str,
    role: Role,
    groups: tuple[str, ...],
    codes: set[str],
) -> None:
    viewer = cast.viewer(unit, role, *groups)
    assert {alert.group_code for alert in notifications.open_alerts(viewer)} == codes
    for code in alert_ids.keys() - codes:
        with pytest.raises(NotFound):
            notifications.acknowledge(viewer, alert_ids[code])


def test_the_first_acknowledgement_counts_and_is_in_the_audit(
    database: Database, notifications: Notifications, alert_ids: dict[str, int], cast: Cast
) -> None:
    first, second = cast.viewer("LC"), cast.viewer("QS", Role.INSPECTOR)
    assert notifications.acknowledge(first, alert_ids["LC0001"]).is_new
    again = notifications.acknowledge(second, alert_ids["LC0001"])
    assert not again.is_new
    assert again.alert.acknowledged_by == first.identity
    assert audit(database) == [("alert.acknowledged", first.identity)]
    assert len(notifications.open_alerts(first)) == 2, "acknowledging closes nothing"


def test_an_unknown_alert_and_a_leader_are_refused(
    notifications: Notifications, alert_ids: dict[str, int], cast: Cast
) -> None:
    with pytest.raises(NotFound):
        notifications.acknowledge(cast.viewer("QS"), 4711)
    with pytest.raises(ReadOnlyRole):
        notifications.acknowledge(cast.viewer("QS", Role.LEADER), alert_ids["LC0001"])


def settle_all(database: Database, state: OutboxState) -> None:
    database.write(lambda connection: connection.execute(update(outbox).values(state=state.value)))


@pytest.mark.parametrize("state", [OutboxState.DEAD, OutboxState.UNKNOWN, OutboxState.PULL_ONLY])
def test_what_did_not_get_through_can_be_sent_again_once_a_minute(
    database: Database, notifications: Notifications, clock: FrozenClock, cast: Cast, state: OutboxState
) -> None:
    queue(database, bind(database, cast.units["LC"], bound_at=clock()), clock())
    settle_all(database, state)
    copy = notifications.send_again(cast.viewer("LC"), 1)
    assert notifications.send_again(cast.viewer("LC"), 1) == copy
    original, queued = rows(database)
    assert (original.state, queued.state) == (state, OutboxState.WAITING)
    assert (queued.text, queued.recipient) == (original.text, original.recipient)
    assert queued.idempotency_key != original.idempotency_key
    assert audit(database) == [("message.sent_again", cast.viewer("LC").identity)]


def test_a_message_that_may_still_arrive_is_not_sent_again(
    database: Database, notifications: Notifications, clock: FrozenClock, cast: Cast
) -> None:
    queue(database, bind(database, cast.units["LC"], bound_at=clock()), clock())
    with pytest.raises(StateError):
        notifications.send_again(cast.viewer("LC"), 1)


def test_messages_of_other_subtrees_and_of_robots_are_hidden(
    database: Database, notifications: Notifications, clock: FrozenClock, cast: Cast
) -> None:
    for unit in ("LC", "LC01", "YS"):
        queue(database, bind(database, cast.units[unit], bound_at=clock()), clock())
    queue(database, "robot:inspectors", clock())
    settle_all(database, OutboxState.DEAD)

    def seen(viewer: Viewer) -> set[int]:
        return {message.message_id for message in notifications.messages(viewer)}

    assert seen(cast.viewer("QS", Role.INSPECTOR)) == {1, 2, 3, 4}
    assert seen(cast.viewer("LC")) == {1, 2}
    assert seen(cast.viewer("YS")) == {3}
    assert seen(cast.viewer("LC", Role.GROUP_MANAGER, "LC0001")) == set()
    assert notifications.count_states(cast.viewer("LC")) == {OutboxState.DEAD: 2}
    with pytest.raises(NotFound):
        notifications.send_again(cast.viewer("LC"), 3)


def test_a_person_sees_the_messages_to_themselves(
    database: Database, notifications: Notifications, clock: FrozenClock, cast: Cast
) -> None:
    recipient = bind(database, cast.units["LC"], Role.GROUP_MANAGER, bound_at=clock())
    queue(database, recipient, clock())
    viewer = Viewer(f"chat:{recipient.partition(':')[2]}", Role.GROUP_MANAGER, cast.units["LC"], "/1/2/")
    waiting = notifications.messages(viewer, frozenset({OutboxState.WAITING}))
    assert [message.message_id for message in waiting] == [1]
    assert notifications.messages(viewer, frozenset({OutboxState.DEAD})) == []
