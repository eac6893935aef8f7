"""providers, claims and what came of care"""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('person_facts',
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person'], ['persons.id'], name=op.f('fk_person_facts_person')),
    sa.PrimaryKeyConstraint('person', 'field', name=op.f('pk_person_facts'))
    )
    op.create_table('person_ties',
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('other', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['other'], ['persons.id'], name=op.f('fk_person_ties_other')),
    sa.ForeignKeyConstraint(['person'], ['persons.id'], name=op.f('fk_person_ties_person')),
    sa.PrimaryKeyConstraint('person', 'other', name=op.f('pk_person_ties'))
    )
    op.create_table('applications',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('conflict', sa.Boolean(), nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_applications_case_id')),
    sa.ForeignKeyConstraint(['episode'], ['episodes.id'], name=op.f('fk_applications_episode')),
    sa.PrimaryKeyConstraint('id', 'digest', name=op.f('pk_applications'))
    )
    op.create_index(op.f('ix_applications_episode'), 'applications', ['episode'], unique=False)
    op.create_table('assessments',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=False),
    sa.Column('instrument', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['episode'], ['episodes.id'], name=op.f('fk_assessments_episode')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessments'))
    )
    op.create_index(op.f('ix_assessments_episode'), 'assessments', ['episode'], unique=False)
    op.create_table('consents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=True),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('asked_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('decided_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['episode'], ['episodes.id'], name=op.f('fk_consents_episode')),
    sa.ForeignKeyConstraint(['person'], ['persons.id'], name=op.f('fk_consents_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    op.create_index(op.f('ix_consents_due_at'), 'consents', ['due_at'], unique=False)
    op.create_index(op.f('ix_consents_episode'), 'consents', ['episode'], unique=False)
    op.create_index(op.f('ix_consents_person'), 'consents', ['person'], unique=False)
    op.create_table('evaluations',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('instrument', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('phase', sa.Text(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['episode'], ['episodes.id'], name=op.f('fk_evaluations_episode')),
    sa.ForeignKeyConstraint(['person'], ['persons.id'], name=op.f('fk_evaluations_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evaluations')),
    sa.UniqueConstraint('episode', 'instrument', 'phase', name=op.f('uq_evaluations_episode_instrument_phase'))
    )
    op.create_index('ix_evaluations_at', 'evaluations', ['instrument', 'phase', 'at', 'episode', 'score'], unique=False)
    op.create_index(op.f('ix_evaluations_episode'), 'evaluations', ['episode'], unique=False)
    op.create_table('follow_ups',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=False),
    sa.Column('instrument', sa.Text(), nullable=False),
    sa.Column('phase', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('done_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['episode'], ['episodes.id'], name=op.f('fk_follow_ups_episode')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_ups')),
    sa.UniqueConstraint('episode', 'instrument', 'phase', name=op.f('uq_follow_ups_episode_instrument_phase'))
    )
    op.create_index(op.f('ix_follow_ups_due_at'), 'follow_ups', ['due_at'], unique=False)
    op.create_index('ix_follow_ups_owner', 'follow_ups', ['owner', 'state', 'due_at', 'done_at', 'episode'], unique=False)
    op.create_table('plans',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('goals', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('agreed_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['episode'], ['episodes.id'], name=op.f('fk_plans_episode')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plans'))
    )
    op.create_index(op.f('ix_plans_episode'), 'plans', ['episode'], unique=False)
    op.create_table('postings',
    sa.Column('entry', sa.BigInteger(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('won', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['entries.id'], name=op.f('fk_postings_entry')),
    sa.PrimaryKeyConstraint('entry', 'account', name=op.f('pk_postings'))
    )
    op.create_table('visits',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=True),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('told_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('planned_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('started_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('arrived_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('finished_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('record', sa.JSON(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('exercise', sa.Boolean(), nullable=False),
    sa.Column('created_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['episode'], ['episodes.id'], name=op.f('fk_visits_episode')),
    sa.ForeignKeyConstraint(['person'], ['persons.id'], name=op.f('fk_visits_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visits'))
    )
    op.create_index('ix_visits_due', 'visits', ['due_at'], unique=False, sqlite_where=sa.text("state IN ('planned', 'started', 'arrived')"), postgresql_where=sa.text("state IN ('planned', 'started', 'arrived')"))
    op.create_index(op.f('ix_visits_episode'), 'visits', ['episode'], unique=False)
    op.create_index('ix_visits_owner', 'visits', ['owner', 'state', 'due_at', 'finished_at', 'area', 'exercise'], unique=False)
    op.create_index(op.f('ix_visits_person'), 'visits', ['person'], unique=False)
    op.create_table('plan_items',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('plan', sa.BigInteger(), nullable=False),
    sa.Column('service', sa.Text(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('start', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('end', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['plan'], ['plans.id'], name=op.f('fk_plan_items_plan')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_items'))
    )
    op.create_index(op.f('ix_plan_items_plan'), 'plan_items', ['plan'], unique=False)
    op.create_table('visit_versions',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('visit', sa.Text(), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('conflict', sa.Boolean(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['visit'], ['visits.id'], name=op.f('fk_visit_versions_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_versions'))
    )
    op.create_index(op.f('ix_visit_versions_visit'), 'visit_versions', ['visit'], unique=False)
    op.create_table('orders',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('episode', sa.BigInteger(), nullable=False),
    sa.Column('item', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('service', sa.Text(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('price_won', sa.BigInteger(), nullable=False),
    sa.Column('start', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('end', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('offered_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('exercise', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['episode'], ['episodes.id'], name=op.f('fk_orders_episode')),
    sa.ForeignKeyConstraint(['item'], ['plan_items.id'], name=op.f('fk_orders_item')),
    sa.ForeignKeyConstraint(['person'], ['persons.id'], name=op.f('fk_orders_person')),
    sa.ForeignKeyConstraint(['provider'], ['providers.id'], name=op.f('fk_orders_provider')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders'))
    )
    op.create_index(op.f('ix_orders_due_at'), 'orders', ['due_at'], unique=False)
    op.create_index(op.f('ix_orders_episode'), 'orders', ['episode'], unique=False)
    op.create_index(op.f('ix_orders_item'), 'orders', ['item'], unique=False)
    op.create_index(op.f('ix_orders_provider'), 'orders', ['provider'], unique=False)
    op.create_index('uq_orders_live', 'orders', ['item'], unique=True, sqlite_where=sa.text("state IN ('offered', 'accepted', 'done')"), postgresql_where=sa.text("state IN ('offered', 'accepted', 'done')"))
    op.create_table('tasks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('order', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('worker', sa.Text(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('planned_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order'], ['orders.id'], name=op.f('fk_tasks_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks')),
    sa.UniqueConstraint('key', name=op.f('uq_tasks_key'))
    )
    op.create_index(op.f('ix_tasks_due_at'), 'tasks', ['due_at'], unique=False)
    op.create_index(op.f('ix_tasks_order'), 'tasks', ['order'], unique=False)
    op.create_index(op.f('ix_tasks_worker'), 'tasks', ['worker'], unique=False)
    op.create_table('records',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('order', sa.BigInteger(), nullable=False),
    sa.Column('task', sa.BigInteger(), nullable=True),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('worker', sa.Text(), nullable=False),
    sa.Column('start', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('end', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('worry', sa.Text(), nullable=True),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('received_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order'], ['orders.id'], name=op.f('fk_records_order')),
    sa.ForeignKeyConstraint(['task'], ['tasks.id'], name=op.f('fk_records_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records'))
    )
    op.create_index(op.f('ix_records_provider'), 'records', ['provider'], unique=False)
    op.create_index(op.f('ix_records_task'), 'records', ['task'], unique=False)
    op.create_index('ix_records_work', 'records', ['order', 'outcome', 'start', 'units'], unique=False)
    op.create_table('claim_items',
    sa.Column('record', sa.Text(), nullable=False),
    sa.Column('claim', sa.BigInteger(), nullable=False),
    sa.Column('won', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['claim'], ['claims.id'], name=op.f('fk_claim_items_claim')),
    sa.ForeignKeyConstraint(['record'], ['records.id'], name=op.f('fk_claim_items_record')),
    sa.PrimaryKeyConstraint('record', name=op.f('pk_claim_items'))
    )
    op.create_index(op.f('ix_claim_items_claim'), 'claim_items', ['claim'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_claim_items_claim'), table_name='claim_items')
    op.drop_table('claim_items')
    op.drop_index('ix_records_work', table_name='records')
    op.drop_index(op.f('ix_records_task'), table_name='records')
    op.drop_index(op.f('ix_records_provider'), table_name='records')
    op.drop_table('records')
    op.drop_index(op.f('ix_tasks_worker'), table_name='tasks')
    op.drop_index(op.f('ix_tasks_order'), table_name='tasks')
    op.drop_index(op.f('ix_tasks_due_at'), table_name='tasks')
    op.drop_table('tasks')
    op.drop_index('uq_orders_live', table_name='orders', sqlite_where=sa.text("state IN ('offered', 'accepted', 'done')"), postgresql_where=sa.text("state IN ('offered', 'accepted', 'done')"))
    op.drop_index(op.f('ix_orders_provider'), table_name='orders')
    op.drop_index(op.f('ix_orders_item'), table_name='orders')
    op.drop_index(op.f('ix_orders_episode'), table_name='orders')
    op.drop_index(op.f('ix_orders_due_at'), table_name='orders')
    op.drop_table('orders')
    op.drop_index(op.f('ix_visit_versions_visit'), table_name='visit_versions')
    op.drop_table('visit_versions')
    op.drop_index(op.f('ix_plan_items_plan'), table_name='plan_items')
    op.drop_table('plan_items')
    op.drop_index(op.f('ix_visits_person'), table_name='visits')
    op.drop_index('ix_visits_owner', table_name='visits')
    op.drop_index(op.f('ix_visits_episode'), table_name='visits')
    op.drop_index('ix_visits_due', table_name='visits', sqlite_where=sa.text("state IN ('planned', 'started', 'arrived')"), postgresql_where=sa.text("state IN ('planned', 'started', 'arrived')"))
    op.drop_table('visits')
    op.drop_table('postings')
    op.drop_index(op.f('ix_plans_episode'), table_name='plans')
    op.drop_table('plans')
    op.drop_index('ix_follow_ups_owner', table_name='follow_ups')
    op.drop_index(op.f('ix_follow_ups_due_at'), table_name='follow_ups')
    op.drop_table('follow_ups')
    op.drop_index(op.f('ix_evaluations_episode'), table_name='evaluations')
    op.drop_index('ix_evaluations_at', table_name='evaluations')
    op.drop_table('evaluations')
    op.drop_index(op.f('ix_consents_person'), table_name='consents')
    op.drop_index(op.f('ix_consents_episode'), table_name='consents')
    op.drop_index(op.f('ix_consents_due_at'), table_name='consents')
    op.drop_table('consents')
    op.drop_index(op.f('ix_assessments_episode'), table_name='assessments')
    op.drop_table('assessments')
    op.drop_index(op.f('ix_applications_episode'), table_name='applications')
    op.drop_table('applications')
    op.drop_table('person_ties')
    op.drop_table('person_facts')
