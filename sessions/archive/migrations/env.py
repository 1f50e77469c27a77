"""Alembic's entry: the archive's tables count their revisions apart from the record's."""

from alembic import context

from sessions.archive.models import ArchiveBase

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ArchiveBase.metadata,
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()
