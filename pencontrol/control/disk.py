"""How much room the record's disk has, asked in a thread of its own: a network share may take its time. I/O."""

import shutil
from concurrent.futures import Executor, Future
from pathlib import Path

ASK_AGAIN_NS = 5_000_000_000


class DiskWatch:
    """`look` starts and takes answers without waiting; `free_bytes` is the last one, None before the first."""

    def __init__(self, folder: Path | None, pool: Executor) -> None:
        self.free_bytes: int | None = None
        self._folder = folder
        self._pool = pool
        self._asked: Future[int] | None = None
        self._again_ns = 0

    def look(self, now_ns: int) -> None:
        """Call it often; it asks every 5 s. A disk that cannot be asked counts as having no room."""
        if self._folder is None:
            return
        if self._asked is None:
            if now_ns >= self._again_ns:
                self._asked = self._pool.submit(_free, self._folder)
                self._again_ns = now_ns + ASK_AGAIN_NS
        elif self._asked.done():
            self.free_bytes = self._asked.result()
            self._asked = None


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
