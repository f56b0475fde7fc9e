"""indexes for long lists, posts of closed days, sizes of frames"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_action_actor_at", "audit", ["action", "actor", "at"])
    op.create_index("ix_outbox_created_at_state", "outbox", ["created_at", "state"])
    op.create_table(
        "collected_day",
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("n_posts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("business_day", name=op.f("pk_collected_day")),
    )
    op.add_column("spot_draw", sa.Column("n_frame", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE spot_draw SET n_frame = json_array_length(frame)")


def downgrade() -> None:
    op.drop_column("spot_draw", "n_frame")
    op.drop_table("collected_day")
    op.drop_index("ix_outbox_created_at_state", "outbox")
    op.drop_index("ix_audit_action_actor_at", "audit")
