"""big screens, badges and saved views"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shared_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("token_hash", AutoString(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("figure", AutoString(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", AutoString(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_by", AutoString(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["wechat_group.id"], name=op.f("fk_shared_link_group_id_wechat_group")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_shared_link_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shared_link_token_hash")),
    )
    op.create_index(op.f("ix_shared_link_unit_id"), "shared_link", ["unit_id"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("page", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("query", AutoString(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner", "page", "name", name=op.f("uq_saved_view_owner_page_name")),
    )


def downgrade() -> None:
    op.drop_table("saved_view")
    op.drop_table("shared_link")
