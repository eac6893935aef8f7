"""gateways, their claim codes and the hashes of their secrets"""

from alembic import op
import sqlalchemy as sa
import store.tables

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('gateways',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('serial', sa.Text(), nullable=False),
    sa.Column('code_hash', sa.Text(), nullable=True),
    sa.Column('code_expires_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('code_used_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('wrong_tries', sa.Integer(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=True),
    sa.Column('next_secret', sa.Text(), nullable=True),
    sa.Column('registered_at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('claimed_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('rotated_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateways')),
    sa.UniqueConstraint('serial', name=op.f('uq_gateways_serial'))
    )
    op.create_index(op.f('ix_gateways_revision'), 'gateways', ['revision'], unique=False)
    op.create_table('gateway_log',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('gateway', sa.Text(), nullable=False),
    sa.Column('at', store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['gateway'], ['gateways.id'], name=op.f('fk_gateway_log_gateway')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_log'))
    )
    op.create_index(op.f('ix_gateway_log_gateway'), 'gateway_log', ['gateway'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_gateway_log_gateway'), table_name='gateway_log')
    op.drop_table('gateway_log')
    op.drop_index(op.f('ix_gateways_revision'), table_name='gateways')
    op.drop_table('gateways')
