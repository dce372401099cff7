"""Migrations in order of their dates; `alembic revision -m "what changes"` makes the next one."""
