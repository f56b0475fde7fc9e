"""announcements, dictionaries, error events"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("level", AutoString(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", AutoString(), nullable=False),
        sa.Column("published_by_name", AutoString(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_announcement_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_unit_id"), "announcement", ["unit_id"])
    op.create_index(op.f("ix_announcement_last_day"), "announcement", ["last_day"])
    op.create_table(
        "announcement_receipt",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("reader", AutoString(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_receipt_announcement_id_announcement"),
        ),
        sa.PrimaryKeyConstraint("announcement_id", "reader", name=op.f("pk_announcement_receipt")),
    )
    op.create_table(
        "dictionary_entry",
        sa.Column("dictionary", AutoString(), nullable=False),
        sa.Column("word", AutoString(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("dictionary", "word", name=op.f("pk_dictionary_entry")),
    )
    op.create_table(
        "error_event",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("place", AutoString(), nullable=False),
        sa.Column("error", AutoString(), nullable=False),
        sa.Column("n_times", sa.Integer(), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_error_event")),
    )
    op.create_index(op.f("ix_error_event_last_at"), "error_event", ["last_at"])


def downgrade() -> None:
    for table in ("error_event", "dictionary_entry", "announcement_receipt", "announcement"):
        op.drop_table(table)
