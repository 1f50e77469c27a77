"""Runs `pencontrol export` as a process of its own: the screen goes on while files are written."""

import sys
from pathlib import Path

from PyQt6.QtCore import QObject, QProcess, QProcessEnvironment, pyqtSignal

FORMATS = "pdf,csv"


class Exporter(QObject):
    """Signals: `started`; `finished` with (folder, "") or ("", what went wrong)."""

    started = pyqtSignal()
    finished = pyqtSignal(str, str)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._process: QProcess | None = None
        self._folder = ""

    def export(self, session: str) -> None:
        """Write the session's files below `<home>/exports`; does nothing while another export runs."""
        if self._process is not None:
            return
        out = self._home / "exports"
        self._folder = str(out / session)
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PENCONTROL_HOME", str(self._home))
        process.setProcessEnvironment(environment)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        self.started.emit()
        process.start(sys.executable, ["-m", "ui.cli.main", "export", session, "--format", FORMATS, "--out", str(out)])

    def _on_finished(self, code: int) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        process.deleteLater()
        if code == 0:
            self.finished.emit(self._folder, "")
        else:
            self.finished.emit("", said[-1] if said else f"exit code {code}")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            text = self._process.errorString()
            self._process.deleteLater()
            self._process = None
            self.finished.emit("", text)
