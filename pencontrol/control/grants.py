"""What the system grants to a thread that must not be late: core, idle states, priority, memory. Linux; elsewhere words only.

Each grant is tried by itself and says in words what came of it; the words go to the screen and into the record. Measured on a
two-core machine, C echo to our answer: own core 148 -> 169 us at p99, idle states held off 43 -> 59 us (design.md, Processes).
"""

import contextlib
import ctypes
import os
import signal
import struct
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from types import FrameType

DMA_LATENCY = Path("/dev/cpu_dma_latency")
FIFO_PRIORITY = 10
PEN_PRIORITY = 20  # of a simulated pen: a device does not wait for anybody
SPIN_SOFT_US = 200_000  # a turn takes 0.1 ms; whoever runs this long without waiting once is lost in a loop
SPIN_HARD_US = 1_000_000  # stuck where no handler can run: the kernel ends it, the launcher starts control anew, stopped
MCL_CURRENT, MCL_FUTURE = 1, 2  # linux/mman.h
STACK_BYTES = 512 * 1024  # of a helper thread: a locked stack of the usual 8 MiB takes 1.6 ms to make, this one 0.2 ms
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # malloc.h of glibc
SPARE_BYTES = 16 * 1024 * 1024  # of the C heap: a second of trace and tape, compressed and on its way, takes 0.3 MiB
SPARE_OBJECT_BYTES, SPARE_OBJECTS, SPARE_KEPT = 480, 16_384, 64  # 8 MiB of Python's own heap, in arenas of 1 MiB
CAP_IPC_LOCK = 14  # linux/capability.h
NOT_OFFERED = "not offered by this system"
WITHHELD = "withheld"
LOCKED = "locked"
NAMES = ("core", "idle states", "priority", "memory")


def own_core() -> str:
    """Move this thread, and those it will start, to the last core it may use; the launcher keeps the others off it."""
    if not hasattr(os, "sched_setaffinity"):
        return NOT_OFFERED
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return "refused: only one core"
    try:
        os.sched_setaffinity(0, {cores[-1]})
    except OSError as error:
        return f"refused: {error.strerror}"
    return f"core {cores[-1]}"


def leave_control_its_core() -> None:
    """For screen, recorder and simulated pen: every core but control's."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, set(cores[:-1]))


def like_a_device(process: int) -> str:
    """A simulated pen's clock must not wait for the screen: in a real pen nothing else runs. It takes 6 % of a core."""
    if not hasattr(os, "sched_setscheduler"):
        return NOT_OFFERED
    try:
        os.sched_setscheduler(process, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PEN_PRIORITY))
    except OSError as error:
        return f"refused: {error.strerror}"
    return f"FIFO {PEN_PRIORITY}"


class IdleStates:
    """Holds the processor out of deep idle while a run lasts: waking from it dominates the answer's time."""

    def __init__(self) -> None:
        self._handle: int | None = None
        self.words = "not held"

    def hold(self) -> None:
        """From now on no idle state that costs time to leave. Again: no change."""
        if self._handle is not None:
            return
        try:
            self._handle = os.open(DMA_LATENCY, os.O_WRONLY | os.O_CLOEXEC)
            os.write(self._handle, struct.pack("<i", 0))
            self.words = "held off while armed"
        except OSError as error:
            self.words = f"refused: {error.strerror}"
            self.release()

    def release(self) -> None:
        """Idle as the system likes."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class Priority:
    """SCHED_FIFO for the calling thread alone; what it starts is normal again. Given up for good after a spin of 200 ms."""

    def __init__(self) -> None:
        self.words = "normal"
        self._tell: Callable[[str], None] = lambda words: None

    def take(self, tell: Callable[[str], None]) -> None:
        """Ask for it, in the main thread and after every import. `tell` hears the words, and again when it is given up."""
        self._tell = tell
        self._say(self._ask())

    def give_up(self) -> None:
        """Normal priority again."""
        with contextlib.suppress(OSError, AttributeError):
            # the flag stays: without privilege it cannot be taken back, and the whole call would be refused
            os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))

    def _ask(self) -> str:
        if not hasattr(os, "sched_setscheduler"):
            return NOT_OFFERED
        import resource  # POSIX only

        try:
            # The handler first, then the limit, then the priority: at no moment is there a limit that kills.
            signal.signal(signal.SIGXCPU, self._spun)
            _, hard = resource.getrlimit(resource.RLIMIT_RTTIME)
            ceiling = SPIN_HARD_US if hard == resource.RLIM_INFINITY else min(SPIN_HARD_US, hard)
            resource.setrlimit(resource.RLIMIT_RTTIME, (min(SPIN_SOFT_US, ceiling), ceiling))
            os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(FIFO_PRIORITY))
        except OSError as error:
            return f"refused: {error.strerror}"
        except ValueError as error:  # another thread than the main one, or a limit that may not be changed
            return f"refused: {error}"
        return f"FIFO {FIFO_PRIORITY}"

    def _spun(self, number: int, frame: FrameType | None) -> None:
        """SIGXCPU: 200 ms without a wait. Whatever it is, the rest of the machine must live."""
        self.give_up()
        self._say(f"normal: FIFO {FIFO_PRIORITY} given up after {SPIN_SOFT_US // 1000} ms without a pause")

    def _say(self, words: str) -> None:
        self.words = words
        self._tell(words)


def lock_memory() -> str:
    """Keep every page in memory. What comes later is locked too only where no limit could then refuse an allocation."""
    try:
        mlockall = ctypes.CDLL(None, use_errno=True).mlockall
        import resource
    except (OSError, AttributeError, TypeError, ImportError):
        return NOT_OFFERED
    unlimited = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY or _may_lock_all()
    if mlockall(MCL_CURRENT | MCL_FUTURE if unlimited else MCL_CURRENT) != 0:
        return f"refused: {os.strerror(ctypes.get_errno())}"
    return LOCKED if unlimited else "locked as it stands: a limit forbids more"


def spare_memory() -> list[bytes]:
    """Room in both heaps that is never given back: a locked arena of 1 MiB, given back and taken again, costs 0.2 ms.

    Keep what this returns: one small object in each of Python's arenas holds it.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):  # not glibc: its allocator does as it likes
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
    bytearray(SPARE_BYTES)
    objects = [bytes(SPARE_OBJECT_BYTES) for _ in range(SPARE_OBJECTS)]
    return objects[:: SPARE_OBJECTS // SPARE_KEPT]


def _may_lock_all() -> bool:
    """Is this process above the limit on locked memory? As /proc/self/status tells it."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        held = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff:"))
        return bool(int(held, 16) >> CAP_IPC_LOCK & 1)
    except (OSError, StopIteration, IndexError, ValueError):
        return False


class Grants:
    """All four together. `words` names each grant and its outcome; it is one object for life, so that others may hold it."""

    def __init__(self, withheld: Collection[str] = ()) -> None:
        """`withheld`: names from NAMES that are not even tried; for measuring what each is worth."""
        unknown = set(withheld) - set(NAMES)
        if unknown:
            raise ValueError(f"no such grant: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
        self._withheld = frozenset(withheld)
        self._idle_states = IdleStates()
        self._priority = Priority()
        self._spare: list[bytes] = []
        self.words = {name: WITHHELD if name in self._withheld else "not asked for yet" for name in NAMES}

    def take(self) -> None:
        """Try what is for the whole life of the calling thread, which is the one that must not be late."""
        if "core" not in self._withheld:
            self.words["core"] = own_core()
        if "memory" not in self._withheld:
            self._spare = spare_memory()
            self.words["memory"] = lock_memory()
            if self.words["memory"] == LOCKED:
                threading.stack_size(STACK_BYTES)
        if "idle states" not in self._withheld:
            self.words["idle states"] = self._idle_states.words
        if "priority" not in self._withheld:
            self._priority.take(self._tell_priority)

    def armed(self, armed: bool) -> None:
        """Idle states are held off while armed, and only then: it costs heat."""
        if "idle states" in self._withheld:
            return
        if armed:
            self._idle_states.hold()
        else:
            self._idle_states.release()
        self.words["idle states"] = self._idle_states.words

    def _tell_priority(self, words: str) -> None:
        self.words["priority"] = words
