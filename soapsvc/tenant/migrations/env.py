"""What Alembic runs: the versions, over the connection and within the transaction of `migrate`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
