"""Alembic's entry: runs the migrations on the connection that `app.database.migrate` hands over."""

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run migrations with `palier migrate`, which takes the lock that keeps two runs apart")
context.configure(connection=connection)
context.run_migrations()
