"""the care chain"""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('budget_decisions',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('won', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_decisions'))
    )
    op.create_table('budgets',
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('won', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('city', 'year', name=op.f('pk_budgets'))
    )
    op.create_table('care_log',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=True),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('numbers', sa.JSON(), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_care_log'))
    )
    op.create_index(op.f('ix_care_log_episode'), 'care_log', ['episode'], unique=False)
    op.create_index(op.f('ix_care_log_person'), 'care_log', ['person'], unique=False)
    op.create_table('instruments',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('loaded_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('code', 'version', name=op.f('pk_instruments'))
    )
    op.create_table('money_conflicts',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', 'digest', name=op.f('pk_money_conflicts'))
    )
    op.create_table('overrides',
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('area', 'key', name=op.f('pk_overrides'))
    )
    op.create_table('packs',
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('loaded_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('city', name=op.f('pk_packs'))
    )
    op.create_table('providers',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('name_ko', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('areas', sa.JSON(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('hook_url', sa.Text(), nullable=True),
    sa.Column('hook_secret', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_providers'))
    )
    op.create_index(op.f('ix_providers_city'), 'providers', ['city'], unique=False)
    op.create_table('record_conflicts',
    sa.Column('record', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('record', 'digest', name=op.f('pk_record_conflicts'))
    )
    op.create_table('research_exports',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('since', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('until', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('allowed_by', sa.Text(), nullable=True),
    sa.Column('decided_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('manifest', sa.JSON(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_research_exports'))
    )
    op.create_table('services',
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name_ko', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('price_won', sa.BigInteger(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('hours', sa.Text(), nullable=False),
    sa.Column('most_units', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('city', 'code', name=op.f('pk_services'))
    )
    op.create_table('claims',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('gu', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('won', sa.BigInteger(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('sent', sa.JSON(), nullable=False),
    sa.Column('submitters', sa.JSON(), nullable=False),
    sa.Column('submitted_by', sa.Text(), nullable=False),
    sa.Column('submitted_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('verified_by', sa.Text(), nullable=True),
    sa.Column('verified_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('paid_by', sa.Text(), nullable=True),
    sa.Column('paid_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('exercise', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['provider'], ['providers.id'], name=op.f('fk_claims_provider')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claims')),
    sa.UniqueConstraint('key', name=op.f('uq_claims_key'))
    )
    op.create_index(op.f('ix_claims_due_at'), 'claims', ['due_at'], unique=False)
    op.create_index(op.f('ix_claims_gu'), 'claims', ['gu'], unique=False)
    op.create_index(op.f('ix_claims_provider'), 'claims', ['provider'], unique=False)
    op.create_table('hooks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['provider'], ['providers.id'], name=op.f('fk_hooks_provider')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hooks')),
    sa.UniqueConstraint('key', name=op.f('uq_hooks_key'))
    )
    op.create_index(op.f('ix_hooks_due_at'), 'hooks', ['due_at'], unique=False)
    op.create_table('persons',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('home', sa.Text(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('risk', sa.Text(), nullable=False),
    sa.Column('exercise', sa.Boolean(), nullable=False),
    sa.Column('contact_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('gone_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('gone_why', sa.Text(), nullable=True),
    sa.Column('created_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['home'], ['homes.id'], name=op.f('fk_persons_home'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_persons'))
    )
    op.create_index(op.f('ix_persons_area'), 'persons', ['area'], unique=False)
    op.create_index(op.f('ix_persons_contact_at'), 'persons', ['contact_at'], unique=False)
    op.create_index(op.f('ix_persons_home'), 'persons', ['home'], unique=False)
    op.create_table('provider_services',
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('service', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['provider'], ['providers.id'], name=op.f('fk_provider_services_provider')),
    sa.PrimaryKeyConstraint('provider', 'service', name=op.f('pk_provider_services'))
    )
    op.create_table('provider_staff',
    sa.Column('member', sa.Text(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['member'], ['members.id'], name=op.f('fk_provider_staff_member')),
    sa.ForeignKeyConstraint(['provider'], ['providers.id'], name=op.f('fk_provider_staff_provider')),
    sa.PrimaryKeyConstraint('member', 'provider', name=op.f('pk_provider_staff'))
    )
    op.create_index(op.f('ix_provider_staff_provider'), 'provider_staff', ['provider'], unique=False)
    op.create_table('entries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('claim', sa.BigInteger(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['claim'], ['claims.id'], name=op.f('fk_entries_claim')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entries')),
    sa.UniqueConstraint('claim', name=op.f('uq_entries_claim'))
    )
    op.create_index('ix_entries_city_year', 'entries', ['city', 'year'], unique=False)
    op.create_table('episodes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('application', sa.Text(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('priority', sa.Text(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('stage', sa.Text(), nullable=False),
    sa.Column('stage_since', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('told_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('opened_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('closed_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended', sa.Text(), nullable=True),
    sa.Column('requested', sa.JSON(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=True),
    sa.Column('exercise', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_episodes_case_id')),
    sa.ForeignKeyConstraint(['person'], ['persons.id'], name=op.f('fk_episodes_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_episodes')),
    sa.UniqueConstraint('application', name=op.f('uq_episodes_application')),
    sa.UniqueConstraint('case_id', name=op.f('uq_episodes_case_id'))
    )
    op.create_index(op.f('ix_episodes_area'), 'episodes', ['area'], unique=False)
    op.create_index(op.f('ix_episodes_person'), 'episodes', ['person'], unique=False)
    op.create_index('ix_episodes_stage_due', 'episodes', ['stage', 'due_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_episodes_stage_due', table_name='episodes')
    op.drop_index(op.f('ix_episodes_person'), table_name='episodes')
    op.drop_index(op.f('ix_episodes_area'), table_name='episodes')
    op.drop_table('episodes')
    op.drop_index('ix_entries_city_year', table_name='entries')
    op.drop_table('entries')
    op.drop_index(op.f('ix_provider_staff_provider'), table_name='provider_staff')
    op.drop_table('provider_staff')
    op.drop_table('provider_services')
    op.drop_index(op.f('ix_persons_home'), table_name='persons')
    op.drop_index(op.f('ix_persons_contact_at'), table_name='persons')
    op.drop_index(op.f('ix_persons_area'), table_name='persons')
    op.drop_table('persons')
    op.drop_index(op.f('ix_hooks_due_at'), table_name='hooks')
    op.drop_table('hooks')
    op.drop_index(op.f('ix_claims_provider'), table_name='claims')
    op.drop_index(op.f('ix_claims_gu'), table_name='claims')
    op.drop_index(op.f('ix_claims_due_at'), table_name='claims')
    op.drop_table('claims')
    op.drop_table('services')
    op.drop_table('research_exports')
    op.drop_table('record_conflicts')
    op.drop_index(op.f('ix_providers_city'), table_name='providers')
    op.drop_table('providers')
    op.drop_table('packs')
    op.drop_table('overrides')
    op.drop_table('money_conflicts')
    op.drop_table('instruments')
    op.drop_index(op.f('ix_care_log_person'), table_name='care_log')
    op.drop_index(op.f('ix_care_log_episode'), table_name='care_log')
    op.drop_table('care_log')
    op.drop_table('budgets')
    op.drop_table('budget_decisions')
