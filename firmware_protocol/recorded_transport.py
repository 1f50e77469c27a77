"""A transport that also writes what passes to a recording, for tools that talk to a pen. I/O."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from firmware_protocol.recording import FROM_PEN, TO_PEN, Encoder, header
from firmware_protocol.transport import Transport

FLUSH_NS = 1_000_000_000


class RecordingFile:
    """Writes a recording; flushes about once a second and at `close`. A disk that fails ends the recording, not the work."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        """Raises OSError when the file cannot be made."""
        self.failed = ""  # why nothing more is written
        self._encoder = Encoder()
        self._flushed_ns: int | None = None
        self._file: BinaryIO = path.open("wb")
        try:
            self._file.write(header(about))
            self._file.flush()
        except BaseException:
            self._file.close()
            raise

    def put(self, kind: int, at_ns: int, data: bytes) -> None:
        """Record one entry. Times need not rise."""
        if self.failed:
            return
        self._encoder.put(kind, at_ns, data)
        if self._flushed_ns is None:
            self._flushed_ns = at_ns
        if at_ns - self._flushed_ns >= FLUSH_NS:
            self._flushed_ns = at_ns
            self._write()

    def close(self) -> None:
        """Write the rest and close; again is harmless."""
        if not self._file.closed:
            self._write()
            try:
                self._file.close()
            except OSError as error:
                self.failed = self.failed or f"the recording could not be written: {error.strerror}"

    def _write(self) -> None:
        out = self._encoder.out
        if not out or self.failed:
            return
        try:
            self._file.write(out)
            self._file.flush()
        except OSError as error:
            self.failed = f"the recording could not be written: {error.strerror}"
        out.clear()  # not `take`: in a file the steps go on


class RecordedTransport(Transport):
    """A transport whose bytes also go to a recording, for tools; the file is closed with it."""

    def __init__(self, inner: Transport, file: RecordingFile, mono_ns: Callable[[], int]) -> None:
        """Owns both from now on."""
        self._inner = inner
        self._recording = file
        self._mono_ns = mono_ns
        super().__init__(inner.url, inner.fileno, self._read_inner, self._write_inner, inner.drop_dtr, self._close_inner)

    def _read_inner(self, most: int) -> bytes:
        data = self._inner.read()
        if not data:
            raise BlockingIOError
        self._recording.put(FROM_PEN, self._mono_ns(), data)
        return data

    def _write_inner(self, data: bytes) -> int:
        self._inner.write(data)
        self._recording.put(TO_PEN, self._mono_ns(), data)
        return len(data)

    def _close_inner(self, stuck: bool) -> None:
        self._inner.close()
        self._recording.close()
