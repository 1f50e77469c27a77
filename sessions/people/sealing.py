"""Seals what names a client. Pure but for the cipher; randomness is handed in.

AES-256-GCM (every processor a station has does it in hardware) with a random 96-bit nonce: a client has hundreds of sealed
texts, and the chance that two nonces meet stays under 2^-64 up to 2^16. The associated data is the place a text belongs to
(stream, field and the number of its event), so that no text can be moved to another client, field or time unnoticed.
Texts are filled up to a multiple of 64 bytes: their length tells no name's length.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Random = Callable[[int], bytes]

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = "sealed/1"
_FILL = 64


class SealError(Exception):
    """A sealed text cannot be opened with this key in this place; says where, never what."""


def seal(key: bytes, place: str, plain: bytes, random: Random) -> bytes:
    """Nonce, ciphertext and tag. `place` must be told again to open it."""
    nonce = random(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, f"{_FORMAT}|{place}".encode())


def unseal(key: bytes, place: str, sealed: bytes) -> bytes:
    """What was sealed at `place`. Raises SealError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], f"{_FORMAT}|{place}".encode())
    except (InvalidTag, ValueError):
        raise SealError(f"what is sealed at {place} cannot be opened: another key, another place, or it was changed") from None


def seal_text(key: bytes, place: str, text: str, random: Random) -> str:
    """`text` filled up and sealed, in base64."""
    plain = text.encode() + b"\x80"
    plain += bytes(-len(plain) % _FILL)
    return base64.b64encode(seal(key, place, plain, random)).decode()


def unseal_text(key: bytes, place: str, sealed: str) -> str:
    """What `seal_text` was given. Raises SealError."""
    try:
        data = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise SealError(f"what is sealed at {place} is no base64") from None
    return unseal(key, place, data).rstrip(b"\0")[:-1].decode()


def derive(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose from the station's secret (HKDF with SHA-256, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"pencontrol/{purpose}/1".encode()).derive(secret)


def key_id(key: bytes) -> str:
    """Names a key without telling anything of it: the start of a digest made for that."""
    return hashlib.sha256(b"pencontrol key id/1" + key).hexdigest()[:16]
