"""Runs tamperings and says which were not found, or not rightly named."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sessions.audit import verify
from sessions.export.verify import verify_folder
from tests.sessions.drawing import DRAWING
from tests.sessions.tampering import chains, folder, rows
from tests.sessions.tampering.folder import Files, FolderCase
from tests.sessions.tampering.record import KEY, SESSION, Record, as_store, in_memory
from tests.sessions.tampering.rows import StoreCase


def store_cases(record: Record, flips: int) -> list[StoreCase]:
    """All tamperings with the database; `flips` of bytes for each packed block."""
    connection = in_memory(record)
    cases = [
        *rows.column_cases(connection),
        *rows.body_cases(connection),
        *rows.row_cases(record),
        *rows.packed_cases(connection, flips),
        *chains.cut_cases(record),
        *chains.edit_cases(record),
        *chains.block_cases(),
        *chains.signature_cases(record),
    ]
    connection.close()
    return cases


def run_store_cases(record: Record, cases: list[StoreCase]) -> Iterator[str]:
    """One line for each tampering that was not found and rightly named."""
    untouched, connection = in_memory(record), in_memory(record)
    for case in cases:
        untouched.backup(connection)
        before = connection.total_changes
        case.act(connection)
        assert connection.total_changes > before, f"{case.name} changes nothing"
        problems = _problems(connection, record, case.known)
        if not problems or not re.search(case.expect, problems[0]):
            yield f"{case.name}: expected {case.expect!r}, found {problems[:2]}"
    assert not _problems(untouched, record, "heads and key"), "the untouched record does not hold"
    untouched.close()
    connection.close()


def _problems(connection: sqlite3.Connection, record: Record, known: str) -> list[str]:
    heads = record.heads if "heads" in known else ()
    return verify(as_store(connection), SESSION, {KEY.key_id} if "key" in known else None, heads).problems


def folder_cases(files: Files, flips: int, trace_lines: int) -> list[FolderCase]:
    """All tamperings with the exported folder."""
    return [
        *folder.byte_cases(files, flips),
        *folder.manifest_cases(files),
        *folder.document_cases(files),
        *folder.table_cases(files, trace_lines),
        *folder.rendered_cases(files, flips),
    ]


def run_folder_cases(record: Record, files: Files, cases: list[FolderCase], place: Path) -> Iterator[str]:
    """As `run_store_cases`; `place` is an empty folder."""
    for case in cases:
        told = case.act(files)
        assert told != files, f"{case.name} changes nothing"
        problems = _folder_problems(place, told, record, case.known)
        if not problems or not re.search(case.expect, problems[0]):
            yield f"{case.name}: expected {case.expect!r}, found {problems[:2]}"
    assert not _folder_problems(place, files, record, "heads and key"), "the untouched folder does not hold"


def _folder_problems(place: Path, files: Files, record: Record, known: str) -> list[str]:
    for path in place.iterdir():
        if path.name not in files:
            path.unlink()
    for name, data in files.items():
        path = place / name
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
    heads = record.heads if "heads" in known else ()
    return verify_folder(place, {KEY.key_id} if "key" in known else None, heads, DRAWING).problems
