"""uploaded pictures by platform"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploaded_picture",
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("media_id", AutoString(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "digest", name=op.f("pk_uploaded_picture")),
    )
    op.create_index(op.f("ix_uploaded_picture_expires_at"), "uploaded_picture", ["expires_at"])


def downgrade() -> None:
    op.drop_table("uploaded_picture")
