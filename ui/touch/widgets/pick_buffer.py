"""Each zone of a figure rendered once into an 8-bit picture: what is under a pixel is the zone's place in the figure, from 1."""

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QPointF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QTransform

from ui.touch.figure import Figure

Pixels = npt.NDArray[np.uint8]


def pick_buffer(figure: Figure, size: QSize, to_screen: QTransform) -> Pixels:
    """The picture at this size, 0 where no zone is."""
    image = QImage(size, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setTransform(to_screen)
    painter.setPen(Qt.PenStyle.NoPen)
    for number, zone in enumerate(figure.zones.values(), start=1):
        painter.setBrush(QColor(number, number, number))
        painter.drawPath(zone.path)
    painter.end()
    bits = image.constBits()
    assert bits is not None
    flat: Pixels = np.frombuffer(bits.asstring(image.sizeInBytes()), dtype=np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine())[:, : image.width()]


def number_at(pixels: Pixels, point: QPointF) -> int:
    """The number under `point`; 0 for none, also outside."""
    x, y = round(point.x()), round(point.y())
    height, width = pixels.shape
    return int(pixels[y, x]) if 0 <= x < width and 0 <= y < height else 0


def numbers_near(pixels: Pixels, point: QPointF, reach_px: int) -> set[int]:
    """The numbers within `reach_px` of `point`, which lies inside."""
    x, y = round(point.x()), round(point.y())
    top, left = max(0, y - reach_px), max(0, x - reach_px)
    window = pixels[top : y + reach_px + 1, left : x + reach_px + 1]
    rows, columns = np.ogrid[: window.shape[0], : window.shape[1]]
    round_window = (rows + top - y) ** 2 + (columns + left - x) ** 2 <= reach_px**2
    return {int(number) for number in np.unique(window[round_window]) if number}
