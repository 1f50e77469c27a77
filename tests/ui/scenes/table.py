"""The one table: chapters of scenes, each shown on one stage."""

from tests.ui.scenes import around, chair, looking, treating
from tests.ui.scenes.stage import Look, Scene

CHAPTERS: dict[str, tuple[Scene, ...]] = {
    "treat": treating.SCENES,
    "around": around.SCENES,
    "chair": chair.SCENES,
    "records": looking.SCENES,
}
LOOKS = (
    Look("en-day"),
    Look("en-dim", theme="dim"),
    Look("de", "de"),
    Look("fr", "fr"),
    Look("es", "es"),
    Look("en-1920", panel="13.3"),
)


def scenes() -> dict[str, Scene]:
    """Every scene by its name."""
    return {scene.name: scene for chapter in CHAPTERS.values() for scene in chapter}
