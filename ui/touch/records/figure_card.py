"""The zone map to look at: the same art and colours as in the treatment, and nothing to touch but the view."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui.touch.figure import Figure
from ui.touch.records.kit import Kit
from ui.touch.views import MapView
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.zone_map import ZoneMap
from ui.touch.widgets.zone_paint import side_letters

Side = tuple[str, bool]  # the drawing's name, and whether it is mirrored
SIDES: tuple[Side, ...] = (
    ("face_front", False),
    ("face_side", False),
    ("face_side", True),
    ("body_front", False),
    ("body_back", False),
)


class FigureCard(QFrame):
    """Shows the drawing with most of the session's zones, or the one with the chosen zone; empty until it has the drawings.

    A drawing takes some milliseconds at each size, so it is made by `advance`, in a frame of its own, and only while it is on
    show. `titled` keeps room for two lines.
    """

    def __init__(self, kit: Kit, blocked: frozenset[str], titled: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._metrics, self._titled = kit.metrics, titled
        self._figures: Mapping[Side, Figure] = {}
        self._shown: Side | None = None
        self._view: MapView | None = None
        self._applied: MapView | None = None
        self.title = FitLabel(kit.metrics, 4.0, 2.8, 600, "title", self)
        self.line = FitLabel(kit.metrics, 3.0, 2.4, 400, "muted", self)
        self.map = ZoneMap(kit.theme, kit.metrics, blocked, self, side_letters(kit.words))
        self.map.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.map.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents, False)

    def show_figures(self, figures: Mapping[Side, Figure]) -> None:
        """The drawings have come."""
        self._figures = figures

    def show_map(self, view: MapView) -> None:
        """Passes, chosen zone, and the drawing that shows them best."""
        self._view = view
        self.title.setText(view.title)
        self.line.setText(view.line)

    def show_contact(self, contact: bool) -> None:
        """Whether the needles touched skin then."""
        self.map.show_contact(contact)

    def side(self) -> Side | None:
        """The drawing on show."""
        return self._shown

    def advance(self) -> None:
        """One frame later: what has changed is drawn."""
        view, before = self._view, self._applied
        if view is None or view == before or not self._figures or not self.isVisible():
            return
        self._applied = view
        self.map.show_map(view)  # before the drawing: the first time there is nothing to draw yet
        other = before is None or [mark.zone for mark in view.marks] != [mark.zone for mark in before.marks]
        if view.selected:
            self._show_side_with([view.selected])
        elif other:
            self._show_side_with([mark.zone for mark in view.marks if mark.passes] or [mark.zone for mark in view.marks])

    def _show_side_with(self, wanted: list[str]) -> None:
        if not self._figures or (self._shown and set(wanted) <= set(self._figures[self._shown].zones)):
            return
        best = max(SIDES, key=lambda side: len(set(wanted) & set(self._figures[side].zones)))
        if best != self._shown:
            self._shown = best
            self.map.show_figure(self._figures[best])

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Texts above, the map in what is left."""
        del event
        px, width, height = self._metrics.px, self.width(), self.height()
        self.title.setGeometry(px(3), px(1.6), width - px(6), px(6))
        self.line.setGeometry(px(3), px(7.2), width - px(6), px(4.6))
        for part in (self.title, self.line):
            part.setVisible(self._titled)
        top = px(12) if self._titled else px(2)
        self.map.setGeometry(px(2), top, width - px(4), height - top - px(2))
