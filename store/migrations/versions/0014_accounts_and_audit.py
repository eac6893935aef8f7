"""Accounts, sessions, and an audit that only grows."""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('object', sa.Text(), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('request', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_about', 'audit', ['about', 'at'], unique=False)
    op.create_index(op.f('ix_audit_account'), 'audit', ['account'], unique=False)
    op.create_index('ix_audit_at', 'audit', ['at'], unique=False)
    op.create_table('challenges',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=True),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('ends_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_challenges'))
    )
    op.create_index(op.f('ix_challenges_ends_at'), 'challenges', ['ends_at'], unique=False)
    op.create_table('accounts',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('member', sa.Text(), nullable=True),
    sa.Column('provider', sa.Text(), nullable=True),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('password', sa.Text(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('password_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member'], ['members.id'], name=op.f('fk_accounts_member')),
    sa.ForeignKeyConstraint(['provider'], ['providers.id'], name=op.f('fk_accounts_provider')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('login', name=op.f('uq_accounts_login')),
    sa.UniqueConstraint('subject', name=op.f('uq_accounts_subject'))
    )
    op.create_index(op.f('ix_accounts_member'), 'accounts', ['member'], unique=False)
    op.create_table('account_homes',
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('home', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account'], ['accounts.id'], name=op.f('fk_account_homes_account')),
    sa.ForeignKeyConstraint(['home'], ['homes.id'], name=op.f('fk_account_homes_home'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account', 'home', name=op.f('pk_account_homes'))
    )
    op.create_table('grants',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('object', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('start', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('end', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_by', sa.Text(), nullable=True),
    sa.Column('seen_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account'], ['accounts.id'], name=op.f('fk_grants_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants'))
    )
    op.create_index('ix_grants_account', 'grants', ['account', 'end'], unique=False)
    op.create_table('passkeys',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('public_key', sa.Text(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('created_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account'], ['accounts.id'], name=op.f('fk_passkeys_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys'))
    )
    op.create_index(op.f('ix_passkeys_account'), 'passkeys', ['account'], unique=False)
    op.create_table('push_subscriptions',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('p256dh', sa.Text(), nullable=False),
    sa.Column('auth', sa.Text(), nullable=False),
    sa.Column('created_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account'], ['accounts.id'], name=op.f('fk_push_subscriptions_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_subscriptions'))
    )
    op.create_index(op.f('ix_push_subscriptions_account'), 'push_subscriptions', ['account'], unique=False)
    op.create_table('sessions',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('agent', sa.Text(), nullable=False),
    sa.Column('created_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account'], ['accounts.id'], name=op.f('fk_sessions_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions'))
    )
    op.create_index(op.f('ix_sessions_account'), 'sessions', ['account'], unique=False)
    op.create_table('tokens',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('permissions', sa.JSON(), nullable=False),
    sa.Column('created_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account'], ['accounts.id'], name=op.f('fk_tokens_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tokens')),
    sa.UniqueConstraint('hash', name=op.f('uq_tokens_hash'))
    )
    op.create_index(op.f('ix_tokens_account'), 'tokens', ['account'], unique=False)
    op.create_table('viewer_consents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('viewer', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person'], ['persons.id'], name=op.f('fk_viewer_consents_person')),
    sa.ForeignKeyConstraint(['viewer'], ['accounts.id'], name=op.f('fk_viewer_consents_viewer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_viewer_consents'))
    )
    op.create_index('ix_viewer_consents_viewer', 'viewer_consents', ['viewer', 'person', 'purpose', 'id'], unique=False)
    _only_grows()


def downgrade() -> None:
    op.drop_index('ix_viewer_consents_viewer', table_name='viewer_consents')
    op.drop_table('viewer_consents')
    op.drop_index(op.f('ix_tokens_account'), table_name='tokens')
    op.drop_table('tokens')
    op.drop_index(op.f('ix_sessions_account'), table_name='sessions')
    op.drop_table('sessions')
    op.drop_index(op.f('ix_push_subscriptions_account'), table_name='push_subscriptions')
    op.drop_table('push_subscriptions')
    op.drop_index(op.f('ix_passkeys_account'), table_name='passkeys')
    op.drop_table('passkeys')
    op.drop_index('ix_grants_account', table_name='grants')
    op.drop_table('grants')
    op.drop_table('account_homes')
    op.drop_index(op.f('ix_accounts_member'), table_name='accounts')
    op.drop_table('accounts')
    op.drop_index(op.f('ix_challenges_ends_at'), table_name='challenges')
    op.drop_table('challenges')
    op.drop_index('ix_audit_at', table_name='audit')
    op.drop_index(op.f('ix_audit_account'), table_name='audit')
    op.drop_index('ix_audit_about', table_name='audit')
    op.drop_table('audit')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION audit_only_grows()')


def _only_grows() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for deed in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER audit_no_{deed.lower()} BEFORE {deed} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit only grows'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    )
