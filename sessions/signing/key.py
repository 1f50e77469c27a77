"""The station's key: 32 secret bytes in `station.key`, its public half beside it in `station.pub` for whoever checks. I/O."""

import base64
import contextlib
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sessions.keyfile import KeyFileError, load_or_make_secret, load_secret
from sessions.signing.statement import PUBLIC_BYTES, key_id_of

SECRET_NAME = "station.key"
PUBLIC_NAME = "station.pub"
_SECRET_BYTES = 32
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_MAX_FILE_BYTES = 4096


class StationKey:
    """Signs for a station. Neither its text nor an error shows the secret."""

    def __init__(self, secret: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._private.public_key().public_bytes_raw()
        self.key_id = key_id_of(self.public)

    def sign(self, statement: bytes) -> bytes:
        """64 bytes; the same for the same statement."""
        return self._private.sign(statement)

    def __repr__(self) -> str:
        return f"StationKey({self.key_id})"


def station_key(home: Path) -> StationKey:
    """The key of the station whose home this is, made on first use. Raises KeyFileError."""
    key = StationKey(load_or_make_secret(home / SECRET_NAME, _SECRET_BYTES))
    with contextlib.suppress(OSError):  # a convenience for whoever checks; every signature carries it too
        if not (home / PUBLIC_NAME).exists():
            (home / PUBLIC_NAME).write_text(base64.b64encode(key.public).decode() + "\n", encoding="ascii")
    return key


def own_key_id(home: Path) -> str:
    """The fingerprint of this station's key, "" when it never signed. Raises KeyFileError."""
    if not (home / SECRET_NAME).exists():
        return ""
    return StationKey(load_secret(home / SECRET_NAME, _SECRET_BYTES)).key_id


def read_key_id(text: str) -> str:
    """The fingerprint that `text` is, or that the file of that name holds (64 hexadecimal digits, or a public key in base64).

    Raises KeyFileError.
    """
    if _FINGERPRINT.fullmatch(text.strip().lower()):
        return text.strip().lower()
    try:
        with Path(text).open("rb") as file:
            content = file.read(_MAX_FILE_BYTES).decode("ascii").strip()
        if _FINGERPRINT.fullmatch(content.lower()):
            return content.lower()
        public = base64.b64decode(content, validate=True)
        if len(public) != PUBLIC_BYTES:
            raise ValueError
    except OSError as error:
        raise KeyFileError(f"{text}: neither a key's fingerprint (64 hexadecimal digits) nor a file: {error.strerror}") from None
    except ValueError:
        raise KeyFileError(f"{text}: holds neither a fingerprint (64 hexadecimal digits) nor a public key in base64") from None
    return key_id_of(public)
