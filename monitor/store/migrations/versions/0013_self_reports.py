"""self-reports with screenshots"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "self_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("n_posts", sa.Integer(), nullable=False),
        sa.Column("n_relevant", sa.Integer(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.Column("reported_by", AutoString(), nullable=False),
        sa.Column("reported_by_name", AutoString(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", AutoString(), nullable=False),
        sa.Column("decided_by_name", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=True),
        sa.Column("state_before", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["wechat_group.id"], name=op.f("fk_self_report_group_id_wechat_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_report")),
    )
    op.create_index("ix_self_report_group_id_business_day", "self_report", ["group_id", "business_day"])
    op.create_index("ix_self_report_state_id", "self_report", ["state", "id"])
    op.create_index(op.f("ix_self_report_replaced_by"), "self_report", ["replaced_by"])


def downgrade() -> None:
    op.drop_table("self_report")
