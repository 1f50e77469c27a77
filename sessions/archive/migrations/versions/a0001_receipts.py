"""Receipts, append-only by triggers like the record."""

import sqlalchemy as sa
from alembic import op

from sessions.migrations import append_only

revision = "a0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, its index and its triggers."""
    op.create_table(
        "archive_receipts",
        sa.Column("station", sa.Text, primary_key=True, nullable=False),
        sa.Column("stream", sa.Text, primary_key=True, nullable=False),
        sa.Column("events", sa.BigInteger, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("blocks", sa.BigInteger, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("wires", sa.BigInteger, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("first_hash", sa.Text, nullable=False),
        sa.Column("events_head", sa.Text, nullable=False),
        sa.Column("trace_head", sa.Text, nullable=False),
        sa.Column("wires_head", sa.Text, nullable=False),
        sa.Column("verified_utc", sa.Text, nullable=False),
        sa.Column("program", sa.Text, nullable=False),
    )
    op.create_index("archive_receipts_by_first", "archive_receipts", ["first_hash"])
    append_only.never_changed("archive_receipts")


def downgrade() -> None:
    """Refused: a record is never taken back."""
    raise RuntimeError("the archive has no way back: restore a copy instead")
