"""What can go wrong between a station and the clinic's database, in words that never hold a password. Pure.

The driver's own words are not passed on where a connection is made: they may repeat parts of a mistyped address.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError


class ArchiveError(Exception):
    """One plain sentence. The run cannot go on; what has arrived stays, and the next run continues from there."""


class StreamError(ArchiveError):
    """One stream cannot be archived; the others can."""


_UNREACHED = (
    ("password authentication failed", "user or password is wrong"),
    ("no password supplied", "it asks for a password; PGPASSWORD or ~/.pgpass may hold it"),
    ("no pg_hba.conf entry", "its pg_hba.conf does not let this user in from here"),
    ("database", "there is no database of that name", "does not exist"),
    ("role", "there is no user of that name", "does not exist"),
    ("could not translate host name", "no host of that name is known"),
    ("failed to resolve host", "no host of that name is known"),
    ("name or service not known", "no host of that name is known"),
    ("connection refused", "nothing answers at that address; does the server run?"),
    ("no such file", "nothing answers at that address; does the server run?"),
    ("timeout", "no answer in time"),
    ("starting up", "the server is starting up; try again in a moment"),
    ("shutting down", "the server is shutting down"),
    ("recovery mode", "the server is recovering; try again in a moment"),
    ("too many clients", "the server has no connection left"),
    ("ssl", "no secure connection could be agreed on"),
)

# By the first two characters of the server's five (its appendix "Error Codes").
_LOST = ("08", "57")
_FULL = "53"
_BY_CODE = {
    "42501": "this user may not do that there; docs/archive.md names the rights it needs",
    "55P03": "another archiver has held the same place for a minute; try again later",
    "57014": "the server took longer than 75 s over one statement, which was given up",
    "25P03": "the connection was silent for too long inside a transaction",
    "25006": "that server is read-only, a standby perhaps; name the primary",
}


def unreached(place: str, error: BaseException) -> ArchiveError:
    """Why no connection to `place` came about."""
    found = str(error).lower()
    for part, words, *others in _UNREACHED:
        if part in found and all(other in found for other in others):
            return ArchiveError(f"{place}: the clinic's database cannot be reached: {words}")
    return ArchiveError(f"{place}: the clinic's database cannot be reached ({type(error).__name__})")


@contextmanager
def plain_errors(place: str, stream: str = "") -> Iterator[None]:
    """Raise an ArchiveError in place of a driver's error; StreamError where only `stream` is concerned."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(place, stream, error) from None


def _translate(place: str, stream: str, error: DBAPIError) -> ArchiveError:
    about = f" while {stream} was on its way" if stream else ""
    code = getattr(error.orig, "sqlstate", None) or ""
    if type(error.orig).__name__ == "Silent":
        given_up = f"{place}: {error.orig}{about}, so the connection was given up"
        return ArchiveError(f"{given_up}; what had arrived stays there, and the next run goes on from it")
    if code in _BY_CODE:
        return ArchiveError(f"{place}: {_BY_CODE[code]}")
    if error.connection_invalidated or code[:2] in _LOST or (not code and _is_operational(error)):
        return ArchiveError(
            f"{place}: the connection was lost{about}; what had arrived stays there, and the next run goes on from it"
        )
    if code[:2] == _FULL:
        return ArchiveError(f"{place}: the server has no room left{about}; nothing half-done was kept")
    said = _first_line(error)
    if stream:
        return StreamError(f"{stream}: the clinic's database refused it: {said}")
    return ArchiveError(f"{place}: the clinic's database refused: {said}")


def _is_operational(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "InterfaceError")


def _first_line(error: DBAPIError) -> str:
    """The server's primary message: its detail would repeat the row."""
    primary = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    return str(primary or str(error.orig).splitlines()[0])
