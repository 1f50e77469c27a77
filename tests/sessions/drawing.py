"""A coarse face in straight and curved lines, for tests of the zone map."""

from sessions.export import View, ZoneArt
from sessions.export.art import Path, Shade


def _box(left: float, top: float, right: float, bottom: float) -> Path:
    middle = (left + right) / 2
    return (
        ("M", left, top),
        ("L", right, top),
        ("L", right, bottom),
        ("C", middle + 5, bottom + 12, middle - 5, bottom + 12, left, bottom),
        ("Z",),
    )


DRAWING = ZoneArt(
    (
        View(
            "Face, front",
            400,
            480,
            outline=(_box(40, 20, 360, 440),),
            zones={
                "F.FOREHEAD": _box(90, 60, 310, 120),
                "F.GLABELLA": _box(180, 125, 220, 170),
                "F.MALAR.L": _box(240, 200, 330, 240),
                "F.MALAR.R": _box(70, 200, 160, 240),
                "F.CHEEK.L": _box(250, 250, 330, 330),
                "F.CHEEK.R": _box(70, 250, 150, 330),
                "F.UPLIP": _box(160, 300, 240, 325),
                "F.LIPS": _box(170, 330, 230, 350),
                "F.CHIN": _box(160, 365, 240, 420),
            },
            labels={"F.CHIN": (200, 390)},
            under=(Shade(_box(40, 20, 360, 440), 0.05),),
            over=(Shade(_box(110, 180, 150, 190), 0.5), Shade(_box(250, 180, 290, 190), 0.5)),
        ),
        View("Body, back", 400, 900, outline=(), zones={"B.BACK.UP": _box(100, 200, 300, 400)}),
    )
)
