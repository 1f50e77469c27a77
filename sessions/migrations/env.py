"""Alembic's entry: runs the migrations on the connection (and inside the transaction) that the store hands over."""

from alembic import context

from sessions.store.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
