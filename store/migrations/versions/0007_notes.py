"""notes of gateways are found without reading a home's whole log"""

from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_events_notes', 'events', ['home', 'id'], unique=False,
                    sqlite_where=sa.text("kind = 'note'"), postgresql_where=sa.text("kind = 'note'"))


def downgrade() -> None:
    op.drop_index('ix_events_notes', table_name='events')
