"""Blocks of control's tape, append-only by triggers like the rest."""

import sqlalchemy as sa
from alembic import op

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
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER wires_no_{verb.lower()} BEFORE {verb} ON wires "
            "BEGIN SELECT RAISE(ABORT, 'wires: rows are never changed or deleted'); END"
        )
    op.execute(
        "CREATE TRIGGER wires_in_order BEFORE INSERT ON wires "
        "WHEN NEW.wire <> 1 + coalesce((SELECT max(wire) FROM wires WHERE stream = NEW.stream), 0) "
        "BEGIN SELECT RAISE(ABORT, 'wires: wire must be the next of its stream'); END"
    )
    op.execute(
        "CREATE TRIGGER wires_chained BEFORE INSERT ON wires "
        "WHEN NEW.prev_hash <> coalesce((SELECT hash FROM wires WHERE stream = NEW.stream "
        f"AND wire = NEW.wire - 1), '{'0' * 64}') "
        "BEGIN SELECT RAISE(ABORT, 'wires: prev_hash must be the hash before it'); END"
    )


def downgrade() -> None:
    """Refused: a record is never taken back."""
    raise RuntimeError("the store has no way back: restore a copy instead")
