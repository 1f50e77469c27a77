"""A secret kept in a file of its own in the station's home, for its user alone. I/O.

A keyring would be the other place, but it opens with a person's desktop password, and a kiosk starts without one. So the
file's mode is the protection: whoever can read it as this user, or as root, has the secret. It is never logged, and no error
shows any of it.
"""

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

_MODE = 0o600
_NO_SURPRISES = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class KeyFileError(Exception):
    """The secret cannot be had: one plain sentence that names the file."""


def load_secret(path: Path, size: int) -> bytes:
    """The `size` bytes of `path`. Raises KeyFileError: missing, of another size, open to others, not a plain file."""
    try:
        # No link is followed: it could lead to a file that somebody else may write.
        handle = os.open(path, os.O_RDONLY | _NO_SURPRISES)
    except FileNotFoundError:
        raise KeyFileError(f"{path}: there is no such key file") from None
    except OSError as error:
        raise KeyFileError(f"{path}: the key file cannot be read: {error.strerror}") from None
    try:
        _require_private(path, os.fstat(handle))
        found = os.read(handle, size + 1)
    finally:
        os.close(handle)
    if len(found) != size:
        raise KeyFileError(f"{path}: the key file has {_length(len(found), size)}, it must have {size}")
    return found


def load_or_make_secret(path: Path, size: int, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """The secret of `path`, made on first use: whole or not at all, also when two processes do it at once.

    `random(size)` gives the bytes. Raises KeyFileError.
    """
    if not os.path.lexists(path):
        make_secret(path, random(size))
    return load_secret(path, size)


def make_secret(path: Path, secret: bytes) -> bool:
    """Put `secret` into a new file `path` of mode 0600; False when there is one already, which stays. Raises KeyFileError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)  # left by a process of our number that was killed here
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)  # unlike a rename, never replaces what is there
            except FileExistsError:
                return False
        finally:
            draft.unlink(missing_ok=True)
        _flush_folder(path.parent)
    except OSError as error:
        raise KeyFileError(f"{path}: the key file cannot be made: {error.strerror}") from None
    return True


def _require_private(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyFileError(f"{path}: the key file is no plain file")
    if os.name != "posix":
        return  # elsewhere the mode says nothing: the folder of the user's data is the protection
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise KeyFileError(f"{path}: the key file has mode {mode:04o}, others may use it; allowed is 0600 (chmod 600)")
    if found.st_uid != os.geteuid():
        raise KeyFileError(f"{path}: the key file belongs to user {found.st_uid}; it must belong to user {os.geteuid()}")


def _length(found: int, wanted: int) -> str:
    return f"more than {wanted} bytes" if found > wanted else f"{found} bytes"


def _flush_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every system lets a folder be flushed
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
