"""Blocks of control's tape, append-only by triggers like the rest."""

import sqlalchemy as sa
from alembic import op

from sessions.migrations import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WIDE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the table and its triggers."""
    op.create_table(
        "wires",
        sa.Column("stream", sa.Text, primary_key=True, nullable=False),
        sa.Column("wire", _WIDE, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("codec", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    append_only.never_changed("wires")
    append_only.chained("wires", "wire")


def downgrade() -> None:
    """Refused: a record is never taken back."""
    raise RuntimeError("the store has no way back: restore a copy instead")
