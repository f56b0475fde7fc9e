"""reminder policies, leaves, working days, registers, links, silences, reruns"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "reminder_policy",
        sa.Column("job", _TEXT(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("month_days", sa.JSON(), nullable=False),
        sa.Column("escalates", sa.Boolean(), nullable=False),
        sa.Column("quiet_begins", _TEXT(), nullable=False),
        sa.Column("quiet_ends", _TEXT(), nullable=False),
        sa.Column("changed_at", _INSTANT(), nullable=False),
        sa.Column("changed_by", _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_reminder_policy")),
    )
    op.create_table(
        "leave_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("name", _TEXT(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("deputy_name", _TEXT(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", _INSTANT(), nullable=False),
        sa.Column("recorded_by", _TEXT(), nullable=False),
        sa.Column("ended_at", _INSTANT(), nullable=True),
        sa.Column("ended_by", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_leave_term_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_term")),
    )
    op.create_index(op.f("ix_leave_term_deputy_id"), "leave_term", ["deputy_id"])
    op.create_index(op.f("ix_leave_term_identity_id"), "leave_term", ["identity_id"])
    op.create_index(op.f("ix_leave_term_unit_id"), "leave_term", ["unit_id"])
    op.create_table(
        "workday_exception",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("note", _TEXT(), nullable=False),
        sa.Column("imported_at", _INSTANT(), nullable=False),
        sa.Column("imported_by", _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_workday_exception")),
    )
    op.create_table(
        "register_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _TEXT(), nullable=False),
        sa.Column("state", _TEXT(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person", _TEXT(), nullable=False),
        sa.Column("reason", _TEXT(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("basis", _TEXT(), nullable=False),
        sa.Column("reply", _TEXT(), nullable=False),
        sa.Column("replied_at", _INSTANT(), nullable=True),
        sa.Column("replied_by", _TEXT(), nullable=False),
        sa.Column("outcome", _TEXT(), nullable=False),
        sa.Column("closed_at", _INSTANT(), nullable=True),
        sa.Column("closed_by", _TEXT(), nullable=False),
        sa.Column("recorded_at", _INSTANT(), nullable=False),
        sa.Column("recorded_by", _TEXT(), nullable=False),
        sa.Column("recorded_by_name", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_register_entry_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
    )
    op.create_index(op.f("ix_register_entry_unit_id"), "register_entry", ["unit_id"])
    op.create_table(
        "brief_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", _TEXT(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("made_at", _INSTANT(), nullable=False),
        sa.Column("made_by", _TEXT(), nullable=False),
        sa.Column("expires_at", _INSTANT(), nullable=False),
        sa.Column("revoked_at", _INSTANT(), nullable=True),
        sa.Column("revoked_by", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_brief_link_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_brief_link_token_hash")),
    )
    op.create_index(op.f("ix_brief_link_unit_id"), "brief_link", ["unit_id"])
    op.create_table(
        "push_silence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("begins_at", _INSTANT(), nullable=False),
        sa.Column("ends_at", _INSTANT(), nullable=False),
        sa.Column("set_by", _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_silence")),
    )
    op.create_index(op.f("ix_push_silence_ends_at"), "push_silence", ["ends_at"])
    op.create_table(
        "urge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("matter", _TEXT(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("n_recipients", sa.Integer(), nullable=False),
        sa.Column("made_at", _INSTANT(), nullable=False),
        sa.Column("made_by", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_urge_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["wechat_group.id"], name=op.f("fk_urge_group_id_wechat_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urge")),
    )
    op.create_index(op.f("ix_urge_business_day"), "urge", ["business_day"])
    op.create_index(op.f("ix_urge_unit_id"), "urge", ["unit_id"])
    op.create_table(
        "rerun",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", _TEXT(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("reason", _TEXT(), nullable=False),
        sa.Column("recipient", _TEXT(), nullable=False),
        sa.Column("asked_at", _INSTANT(), nullable=False),
        sa.Column("asked_by", _TEXT(), nullable=False),
        sa.Column("done_at", _INSTANT(), nullable=True),
        sa.Column("outcome", _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rerun")),
    )
    op.create_index(op.f("ix_rerun_done_at"), "rerun", ["done_at"])


def downgrade() -> None:
    for table in (
        "rerun",
        "urge",
        "push_silence",
        "brief_link",
        "register_entry",
        "workday_exception",
        "leave_term",
        "reminder_policy",
    ):
        op.drop_table(table)
