"""Alembic migrations of the store, run by `sessions.store.schema` at open. A released file never changes."""
