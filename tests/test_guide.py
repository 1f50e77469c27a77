"""The user guide cannot age: its pictures are golden ones, its links lead somewhere, the words it quotes are on the screen."""

import json
import re
from pathlib import Path

import pytest
from PyQt6.QtGui import QImage

from pencontrol.control.alarms import TABLE
from tests.ui import golden

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "user-guide.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def _shown() -> str:
    """Every word that screen and alarms can show, without breaks."""
    words = json.loads((ROOT / "ui" / "touch" / "assets" / "words" / "en.json").read_text(encoding="utf-8"))
    return " | ".join([*words.values(), *(row.words for row in TABLE.values())]).replace("\n", " ")


def test_every_picture_is_the_accepted_look_of_its_scene() -> None:
    told = [*re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXT), "images/treat.png"]
    assert len(told) >= 15
    assert {f"images/{name}.png" for name in golden.SHOWN} == set(told), "each picture is shown, and none that no scene makes"
    accepted = golden.read_digests()[golden.SHOWN_LOOK]
    for name, scene in golden.SHOWN.items():
        picture = QImage(str(golden.SHOWN_FOLDER / f"{name}.png"))
        assert golden.digest(picture) == accepted[scene], f"{name}.png is not what {scene!r} looks like"


def test_every_link_leads_somewhere() -> None:
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^## (.+)$", TEXT, re.M)}
    for target in re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in anchors
        else:
            assert (GUIDE.parent / target).is_file()


@pytest.mark.parametrize("quoted", sorted(set(re.findall(r'"([^"\n]+)"', TEXT))))
def test_what_is_quoted_is_on_the_screen(quoted: str) -> None:
    if quoted == "are you sure?":
        assert quoted not in _shown().lower()
    else:
        assert quoted.lower() in _shown().lower()


@pytest.mark.parametrize("state", ["STOPPED", "READY", "RUNNING", "STOPPING", "PAUSED", "UNCERTAIN", "NO PEN", "FAULT"])
def test_every_state_is_explained_or_named(state: str) -> None:
    assert state in TEXT
