"""The hash chains over events, over trace blocks and over blocks of tape, one of each per stream. Pure.

Each hash covers the row and the hash before it, so that a changed, missing, added or moved row breaks every later hash.
A tail cut off at the end leaves a shorter chain that still holds: only a head noted elsewhere (on a printed PDF) shows that.
"""

import hashlib

from sessions.events import Event, canonical

GENESIS = "0" * 64


def event_hash(prev_hash: str, event: Event) -> str:
    """SHA-256 (hexadecimal) of the canonical event with `prev` added; `prev_hash` is GENESIS for number 1."""
    return hashlib.sha256(canonical({**event.model_dump(mode="json"), "prev": prev_hash})).hexdigest()


def block_hash(prev_hash: str, stream: str, block: int, first_index: int, lost: int, layout: str, records: bytes) -> str:
    """SHA-256 (hexadecimal) of the canonical header with `prev`, a line feed, and the uncompressed trace records."""
    header = {"stream": stream, "block": block, "first_index": first_index, "lost": lost, "layout": layout, "prev": prev_hash}
    digest = hashlib.sha256(canonical(header) + b"\n")
    digest.update(records)
    return digest.hexdigest()


def wire_hash(prev_hash: str, stream: str, wire: int, layout: str, data: bytes) -> str:
    """SHA-256 (hexadecimal) of the canonical header with `prev`, a line feed, and the uncompressed block of tape."""
    digest = hashlib.sha256(canonical({"stream": stream, "wire": wire, "layout": layout, "prev": prev_hash}) + b"\n")
    digest.update(data)
    return digest.hexdigest()
