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
    _create_examples()
    _create_model_versions()
    _create_unit_words()
    _create_day_signals()


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
    op.create_index(op.f("ix_post_verdict_business_day"), "post_verdict", ["business_day"])


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


def _create_examples() -> None:
    op.create_table(
        "labelled_example",
        sa.Column("question", AutoString(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("text_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("label", AutoString(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("said_by", AutoString(), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("question", "group_id", "text_key", name=op.f("pk_labelled_example")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_labelled_example_said_at"), "labelled_example", ["said_at"])


def _create_model_versions() -> None:
    op.create_table(
        "model_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", AutoString(), nullable=False),
        sa.Column("weights_version", AutoString(), nullable=False),
        sa.Column("n_examples", sa.Integer(), nullable=False),
        sa.Column("is_better", sa.Boolean(), nullable=False),
        sa.Column("judgement", AutoString(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_version")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "model_file",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["model_version.id"], name=op.f("fk_model_file_version_id_model_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "name", name=op.f("pk_model_file")),
    )
    op.create_table(
        "model_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_choice")),
        sqlite_autoincrement=True,
    )


def _create_unit_words() -> None:
    op.create_table(
        "unit_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("word", AutoString(), nullable=False),
        sa.Column("category", AutoString(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("flags", AutoString(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("added_by", AutoString(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_word_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_word")),
        sa.UniqueConstraint("unit_id", "word", "category", name=op.f("uq_unit_word_unit_id_word_category")),
    )
    op.create_table(
        "lexicon_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("n_words", sa.Integer(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_lexicon_change_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_lexicon_change_unit_id"), "lexicon_change", ["unit_id"])


def _create_day_signals() -> None:
    op.create_table(
        "day_signal",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "business_day", "kind", name=op.f("pk_day_signal")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_day_signal_business_day"), "day_signal", ["business_day"])


def downgrade() -> None:
    for table in ("day_signal", "lexicon_change", "unit_word", "model_choice", "model_file"):
        op.drop_table(table)
    op.drop_table("model_version")
    op.drop_table("labelled_example")
    op.drop_table("relevance_override")
    op.drop_table("post_verdict")
