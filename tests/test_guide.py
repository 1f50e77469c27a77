"""The user guide cannot age: its pictures are golden ones, its links lead somewhere, the words it quotes are on the screen."""

import json
import re
from pathlib import Path

import pytest

from pencontrol.control.alarms import TABLE

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "user-guide.md"
TEXT = GUIDE.read_text(encoding="utf-8")
GOLDEN = ROOT / "tests" / "ui" / "golden"


def _shown() -> str:
    """Every word that screen and alarms can show, without breaks."""
    words = json.loads((ROOT / "ui" / "touch" / "assets" / "words" / "en.json").read_text(encoding="utf-8"))
    return " | ".join([*words.values(), *(row.words for row in TABLE.values())]).replace("\n", " ")


def test_every_picture_is_a_golden_one() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXT)
    assert len(pictures) >= 10
    for picture in pictures:
        path = (GUIDE.parent / picture).resolve()
        assert path.is_file(), f"{picture} is not there"
        assert path.is_relative_to(GOLDEN), f"{picture} is no golden image: nothing would notice when it is out of date"


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
