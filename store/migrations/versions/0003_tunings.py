"""what the outcomes of cases make of a home's budget"""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('homes', sa.Column('budget_factor', sa.Float(), nullable=True))
    op.create_table('tunings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('home', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('before', sa.Float(), nullable=False),
    sa.Column('after', sa.Float(), nullable=False),
    sa.Column('factor', sa.Float(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('numbers', sa.JSON(), nullable=False),
    sa.Column('replay', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['home'], ['homes.id'], name=op.f('fk_tunings_home'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tunings'))
    )
    op.create_index(op.f('ix_tunings_home'), 'tunings', ['home'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_tunings_home'), table_name='tunings')
    op.drop_table('tunings')
    op.drop_column('homes', 'budget_factor')
