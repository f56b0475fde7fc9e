"""second factor, sessions of bound people, sign-in by chat and inside WeChat, sealed audit"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime
_PURGED = (
    "EXISTS (SELECT 1 FROM audit_seal s WHERE s.purged_at IS NOT NULL "
    "AND OLD.at >= s.starts_at AND OLD.at < s.ends_at)"
)
_SQLITE = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN NOT {_PURGED} "
    "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF TG_OP = 'DELETE' THEN IF {_PURGED} THEN RETURN OLD; END IF; END IF; "
    "RAISE EXCEPTION 'the audit is append-only'; END $$",
    "CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keep()",
    "CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()",
)


def upgrade() -> None:
    with op.batch_alter_table('console_user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('code_key', _TEXT(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('new_code_key', _TEXT(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('code_step', sa.Integer(), nullable=False, server_default='0'))

    op.drop_table('console_session')  # everybody signs in again
    op.create_table('console_session',
    sa.Column('token_hash', _TEXT(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('identity_id', sa.Integer(), nullable=True),
    sa.Column('created_at', _INSTANT(), nullable=False),
    sa.Column('last_seen_at', _INSTANT(), nullable=False),
    sa.Column('user_agent', _TEXT(), nullable=False),
    sa.Column('address', _TEXT(), nullable=False),
    sa.Column('awaits_code', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['identity_id'], ['chat_identity.id'], name=op.f('fk_console_session_identity_id_chat_identity'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['console_user.id'], name=op.f('fk_console_session_user_id_console_user')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_console_session'))
    )
    with op.batch_alter_table('console_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_console_session_identity_id'), ['identity_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_console_session_user_id'), ['user_id'], unique=False)

    op.create_table('console_recovery_code',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', _TEXT(), nullable=False),
    sa.Column('used_at', _INSTANT(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['console_user.id'], name=op.f('fk_console_recovery_code_user_id_console_user')),
    sa.PrimaryKeyConstraint('user_id', 'code_hash', name=op.f('pk_console_recovery_code'))
    )
    op.create_table('chat_sign_in',
    sa.Column('browser_hash', _TEXT(), nullable=False),
    sa.Column('code_hash', _TEXT(), nullable=False),
    sa.Column('state', _TEXT(), nullable=False),
    sa.Column('created_at', _INSTANT(), nullable=False),
    sa.Column('expires_at', _INSTANT(), nullable=False),
    sa.Column('user_agent', _TEXT(), nullable=False),
    sa.Column('address', _TEXT(), nullable=False),
    sa.Column('identity_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['identity_id'], ['chat_identity.id'], name=op.f('fk_chat_sign_in_identity_id_chat_identity'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('browser_hash', name=op.f('pk_chat_sign_in'))
    )
    with op.batch_alter_table('chat_sign_in', schema=None) as batch_op:
        for column in ('address', 'code_hash', 'expires_at', 'identity_id'):
            batch_op.create_index(batch_op.f(f'ix_chat_sign_in_{column}'), [column], unique=False)

    op.create_table('wechat_state',
    sa.Column('state_hash', _TEXT(), nullable=False),
    sa.Column('account', _TEXT(), nullable=False),
    sa.Column('target', _TEXT(), nullable=False),
    sa.Column('expires_at', _INSTANT(), nullable=False),
    sa.PrimaryKeyConstraint('state_hash', name=op.f('pk_wechat_state'))
    )
    with op.batch_alter_table('wechat_state', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wechat_state_expires_at'), ['expires_at'], unique=False)

    op.create_table('audit_seal',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('starts_at', _INSTANT(), nullable=False),
    sa.Column('ends_at', _INSTANT(), nullable=False),
    sa.Column('n_rows', sa.Integer(), nullable=False),
    sa.Column('digest', _TEXT(), nullable=False),
    sa.Column('sealed_at', _INSTANT(), nullable=False),
    sa.Column('purged_at', _INSTANT(), nullable=True),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_audit_seal'))
    )
    for statement in _SQLITE if op.get_bind().dialect.name == 'sqlite' else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
    else:
        op.execute("DROP TRIGGER audit_keep ON audit")
        op.execute("DROP TRIGGER audit_keep_all ON audit")
        op.execute("DROP FUNCTION audit_keep()")
    for table in ('audit_seal', 'wechat_state', 'chat_sign_in', 'console_recovery_code', 'console_session'):
        op.drop_table(table)
    op.create_table('console_session',
    sa.Column('token_hash', _TEXT(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', _INSTANT(), nullable=False),
    sa.Column('last_seen_at', _INSTANT(), nullable=False),
    sa.Column('user_agent', _TEXT(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['console_user.id'], name=op.f('fk_console_session_user_id_console_user')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_console_session'))
    )
    with op.batch_alter_table('console_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_console_session_user_id'), ['user_id'], unique=False)
    with op.batch_alter_table('console_user', schema=None) as batch_op:
        for column in ('code_key', 'new_code_key', 'code_step'):
            batch_op.drop_column(column)
