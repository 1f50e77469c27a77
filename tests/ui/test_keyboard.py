"""The screen's own keyboard: every key is large and apart on every panel, every letter is there, and it types what it shows."""

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import PANELS, click
from ui.touch.metrics import Metrics
from ui.touch.widgets.keyboard import CODE, NOTE, SEARCH, Keyboard, Kind, letter_rows, sign_rows
from ui.touch.widgets.touch import TapButton
from ui.touch.words import load_words

WORDS = load_words()
LETTERS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def board(qtbot: QtBot, kind: Kind, panel: str = "10.1", width_mm: float = 152.0, height_mm: float = 110.0) -> Keyboard:
    made = Keyboard(Metrics(PANELS[panel][1]), WORDS, kind=kind)
    qtbot.addWidget(made)
    made.resize(round(width_mm * PANELS[panel][1]), round(height_mm * PANELS[panel][1]))
    made.show()
    made.ask("What?", "")
    QApplication.processEvents()
    return made


def keys(made: Keyboard) -> list[TapButton]:
    return [key for key in made.findChildren(TapButton) if key.isVisible()]


@pytest.mark.parametrize("kind", [CODE, SEARCH, NOTE], ids=["code", "search", "note"])
@pytest.mark.parametrize(("panel", "width_mm"), [("10.1", 152.0), ("13.3", 200.0), ("15.6", 240.0)])
def test_keys_are_15_mm_wide_and_2_mm_apart(qtbot: QtBot, kind: Kind, panel: str, width_mm: float) -> None:
    made = board(qtbot, kind, panel, width_mm)
    px = PANELS[panel][1]
    shown = keys(made)
    assert len(shown) > 36
    for number, key in enumerate(shown):
        room = key.geometry()
        assert made.rect().contains(room), key.accessibleName()
        assert room.width() / px >= 15
        assert room.height() / px >= 12
        assert key.accessibleName()
        for other in shown[number + 1 :]:
            grown = room.adjusted(-round(2 * px) + 1, -round(2 * px) + 1, round(2 * px) - 1, round(2 * px) - 1)
            assert not grown.intersects(other.geometry()), (key.text(), other.text())


@pytest.mark.parametrize("columns", [9, 10])
@pytest.mark.parametrize(
    "rows",
    [("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"), ("QWERTZUIOP", "ASDFGHJKL", "YXCVBNM"), ("AZERTYUIOP", "QSDFGHJKLM", "WXCVBN")],
)
def test_no_letter_is_lost_however_narrow(columns: int, rows: tuple[str, str, str]) -> None:
    laid = letter_rows(rows, columns)
    assert set("".join(laid)) >= LETTERS
    assert all(len(row) <= columns for row in laid)
    assert all(len(row) <= columns for row in sign_rows("ÄÖÜß", columns))


def test_it_types_what_it_shows_and_takes_back(qtbot: QtBot) -> None:
    made = board(qtbot, CODE)
    done: list[str] = []
    made.done.connect(done.append)
    assert not made.enter.isEnabled(), "a code has three signs or more"
    for letter in "C0":
        click(made.letters()[letter])
    click(made.dash)
    click(made.letters()["P"])
    click(made.back)
    assert made.code == "C0-"
    click(made.enter)
    assert done == ["C0-"]
    for _ in range(30):
        click(made.letters()["A"])
    assert len(made.code) == CODE.most


def test_accents_signs_and_space(qtbot: QtBot) -> None:
    made = board(qtbot, SEARCH)
    done: list[str] = []
    made.done.connect(done.append)
    click(made.letters()["M"])
    click(made.layer)
    click(made.letters()["Ü"])
    click(made.letters()["&&"])
    click(made.layer)
    click(made.space)
    click(made.letters()["L"])
    click(made.space)
    click(made.enter)
    assert done == ["MÜ& L"]
    assert made.enter.isEnabled(), "an empty search shows all"


def test_a_note_begins_its_sentences_with_capitals(qtbot: QtBot) -> None:
    made = board(qtbot, NOTE)
    click(made.letters()["A"])
    click(made.letters()["b"])
    click(made.layer)
    click(made.letters()["."])
    click(made.layer)
    click(made.space)
    click(made.letters()["C"])
    assert made.code == "Ab. C"
    click(made.shift)
    click(made.letters()["D"])
    click(made.letters()["e"])
    assert made.code == "Ab. CDe"
