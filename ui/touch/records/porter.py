"""Starts the export as a process of its own, hears how far it is, and can call it off."""

import json
import sys
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, QProcess, pyqtSignal

KILL_AFTER_MS = 3000
MODULE = "ui.touch.records.export_run"


class Porter(QObject):
    """Signals: `progress` (share 0 to 1, file), `done` (folder), `failed` (what went wrong), `cancelled`."""

    progress = pyqtSignal(float, str)
    done = pyqtSignal(str)
    failed = pyqtSignal(str)
    cancelled = pyqtSignal()

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._process: QProcess | None = None
        self._heard = b""
        self._last: dict[str, Any] = {}
        self._cancelling = False

    @property
    def busy(self) -> bool:
        """Whether an export runs."""
        return self._process is not None

    def start(self, session: str, formats: list[str], out: Path) -> None:
        """Write the files of `session` into `out`/`session`; does nothing while another export runs."""
        if self._process is not None:
            return
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._hear)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process, self._heard, self._last, self._cancelling = process, b"", {}, False
        place = ["--home", str(self._home), "--out", str(out), "--formats", ",".join(formats)]
        process.start(sys.executable, ["-m", MODULE, session, *place])

    def cancel(self) -> None:
        """Call it off; `cancelled` follows."""
        if self._process is not None:
            self._cancelling = True
            self._process.terminate()

    def close(self) -> None:
        """The screen ends: nothing is left running."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.terminate()
            if not process.waitForFinished(KILL_AFTER_MS):
                process.kill()
                process.waitForFinished(KILL_AFTER_MS)

    def _hear(self) -> None:
        if self._process is None:
            return
        *lines, self._heard = (self._heard + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
        for line in lines:
            try:
                told = json.loads(line)
            except ValueError:
                continue  # a library's own word, nothing of ours
            if isinstance(told, dict):
                self._last = told
                if "share" in told:
                    self.progress.emit(float(told["share"]), str(told.get("file", "")))

    def _on_finished(self, code: int) -> None:
        self._hear()
        process, self._process = self._process, None
        if process is None:
            return
        said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        process.deleteLater()
        if "folder" in self._last:
            self.done.emit(str(self._last["folder"]))
        elif self._cancelling:
            self.cancelled.emit()
        else:
            self.failed.emit(str(self._last.get("error") or (said[-1] if said else f"exit code {code}")))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            text = self._process.errorString()
            self._process.deleteLater()
            self._process = None
            self.failed.emit(text)
