"""Both databases come up with the same schema and settle the cast."""

from monitor.store import directory
from monitor.store.database import Database
from monitor.store.migrate import require_current_schema
from tests.cast import Cast


def test_a_migrated_database_is_current_and_holds_the_cast(database: Database, cast: Cast) -> None:
    require_current_schema(database)
    with database.reading() as connection:
        inside = directory.load_units(
            connection, directory.units().where(directory.in_subtree(cast.paths["LC"]))
        )
        group = directory.load_group_by_source(connection, "demo", "10002")
        topics = directory.load_topics(connection, cast.groups.values())
    assert sorted(unit.code for unit in inside) == ["LC", "LC01", "LC0101"]
    assert group is not None
    assert (group.code, group.unit_name) == ("LC0101", "柳岸村团支部")
    assert [topic.title for topic in topics[group.group_id]] == ["青年大学习"]
