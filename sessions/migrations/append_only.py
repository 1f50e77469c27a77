"""The triggers that keep a table append-only, for SQLite and for PostgreSQL. For use inside a migration.

What this writes is part of migrations that have run: the statements for one dialect are never changed, only added to.
"""

from alembic import op

_GENESIS = "0" * 64

# One function of each kind serves all tables: the trigger's table and argument tell it where it is. Each looks its table up by
# the schema's name, so that no temporary table of a session can stand in for it.
_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%: rows are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION record_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        key text := TG_ARGV[0];
        next bigint;
        last bigint := 0;
        head text := '{_GENESIS}';
        found record;
    BEGIN
        EXECUTE format('SELECT ($1).%I', key) INTO next USING NEW;
        FOR found IN EXECUTE format('SELECT %I AS last, hash FROM %I.%I WHERE stream = $1 ORDER BY %I DESC LIMIT 1',
                                    key, TG_TABLE_SCHEMA, TG_TABLE_NAME, key) USING NEW.stream LOOP
            last := found.last;
            head := found.hash;
        END LOOP;
        IF next <> last + 1 THEN
            RAISE EXCEPTION '%: % must be the next of its stream', TG_TABLE_NAME, key
                USING ERRCODE = 'integrity_constraint_violation';
        ELSIF NEW.prev_hash <> head THEN
            RAISE EXCEPTION '%: prev_hash must be the hash before it', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
)


def never_changed(*tables: str) -> None:
    """Refuse UPDATE and DELETE, and on PostgreSQL TRUNCATE, of rows of `tables`."""
    for table in tables:
        if _on_postgresql():
            _make_functions()
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION record_refuse()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION record_refuse()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed or deleted'); END"
            )


def never_replaced(table: str, key: str) -> None:
    """Refuse SQLite's REPLACE, a delete that need not fire a delete trigger. PostgreSQL has none: its upsert is an UPDATE."""
    if not _on_postgresql():
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
            f"BEGIN SELECT RAISE(ABORT, '{table}: a row of this key is on record already'); END"
        )


def chained(table: str, key: str) -> None:
    """Refuse a row whose `key` is not the next of its stream, or whose prev_hash is not the hash before it."""
    if _on_postgresql():
        _make_functions()
        op.execute(
            f"CREATE TRIGGER {table}_chained BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION record_follows('{key}')"
        )
        return
    op.execute(
        f"CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table} "
        f"WHEN NEW.{key} <> 1 + coalesce((SELECT max({key}) FROM {table} WHERE stream = NEW.stream), 0) "
        f"BEGIN SELECT RAISE(ABORT, '{table}: {key} must be the next of its stream'); END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_chained BEFORE INSERT ON {table} "
        f"WHEN NEW.prev_hash <> coalesce((SELECT hash FROM {table} WHERE stream = NEW.stream "
        f"AND {key} = NEW.{key} - 1), '{_GENESIS}') "
        f"BEGIN SELECT RAISE(ABORT, '{table}: prev_hash must be the hash before it'); END"
    )


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _make_functions() -> None:
    for function in _FUNCTIONS:
        op.execute(function)
