"""scheduled check-in calls"""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('check_ins',
    sa.Column('home', sa.Text(), nullable=False),
    sa.Column('clock', sa.Text(), nullable=False),
    sa.Column('days', sa.Text(), nullable=False),
    sa.Column('next_day', sa.Text(), nullable=False),
    sa.Column('next_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['home'], ['homes.id'], name=op.f('fk_check_ins_home'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('home', 'clock', name=op.f('pk_check_ins'))
    )
    op.create_index(op.f('ix_check_ins_next_at'), 'check_ins', ['next_at'], unique=False)
    op.create_table('check_in_calls',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('home', sa.Text(), nullable=False),
    sa.Column('day', sa.Text(), nullable=False),
    sa.Column('clock', sa.Text(), nullable=False),
    sa.Column('planned_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('asks', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('set_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('due_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['home'], ['homes.id'], name=op.f('fk_check_in_calls_home'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_in_calls')),
    sa.UniqueConstraint('home', 'day', 'clock', name=op.f('uq_check_in_calls_home_day_clock'))
    )
    op.create_index(op.f('ix_check_in_calls_due_at'), 'check_in_calls', ['due_at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_check_in_calls_due_at'), table_name='check_in_calls')
    op.drop_table('check_in_calls')
    op.drop_index(op.f('ix_check_ins_next_at'), table_name='check_ins')
    op.drop_table('check_ins')
