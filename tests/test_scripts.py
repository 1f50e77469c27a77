"""The scripts a newcomer meets first: run, test, prove and what they share.

They run here in a copy of the checkout with a stand-in for pip, so that nothing is downloaded.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the scripts are POSIX sh")

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ["run", "test", "prove", "scripts/prepare.sh", "scripts/lock.sh"]

# Makes a venv with the stand-in pip below and otherwise behaves like the Python that runs these tests.
PYTHON = """#!/bin/sh
[ "$1 $2" = "-m venv" ] || exec {python} "$@"
echo "$3" >>"$CHECKOUT/venvs.log"
{python} -m venv --without-pip "$3" && cp -R "$CHECKOUT/pip" "$3"/lib/python3.*/site-packages/
"""
PIP = """
import os, pathlib, shutil, sys
checkout = pathlib.Path(os.environ["CHECKOUT"])
with (checkout / "pip.log").open("a") as log:
    print(*sys.argv[1:], file=log)
if "-e" in sys.argv:
    shutil.copy(checkout / "pencontrol.sh", pathlib.Path(sys.prefix, "bin/pencontrol"))
sys.exit((checkout / "pip-fails").exists())
"""
PENCONTROL = """#!/bin/sh
echo "$* home=${PENCONTROL_HOME:-}" >>"$CHECKOUT/pencontrol.log"
case $1 in
    rehearse) echo '{"session": "S1"}'; [ ! -e "$CHECKOUT/rehearsal-fails" ] ;;
    export) mkdir -p "$6/$2"; touch "$6/$2/session.pdf" "$6/$2/events.csv" "$6/$2/trace.csv" ;;
esac
"""


class Checkout:
    """A copy of the scripts, with a space in its path because people have them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "scripts").mkdir(parents=True)
        (path / "pip").mkdir()
        for name in [*SCRIPTS, "requirements.lock", "pyproject.toml"]:
            shutil.copy(ROOT / name, path / name)
        (path / "pip/__init__.py").touch()
        (path / "pip/__main__.py").write_text(PIP)
        for name, text in {"python.sh": PYTHON.format(python=sys.executable), "pencontrol.sh": PENCONTROL}.items():
            (path / name).write_text(text)
            (path / name).chmod(0o755)

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a script from somewhere else, with no display unless one is given."""
        inherited = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "PENCONTROL_HOME"}}
        ours = {
            "CHECKOUT": str(self.path),
            "PENCONTROL_PYTHON": str(self.path / "python.sh"),
            "PENCONTROL_SKIP_SYSTEM": "1",
            "PENCONTROL_EXPORTS": str(self.path / "out"),
        }
        return subprocess.Popen(
            [self.path / command[0], *command[1:]],
            cwd="/",
            env=inherited | ours | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, *command: str, code: int = 0, **environment: str) -> tuple[str, str]:
        """Run a script to its end and return what it said on stdout and stderr."""
        with self.start(*command, **environment) as process:
            stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == code, stderr
        return stdout, stderr

    def log(self, name: str) -> list[str]:
        """Return the lines a stand-in has logged so far."""
        path = self.path / f"{name}.log"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a checkout")


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_sound_sh(name: str) -> None:
    subprocess.run(["sh", "-n", ROOT / name], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", "-x", "-P", ROOT, ROOT / name], check=True)


def test_lock_pins_and_hashes_all_that_pyproject_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    wanted += project["project"]["optional-dependencies"]["dev"]
    lock = (ROOT / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9-]+)==\S+ .*\\\n    --hash=sha256:", lock, re.MULTILINE))
    assert {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", name)[0].lower()) for name in wanted} <= pinned  # names as PEP 503


def test_lock_names_no_address() -> None:
    assert not re.search(r"://|^--|^-[a-z]| @ |/(home|opt|root|tmp)/", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def test_without_display_rehearses_exports_and_names_the_files_last(checkout: Checkout) -> None:
    stdout, _ = checkout.call("run", "--home", "/some where")
    out = checkout.path / "out/S1"
    assert stdout.splitlines()[-3:] == [f"PDF  {out}/session.pdf", f"CSV  {out}/events.csv", f"CSV  {out}/trace.csv"]
    assert [line.split()[0] for line in checkout.log("pencontrol")] == ["rehearse", "export"]
    assert all(line.endswith("home=/some where") for line in checkout.log("pencontrol"))


def test_failed_rehearsal_is_exported_and_still_fails(checkout: Checkout) -> None:
    (checkout.path / "rehearsal-fails").touch()
    stdout, _ = checkout.call("run", code=1)
    assert "session.pdf" in stdout


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        (["--kiosk"], "--pen sim --kiosk"),
        (["--pen", "tcp://pen:1", "--kiosk"], "--pen tcp://pen:1 --kiosk"),
        (["sessions", "--home", "/x", "--json"], "sessions --home /x --json"),
    ],
)
def test_arguments_are_passed_on(checkout: Checkout, given: list[str], passed_on: str) -> None:
    checkout.call("run", *given, DISPLAY=":1")
    assert checkout.log("pencontrol") == [f"{passed_on} home="]


def test_second_call_installs_nothing(checkout: Checkout) -> None:
    checkout.call("run", "doctor")
    installs = checkout.log("pip")
    assert [("--require-hashes" in line, "--no-build-isolation" in line) for line in installs] == [(True, False), (False, True)]
    assert checkout.call("run", "doctor") == ("", "")
    assert checkout.log("pip") == installs


def test_changed_lock_is_installed_into_the_same_venv(checkout: Checkout) -> None:
    checkout.call("run", "doctor")
    with (checkout.path / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    checkout.call("run", "doctor")
    assert (len(checkout.log("venvs")), len(checkout.log("pip"))) == (1, 4)


def test_interrupted_install_starts_over(checkout: Checkout) -> None:
    (checkout.path / "pip-fails").touch()
    _, stderr = checkout.call("run", "doctor", code=1)
    assert "the next call starts over" in stderr
    (checkout.path / "pip-fails").unlink()
    checkout.call("run", "doctor")
    assert len(checkout.log("venvs")) == 2


def test_moved_checkout_gets_a_new_venv(checkout: Checkout) -> None:
    checkout.call("run", "doctor")
    checkout.path = checkout.path.rename(checkout.path.with_name("moved"))
    checkout.call("run", "doctor")
    assert checkout.log("venvs")[-1] == str(checkout.path / ".venv")


@pytest.mark.skipif(not shutil.which("flock"), reason="without flock there is no lock")
def test_two_calls_at_once_make_one_venv(checkout: Checkout) -> None:
    calls = [checkout.start("run", "doctor") for _ in range(2)]
    for call in calls:
        _, stderr = call.communicate(timeout=60)
        assert call.returncode == 0, stderr
    assert len(checkout.log("venvs")) == 1
    assert len(checkout.log("pencontrol")) == 2


def test_old_python_is_named(checkout: Checkout) -> None:
    (checkout.path / "python.sh").write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\n')
    _, stderr = checkout.call("run", "doctor", code=1)
    assert "needs Python 3.11 or newer" in stderr
    assert "Python 3.9.2" in stderr


def test_prove_lists_what_the_folder_holds(checkout: Checkout) -> None:
    shutil.copytree(ROOT / "proofs", checkout.path / "proofs")
    stdout, _ = checkout.call("prove")
    assert re.search(r"^second_start +Seconds from", stdout, re.MULTILINE)
    _, stderr = checkout.call("prove", "nothing", code=2)
    assert "second_start" in stderr
