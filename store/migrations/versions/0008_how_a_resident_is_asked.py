"""how a resident is asked"""

from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('homes', sa.Column('ask_by', sa.Text(), nullable=True))
    op.add_column('homes', sa.Column('wording', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('homes', 'wording')
    op.drop_column('homes', 'ask_by')
