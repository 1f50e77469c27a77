"""What the kernel counts of a process, and the witnesses that notice when the host stood still. I/O."""

import os
import subprocess
from pathlib import Path

import numpy as np

from benchmarks.reaction.processes import GCC, end
from benchmarks.registry import BenchError
from benchmarks.screen.figures import Spans
from pencontrol.orphans import end_with_parent

HERE = Path(__file__).parent
WITNESS_FIFO = 90  # above control's 10: only the host, or the kernel itself, holds it up
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
MB_KB = 1024.0


def rss_mb(process: int) -> float:
    """Resident memory now."""
    return _status(process, "VmRSS")


def own_mb(process: int) -> float:
    """Resident memory that belongs to no file: what a process grows by."""
    return _status(process, "RssAnon")


def rss_peak_mb(process: int) -> float:
    """The most resident memory since `rss_peak_from_now`, or ever."""
    return _status(process, "VmHWM")


def rss_peak_from_now(process: int) -> None:
    """Forget the peak. Raises BenchError where the kernel does not let us."""
    try:
        Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")
    except OSError as error:
        raise BenchError(f"the peak of a process's memory cannot be set back here: {error.strerror}") from None


def cpu_s(process: int) -> float:
    """Processor time of all threads so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def _status(process: int, name: str) -> float:
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return round(int(line.split()[1]) / MB_KB, 2)
    raise BenchError(f"the kernel tells no {name} of process {process}")


class Witnesses:
    """One for each core: sleeps a millisecond at a time with real-time priority and notes when it woke late."""

    def __init__(self, folder: Path) -> None:
        """Compile and start. Raises BenchError where there is no gcc or no real-time priority."""
        binary = folder / "witness"
        try:
            made = subprocess.run([*GCC, "-o", str(binary), str(HERE / "witness.c")], capture_output=True)
        except FileNotFoundError:
            raise BenchError("gcc is not on this machine; the bench compiles its witness with it") from None
        if made.returncode:
            raise BenchError(f"gcc refused the witness: {made.stderr.decode(errors='replace').strip()}")
        self._logs = {core: folder / f"witness-{core}" for core in sorted(os.sched_getaffinity(0))}
        self._processes = [
            subprocess.Popen(
                [str(binary), str(core), str(WITNESS_FIFO), str(log)], stdout=subprocess.PIPE, preexec_fn=end_with_parent
            )
            for core, log in self._logs.items()
        ]
        said = [process.stdout.readline().strip() for process in self._processes if process.stdout is not None]
        self.words = ", ".join(sorted({each.decode() for each in said}))
        if self.words != "FIFO":
            self.close()
            raise BenchError(f"the witness has no real-time priority here ({self.words}): it could not tell the host's stalls")

    def stalls(self) -> Spans:
        """Every time a core stood still so far, as [start, end]; in no order."""
        parts = [np.fromfile(log, "<i8") for log in self._logs.values()]
        return np.concatenate([part[: len(part) // 2 * 2].reshape(-1, 2) for part in parts]).astype(np.int64)

    def close(self) -> None:
        """End them."""
        for process in self._processes:
            if process.stdout is not None:
                process.stdout.close()
            end(process)
