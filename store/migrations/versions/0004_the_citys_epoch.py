"""the word that tells a restored database from the one before"""

import secrets

from alembic import op
import sqlalchemy as sa

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    city = op.create_table('city',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_city'))
    )
    op.bulk_insert(city, [{'key': 'epoch', 'value': secrets.token_hex(8)}])


def downgrade() -> None:
    op.drop_table('city')
