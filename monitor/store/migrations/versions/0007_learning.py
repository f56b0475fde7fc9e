"""verdicts of posts, labelled examples, lexicons of units, model versions"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_post_verdicts()
    _create_relevance_overrides()


def _create_post_verdicts() -> None:
    op.create_table(
        "post_verdict",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("event_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_harmful", sa.Boolean(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("harm_permille", sa.Integer(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("hits", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("model_version", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "business_day", "event_key", name=op.f("pk_post_verdict")),
        sqlite_with_rowid=False,
    )


def _create_relevance_overrides() -> None:
    op.create_table(
        "relevance_override",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("event_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_relevant", sa.Boolean(), nullable=False),
        sa.Column("said_by", AutoString(), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.Column("machine_relevant", sa.Boolean(), nullable=False),
        sa.Column("machine_reason", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "business_day", "event_key", name=op.f("pk_relevance_override")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("relevance_override")
    op.drop_table("post_verdict")
