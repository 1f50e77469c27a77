"""The clinic's database: its address, checked, and an engine for it. Nothing here connects."""

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from sessions.archive.errors import ArchiveError

_ALLOWED = "allowed: postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE"
_DRIVER = "postgresql+psycopg"
_CONNECT = {
    "connect_timeout": 10,
    # A cable pulled out is noticed in half a minute, not in two hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,  # milliseconds
    "client_encoding": "utf8",
    "application_name": "pencontrol archive",
}
_SETTINGS = {
    # What is told as archived must survive a power cut there, whatever that server's default.
    "synchronous_commit": "on",
    "lock_timeout": "60s",
    # A chair that falls silent in mid-copy does not keep the others waiting.
    "idle_in_transaction_session_timeout": "60s",
    # No statement here takes longer than a chunk of 4 MB needs, and waiting for a lock has its own end before that.
    "statement_timeout": "75s",
    # And the server notices a chair that has vanished in mid-sentence, when no timeout of its own runs.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
# By then the server has given up by its own settings, and holds no lock any more that the next run would meet.
SILENCE_S = 90.0


def clinic_url(told: str) -> URL:
    """The address as told on the command line. Raises ArchiveError, which repeats nothing of it: it may hold a password."""
    try:
        url = make_url(told)
    except (ArgumentError, ValueError):
        raise ArchiveError(f"--to is no database URL; {_ALLOWED}") from None
    if url.drivername not in (_DRIVER, "postgresql"):
        raise ArchiveError(f"--to names {url.drivername!r}; {_ALLOWED}")
    if told.partition("?")[0].count("@") > 1 or "@" in (url.host or ""):
        raise ArchiveError("--to has more than one @; inside a user or password it is written %40")
    if not url.database:
        raise ArchiveError(f"--to names no database; {_ALLOWED}")
    return url.set(drivername=_DRIVER)


def shown(url: URL) -> str:
    """For error texts and reports: user, host, port and database, and nothing else."""
    host = url.host or str(url.query.get("host", "")) or "local socket"
    port = f":{url.port}" if url.port else ""
    user = f"{url.username}@" if url.username else ""
    return f"{user}{host}{port}/{url.database}"


def clinic_engine(url: URL, silence_s: float = SILENCE_S) -> Engine:
    """An engine that has not connected yet, and then waits `silence_s` for an answer.

    Raises ArchiveError when psycopg is not installed.
    """
    connect = {name: value for name, value in _CONNECT.items() if name not in url.query}
    settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    connect["options"] = f"{settings} {url.query.get('options', '')}".strip()
    try:
        from sessions.archive.patience import patient

        engine = create_engine(url, connect_args=connect)
        connection = patient(silence_s)
        event.listen(engine, "do_connect", lambda _dialect, _record, told, named: connection.connect(*told, **named))
        return engine
    except (ImportError, NoSuchModuleError):
        raise ArchiveError("the archive needs psycopg; install it with: pip install 'pencontrol[archive]'") from None
