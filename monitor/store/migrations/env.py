"""Alembic's entry: runs the migrations on the connection that `monitor.store.migrate` hands over."""

from alembic import context

from monitor.store import (  # the imports register the tables
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
    tables,
    weekly_tables,
    work_tables,
)

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
