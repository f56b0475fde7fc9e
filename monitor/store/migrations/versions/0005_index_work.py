"""contacts, feedback, lower-level assessments"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "school_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("duty", _TEXT(), nullable=False),
        sa.Column("name", _TEXT(), nullable=False),
        sa.Column("phone", _TEXT(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_at", _INSTANT(), nullable=False),
        sa.Column("recorded_by", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_school_contact_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_contact")),
    )
    op.create_index(op.f("ix_school_contact_unit_id"), "school_contact", ["unit_id"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("text", _TEXT(), nullable=False),
        sa.Column("sent_at", _INSTANT(), nullable=False),
        sa.Column("sent_by", _TEXT(), nullable=False),
        sa.Column("recipient", _TEXT(), nullable=False),
        sa.Column("answer", _TEXT(), nullable=False),
        sa.Column("answered_at", _INSTANT(), nullable=True),
        sa.Column("answered_by", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_feedback_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_unit_id"), "feedback", ["unit_id"])
    op.create_table(
        "lower_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", _TEXT(), nullable=False),
        sa.Column("document", _TEXT(), nullable=False),
        sa.Column("rulebook", _TEXT(), nullable=False),
        sa.Column("rules_hash", _TEXT(), nullable=False),
        sa.Column("recorded_at", _INSTANT(), nullable=False),
        sa.Column("recorded_by", _TEXT(), nullable=False),
        sa.Column("voided_at", _INSTANT(), nullable=True),
        sa.Column("voided_by", _TEXT(), nullable=False),
        sa.Column("voided_for", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_lower_assessment_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lower_assessment")),
    )
    op.create_index(op.f("ix_lower_assessment_unit_id"), "lower_assessment", ["unit_id"])
    op.create_table(
        "lower_result",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("points", _TEXT(), nullable=False),
        sa.Column("grade", _TEXT(), nullable=False),
        sa.Column("note", _TEXT(), nullable=False),
        sa.Column("recorded_at", _INSTANT(), nullable=False),
        sa.Column("recorded_by", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["lower_assessment.id"],
            name=op.f("fk_lower_result_assessment_id_lower_assessment"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_lower_result_unit_id_unit")),
        sa.PrimaryKeyConstraint("assessment_id", "unit_id", name=op.f("pk_lower_result")),
    )


def downgrade() -> None:
    for table in ("lower_result", "lower_assessment", "feedback", "school_contact"):
        op.drop_table(table)
