"""The same record gives the same bytes in every format, wherever and whenever it is exported."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from sessions.store import open_store
from tests.sessions.export_cases import CASES
from tests.sessions.face import SESSION

ROOT = Path(__file__).resolve().parents[2]


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _other_host() -> list[str]:
    """A prefix that really gives a process another host name, where this user may have one; else none."""
    for unshare in (["unshare", "-u"], ["unshare", "-r", "-u"]):
        command = [*unshare, "sh", "-c", 'hostname "$ELSEWHERE" && exec "$@"', "sh"]
        if (
            shutil.which("unshare")
            and not subprocess.run(
                [*command, "true"], env={**os.environ, "ELSEWHERE": "x"}, capture_output=True, check=False
            ).returncode
        ):
            return command
    return []


def _export(place: Path, home: Path, prefix: list[str], **env: str) -> dict[str, bytes]:
    command = [*prefix, sys.executable, "-m", "tests.sessions.export_once", str(home), SESSION, str(place / "out")]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT), **env}, cwd=ROOT, check=True)
    return _files(place)


def test_two_places_that_differ_in_all_that_must_not_matter(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        CASES["people"](store)
    shutil.copytree(tmp_path / "home", tmp_path / "copied")
    one = _export(tmp_path / "one", tmp_path / "home", [], TZ="Pacific/Kiritimati", LANG="de_DE.UTF-8", LC_ALL="de_DE.UTF-8",
                  PYTHONHASHSEED="1", SOURCE_DATE_EPOCH="1")  # fmt: skip
    other = _export(tmp_path / "other", tmp_path / "copied", _other_host(), TZ="America/St_Johns", LANG="C", LC_ALL="C",
                    PYTHONHASHSEED="77", USER="nobody", LOGNAME="nobody", HOME=str(tmp_path), ELSEWHERE="chair-9.example",
                    OFFSET_S=str(11 * 365 * 86_400 + 12_345))  # fmt: skip
    files = ("events.csv", "manifest.json", "session.fhir.json", "session.json", "session.pdf", "trace.csv", "trace.parquet")
    names = {f"{folder}/{SESSION}/{name}" for folder in ("out", "out-pseudonymous") for name in files}
    assert one.keys() == other.keys() >= names
    assert [name for name in one if one[name] != other[name]] == []
    for name, data in other.items():
        assert b"chair-9" not in data, name
        assert str(tmp_path).encode() not in data, name
