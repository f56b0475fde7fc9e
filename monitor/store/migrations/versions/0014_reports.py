"""made documents"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_key", AutoString(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("viewer", sa.JSON(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("subject", AutoString(), nullable=False),
        sa.Column("period", AutoString(), nullable=False),
        sa.Column("form", AutoString(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("file_name", AutoString(), nullable=False),
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("n_bytes", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("run_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("error", AutoString(), nullable=False),
        sa.Column("n_opened", sa.Integer(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("opened_by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("request_key", name=op.f("uq_export_request_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_export_owner", "export", ["owner", "asked_at"])
    op.create_index("ix_export_state_run_at", "export", ["state", "run_at"])


def downgrade() -> None:
    op.drop_table("export")
