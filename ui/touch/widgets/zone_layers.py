"""The parts of a figure that stand still, painted once into a layer that ends softly where the frame cuts it."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPen, QPixmap, QTransform

from ui.touch.figure import Shape
from ui.touch.widgets.zone_paint import Inks

FADE_MM = 5.0


def paint_layer(shapes: tuple[Shape, ...], size: QSize, to_screen: QTransform, inks: Inks) -> QPixmap:
    """`shapes` in the theme's colours on a transparent ground."""
    layer = QPixmap(size)
    layer.fill(Qt.GlobalColor.transparent)
    painter = QPainter(layer)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(to_screen)
    for shape in shapes:
        colour = QColor(shape.colour(inks.theme))
        painter.setOpacity(shape.opacity)
        painter.setPen(_round_pen(colour, shape.width) if shape.width else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(QBrush(Qt.BrushStyle.NoBrush) if shape.width else QBrush(colour))
        painter.drawPath(shape.path)
    painter.resetTransform()
    painter.setOpacity(1.0)
    _fade(painter, size, inks.metrics.px(FADE_MM))
    painter.end()
    return layer


def _fade(painter: QPainter, size: QSize, fade_px: int) -> None:
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    for x, y in ((0, size.height()), (size.width(), 0)):
        fade = fade_px / max(x, y)
        veil = QLinearGradient(0, 0, x, y)
        for at, alpha in ((0.0, 0), (fade, 255), (1 - fade, 255), (1.0, 0)):
            veil.setColorAt(at, QColor(0, 0, 0, alpha))
        painter.fillRect(0, 0, size.width(), size.height(), veil)


def _round_pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
