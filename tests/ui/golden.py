"""Golden images: what every scene looked like when a person last accepted it.

    python -m tests.ui.golden --write [SCENE...]      accept the present look, of every scene or of those named
    python -m tests.ui.golden --survey LOOK           print what was found in one look as JSON

`golden/digests.json` holds, by look and scene, a digest of the pixels; English pictures lie beside it, reduced to few colours,
for people and for difference pictures. A test compares digests only, so a single pixel counts. The pictures of README and
user guide are written with them, in all their colours.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from tests.ui.clipping import too_small, watched
from tests.ui.scenes import looking
from tests.ui.scenes.stage import EXPORTS, STICK, Look, Scene, Stage
from tests.ui.scenes.table import CHAPTERS, LOOKS, scenes
from ui.touch.fonts import load_fonts
from ui.touch.theme import Theme
from ui.touch.words import Words

FOLDER = Path(__file__).parent / "golden"
DIGESTS = FOLDER / "digests.json"
PICTURED = {"en-day": 1, "en-dim": 2}  # looks kept as pictures, and how many times smaller
SHOWN_LOOK, SHOWN_FOLDER = "en-day", Path(__file__).parents[2] / "docs" / "images"
SHOWN = {  # pictures of README and guide, and the scene that each one is
    "treat": "treat pending",
    "running": "treat running",
    "setup": "setup screen",
    "prepare": "prepare chosen",
    "sign_in": "sign in code",
    "consent": "consent",
    "numbing": "numbing ready",
    "pins": "pins write",
    "band": "treat band lower",
    "lowering": "treat lowering",
    "stopped": "treat stopped",
    "unconfirmed": "treat stop unconfirmed",
    "fault": "treat fault",
    "closed": "closed",
    "records": "records list",
    "replay": "records replay",
    "course": "records course",
    "clean": "lock clean",
}
COLOURS = 22
PLAIN = 40  # of 255: what the few colours of a kept picture do not make by themselves
FOUND = Path(tempfile.gettempdir()) / "pencontrol-golden"
ROOT = Path(__file__).parents[2]
PATHS = (str(EXPORTS), str(STICK))  # a folder's path may be any length
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Survey:
    """One look: digests by scene, texts without room, scenes that look otherwise than accepted."""

    digests: dict[str, str]
    cut: list[str]
    other: list[str]


def pixels(image: QImage) -> Pixels:
    """Rows of red, green, blue."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    bits = rgb.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asstring(rgb.sizeInBytes()), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3)


def digest(image: QImage) -> str:
    """Of size and pixels."""
    found = pixels(image)
    return hashlib.sha256(f"{found.shape}".encode() + found.tobytes()).hexdigest()[:24]


def render(
    look: Look,
    chapter: str,
    folder: Path,
    store: Path,
    wanted: frozenset[str] = frozenset(),
    words: Words | None = None,
    theme: Theme | None = None,
    still: Callable[[], object] = lambda: None,
) -> Iterator[tuple[Stage, Scene, QImage]]:
    """The scenes of a chapter, one after the other on one stage in `folder`; `store` is a home that `looking.fill` filled."""
    chosen = [scene for scene in CHAPTERS[chapter] if not wanted or scene.name in wanted]
    if not chosen:
        return
    stage = Stage(folder / look.name / chapter, look, words, theme)
    stage.still = still
    try:
        if chapter == "records":
            for file in store.glob("records.sqlite*"):
                shutil.copy(file, stage.home / file.name)
        for scene in chosen:
            yield stage, scene, stage.show(scene)
            if scene.after is not None:
                scene.after(stage)
    finally:
        stage.close()


def read_digests() -> dict[str, dict[str, str]]:
    """What was accepted, by look and scene."""
    told: dict[str, dict[str, str]] = json.loads(DIGESTS.read_text(encoding="utf-8")) if DIGESTS.exists() else {}
    return told


def picture_of(look: str, scene: str) -> Path:
    """Where the accepted picture lies, for the looks that are kept as pictures."""
    return FOLDER / look / f"{scene.replace(' ', '_')}.png"


def reduced(image: QImage, look: str) -> bytes:
    """A PNG of few colours, at the scale that this look is kept in."""
    out, whole = BytesIO(), Image.fromarray(pixels(image)).reduce(PICTURED[look])
    whole.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def report(look: str, scene: str, image: QImage) -> str:
    """Keep what was found and how it differs from what was accepted; one line that says where and what to do."""
    folder = FOUND / look
    folder.mkdir(parents=True, exist_ok=True)
    found = folder / f"{scene.replace(' ', '_')}.png"
    image.save(str(found))
    kept, told = picture_of(look, scene), ""
    if kept.exists():
        before = np.asarray(Image.open(kept).convert("RGB")).astype(int)
        after = np.asarray(Image.fromarray(pixels(image)).reduce(PICTURED[look])).astype(int)
        if before.shape == after.shape:
            far = np.abs(before - after).max(axis=2)
            shown = np.where((far > PLAIN)[..., None], [255, 64, 200], after // 3).astype(np.uint8)
            difference = found.with_suffix(".difference.png")
            Image.fromarray(shown).save(difference)
            told = f", {int((far > PLAIN).sum())} pixels plainly differ: {difference}"
    return f"{look} / {scene}: {found}{told}\n    to accept: python -m tests.ui.golden --write '{scene}'"


def survey(look: Look, names: list[str], accept: bool) -> Survey:
    """Draw every scene of one look.

    `accept` keeps the digests and pictures of `names`, or of all; otherwise what looks otherwise is reported.
    """
    kept, fresh, cut, other = read_digests().get(look.name, {}), {}, set(), []
    with tempfile.TemporaryDirectory() as folder, watched() as painted:
        looking.fill(Path(folder))
        for chapter in CHAPTERS:
            for stage, scene, image in render(look, chapter, Path(folder), Path(folder), still=painted.clear):
                found = (*too_small(stage.shell), *painted)
                cut |= {f"{scene.name}: {text}" for text in found if not any(path in text for path in PATHS)}
                fresh[scene.name] = now = digest(image)
                path = picture_of(look.name, scene.name)
                if not accept:
                    other += [report(look.name, scene.name, image)] if kept.get(scene.name) != now else []
                elif names and scene.name not in names:
                    fresh[scene.name] = kept.get(scene.name, "")
                elif look.name in PICTURED and (kept.get(scene.name) != now or not path.exists()):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(reduced(image, look.name))
                if accept and look.name == SHOWN_LOOK and (not names or scene.name in names):
                    for name in (name for name, shown in SHOWN.items() if shown == scene.name):
                        Image.fromarray(pixels(image)).save(SHOWN_FOLDER / f"{name}.png", optimize=True)
    return Survey(fresh, sorted(cut), other)


def in_process(look: str, *arguments: str, **environment: str) -> Survey:
    """The survey of a look, from a process that has drawn nothing else. Raises CalledProcessError."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.ui.golden", "--survey", look, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return Survey(**json.loads(told.stdout.splitlines()[-1]))


def write(names: list[str]) -> None:
    """Accept the present look of these scenes, or of all; what no longer exists is forgotten."""
    known = scenes()
    if unknown := sorted(set(names) - set(known)):
        raise SystemExit(f"no scene is called {unknown[0]!r}; there are: {', '.join(known)}")
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda look: in_process(look.name, "--accept", *names), LOOKS)
        told = {look.name: each.digests for look, each in zip(LOOKS, found, strict=True)}
    stale = {path for look in PICTURED for path in (FOLDER / look).glob("*.png")}
    for path in stale - {picture_of(look, scene) for look in PICTURED for scene in known}:
        path.unlink()
    DIGESTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def application() -> QApplication:
    """As the touchscreen makes it, without a display unless one was asked for."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    made = QApplication(sys.argv[:1])
    made.setStyle("Fusion")
    load_fonts()
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ui.golden")
    parser.add_argument("--write", nargs="*", metavar="SCENE")
    parser.add_argument("--survey", metavar="LOOK", choices=[look.name for look in LOOKS])
    parser.add_argument("--accept", nargs="*", metavar="SCENE")
    given = parser.parse_args()
    kept = application()
    if given.write is not None:
        write(given.write)
    if given.survey:
        look = next(look for look in LOOKS if look.name == given.survey)
        print(json.dumps(asdict(survey(look, given.accept or [], given.accept is not None))))
    del kept


if __name__ == "__main__":
    main()
