"""Tamperings by somebody who knows how the chain is made: everything is written anew so that it holds again."""

import base64
import json
import sqlite3
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from sessions.afterwards import Signed
from sessions.events import Event, canonical
from sessions.signing.key import StationKey
from sessions.signing.statement import content_sha256, key_id_of, statement_of
from sessions.store.chain import GENESIS, event_hash
from sessions.store.records import pack_records
from sessions.store.rows import Block, WireBlock, hash_of_block, hash_of_wire, records_of, tape_of
from sessions.store.tape import pack_tape
from tests.sessions.tampering.record import BLOCKS, KEY, SESSION, STRANGE_KEY, TAPES, Record
from tests.sessions.tampering.rows import Act, StoreCase, changed

_NOWHERE = "^head .* is nowhere"


def cut_cases(record: Record) -> Iterator[StoreCase]:
    """The end cut off, and everything that repeats it put right."""
    for number in range(1, record.events):

        def cut(connection: sqlite3.Connection, number: int = number) -> None:
            connection.execute("DELETE FROM events WHERE number > ?", (number,))
            if number < record.events - 2:
                connection.execute("DELETE FROM closures")

        yield StoreCase(f"events cut after {number}", cut, _NOWHERE, "heads")
    for table, key, size, what in (("blocks", "block", BLOCKS, "trace"), ("wires", "wire", TAPES, "tape")):
        for number in range(size):

            def cut_blocks(connection: sqlite3.Connection, number: int = number, table: str = table, key: str = key) -> None:
                connection.execute(f"DELETE FROM {table} WHERE {key} > ?", (number,))

            yield StoreCase(f"{table} cut after {number}", cut_blocks, f"^the signature in event .* BROKEN: the {what}")
            yield StoreCase(f"{table} cut after {number}, unsigned", _all(_unsign, cut_blocks), _NOWHERE, "heads")


def edit_cases(record: Record) -> Iterator[StoreCase]:
    """Each event's time moved, and the chain after it recomputed."""
    first_signature = record.events - 1
    for number in range(1, record.events + 1):

        def edit(connection: sqlite3.Connection, number: int = number) -> None:
            connection.execute("UPDATE events SET mono_ns = mono_ns + 1 WHERE number = ?", (number,))

        if number < first_signature:
            broken = f"^the signature in event {first_signature} is BROKEN"
            yield StoreCase(f"event {number} edited, chained anew", _all(edit, rechain), broken)
            yield StoreCase(f"event {number} edited, chained anew, unsigned", _all(edit, _unsign, rechain), _NOWHERE, "heads")
            unknown = f"^the signature in event {first_signature} is UNKNOWN KEY"
            yield StoreCase(f"event {number} edited, signed by another", _all(edit, resign), unknown, "key")
            yield StoreCase(f"event {number} edited, signed by another, head", _all(edit, resign), _NOWHERE, "heads")
        else:
            expect = f"^the signature in event {record.events} is BROKEN" if number < record.events else _NOWHERE
            yield StoreCase(f"signature {number} edited, chained anew", _all(edit, rechain), expect, "heads")


def block_cases() -> Iterator[StoreCase]:
    """Samples and tape changed, packed and chained anew."""
    for number in range(1, BLOCKS + 1):
        act = _all(_edit_block(number), rechain_blocks)
        yield StoreCase(f"block {number} edited, chained anew", act, "^the signature in event .* BROKEN: the trace")
        yield StoreCase(f"block {number} edited, chained anew, unsigned", _all(act, _unsign), _NOWHERE, "heads")
    for number in range(1, TAPES + 1):
        act = _all(_edit_tape(number), rechain_wires)
        yield StoreCase(f"tape {number} edited, chained anew", act, "^the signature in event .* BROKEN: the tape")
        yield StoreCase(f"tape {number} edited, chained anew, unsigned", _all(act, _unsign), _NOWHERE, "heads")


def signature_cases(record: Record) -> Iterator[StoreCase]:
    """Signatures removed, moved, replaced, and every field of them changed; the chain always made to hold."""
    first, second = record.events - 1, record.events
    for number in (first, second):
        for field in Signed.model_fields:
            if field == "kind":
                continue

            def edit(connection: sqlite3.Connection, number: int = number, field: str = field) -> None:
                body = _body(connection, number)
                _put_body(connection, number, {**body, field: changed(body[field])})

            expect = f"^the signature in event {number} is BROKEN"
            if field in ("meaning", "content_sha256", "events_head", "trace_head", "wires_head", "key_id"):
                expect = f"^event {number}: |^the signature in event {number} is BROKEN"
            yield StoreCase(f"signature {number}: {field}", _all(edit, rechain), expect)

    def move(connection: sqlite3.Connection) -> None:
        one, other = _body(connection, first), _body(connection, second)
        _put_body(connection, first, other)
        _put_body(connection, second, one)

    def remove(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM events WHERE number = ?", (first,))
        connection.execute("UPDATE events SET number = number - 1 WHERE number > ?", (first,))

    def double(connection: sqlite3.Connection) -> None:
        _put_body(connection, second, _body(connection, first))

    def from_another(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE events SET stream = 'S-other'")
        rechain(connection, "S-other")
        resign(connection, "S-other")
        bodies = [_body(connection, number) for number in (first, second)]
        connection.execute("UPDATE events SET stream = ?", (SESSION,))
        for number, body in zip((first, second), bodies, strict=True):
            _put_body(connection, number, body)
        rechain(connection)

    def other_key(connection: sqlite3.Connection) -> None:
        body = _body(connection, first)
        public = base64.b64encode(STRANGE_KEY.public).decode()
        _put_body(connection, first, {**body, "public_key": public, "key_id": key_id_of(STRANGE_KEY.public)})

    broken = f"^the signature in event {first} is BROKEN"
    for number in (first, second):
        for column, value in (("actor", "op-7"), ("utc", "2026-11-22T00:00:00.000000Z")):

            def say_other(connection: sqlite3.Connection, number: int = number, column: str = column, value: str = value) -> None:
                connection.execute(f"UPDATE events SET {column} = ? WHERE number = ?", (value, number))

            expect = f"^the signature in event {number} is BROKEN: its event names another"
            yield StoreCase(f"signature {number}: another {column}", _all(say_other, rechain), expect)

    def pretend(connection: sqlite3.Connection) -> None:
        resign(connection, claimed=KEY.key_id)

    yield StoreCase("signed with another key that is called the station's", pretend, f"{broken}: its key id", "key")
    yield StoreCase("signatures swapped", _all(move, rechain), broken)
    yield StoreCase("first signature removed", _all(remove, rechain), broken)
    yield StoreCase("first signature again in place of the second", _all(double, rechain), f"event {second} is BROKEN")
    yield StoreCase("signatures of another session", from_another, broken)
    yield StoreCase("another key named, not signed with it", _all(other_key, rechain), broken)
    yield StoreCase("all signed with another key", resign, f"^the signature in event {first} is UNKNOWN KEY", "key")
    yield StoreCase("all signatures removed", _unsign, _NOWHERE, "heads")


def rechain(connection: sqlite3.Connection, stream: str = SESSION) -> None:
    """Hash every event of `stream` anew."""
    head = GENESIS
    for event in _events(connection, stream):
        told = event_hash(head, event)
        connection.execute("UPDATE events SET prev_hash = ?, hash = ? WHERE number = ?", (head, told, event.number))
        head = told


def resign(connection: sqlite3.Connection, stream: str = SESSION, key: StationKey = STRANGE_KEY, claimed: str = "") -> None:
    """Chain everything anew, and sign it anew with another key."""
    rechain(connection, stream)
    for event in _events(connection, stream):
        if event.kind != "signed":
            continue
        (head,) = connection.execute("SELECT hash FROM events WHERE number = ?", (event.number - 1,)).fetchone()
        body = {**event.body, "events_head": head, "key_id": claimed or key.key_id}
        body["public_key"] = base64.b64encode(key.public).decode()
        content = content_sha256(stream, body["covers"], head, body["trace_head"], body["wires_head"])
        body["content_sha256"] = content
        statement = statement_of(stream, Signed.model_validate(body))
        _put_body(connection, event.number, {**body, "signature": base64.b64encode(key.sign(statement)).decode()})
        rechain(connection, stream)


def rechain_blocks(connection: sqlite3.Connection) -> None:
    """Hash every block of trace anew."""
    _rechain_blocks(connection, "blocks", "block", _hash_block)


def rechain_wires(connection: sqlite3.Connection) -> None:
    """Hash every block of tape anew."""
    _rechain_blocks(connection, "wires", "wire", _hash_wire)


def _rechain_blocks(connection: sqlite3.Connection, table: str, key: str, hash_of: Callable[[Any, str], str]) -> None:
    head = GENESIS
    for row in _named(connection, f"SELECT * FROM {table} ORDER BY {key}"):
        told = hash_of(row, head)
        number = getattr(row, key)
        connection.execute(f"UPDATE {table} SET prev_hash = ?, hash = ? WHERE {key} = ?", (head, told, number))
        head = told


def _hash_block(row: Any, head: str) -> str:
    return hash_of_block(Block(SESSION, row.block, row.first_index, row.lost, row.layout, records_of(row)), head)


def _hash_wire(row: Any, head: str) -> str:
    return hash_of_wire(WireBlock(SESSION, row.wire, row.layout, tape_of(row)), head)


def _edit_block(number: int) -> Act:
    def act(connection: sqlite3.Connection) -> None:
        (row,) = _named(connection, f"SELECT * FROM blocks WHERE block = {number}")
        records = bytearray(records_of(row))
        records[28] ^= 1  # the first sample's depth
        codec, data = pack_records(bytes(records))
        connection.execute("UPDATE blocks SET codec = ?, data = ? WHERE block = ?", (codec, data, number))

    return act


def _edit_tape(number: int) -> Act:
    def act(connection: sqlite3.Connection) -> None:
        (row,) = _named(connection, f"SELECT * FROM wires WHERE wire = {number}")
        data = tape_of(row)
        codec, packed = pack_tape(data[:-1] + bytes([data[-1] ^ 1]))
        connection.execute("UPDATE wires SET codec = ?, data = ? WHERE wire = ?", (codec, packed, number))

    return act


def _unsign(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM events WHERE kind = 'signed'")


def _all(*acts: Callable[[sqlite3.Connection], object]) -> Act:
    def act(connection: sqlite3.Connection) -> None:
        for each in acts:
            each(connection)

    return act


def _events(connection: sqlite3.Connection, stream: str) -> list[Event]:
    rows = connection.execute("SELECT number, kind, utc, mono_ns, actor, body FROM events ORDER BY number").fetchall()
    names = ("number", "kind", "utc", "mono_ns", "actor")
    return [Event(stream=stream, **dict(zip(names, row, strict=False)), body=json.loads(row[5])) for row in rows]


def _body(connection: sqlite3.Connection, number: int) -> dict[str, Any]:
    (text,) = connection.execute("SELECT body FROM events WHERE number = ?", (number,)).fetchone()
    body: dict[str, Any] = json.loads(text)
    return body


def _put_body(connection: sqlite3.Connection, number: int, body: dict[str, Any]) -> None:
    connection.execute("UPDATE events SET body = ? WHERE number = ?", (canonical(body).decode(), number))


def _named(connection: sqlite3.Connection, query: str) -> list[Any]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
