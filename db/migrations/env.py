"""How Alembic runs our migrations: on the connection that `db.upgrade` hands over, in one transaction each."""

from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], transaction_per_migration=True, **attributes["options"])
with context.begin_transaction():
    context.run_migrations()
