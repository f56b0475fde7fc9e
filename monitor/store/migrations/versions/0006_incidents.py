"""incidents with places, history and time targets; open steps and pictures of the chat"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_dialog()
    _create_incidents()


def _create_dialog() -> None:
    op.create_table(
        "chat_step",
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("awaits", AutoString(), nullable=False),
        sa.Column("purpose", AutoString(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("carried", AutoString(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "address", name=op.f("pk_chat_step")),
    )
    op.create_table(
        "chat_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("event_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("media_id", AutoString(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("sender", AutoString(), nullable=False),
        sa.Column("purpose", AutoString(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("same_as", sa.Integer(), nullable=True),
        sa.Column("run_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_picture")),
    )
    op.create_index("ix_chat_picture_subject", "chat_picture", ["purpose", "subject_id"])
    op.create_index("ix_chat_picture_state_run_at", "chat_picture", ["state", "run_at"])
    op.create_index(op.f("ix_chat_picture_sha256"), "chat_picture", ["sha256"])


def _create_incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merge_key", sa.BigInteger(), nullable=False),
        sa.Column("open_key", sa.BigInteger(), nullable=True),
        sa.Column("origin", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("hits", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("harm", sa.Float(), nullable=True),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("open_key", name=op.f("uq_incident_open_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_incident_merge_key"), "incident", ["merge_key"])
    op.create_index("ix_incident_settled_at", "incident", ["settled_at"])
    op.create_table(
        "incident_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("place_key", AutoString(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("sender", AutoString(), nullable=False),
        sa.Column("n_posts", sa.Integer(), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.Column("reported_by", AutoString(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("disposed_at", UTCDateTime(), nullable=True),
        sa.Column("guided_at", UTCDateTime(), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("action", AutoString(), nullable=False),
        sa.Column("holder", AutoString(), nullable=False),
        sa.Column("n_targets_missed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["wechat_group.id"], name=op.f("fk_incident_place_group_id_wechat_group")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_place_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_incident_place_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_place")),
        sa.UniqueConstraint("incident_id", "place_key", name=op.f("uq_incident_place_incident_id_place_key")),
    )
    for column in ("group_id", "unit_id", "told_at"):
        op.create_index(op.f(f"ix_incident_place_{column}"), "incident_place", [column])
    op.create_index("ix_incident_place_state", "incident_place", ["state"])
    op.create_table(
        "incident_post",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("event_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("is_excluded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"], ["incident_place.id"], name=op.f("fk_incident_post_place_id_incident_place")
        ),
        sa.PrimaryKeyConstraint("group_id", "business_day", "event_key", name=op.f("pk_incident_post")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_incident_post_place_id"), "incident_post", ["place_id"])
    op.create_table(
        "incident_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("actor_name", AutoString(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.Column("place_ids", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_event_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_event")),
    )
    op.create_index(op.f("ix_incident_event_incident_id"), "incident_event", ["incident_id"])
    op.create_table(
        "incident_target",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("acknowledge_minutes", sa.Integer(), nullable=False),
        sa.Column("dispose_minutes", sa.Integer(), nullable=False),
        sa.Column("follow_up_minutes", sa.Integer(), nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.Column("set_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_incident_target_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_incident_target")),
    )


def downgrade() -> None:
    for table in (
        "incident_target",
        "incident_event",
        "incident_post",
        "incident_place",
        "incident",
        "chat_picture",
        "chat_step",
    ):
        op.drop_table(table)
