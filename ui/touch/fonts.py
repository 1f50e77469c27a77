"""The bundled font, and fonts made from it in millimetres. Digits have one width, so that figures do not dance."""

from pathlib import Path

from PyQt6.QtGui import QFont, QFontDatabase

from ui.touch.metrics import Metrics
from ui.touch.theme import FAMILY

FOLDER = Path(__file__).parent / "assets" / "fonts"
CAP_HEIGHT = 0.7275  # of the em, Inter: capitals and digits
WEIGHTS = {400: QFont.Weight.Normal, 600: QFont.Weight.DemiBold, 700: QFont.Weight.Bold}


class FontError(Exception):
    """The bundled font could not be loaded: names the file."""


def load_fonts() -> None:
    """Register Inter in its three weights. Raises FontError: a screen in an unknown font is not the tested one."""
    for weight in ("Regular", "SemiBold", "Bold"):
        path = FOLDER / f"{FAMILY}-{weight}.ttf"
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FontError(f"{path} cannot be loaded as a font")


def font(metrics: Metrics, em_mm: float, weight: int = 400, tabular: bool = True) -> QFont:
    """Inter with an em of `em_mm` millimetres; `tabular`: digits of one width, for figures that change in place."""
    made = QFont(FAMILY)
    made.setPixelSize(metrics.px(em_mm))
    made.setWeight(WEIGHTS[weight])
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def digits_font(metrics: Metrics, height_mm: float, weight: int = 700) -> QFont:
    """Inter whose digits are at least `height_mm` millimetres high."""
    made = font(metrics, height_mm / CAP_HEIGHT, weight)
    made.setPixelSize(metrics.px_at_least(height_mm / CAP_HEIGHT) + 1)
    return made
