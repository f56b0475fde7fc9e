"""draws, spot checks, phone checks, site visits"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _unit(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["unit.id"], name=op.f(f"fk_{table}_{column}_unit"))


def upgrade() -> None:
    op.create_table(
        "spot_number",
        sa.Column("prefix", AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_spot_number")),
    )
    _create_draws()
    _create_checks()
    _create_visits()


def _create_draws() -> None:
    op.create_table(
        "spot_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", AutoString(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("method", AutoString(), nullable=False),
        sa.Column("seed", AutoString(), nullable=False),
        sa.Column("frame", sa.JSON(), nullable=False),
        sa.Column("quotas", sa.JSON(), nullable=False),
        sa.Column("n_resting", sa.Integer(), nullable=False),
        sa.Column("asked", AutoString(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("actor_name", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _unit("spot_draw", "unit_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_draw")),
        sa.UniqueConstraint("number", name=op.f("uq_spot_draw_number")),
    )
    op.create_index(op.f("ix_spot_draw_unit_id"), "spot_draw", ["unit_id"])
    op.create_table(
        "spot_draw_group",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("code", AutoString(), nullable=False),
        sa.Column("pool", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["spot_draw.id"], name=op.f("fk_spot_draw_group_draw_id_spot_draw")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["wechat_group.id"], name=op.f("fk_spot_draw_group_group_id_wechat_group")
        ),
        sa.PrimaryKeyConstraint("draw_id", "place", name=op.f("pk_spot_draw_group")),
    )
    op.create_index(op.f("ix_spot_draw_group_group_id"), "spot_draw_group", ["group_id"])


def _create_checks() -> None:
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_no", AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("n_posts", sa.Integer(), nullable=False),
        sa.Column("n_system", sa.Integer(), nullable=True),
        sa.Column("n_later", sa.Integer(), nullable=True),
        sa.Column("n_later_relevant", sa.Integer(), nullable=True),
        sa.Column("note", AutoString(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("actor_name", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("filed_at", UTCDateTime(), nullable=False),
        sa.Column("voided_at", UTCDateTime(), nullable=True),
        sa.Column("voided_by", AutoString(), nullable=False),
        sa.Column("void_reason", AutoString(), nullable=False),
        _unit("spot_check", "unit_id"),
        _unit("spot_check", "city_id"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["wechat_group.id"], name=op.f("fk_spot_check_group_id_wechat_group")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["spot_draw.id"], name=op.f("fk_spot_check_draw_id_spot_draw")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("filing_no", name=op.f("uq_spot_check_filing_no")),
    )
    op.create_index(op.f("ix_spot_check_unit_id"), "spot_check", ["unit_id"])
    op.create_index(op.f("ix_spot_check_draw_id"), "spot_check", ["draw_id"])
    op.create_index("ix_spot_check_year_city_id", "spot_check", ["year", "city_id"])
    op.create_index("ix_spot_check_group_id_business_day", "spot_check", ["group_id", "business_day"])
    op.create_index("ix_spot_check_business_day", "spot_check", ["business_day"])
    op.create_table(
        "spot_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spot_check_id", sa.Integer(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("actor_name", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_by", AutoString(), nullable=False),
        sa.Column("answer", AutoString(), nullable=False),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["spot_check_id"], ["spot_check.id"], name=op.f("fk_spot_objection_spot_check_id_spot_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_objection")),
    )
    op.create_index(op.f("ix_spot_objection_spot_check_id"), "spot_objection", ["spot_check_id"])


def _create_visits() -> None:
    op.create_table(
        "phone_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", AutoString(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("whom_role", AutoString(), nullable=False),
        sa.Column("whom_name", AutoString(), nullable=False),
        sa.Column("finding", AutoString(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("actor_name", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("voided_at", UTCDateTime(), nullable=True),
        _unit("phone_check", "unit_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_check")),
        sa.UniqueConstraint("number", name=op.f("uq_phone_check_number")),
    )
    op.create_index(op.f("ix_phone_check_unit_id"), "phone_check", ["unit_id"])
    op.create_table(
        "site_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("visitor_unit_id", sa.Integer(), nullable=True),
        sa.Column("team", AutoString(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("findings", AutoString(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("actor_name", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _unit("site_visit", "unit_id"),
        _unit("site_visit", "visitor_unit_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_visit")),
        sa.UniqueConstraint("number", name=op.f("uq_site_visit_number")),
    )
    for column in ("year", "unit_id", "visitor_unit_id"):
        op.create_index(op.f(f"ix_site_visit_{column}"), "site_visit", [column])


def downgrade() -> None:
    for table in (
        "site_visit",
        "phone_check",
        "spot_objection",
        "spot_check",
        "spot_draw_group",
        "spot_draw",
        "spot_number",
    ):
        op.drop_table(table)
