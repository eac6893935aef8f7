"""what of a device is not proved"""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('devices', sa.Column('can', sa.Text(), nullable=True))
    op.add_column('devices', sa.Column('unproved', sa.Text(), nullable=True))
    op.add_column('devices', sa.Column('told_at', store.tables.UtcDateTime(timezone=True), nullable=True))
    op.create_index('ix_devices_unproved', 'devices', ['gateway'], unique=False,
    sqlite_where=sa.text("unproved <> ''"), postgresql_where=sa.text("unproved <> ''"))


def downgrade() -> None:
    op.drop_index('ix_devices_unproved', table_name='devices',
    sqlite_where=sa.text("unproved <> ''"), postgresql_where=sa.text("unproved <> ''"))
    op.drop_column('devices', 'told_at')
    op.drop_column('devices', 'unproved')
    op.drop_column('devices', 'can')
