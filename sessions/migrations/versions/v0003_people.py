"""Keys to find sessions by, clients' keys, and how people and things stand. The sessions there are get their keys here."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WIDE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_WORDED = ("client", "operator", "pen", "zone", "cartridge", "lot")
_AT_ONCE = 500  # sessions whose plans are held in memory together


def upgrade() -> None:
    """Create the tables, and fill those that repeat what is on record."""
    keys = op.create_table(
        "session_keys",
        sa.Column("facet", _CODE, primary_key=True, nullable=False),
        sa.Column("value", _CODE, primary_key=True, nullable=False),
        sa.Column("opened_utc", _CODE, primary_key=True, nullable=False),
        sa.Column("session", _CODE, primary_key=True, nullable=False),
        sqlite_with_rowid=False,
    )
    values = op.create_table(
        "key_values",
        sa.Column("facet", _CODE, primary_key=True, nullable=False),
        sa.Column("folded", _CODE, primary_key=True, nullable=False),
        sa.Column("value", _CODE, primary_key=True, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "client_keys",
        sa.Column("client", _CODE, primary_key=True, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_by", sa.Text, nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column("sort", _CODE, primary_key=True, nullable=False),
        sa.Column("code", _CODE, primary_key=True, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("due_utc", _CODE, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("number", _WIDE, nullable=False),
    )
    op.create_index("entries_by_status", "entries", ["sort", "status", "due_utc", "code"])
    op.create_table(
        "mentions",
        sa.Column("subject", _CODE, primary_key=True, nullable=False),
        sa.Column("stream", _CODE, primary_key=True, nullable=False),
        sa.Column("number", _WIDE, primary_key=True, nullable=False, autoincrement=False),
        sqlite_with_rowid=False,
    )
    _fill(keys, values)


def downgrade() -> None:
    """Refused: a record is never taken back."""
    raise RuntimeError("the store has no way back: restore a copy instead")


def _fill(keys: sa.Table, values: sa.Table) -> None:
    """As `sessions.store.keys` would have written them; told again here, for a released migration never changes."""
    connection = op.get_bind()
    seen: set[tuple[str, str]] = set()
    for part in _opened(connection):
        rows = []
        for row in part:
            try:
                found = _found(row.id, row.state or "OPEN", json.loads(row.body))
            except (ValueError, KeyError, TypeError):
                continue  # damaged: verifying says so; it must not keep the other sessions from being opened
            told = [pair for pair in dict.fromkeys(found) if pair[1]]
            rows += [{"facet": facet, "value": value, "opened_utc": row.opened_utc, "session": row.id} for facet, value in told]
            seen.update(pair for pair in told if pair[0] in _WORDED)
        if rows:
            connection.execute(keys.insert(), rows)
    if seen:
        connection.execute(
            values.insert(),
            [{"facet": facet, "folded": value.lower(), "value": value} for facet, value in sorted(seen)],
        )


def _found(session: str, state: str, body: dict[str, Any]) -> list[tuple[str, str]]:
    cartridge = body["cartridge"] if body["cartridge"]["present"] else {"id": "", "lot": ""}
    return [
        ("client", body["client"]),
        ("operator", body["operator"]),
        ("pen", body["pen"]["serial"]),
        ("cartridge", cartridge["id"]),
        ("lot", cartridge["lot"]),
        ("state", state),
        ("tail", session.rpartition("-")[2].lower()),
        *(("zone", planned["zone"]) for planned in body["zones"]),
    ]


def _opened(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    """The sessions by some hundreds, each with its session_opened and its state."""
    query = sa.text(
        "SELECT s.id, s.opened_utc, c.state, e.body FROM sessions s "
        "JOIN events e ON e.stream = s.id AND e.kind = 'session_opened' "
        "LEFT JOIN closures c ON c.session = s.id WHERE s.id > :after ORDER BY s.id, e.number LIMIT :rows"
    )
    after = ""
    while rows := connection.execute(query, {"after": after, "rows": _AT_ONCE}).all():
        yield rows
        after = rows[-1].id
