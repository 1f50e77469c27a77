"""The bench's own processes: compiling, the C pen, the C floor, the witness, CPU hogs, a display. I/O."""

import os
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reaction.conditions import Transport
from benchmarks.registry import BenchError
from pencontrol.control.grants import leave_control_its_core
from pencontrol.orphans import end_with_parent

HERE = Path(__file__).parent
SOURCES = {"pen": ("pen.c", "pen_link.c"), "floor": ("floor.c",), "witness": ("witness.c",)}
GCC = ("gcc", "-O2", "-std=c11", "-Wall", "-Wextra", "-Werror")
PEN_FIFO = 90  # above everything that is measured: the pen is a device of its own
FLOOR_FIFO = 11  # control's class, one step above: what control does to itself must not look like a stall of its core
WITNESS_FIFO = 12  # above both: it tells when the core stood for everybody
DISPLAY_S = 10.0


def compile_all(folder: Path) -> None:
    """Pen, floor and witness into `folder`. Raises BenchError where there is no gcc."""
    if shutil.which(GCC[0]) is None:
        raise BenchError("gcc is not on this machine; the bench compiles its pen, its floor and its witness with it")
    for name, sources in SOURCES.items():
        made = subprocess.run([*GCC, "-o", str(folder / name), *(str(HERE / source) for source in sources)], capture_output=True)
        if made.returncode:
            raise BenchError(f"gcc refused {name}: {made.stderr.decode(errors='replace').strip()}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask, then make it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Effort:
    """What the kernel has counted of one thread so far."""

    at_s: float
    ran_ns: int
    waited_ns: int  # ready to run, and another had the core
    faults: int

    @classmethod
    def of(cls, process: int) -> "Effort":
        """The main thread of `process`."""
        task = Path(f"/proc/{process}/task/{process}")
        ran, waited, _ = (task / "schedstat").read_text(encoding="ascii").split()
        faults = (task / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[7]
        return cls(time.monotonic(), int(ran), int(waited), int(faults))

    def until(self, later: "Effort") -> dict[str, float]:
        """For the document: where time went that control did not spend itself."""
        passed_ns = (later.at_s - self.at_s) * 1e9
        return {
            "cpu_share": round((later.ran_ns - self.ran_ns) / passed_ns, 4),
            "waited_for_core_ms": round((later.waited_ns - self.waited_ns) / 1e6, 2),
            "page_faults": later.faults - self.faults,
        }


class Pen:
    """The C pen. `lines` says what it has told so far."""

    def __init__(self, binary: Path, transport: Transport, folder: Path, answers: int, seconds: float, core: int) -> None:
        self.log = folder / "log"
        arguments = [transport, folder, answers, seconds, core, PEN_FIFO, self.log]
        self._process = subprocess.Popen(
            [str(binary), *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=end_with_parent
        )
        self._held = b""
        self.lines: list[str] = []
        deadline = time.monotonic() + 5
        while len(self.lines) < 3:
            self.listen(0.1)
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise BenchError("the bench's pen did not start")
        self.paths = dict(line.split(" ", 1) for line in self.lines[:3])

    def listen(self, seconds: float) -> None:
        """Take what it says, at most `seconds` long."""
        out = self._process.stdout
        if out is None or not select.select([out], [], [], seconds)[0]:
            return
        *lines, self._held = (self._held + os.read(out.fileno(), 4096)).split(b"\n")
        self.lines += [line.decode() for line in lines]

    @property
    def measured(self) -> bool:
        """Is the log written?"""
        return any(line.startswith("measured ") for line in self.lines)

    def close(self) -> None:
        """Switch it off."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        end(self._process)


def start_floor(binary: Path, transport: Transport, path: str, limit_um: int, core: int, fifo: bool) -> subprocess.Popen[bytes]:
    """The C channel; `core` -1: wherever the system likes."""
    arguments = [transport, path, limit_um, core, FLOOR_FIFO if fifo else 0]
    return subprocess.Popen([str(binary), *map(str, arguments)], preexec_fn=end_with_parent)


def start_witness(binary: Path, core: int, log: Path) -> subprocess.Popen[bytes]:
    """The timer on control's core; its log is whole when it has ended."""
    return subprocess.Popen([str(binary), str(core), str(WITNESS_FIFO), str(log)], preexec_fn=end_with_parent)


def start_hogs(count: int) -> list[subprocess.Popen[bytes]]:
    """`count` processes of normal priority that never wait, one on each core in turn."""
    cores = sorted(os.sched_getaffinity(0))
    hogs = []
    for number in range(count):
        core = cores[number % len(cores)]
        hog = subprocess.Popen([sys.executable, "-c", "while True: pass"], preexec_fn=end_with_parent)
        os.sched_setaffinity(hog.pid, {core})
        hogs.append(hog)
    return hogs


class Display:
    """Xvfb where there is one, else Qt's offscreen platform: both draw every pixel. `words` says which."""

    def __init__(self, needed: bool) -> None:
        """`needed`: False where no run has a screen."""
        self._server: subprocess.Popen[bytes] | None = None
        self.words = "offscreen"
        self.environment = {"QT_QPA_PLATFORM": "offscreen"}
        if needed and shutil.which("Xvfb") is not None:
            self._start()

    def _start(self) -> None:
        mine, servers = os.pipe()
        try:
            self._server = subprocess.Popen(
                ["Xvfb", "-displayfd", str(servers), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
                pass_fds=(servers,),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=_prepare_display,
            )
            os.close(servers)
            said = b""
            while not said.endswith(b"\n") and select.select([mine], [], [], DISPLAY_S)[0]:
                more = os.read(mine, 16)  # number and newline may come apart; closing in between would end the server
                if not more:
                    break
                said += more
            number = said.decode().strip()
        finally:
            os.close(mine)
        if number:
            self.words = "Xvfb"
            self.environment = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}
        else:
            self.close()

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            end(self._server)
            self._server = None


def _prepare_display() -> None:
    end_with_parent()
    leave_control_its_core()
