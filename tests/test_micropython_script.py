"""scripts/micropython.sh: quick and quiet when there is nothing to do, loud when the tests will be skipped."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the script is POSIX sh")

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("sh", "dirname", "readlink", "grep", "mkdir", "mktemp", "rm", "mv", "cat")
PACKAGE = "node_modules/@micropython/micropython-webassembly-pyscript"


class Place:
    """A checkout with nothing but the script, and a PATH with nothing but the tools it may count on."""

    def __init__(self, path: Path) -> None:
        self.path = path / "a checkout"
        self.bin = path / "bin"
        (self.path / "scripts").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / "scripts/micropython.sh", self.path / "scripts")
        for name in TOOLS:
            tool = shutil.which(name)
            assert tool is not None
            (self.bin / name).symlink_to(tool)

    def tool(self, name: str, text: str) -> None:
        """Put a stand-in on the PATH."""
        (self.bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.bin / name).chmod(0o755)

    def call(self) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        script = self.path / "scripts/micropython.sh"
        return subprocess.run([script], env={"PATH": str(self.bin)}, capture_output=True, text=True, timeout=30, check=False)

    @property
    def left(self) -> list[str]:
        """What lies in the cache."""
        cache = self.path / ".cache"
        return sorted(path.name for path in cache.iterdir()) if cache.exists() else []


# `node --version` answers; anything else is the digest, and this one is wrong.
NODE = 'case "$1" in --version) echo v20 ;; *) cat >/dev/null; echo 0123 ;; esac'
NPM = f"""[ "$1" = --version ] && exit
echo "$@" >>"$0.log"
mkdir -p "$3/{PACKAGE}"
: >"$3/{PACKAGE}/micropython.mjs"
: >"$3/{PACKAGE}/micropython.wasm"
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_is_sound_sh() -> None:
    subprocess.run(["sh", "-n", ROOT / "scripts/micropython.sh"], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", ROOT / "scripts/micropython.sh"], check=True)


def test_without_node_one_loud_line(place: Place) -> None:
    done = place.call()
    assert (done.returncode, done.stdout) == (0, "!!! MicroPython tests SKIPPED: no Node !!!\n")


def test_a_dead_node_is_no_node(place: Place) -> None:
    place.tool("node", "exit 127")
    assert "no Node" in place.call().stdout


def test_without_network_one_loud_line_with_the_reason(place: Place) -> None:
    place.tool("node", NODE)
    place.tool("npm", '[ "$1" = --version ] || { echo "no such host"; exit 1; }')
    done = place.call()
    assert done.returncode == 0
    assert done.stdout.startswith("!!! MicroPython tests SKIPPED: npm could not install")
    assert "no such host" in done.stdout
    assert place.left == []


def test_what_is_not_the_package_is_refused(place: Place) -> None:
    place.tool("node", NODE)
    place.tool("npm", NPM)
    done = place.call()
    assert done.returncode == 1
    assert "SHA-256 0123" in done.stderr
    assert place.left == []
    asked = (place.bin / "npm.log").read_text()
    assert "@micropython/micropython-webassembly-pyscript@1.27.0" in asked
    assert {"--no-package-lock", "--ignore-scripts"} <= set(asked.split())


def test_with_the_package_there_nothing_is_asked(place: Place) -> None:
    place.tool("node", NODE)
    place.tool("npm", 'echo "$@" >>"$0.log"; exit 1')
    package = place.path / ".cache/micropython" / PACKAGE
    package.mkdir(parents=True)
    (package / "package.json").write_text('{\n  "version": "1.27.0"\n}\n')
    start = time.perf_counter()
    done = place.call()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.perf_counter() - start < 3
    assert not (place.bin / "npm.log").exists()


def test_another_version_is_replaced(place: Place) -> None:
    place.tool("node", NODE.replace("echo 0123", f"echo {wanted()}"))
    place.tool("npm", NPM)
    package = place.path / ".cache/micropython" / PACKAGE
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"version": "1.26.0"}')
    done = place.call()
    assert (done.returncode, done.stderr) == (0, "")
    assert (package / "micropython.wasm").exists()
    assert not (package / "package.json").exists()
    assert place.left == ["micropython"]


def wanted() -> str:
    lines = (ROOT / "scripts/micropython.sh").read_text().splitlines()
    return next(line.removeprefix("wanted=") for line in lines if line.startswith("wanted="))
