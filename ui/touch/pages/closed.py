"""After the treatment: the totals, the files, and the way to the next session."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.pages.panels import CLEAR_RIGHT_MM
from ui.touch.views_around import ClosedView
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.plan_list import MOST_ROWS, scrolling
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

AFTER = ("note", "photos", "aftercare", "sign")
HEADS = ("zone", "passes", "strokes", "contact", "strikes", "deepest")


class ClosedPage(QWidget):
    """Signals: `export_touched` and `photos_touched` (session id), `note_touched`, `aftercare_touched`, `sign_touched`, `left`
    (New session)."""

    export_touched = pyqtSignal(str)
    photos_touched = pyqtSignal(str)
    note_touched = pyqtSignal()
    aftercare_touched = pyqtSignal()
    sign_touched = pyqtSignal()
    left = pyqtSignal()

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._metrics, self._words = metrics, words
        self._session = ""
        px = metrics.px
        box = QVBoxLayout(self)
        box.setContentsMargins(px(2.6), px(2.6), px(CLEAR_RIGHT_MM), px(2.6))
        box.setSpacing(px(1.4))
        card = QFrame()
        card.setObjectName("card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(px(4), px(2), px(3), px(1.6))
        inner.setSpacing(px(0.8))
        self.title, self.line = label("title"), label("muted")
        inner.addWidget(self.title)
        inner.addWidget(self.line)
        inner.addSpacing(px(1))
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, px(3), 0)
        self._grid.setVerticalSpacing(px(1.2))
        self._grid.setHorizontalSpacing(px(4))
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(MOST_ROWS, 1)
        inner.addWidget(scrolling(inside), 1)
        box.addWidget(card, 1)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(words("export.running"))
        self.files = label("muted")
        self.files.setWordWrap(True)
        self.files.hide()
        self.progress.hide()
        self.follow_ups = label("muted")
        self.follow_ups.setWordWrap(True)
        box.addWidget(self.follow_ups)
        box.addWidget(self.files)
        box.addWidget(self.progress)
        after = QHBoxLayout()
        after.setSpacing(px(2))
        self.after: dict[str, TapButton] = {}
        for name in AFTER:
            key = TapButton(words(f"closed.{name}"), words(f"closed.{name}_accessible"), "small")
            key.setFixedHeight(px(12))
            after.addWidget(key, 1)
            self.after[name] = key
        box.addLayout(after)
        for name, touched in (("note", self.note_touched), ("aftercare", self.aftercare_touched), ("sign", self.sign_touched)):
            self.after[name].clicked.connect(touched)
        self.after["photos"].clicked.connect(lambda: self.photos_touched.emit(self._session))
        foot = QHBoxLayout()
        foot.setSpacing(px(2))
        self.export = TapButton(words("export.key"), words("export.accessible"))
        self.fresh = TapButton(words("closed.new"), role="primary")
        for key in (self.export, self.fresh):
            key.setFixedHeight(px(14))
            foot.addWidget(key, 1)
        box.addLayout(foot)
        self.export.clicked.connect(lambda: self.export_touched.emit(self._session))
        self.fresh.clicked.connect(self.left)

    def show_view(self, view: ClosedView | None) -> None:
        """The totals; None leaves the old ones for the page change."""
        if view is None:
            return
        words = self._words
        if view.session != self._session:
            self._say("")
        self._session = view.session
        self.title.setText(words("closed.title", session=view.session))
        kept = words("closed.recorded" if view.recorded else "closed.recording")
        self.line.setText(f"{words('closed.client', client=view.client)} · {kept}")
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        if not view.rows:
            self._grid.addWidget(label("muted", words("closed.nothing")), 0, 0)
            return
        for column, head in enumerate(HEADS):
            shown = FitLabel(self._metrics, 2.7, 1.9, 400, "small")
            shown.setText(words(f"closed.head_{head}"))
            shown.setAlignment(Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(shown, 0, column)
        for row, figures in enumerate(view.rows, start=1):
            name = FitLabel(self._metrics, 3.0, 2.6, 400, lines=2)
            name.setText(figures[0])
            self._grid.addWidget(name, row, 0)
            for column, text in enumerate(figures[1:], start=1):
                self._put(row, column, QLabel(text))

    def show_follow_ups(self, text: str) -> None:
        """What was planned, or why nothing was."""
        self.follow_ups.setText(text)

    def show_said(self, text: str) -> None:
        """What became of a note or a signature."""
        self._say(text)

    def show_exporting(self) -> None:
        """Files are being written."""
        self.export.setEnabled(False)
        self.progress.show()
        self._say(self._words("export.running"))

    def show_exported(self, folder: str, error: str) -> None:
        """Where the files are, or what went wrong."""
        self.export.setEnabled(True)
        self.progress.hide()
        self._say(self._words("export.failed", error=error) if error else self._words("export.done", folder=folder))

    def _say(self, text: str) -> None:
        """A line for as long as there is something to say: without it the totals have its room."""
        self.files.setText(text)
        self.files.setVisible(bool(text))

    def _put(self, row: int, column: int, shown: QLabel) -> None:
        shown.setFont(font(self._metrics, 3.0))  # digits of one width stand under each other
        shown.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(shown, row, column)
