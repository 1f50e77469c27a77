"""Sessions, closures, events and blocks, append-only by triggers."""

import sqlalchemy as sa
from alembic import op

from sessions.migrations import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_WIDE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables and their triggers."""
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("opened_utc", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("resumed_from", sa.Text, nullable=False),
        sa.Column("plan_crc", _WIDE, nullable=False),
        sa.Column("pen_serial", sa.Text, nullable=False),
        sa.Column("zones", sa.Integer, nullable=False),
    )
    op.create_index("sessions_by_time", "sessions", ["opened_utc", "id"])
    op.create_index("sessions_by_client", "sessions", ["client", "opened_utc"])
    op.create_table(
        "closures",
        sa.Column("session", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("utc", sa.Text, nullable=False),
        sa.Column("number", _WIDE, nullable=False),
        sa.Column("passes", sa.Integer, nullable=False),
        sa.Column("alarms", sa.Integer, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("stream", sa.Text, primary_key=True, nullable=False),
        sa.Column("number", _WIDE, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("utc", sa.Text, nullable=False),
        sa.Column("mono_ns", _WIDE, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blocks",
        sa.Column("stream", sa.Text, primary_key=True, nullable=False),
        sa.Column("block", _WIDE, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("first_index", _WIDE, nullable=False),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("lost", _WIDE, nullable=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("codec", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    append_only.never_changed("sessions", "closures", "events", "blocks")
    # REPLACE is a delete that need not fire a delete trigger: refused before it happens, by whatever connection.
    append_only.never_replaced("sessions", "id")
    append_only.never_replaced("closures", "session")
    append_only.chained("events", "number")
    append_only.chained("blocks", "block")


def downgrade() -> None:
    """Refused: a record is never taken back."""
    raise RuntimeError("the store has no way back: restore a copy instead")
