"""The window: top bar, column, pages, panels, and STOP above all of them. Only the shell places STOP."""

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QEventPoint, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent, QTouchEvent
from PyQt6.QtWidgets import QStackedWidget, QWidget

from ui.touch.kiosk import Corner, take_over
from ui.touch.metrics import Metrics
from ui.touch.rest import Lock, Resting
from ui.touch.theme import Theme
from ui.touch.widgets.column import STOP_MARGIN_MM, WIDTH_MM, Column
from ui.touch.widgets.curtain import Curtain, Veil
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.stop_button import StopButton
from ui.touch.widgets.top_bar import TopBar
from ui.touch.widgets.touch import TOUCHES, pressed_points
from ui.touch.words import Words

TOP_MM = 16.0


class Shell(QWidget):
    """Signals: `stop` at each contact with STOP or press of the Pause key; `fingers` with how many are on the screen;
    `used`: somebody is there.

    The window filter sees fingers, mouse and keys before any widget does: whatever has the focus or the first finger,
    and whatever lies over it, STOP hears its own.
    """

    stop = pyqtSignal()
    fingers = pyqtSignal(int)
    used = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words) -> None:
        super().__init__()
        self.setObjectName("shell")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setWindowTitle(words("window.title"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._metrics, self._desk = metrics, desk
        self._watched: QObject | None = None
        self._key_told = -1
        self.top_bar = TopBar(theme, metrics, words, self)
        self.column = Column(desk, theme, metrics, words, self)
        self.stack = QStackedWidget(self)
        self.stack.hide()  # until there are pages
        self.panels: list[QWidget] = []
        self.corner = Corner(desk, metrics, words("kiosk.corner"), self)
        self.corner.hide()
        self.may_close = True
        self.curtain = Curtain(desk, theme, metrics, words, self)
        self.veil = Veil(self)
        self.stop_button = StopButton(theme, metrics, words, self)
        self.stop_button.touched.connect(self.stop)
        self.setFocus()  # else the first key gets it with the window; Tab begins there

    def add_page(self, page: QWidget) -> None:
        """One more page. The frame is painted before there is any; `open_pages` when all are there."""
        self.stack.addWidget(page)

    def open_pages(self) -> None:
        """Show the page that was chosen."""
        self.stack.show()

    def add_panels(self, panels: Sequence[QWidget]) -> None:
        """More panels, none of them on show."""
        for panel in panels:
            panel.setParent(self)
            panel.hide()
        self.panels += panels
        self._place()
        for above in (self.corner, self.curtain, self.veil, self.stop_button):
            above.raise_()

    def show_page(self, page: QWidget) -> None:
        """Another page; STOP stays where it is."""
        self.stack.setCurrentWidget(page)

    def show_panel(self, shown: QWidget | None) -> None:
        """One panel over the page, or none."""
        focused = self.focusWidget()
        if focused is not None and focused is not self:
            self.setFocus()  # else a hidden one hands it to whatever comes next, and Space would press that
        for panel in self.panels:
            panel.setVisible(panel is shown)
        if shown is not None:
            shown.raise_()
        self._raise_lids()

    def show_resting(self, resting: Resting, by_code: bool) -> None:
        """Dimmed and locked, or not. Pages stay where they are, STOP stays above."""
        if resting.lock is not Lock.NONE and self.curtain.isHidden():
            self._desk.cancel()
        before = (self.curtain.isHidden(), self.veil.isHidden())
        self.curtain.show_lock(resting.lock, by_code)
        self.column.show_locked(resting.lock is not Lock.NONE)
        self.veil.show_dim(resting.dim)
        if before != (self.curtain.isHidden(), self.veil.isHidden()):
            self._raise_lids()

    def enter_kiosk(self) -> None:
        """From now on this window closes only when `may_close` is set again."""
        self.may_close = False
        self.corner.show()
        take_over(self)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """A kiosk is not closed by the window system."""
        if event is not None:
            event.setAccepted(self.may_close)

    def _raise_lids(self) -> None:
        for lid in (self.curtain, self.veil):
            if not lid.isHidden():
                lid.raise_()
        self.stop_button.raise_()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Everything has its place in millimetres."""
        del event
        self._place()

    def _place(self) -> None:
        px = self._metrics.px
        top, column = px(TOP_MM), px(WIDTH_MM)
        width, height = self.width(), self.height()
        self.top_bar.setGeometry(0, 0, width, top)
        self.column.setGeometry(width - column, top, column, height - top)
        for part in (self.stack, *self.panels):
            part.setGeometry(0, top, width - column, height - top)
        for lid in (self.curtain, self.veil):
            lid.setGeometry(self.rect())
        self.curtain.place(self.stack.geometry())
        side, margin = self.stop_button.width(), px(STOP_MARGIN_MM)
        self.stop_button.move(width - margin - side, height - margin - side)
        self.stop_button.raise_()

    def showEvent(self, event: QShowEvent | None) -> None:
        """From now on the window's own events pass by here first."""
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None and handle is not self._watched:
            handle.installEventFilter(self)
            self._watched = handle

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Fingers, mouse and keys as the window gets them. Swallows nothing but keys while the screen is locked or dimmed."""
        if watched is self._watched and event is not None:
            if isinstance(event, QTouchEvent):
                self._look_at_touch(event)
                self._tell_used()
            elif isinstance(event, QMouseEvent):
                self._tell_used()
                if event.type() == QEvent.Type.MouseButtonPress:
                    self._desk.disarm()
                    if self._on_stop(event):
                        self.stop_button.contact(event.timestamp())
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                self._look_at_key(event)
                return self._swallows_key(event)
        return False

    def attended(self) -> None:
        """A screen reader pressed something: its user is there, though no finger came through the window."""
        self.used.emit()

    def _tell_used(self) -> None:
        if self.veil.isHidden():  # the veil tells by itself, when the finger that wakes has lifted
            self.used.emit()

    def _swallows_key(self, event: QKeyEvent) -> bool:
        """The first key only wakes; while the screen is locked only the code is typed."""
        if not self.veil.isHidden():
            self.veil.hide()
            self.used.emit()
            return True
        self.used.emit()
        if not self.curtain.isHidden() and event.key() != Qt.Key.Key_Pause:
            if not self.curtain.keypad.isHidden():
                self.curtain.keypad.keyPressEvent(event)
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """A key that no child took."""
        if event is not None:
            self._look_at_key(event)

    def event(self, event: QEvent | None) -> bool:
        """A finger on empty ground is accepted here, so that a second one is heard as touch and not as mouse."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES:
            self._look_for_stop(event)
            event.accept()
            return True
        return super().event(event)

    def _look_at_touch(self, event: QTouchEvent) -> None:
        if event.type() not in TOUCHES:
            return
        self._look_for_stop(event)
        ended = event.type() in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)
        if ended:
            self.stop_button.lifted()
            self.veil.lifted()
        self.fingers.emit(0 if ended else sum(point.state() != QEventPoint.State.Released for point in event.points()))

    def _look_for_stop(self, event: QTouchEvent) -> None:
        area = self.stop_button.rect()
        for point in pressed_points(event):
            if area.contains(self.stop_button.mapFromGlobal(point).toPoint()):
                self.stop_button.contact(event.timestamp())

    def _on_stop(self, event: QMouseEvent) -> bool:
        return self.stop_button.rect().contains(self.stop_button.mapFromGlobal(event.globalPosition()).toPoint())

    def _look_at_key(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Pause or event.isAutoRepeat():
            return
        stamp = event.timestamp()
        if stamp and stamp == self._key_told:
            return
        self._key_told = stamp
        self.stop.emit()
