"""homes that cannot be heard"""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('unheard',
    sa.Column('home', sa.Text(), nullable=False),
    sa.Column('since', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('home', name=op.f('pk_unheard'))
    )


def downgrade() -> None:
    op.drop_table('unheard')
