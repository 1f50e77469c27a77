"""Tamperings with single rows of the database: each column, each field of a body, rows gone, new, swapped; packed bytes."""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sessions.events import canonical
from sessions.store.rows import Malformed, records_of, tape_of
from tests.sessions.tampering.record import BLOCKS, SESSION, TAPES, Record

Act = Callable[[sqlite3.Connection], object]


@dataclass(frozen=True)
class StoreCase:
    """One tampering. `expect` must match the first problem; `known`: what the verifier has: heads, key, both or nothing."""

    name: str
    act: Act
    expect: str
    known: str = ""


_TABLES = (("events", "number", "event {}"), ("blocks", "block", "block {}"), ("wires", "wire", "block {} of tape"))
_LISTS = (("sessions", "id", "the list of sessions"), ("closures", "session", "the list of session ends"))


def changed(value: object) -> object:
    """Another value of the same sort."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return ("x" if value[:1] != "x" else "y") + value[1:]
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 1])
        case list():
            return value[:-1] if value else ["x"]
        case dict():
            return {**value, "zz": 1}
        case _:
            return "x"


def column_cases(connection: sqlite3.Connection) -> Iterator[StoreCase]:
    """Every column of every row."""
    for table, key, words in _TABLES:
        for row, names in _rows(connection, table):
            number = row[key]
            last = number == connection.execute(f"SELECT max({key}) FROM {table}").fetchone()[0]
            for name in names:
                expect = f"^{words.format(number)} "
                known = ""
                value = changed(row[name])
                if name == key:
                    value = row[name] + 1000
                if name in ("stream", key) and last and name == "stream":
                    expect, known = "^head .* is nowhere|^the signature|^the trace|^the list", "heads"
                yield StoreCase(f"{table} {number}: {name}", _set(table, key, number, name, value), expect, known)
    for table, key, words in _LISTS:
        for row, names in _rows(connection, table):
            for name in names:
                value = not row[name] if name == "simulated" else changed(row[name])
                yield StoreCase(f"{table}: {name}", _set(table, key, row[key], name, value), f"^{words} ")


def body_cases(connection: sqlite3.Connection) -> Iterator[StoreCase]:
    """Every field of every body, gone too, and bodies that are none."""
    for row, _ in _rows(connection, "events"):
        number, body = row["number"], json.loads(row["body"])
        expect = f"^event {number} was changed"
        for name, value in body.items():
            told = canonical({**body, name: changed(value)}).decode()
            yield StoreCase(f"event {number}: body.{name}", _set("events", "number", number, "body", told), expect)
        gone = canonical(dict(list(body.items())[1:])).decode()
        for words, text in (("a field gone", gone), ("spaces", json.dumps(body)), ("no JSON", "{"), ("no object", "7")):
            yield StoreCase(f"event {number}: body, {words}", _set("events", "number", number, "body", text), expect)


def row_cases(record: Record) -> Iterator[StoreCase]:
    """Rows deleted, inserted and swapped."""
    sizes = {"events": record.events, "blocks": BLOCKS, "wires": TAPES}
    for table, key, words in _TABLES:
        for number in range(1, sizes[table] + 1):
            last = number == sizes[table]
            name, known = words.format(number), "heads" if last else ""
            expect = "^head .* is nowhere|^the signature" if last else f"^{name} is missing"
            yield StoreCase(f"{name}: deleted", _delete(table, key, number), expect, known)
            yield StoreCase(f"{name}: doubled", _double(table, key, number), f"^{words.format(number + 1)} ")
            if not last:
                yield StoreCase(f"{name}: swapped with the next", _swap(table, key, number), f"^{name} ")
    for table, key, words in _LISTS:
        yield StoreCase(f"{table}: deleted", _delete(table, key, SESSION), f"^{words} has no row")


def packed_cases(connection: sqlite3.Connection, times: int) -> Iterator[StoreCase]:
    """Bytes of packed blocks: flipped, cut, extended, taken from another block."""
    dice = random.Random(11)
    for table, key, words in _TABLES[1:]:
        for row, _ in _rows(connection, table):
            number, data = row[key], row["data"]
            expect = f"^{words.format(number)} "
            for _ in range(times):
                at, bit = dice.randrange(len(data)), 1 << dice.randrange(8)
                told = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
                if _unpacked(table, row, told) == _unpacked(table, row, data):
                    continue  # a bit that zstandard does not use: the record says the same
                yield StoreCase(f"{table} {number}: byte {at} ^ {bit}", _set(table, key, number, "data", told), expect)
            for words_, told in (("cut", data[:-3]), ("extended", data + b"\0"), ("empty", b""), ("text", "x")):
                yield StoreCase(f"{table} {number}: data {words_}", _set(table, key, number, "data", told), expect)


def _unpacked(table: str, row: dict[str, Any], data: bytes) -> bytes | None:
    told = SimpleNamespace(**{**row, "data": data})
    try:
        return records_of(told) if table == "blocks" else tape_of(told)
    except Malformed:
        return None


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[dict[str, Any], list[str]]]:
    cursor = connection.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    return [(dict(zip(names, row, strict=True)), names) for row in cursor.fetchall()]


def _set(table: str, key: str, number: object, column: str, value: object) -> Act:
    return lambda connection: connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, number))


def _delete(table: str, key: str, number: object) -> Act:
    return lambda connection: connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (number,))


def _double(table: str, key: str, number: int) -> Act:
    """The row again as the next one, all after it moved up."""

    def act(connection: sqlite3.Connection) -> None:
        _move(connection, table, key, number, 1)
        connection.execute(f"CREATE TEMP TABLE one AS SELECT * FROM {table} WHERE {key} = ?", (number,))
        connection.execute(f"UPDATE one SET {key} = {key} + 1")
        connection.execute(f"INSERT INTO {table} SELECT * FROM one")
        connection.execute("DROP TABLE one")

    return act


def _move(connection: sqlite3.Connection, table: str, key: str, after: int, by: int) -> None:
    connection.execute(f"UPDATE {table} SET {key} = -{key} WHERE {key} > ?", (after,))
    connection.execute(f"UPDATE {table} SET {key} = {by} - {key} WHERE {key} < 0")


def _swap(table: str, key: str, number: int) -> Act:
    def act(connection: sqlite3.Connection) -> None:
        connection.execute(f"UPDATE {table} SET {key} = -{key} WHERE {key} IN (?, ?)", (number, number + 1))
        connection.execute(f"UPDATE {table} SET {key} = {2 * number + 1} + {key} WHERE {key} < 0")

    return act
