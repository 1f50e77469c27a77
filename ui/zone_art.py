"""The zone drawings as the record's exports want them: paths, and a darkness for paper instead of a colour."""

from sessions.export.art import Shade, View, ZoneArt
from ui.touch import art

# How dark each role prints, 0 paper to 1 ink. Roles that are left out (soft light and shade) would only grey the page.
_DARKNESS = {"skin": 0.05, "gap": 0.14, "hair": 0.16, "line": 0.45, "fine": 0.3, "ink": 0.6, "eye": 0.02, "iris": 0.5}


def zone_art() -> ZoneArt:
    """Every view there is. Raises ui.touch.art.ArtError for a drawing that cannot be used."""
    views = {name: art.load_view(art.ASSETS / f"{name}.svg") for name in art.VIEWS}
    views["face_side_mirrored"] = views["face_side"].mirrored()
    return ZoneArt(tuple(_view(name, view) for name, view in views.items()))


def _view(name: str, view: art.View) -> View:
    return View(
        title=view.title,
        width=view.width,
        height=view.height,
        outline=(),
        zones=view.zones,
        labels=view.labels,
        under=_shades(view.ground),
        over=_shades(view.features),
        name=name,
    )


def _shades(shapes: tuple[art.Shape, ...]) -> tuple[Shade, ...]:
    return tuple(
        Shade(shape.path, _DARKNESS[role] * shape.opacity)
        for shape in shapes
        if (role := shape.fill or shape.stroke or "") in _DARKNESS
    )
