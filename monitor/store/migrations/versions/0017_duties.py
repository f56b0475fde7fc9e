"""counters of videos"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "video_counter",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("n_plays", sa.Integer(), nullable=True),
        sa.Column("n_likes", sa.Integer(), nullable=True),
        sa.Column("n_adopted", sa.Integer(), nullable=True),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["video_submission.id"],
            name=op.f("fk_video_counter_video_id_video_submission"),
        ),
        sa.PrimaryKeyConstraint("video_id", "day", name=op.f("pk_video_counter")),
    )
