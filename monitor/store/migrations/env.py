"""Alembic's entry: runs the migrations on the connection that `monitor.store.migrate` hands over."""

from alembic import context

from monitor.store import tables, work_tables
from monitor.store.assessment import tables as assessment_tables
from monitor.store.console import announcement_tables, screen_tables
from monitor.store.days import self_report_tables
from monitor.store.days import tables as post_tables
from monitor.store.incidents import tables as incident_tables
from monitor.store.index import tables as index_tables
from monitor.store.index import work_tables as index_work_tables
from monitor.store.learning import tables as learning_tables
from monitor.store.ledger import tables as ledger_tables
from monitor.store.operations import export_tables
from monitor.store.oversight import tables as oversight_tables
from monitor.store.people import console_tables, dialog_tables
from monitor.store.rules import tables as rule_tables
from monitor.store.spot_checks import tables as spot_check_tables
from monitor.store.weekly import tables as weekly_tables

_REGISTERED = (
    announcement_tables,
    assessment_tables,
    console_tables,
    dialog_tables,
    export_tables,
    incident_tables,
    index_tables,
    index_work_tables,
    learning_tables,
    ledger_tables,
    oversight_tables,
    post_tables,
    rule_tables,
    screen_tables,
    self_report_tables,
    spot_check_tables,
    weekly_tables,
    work_tables,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.Table.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()
