"""a home's own budget of false alarms"""

from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('homes', sa.Column('alarm_budget', sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column('homes', 'alarm_budget')
