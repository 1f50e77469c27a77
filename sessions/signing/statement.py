"""What a signature is made over, byte by byte, and whether it fits. Pure.

The content is named by the three heads, for each of them covers all before it. The statement adds who, as what and when, so
that neither can be changed without the key. Both are canonical JSON; `docs/record.md` says how to check them by hand.
"""

import base64
import binascii
import hashlib
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sessions.afterwards import Signed
from sessions.events import canonical

CONTENT_FORMAT = "pencontrol.content/1"
STATEMENT_FORMAT = "pencontrol.signature/1"
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


def content_sha256(stream: str, covers: int, events_head: str, trace_head: str, wires_head: str) -> str:
    """SHA-256 (hexadecimal) of what is signed: the stream up to event `covers`, its trace and its tape, by their heads."""
    heads = {"events_head": events_head, "trace_head": trace_head, "wires_head": wires_head}
    return hashlib.sha256(canonical({"format": CONTENT_FORMAT, "stream": stream, "covers": covers, **heads})).hexdigest()


def statement_of(stream: str, signed: Signed) -> bytes:
    """The bytes that the key signs: everything the event says but the signature itself, and the stream it stands in."""
    told: dict[str, Any] = signed.model_dump(mode="json", exclude={"kind", "signature"})
    return canonical({"format": STATEMENT_FORMAT, "stream": stream, **told})


def key_id_of(public_key: bytes) -> str:
    """The fingerprint of a public key: SHA-256 (hexadecimal) of its 32 bytes."""
    return hashlib.sha256(public_key).hexdigest()


def signature_holds(stream: str, signed: Signed) -> str:
    """ "" when the signature fits what its event says; else one sentence with what does not."""
    told = content_sha256(stream, signed.covers, signed.events_head, signed.trace_head, signed.wires_head)
    if told != signed.content_sha256:
        return "its SHA-256 of the content is not that of the heads it names"
    public_key, signature = _bytes(signed.public_key, PUBLIC_BYTES), _bytes(signed.signature, SIGNATURE_BYTES)
    if public_key is None or signature is None:
        return "its key or its signature is no base64 of the right length"
    if key_id_of(public_key) != signed.key_id:
        return "its key id is not the fingerprint of its key"
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement_of(stream, signed))
    except (InvalidSignature, ValueError):
        return "the signature does not fit what it says"
    return ""


def _bytes(text: str, size: int) -> bytes | None:
    """The bytes of `text`, written in the one way that base64 writes them; None for anything else."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == size and base64.b64encode(found).decode() == text else None
