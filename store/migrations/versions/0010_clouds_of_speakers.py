"""speakers that belong to a cloud"""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('homes', sa.Column('cloud', sa.Text(), nullable=True))
    op.create_table('cloud_requests',
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_cloud_requests'))
    )
    op.create_index(op.f('ix_cloud_requests_at'), 'cloud_requests', ['at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_cloud_requests_at'), table_name='cloud_requests')
    op.drop_table('cloud_requests')
    op.drop_column('homes', 'cloud')
