"""A PostgreSQL of its own for tests: a temporary cluster on a Unix socket, which may be killed and started again.

Where the server is not installed, the tests that need it are skipped, and say which package they want.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

_BINARIES = Path("/usr/lib/postgresql")
_OWNER = "clinic"
_STARTING_S = 60.0
# Everyone may come in, except a user called locked: that one needs a password.
_HBA = "local all locked scram-sha-256\nlocal all all trust\n"


def binaries() -> Path | None:
    """The newest installed server's folder of programs."""
    named = shutil.which("postgres")
    found = sorted(_BINARIES.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3].split(".")[0]))
    return found[-1].parent if found else Path(named).parent if named else None


class Server:
    """One cluster; databases are made in it as tests ask."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # Not pytest's own folder: the server runs as another user when the tests run as root, and socket names are short.
        self._folder = Path(tempfile.mkdtemp(prefix="pencontrol-pg-"))
        self._become: list[str] = []
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._schemas: set[str] = set()
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", _OWNER, "-E", "UTF8", "--locale=C", "--no-sync")
        (self._data / "pg_hba.conf").write_text(_HBA)

    @property
    def group(self) -> int:
        """The process group of the server and all its parts, for whoever kills it."""
        assert self._process is not None
        return self._process.pid

    def start(self, fsync: bool = False) -> None:
        """Start, and wait until it answers; after a kill it first recovers."""
        flag = "on" if fsync else "off"
        settings = ["listen_addresses=", f"fsync={flag}", "recovery_init_sync_method=syncfs", "max_wal_size=128MB"]
        arguments = ["-D", str(self._data), "-k", str(self._folder)]
        for setting in settings:
            arguments += ["-c", setting]
        log = self._folder / "log"
        end_s = time.monotonic() + _STARTING_S
        while time.monotonic() < end_s:
            if self._process is None or self._process.poll() is not None:  # parts of a killed one may still be ending
                with log.open("ab") as out:
                    command = [*self._become, str(self._programs / "postgres"), *arguments]
                    self._process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, cwd="/")
            with contextlib.suppress(psycopg.OperationalError), self.connect("postgres"):
                return
            time.sleep(0.02)
        raise AssertionError(log.read_text(errors="replace")[-2000:])

    def kill(self) -> None:
        """SIGKILL for the server and all its parts."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """End it and leave nothing."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)  # at once; its children follow
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def connect(self, database: str, user: str = _OWNER) -> psycopg.Connection:
        """A driver's connection of its own, each statement by itself."""
        name, options = self._place(database)
        return psycopg.connect(host=str(self._folder), dbname=name, options=options, user=user, autocommit=True)

    def new_database(self, encoding: str = "") -> str:
        """The name of a fresh one: a schema, which is as good and a hundred times lighter, unless the encoding matters."""
        self._databases += 1
        name = f"records{self._databases}"
        if encoding:
            with self.connect("postgres") as connection:
                connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0".encode())
            return name
        self._schemas.add(name)
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return name

    def url(self, database: str, user: str = _OWNER, password: str = "") -> str:
        """For `--to`."""
        secret = f":{password}" if password else ""
        name, options = self._place(database)
        more = f"&options={quote(options)}" if options else ""
        return f"postgresql+psycopg://{user}{secret}@/{name}?host={self._folder}{more}"

    @property
    def socket(self) -> str:
        """Where it listens."""
        return str(self._folder / ".s.PGSQL.5432")

    def url_by(self, port: int, database: str) -> str:
        """For `--to`, through a cable that begins at `port` of this machine."""
        name, options = self._place(database)
        return f"postgresql+psycopg://{_OWNER}@127.0.0.1:{port}/{name}?options={quote(options)}"

    def _place(self, database: str) -> tuple[str, str]:
        """The database as the server knows it, and the options that lead to the schema in it."""
        return ("postgres", f"-csearch_path={database}") if database in self._schemas else (database, "")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._become, str(self._programs / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr


def running_server() -> Iterator[Server]:
    """One server, ended afterwards; skips when there is none to run."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed, so the archive is NOT TESTED: apt-get install postgresql")
    server = Server(programs)
    try:
        server.start()
        yield server
    finally:
        server.close()
