"""Alembic's door: it is only ever called by store.migrate, with a connection that already holds the writer lock."""

from alembic import context

from store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False, compare_type=True)
context.run_migrations()
