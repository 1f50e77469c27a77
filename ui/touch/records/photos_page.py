"""Photographs side by side, and a new one from a stick."""

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.touch.fonts import font
from ui.touch.records.folder_panel import FolderPanel
from ui.touch.records.kit import Kit
from ui.touch.records.photos import TAKEN, Album, Photo, Picture, pair_of
from ui.touch.records.telling import day_text, local
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton


class PhotoPane(QWidget):
    """One photograph as large as it goes, or words instead."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._image: QImage | None = None
        self._scaled: QImage | None = None
        self._text = ""
        self._font = font(kit.metrics, 3.4)

    def show_image(self, image: QImage | None, text: str) -> None:
        """The picture; None shows the text."""
        self._image, self._scaled, self._text = image, None, text
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The picture on the card's ground, in its own proportions; scaled once for each size."""
        del event
        theme, px = self._kit.theme, self._kit.metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(1.6), px(1.6))
        if self._image is None:
            painter.setFont(self._font)
            painter.setPen(QColor(theme.muted))
            painter.drawText(
                QRectF(self.rect()).adjusted(px(6), px(6), -px(6), -px(6)),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._text,
            )
            return
        room = QSize(self.width() - px(3), self.height() - px(3))
        if self._scaled is None or not self._fits(self._scaled.size(), room):
            smooth = Qt.TransformationMode.SmoothTransformation
            self._scaled = self._image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        painter.drawImage((self.width() - self._scaled.width()) // 2, (self.height() - self._scaled.height()) // 2, self._scaled)

    @staticmethod
    def _fits(size: QSize, room: QSize) -> bool:
        return (
            size.width() <= room.width()
            and size.height() <= room.height()
            and (size.width() == room.width() or size.height() == room.height())
        )


class PhotosPage(QWidget):
    """Signals: `picture_wanted` (0 left or 1 right, Photo), `folder_wanted` (Path or None), `import_wanted` (taken, Path)."""

    picture_wanted = pyqtSignal(int, object)
    folder_wanted = pyqtSignal(object)
    import_wanted = pyqtSignal(str, object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._album = Album("", (), False)
        self._session = ""
        self.shown: list[int | None] = [None, None]
        self._taken = TAKEN[0]
        px, words = kit.metrics.px, kit.words
        self.panes = (PhotoPane(kit), PhotoPane(kit))
        self.captions = (FitLabel(kit.metrics, 3.0, 2.4, 400, "muted"), FitLabel(kit.metrics, 3.0, 2.4, 400, "muted"))
        self.nexts = tuple(
            TapButton(words(f"records.photos.key_{side}"), words(f"records.photos.next_{side}")) for side in ("left", "right")
        )
        sides = QHBoxLayout()
        sides.setSpacing(px(2))
        for number in (0, 1):
            side = QVBoxLayout()
            side.setSpacing(px(1.2))
            side.addWidget(self.panes[number], 1)
            side.addWidget(self.captions[number])
            sides.addLayout(side, 1)
            self.nexts[number].clicked.connect(lambda _=False, number=number: self.step(number))
        self.adds = {taken: TapButton(words(f"records.photos.add_{taken}")) for taken in TAKEN}
        for taken, key in self.adds.items():
            key.clicked.connect(lambda _=False, taken=taken: self.ask_file(taken))
        keys = QHBoxLayout()
        keys.setSpacing(px(2))
        for key in (self.nexts[0], *self.adds.values(), self.nexts[1]):
            key.setFixedHeight(kit.metrics.px_at_least(15))
            keys.addWidget(key, 1)
        self.says = label("muted")
        self.says.setWordWrap(True)
        look = QWidget()
        box = QVBoxLayout(look)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        box.addLayout(sides, 1)
        box.addWidget(self.says)
        box.addLayout(keys)
        self.panel = FolderPanel(kit)
        self.panel.wanted.connect(self.folder_wanted)
        self.panel.picked.connect(self._on_picked)
        self.leave = TapButton(words("key.cancel"), words("records.photos.cancel"))
        self.leave.setFixedHeight(kit.metrics.px_at_least(15))
        choose = QWidget()
        below = QVBoxLayout(choose)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(px(2))
        below.addWidget(self.panel, 1)
        below.addWidget(self.leave)
        self.stack = QStackedWidget()
        for part in (look, choose):
            self.stack.addWidget(part)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self.leave.clicked.connect(lambda: self.stack.setCurrentIndex(0))

    def show_session(self, session: str) -> None:
        """Another session: nothing is known of its client's photographs yet."""
        self._session = session
        self._album = Album("", (), False)
        self.shown = [None, None]
        self.stack.setCurrentIndex(0)
        for pane, caption in zip(self.panes, self.captions, strict=True):
            pane.show_image(None, self._kit.words("records.loading"))
            caption.setText("")
        self.says.setText("")
        self._show_keys()

    def show_album(self, album: Album) -> None:
        """What is on record."""
        self._album = album
        self.stack.setCurrentIndex(0)
        self.shown = list(pair_of(album, self._session))
        self.says.setText("" if album.consent else self._kit.words("records.photos.no_consent"))
        for number in (0, 1):
            self._want(number)
        self._show_keys()

    def show_error(self, text: str) -> None:
        """Why a photograph was not taken in, or the list not read."""
        self.stack.setCurrentIndex(0)
        self.says.setText(text)
        for pane, at in zip(self.panes, self.shown, strict=True):
            if at is None:
                pane.show_image(None, self._kit.words("records.photos.none"))

    def show_picture(self, number: int, picture: Picture) -> None:
        """One has been decrypted."""
        photo = self._photo(number)
        if photo is not None and photo.photo == picture.photo:
            text = picture.error or self._caption(photo)
            self.panes[number].show_image(picture.image, text)

    def step(self, number: int) -> None:
        """The client's next photograph on this side."""
        if self._album.photos:
            at = self.shown[number]
            self.shown[number] = 0 if at is None else (at + 1) % len(self._album.photos)
            self._want(number)

    def ask_file(self, taken: str) -> None:
        """Choose a file for a photograph of this kind."""
        self._taken = next(each for each in TAKEN if each == taken)
        self.stack.setCurrentIndex(1)
        self.folder_wanted.emit(None)

    def _on_picked(self, path: object) -> None:
        self.says.setText(self._kit.words("records.photos.adding"))
        self.stack.setCurrentIndex(0)
        self.import_wanted.emit(self._taken, path)

    def _want(self, number: int) -> None:
        photo = self._photo(number)
        words = self._kit.words
        self.captions[number].setText(self._caption(photo) if photo else "")
        self.panes[number].show_image(None, words("records.loading" if photo else "records.photos.none"))
        if photo is not None:
            self.picture_wanted.emit(number, photo)

    def _photo(self, number: int) -> Photo | None:
        at = self.shown[number]
        return self._album.photos[at] if at is not None and at < len(self._album.photos) else None

    def _caption(self, photo: Photo) -> str:
        taken = self._kit.words(f"records.photos.{photo.taken}")
        return f"{taken} · {day_text(local(photo.utc, self._kit.zone).date(), self._kit.words)}"

    def _show_keys(self) -> None:
        for key in self.adds.values():
            key.setEnabled(self._album.consent)
        for key in self.nexts:
            key.setEnabled(len(self._album.photos) > 1)
