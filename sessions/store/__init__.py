"""The store: SQLAlchemy models, engine, hash chain, append-only writing.

Rows are only ever added. What reads for people lives in `sessions.reading`; nothing here knows the pen or the screen.
"""

from sessions.store.errors import (
    CannotOpen,
    Damaged,
    DiskFull,
    NewerSchema,
    NoSuchSession,
    NotADatabase,
    StoreBusy,
    StoreError,
    WriteRefused,
)
from sessions.store.store import FILE_NAME, Store, open_store

__all__ = [
    "FILE_NAME",
    "CannotOpen",
    "Damaged",
    "DiskFull",
    "NewerSchema",
    "NoSuchSession",
    "NotADatabase",
    "Store",
    "StoreBusy",
    "StoreError",
    "WriteRefused",
    "open_store",
]
