"""weekly reports"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "weekly_call",
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("called_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("first_day", name=op.f("pk_weekly_call")),
    )
    op.create_table(
        "weekly_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_weekly_report_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_report")),
        sa.UniqueConstraint("unit_id", "first_day", name=op.f("uq_weekly_report_unit_id_first_day")),
    )
    op.create_index(op.f("ix_weekly_report_first_day"), "weekly_report", ["first_day"])
    op.create_table(
        "weekly_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("figure", AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", AutoString(), nullable=False),
        sa.Column("changed_by_name", AutoString(), nullable=False),
        sa.Column("voided_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["weekly_report.id"], name=op.f("fk_weekly_change_report_id_weekly_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_change")),
    )
    op.create_index(op.f("ix_weekly_change_report_id"), "weekly_change", ["report_id"])
    op.create_table(
        "weekly_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("ledger", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_by", AutoString(), nullable=False),
        sa.Column("submitted_by_name", AutoString(), nullable=False),
        sa.Column("voided_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["weekly_report.id"], name=op.f("fk_weekly_version_report_id_weekly_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_version")),
        sa.UniqueConstraint("report_id", "version", name=op.f("uq_weekly_version_report_id_version")),
    )


def downgrade() -> None:
    for table in ("weekly_version", "weekly_change", "weekly_report", "weekly_call"):
        op.drop_table(table)
