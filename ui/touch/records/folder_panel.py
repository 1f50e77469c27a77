"""Choosing a folder or a photograph inside the page: sticks and the home's folder, then what lies in them. No native dialog."""

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.interpreter import system_said
from ui.touch.records.folders import Listing, Place
from ui.touch.records.kit import Kit
from ui.touch.records.rows import PairRows
from ui.touch.widgets.drag_list import DragList
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton

MEGA = 1_000_000


class FolderPanel(QWidget):
    """Signals: `wanted` with a Path to list, or None for the places; `picked` with a photograph's Path.

    `folder` is the one on show, None while the places are.
    """

    wanted = pyqtSignal(object)
    picked = pyqtSignal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.folder: Path | None = None
        self._root: Path | None = None
        self.free_bytes: int | None = None
        self.writable = False
        self._photos: dict[str, bool] = {}
        px = kit.metrics.px
        self.up = TapButton(kit.words("records.folder.up"), kit.words("records.folder.up_accessible"))
        self.up.setFixedSize(px(26), kit.metrics.px_at_least(15))
        self.up.clicked.connect(self.go_up)
        self.path = FitLabel(kit.metrics, 3.6, 2.6, 600)
        self.free = label("muted")
        self.list = DragList(PairRows(kit), kit.theme, kit.metrics, kit.clock, kit.words("records.folder.list"))
        self.list.touched.connect(self._on_touched)
        head = QHBoxLayout()
        head.setSpacing(px(3))
        head.addWidget(self.up)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch()
        texts.addWidget(self.path)
        texts.addWidget(self.free)
        texts.addStretch()
        head.addLayout(texts, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        box.addLayout(head)
        box.addWidget(self.list, 1)

    def show_places(self, places: list[Place]) -> None:
        """The home's folder and every stick."""
        words = self._kit.words
        self.folder = self._root = None
        self.writable = False
        self._photos = {}
        self.up.setEnabled(False)
        self.path.setText(words("records.folder.places"))
        self.free.setText("" if len(places) > 1 else words("records.folder.no_stick"))
        rows = []
        for place in places:
            name = words("records.folder.home") if place.kind == "home" else place.path.name
            lower = str(place.path) if place.writable else words("records.folder.read_only")
            rows.append((str(place.path), name, lower, self._free(place.free_bytes), None))
        self.list.show_items(rows)

    def show_listing(self, listing: Listing) -> None:
        """A folder."""
        words = self._kit.words
        self._root = self._root or listing.path
        self.folder, self.free_bytes, self.writable = listing.path, listing.free_bytes, listing.writable
        self.up.setEnabled(True)
        self.path.setText(str(listing.path))
        text = self._free(listing.free_bytes)
        if listing.error:
            text = words("records.folder.error", error=system_said(listing.error, words))
        elif not listing.entries:
            text = f"{text} · {words('records.folder.empty')}"
        elif listing.more:
            text = f"{text} · {words('records.folder.more', count=len(listing.entries))}"
        self.free.setText(text)
        self._photos = {str(entry.path): not entry.folder for entry in listing.entries}
        kinds = {True: words("records.folder.folder"), False: words("records.folder.photo")}
        sizes = [("" if entry.folder else f"{entry.size_bytes / MEGA:.1f} MB") for entry in listing.entries]
        self.list.show_items(
            [
                (str(entry.path), entry.path.name, kinds[entry.folder], size, None)
                for entry, size in zip(listing.entries, sizes, strict=True)
            ]
        )

    def go_up(self) -> None:
        """The folder above, or the places from where it began."""
        self.wanted.emit(None if self.folder is None or self.folder == self._root else self.folder.parent)

    def _on_touched(self, item: tuple[str, ...]) -> None:
        if self._photos.get(item[0]):
            self.picked.emit(Path(item[0]))
        else:
            self.wanted.emit(Path(item[0]))

    def _free(self, free: int | None) -> str:
        if free is None:
            return ""
        return self._kit.words("records.folder.free", free=f"{free / 1e9:.1f} GB" if free >= 1e9 else f"{free / MEGA:.0f} MB")
