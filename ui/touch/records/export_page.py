"""Export of a session: which files, where to, and how far it is."""

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ui.touch.records.folder_panel import FolderPanel
from ui.touch.records.kit import Kit
from ui.touch.records.record import Record
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton

FORMATS = ("pdf", "csv", "json", "fhir")
CHOSEN = ("pdf", "csv")
BYTES_A_SAMPLE = {"csv": 96}  # a row of trace.csv at its longest
BYTES_A_FILE = 8_000_000
MEGA = 1_000_000


def need_bytes(samples: int, formats: list[str]) -> int:
    """How much the files may take at most, about."""
    return sum(BYTES_A_FILE + samples * BYTES_A_SAMPLE.get(each, 0) for each in formats)


class ExportPage(QWidget):
    """Signals: `start` (session, formats, folder), `cancel`. Shows what the porter says."""

    start = pyqtSignal(str, object, object)
    cancel = pyqtSignal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._record: Record | None = None
        self._busy = False
        px = kit.metrics.px
        self.formats: dict[str, TapButton] = {}
        tiles = QHBoxLayout()
        tiles.setSpacing(px(2))
        for name in FORMATS:
            tile = TapButton(kit.words(f"records.format.{name}"), kit.words(f"records.format.{name}_accessible"))
            tile.setCheckable(True)
            tile.setChecked(name in CHOSEN)
            tile.setFixedHeight(kit.metrics.px_at_least(15))
            tile.toggled.connect(self._look)
            tiles.addWidget(tile)
            self.formats[name] = tile
        self.panel = FolderPanel(kit)
        self.says = label("muted")
        self.says.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(kit.words("export.running"))
        self.go = TapButton(kit.words("records.export.go"), role="primary")
        self.stop = TapButton(kit.words("key.cancel"), kit.words("records.export.cancel"))
        foot = QHBoxLayout()
        foot.setSpacing(px(2))
        for key, share in ((self.stop, 1), (self.go, 2)):
            key.setFixedHeight(kit.metrics.px_at_least(15))
            foot.addWidget(key, share)
        self.go.clicked.connect(self._go)
        self.stop.clicked.connect(self.cancel)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        box.addLayout(tiles)
        box.addWidget(self.panel, 1)
        box.addWidget(self.says)
        box.addWidget(self.bar)
        box.addLayout(foot)
        self.show_idle("")

    def show_record(self, record: Record) -> None:
        """Another session."""
        self._record = record
        if not self._busy:
            self.show_idle("")

    def look(self) -> None:
        """Another folder is on show."""
        self._look()

    def show_progress(self, share: float, file: str) -> None:
        """So far."""
        self._busy = True
        self.bar.show()
        self.bar.setValue(round(share * 100))
        self.says.setText(self._kit.words("records.export.at", file=file or "…", percent=round(share * 100)))
        self._look()

    def show_done(self, folder: str) -> None:
        """All files are there."""
        self.show_idle(self._kit.words("export.done", folder=folder))

    def show_failed(self, error: str) -> None:
        """What went wrong."""
        self.show_idle(self._kit.words("export.failed", error=error))

    def show_cancelled(self) -> None:
        """A person called it off."""
        self.show_idle(self._kit.words("records.export.cancelled"))

    def show_idle(self, text: str) -> None:
        """Nothing runs."""
        self._busy = False
        self.bar.hide()
        self.says.setText(text)
        self._look()

    def chosen(self) -> list[str]:
        """The formats that are ticked."""
        return [name for name, tile in self.formats.items() if tile.isChecked()]

    def why_not(self) -> str:
        """Why the export cannot begin; "" when it can."""
        words, panel = self._kit.words, self.panel
        if self._record is None or not self.chosen():
            return words("records.export.no_format")
        if panel.folder is None:
            return words("records.export.no_folder")
        if not panel.writable:
            return words("records.folder.read_only")
        need = need_bytes(self._record.samples, self.chosen())
        if panel.free_bytes is not None and panel.free_bytes < need:
            return words("records.export.no_room", need=f"{need / MEGA:.0f}", free=f"{panel.free_bytes / MEGA:.0f}")
        return ""

    def _look(self) -> None:
        why = self.why_not()
        self.go.setEnabled(not why and not self._busy)
        self.go.setText(self._kit.words("records.export.go"))
        self.stop.setVisible(self._busy)
        for tile in self.formats.values():
            tile.setEnabled(not self._busy)
        if not self._busy and (why or not self.says.text() or self.says.property("why")):
            self.says.setText(why)
            self.says.setProperty("why", bool(why))

    def _go(self) -> None:
        folder = self.panel.folder
        if self._record is not None and isinstance(folder, Path) and not self.why_not():
            self.show_progress(0.0, "")
            self.start.emit(self._record.session, self.chosen(), folder)
