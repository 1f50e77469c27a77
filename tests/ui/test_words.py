"""The catalogues: the same keys and places in every language, keyboards that lose no letter, and walks that clip nothing."""

import json
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QFontMetrics, QPainter
from PyQt6.QtWidgets import QApplication, QLabel, QStyle, QStyleOptionButton, QWidget

from tests.ui import conftest
from tests.ui.conftest import Rig
from tests.ui.records_store import bare, whole, write
from tests.ui.test_records_screen import Reader
from tests.ui.test_walk import places
from ui.touch.records.page import SECTIONS
from ui.touch.views import StartView
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.keyboard import NARROW, SIGNS, letter_rows, sign_rows
from ui.touch.widgets.touch import TapButton
from ui.touch.words import CATALOGUES, languages, load_words

CODES = ("de", "en", "es", "fr")
OTHERS = ("de", "es", "fr")
NAMES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}
LETTERS = set(string.ascii_uppercase + string.digits + "-")
OWN = {"en": "", "de": "ÄÖÜß", "fr": "ÀÂÇÈÉÊËÎÏÔÙÛŒ", "es": "ÁÉÍÑÓÚÜ¿¡"}


def catalogue(code: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((CATALOGUES / f"{code}.json").read_text(encoding="utf-8"))
    return texts


def pairs(code: str) -> list[str]:
    """Keys as they stand in the file, twice when they stand there twice."""
    found: list[str] = []
    text = (CATALOGUES / f"{code}.json").read_text(encoding="utf-8")
    json.loads(text, object_pairs_hook=lambda each: found.extend(key for key, _ in each))
    return found


def marks(text: str) -> list[str]:
    """The places of a text, with what stands in their braces."""
    return sorted(f"{name}!{how}:{form}" for _, name, form, how in string.Formatter().parse(text) if name is not None)


def test_setup_lists_all_four_in_their_own_names(rig: Rig) -> None:
    assert languages() == NAMES
    assert next(iter(languages())) == "en"
    tiles = rig.touch.setup.language_tab.tiles
    assert {code: tile.text() for code, tile in tiles.items()} == NAMES


@pytest.mark.parametrize("code", OTHERS)
def test_every_key_and_every_place_of_english(code: str) -> None:
    english, texts = catalogue("en"), catalogue(code)
    keys = pairs(code)
    assert len(set(keys)) == len(keys), "once each"
    assert set(keys) == set(english), sorted(set(keys) ^ set(english))
    for key, text in texts.items():
        assert text.strip(), key
        assert marks(text) == marks(english[key]), key
        assert text.count("\n") == english[key].count("\n"), key


@pytest.mark.parametrize("code", OTHERS)
def test_translations_stay_short(code: str) -> None:
    english = catalogue("en")
    long = {key: text for key, text in catalogue(code).items() if len(text) > 1.5 * len(english[key]) + 8}
    assert not long


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_typed_or_read_by_programs_is_the_same(code: str) -> None:
    english, words = catalogue("en"), load_words(code)
    for key in ("stop.word", "missing", "unit.mm", "code.client_begin", "code.operator_begin", "keyboard.dash", "key.erase"):
        assert words(key) == english[key], key
    states = [text for key, text in catalogue(code).items() if key.startswith("state.") and key != "state.accessible"]
    assert len(set(states)) == len(states), "two states must never be called the same"
    assert "STOP" not in states


@pytest.mark.parametrize("columns", [NARROW, 10])
@pytest.mark.parametrize("code", CODES)
def test_the_keyboard_of_a_language_loses_no_letter(code: str, columns: int) -> None:
    words = load_words(code)
    first, second, third = (words(f"keyboard.row{number}") for number in (1, 2, 3))
    typed = "".join(letter_rows((first, second, third), columns))
    assert sorted(set(typed)) == sorted(typed), "no letter twice"
    dash = {"-"} if columns == NARROW else set()  # has a key of its own there
    assert set(typed) | dash == LETTERS
    accents = words("keyboard.accents")
    signs = "".join(sign_rows(accents, columns))
    assert set(signs) == set(accents) | set(SIGNS)
    assert set(OWN[code]) <= set(accents)
    assert all(letter.isalpha() or letter in "¿¡" for letter in accents)


def advance(key: TapButton) -> int:
    return key.fontMetrics().horizontalAdvance(key.text().replace("&&", "&"))


def inside(key: TapButton) -> int:
    """The width between a key's paddings, in pixels: what lies outside is cut off."""
    option, style = QStyleOptionButton(), key.style()
    assert style is not None
    key.initStyleOption(option)
    return style.subElementRect(QStyle.SubElement.SE_PushButtonContents, option, key).width()


def too_small(shell: QWidget) -> Iterator[str]:
    """Texts of labels and keys that have less room than they need."""
    for shown in shell.findChildren(QLabel):
        if not shown.isVisible() or not shown.text():
            continue
        if shown.wordWrap():
            need, room = shown.heightForWidth(shown.width()), shown.height()
        else:
            need, room = shown.fontMetrics().horizontalAdvance(shown.text()), shown.width() + 1
        if need > room:
            yield f"{shown.text()!r}: {need} > {room}"
        seen = shown.visibleRegion().boundingRect().width()
        if 0 < seen < shown.width():
            yield f"{shown.text()!r} is cut by what holds it: {seen} < {shown.width()}"
    for key in shell.findChildren(TapButton):
        if key.isVisible() and key.text() and (room := inside(key)) < (need := advance(key)):
            yield f"key {key.text()!r}: {need} > {room}"
    for fit in shell.findChildren(FitLabel):
        if fit.isVisible() and fit.fitted()[1] != fit.text():
            yield f"shortened to {fit.fitted()[1]!r}: {fit.text()!r}"


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that were painted shortened, or into less room than they need."""
    found: list[str] = []
    shorten, draw = QFontMetrics.elidedText, QPainter.drawText

    def elided(metrics: QFontMetrics, text: str, *how: Any) -> str:
        shown = shorten(metrics, text, *how)
        if shown != text:
            found.append(f"{text!r} is shown as {shown!r}")
        return shown

    def drawn(painter: QPainter, *told: Any) -> Any:
        room, text = told[0], told[-1]
        if isinstance(room, QRect | QRectF) and isinstance(text, str):
            flags, metrics = Qt.TextFlag(int(getattr(told[1], "value", told[1]))), painter.fontMetrics()
            if flags & Qt.TextFlag.TextWordWrap:
                need = metrics.boundingRect(QRect(0, 0, int(room.width()), 10_000), flags.value, text)
                if need.width() > room.width() + 1 or need.height() > room.height() + 1:
                    found.append(f"{text!r} needs {need.size()} of {room.size()}")
            elif metrics.horizontalAdvance(text) > room.width() + 1:
                found.append(f"{text!r} needs {metrics.horizontalAdvance(text)} of {room.width():.0f}")
        return draw(painter, *told)

    monkeypatch.setattr(QFontMetrics, "elidedText", elided)
    monkeypatch.setattr(QPainter, "drawText", drawn)
    return found


@pytest.mark.parametrize("code", CODES)
def test_a_walk_in_which_nothing_is_clipped(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch, cut: list[str], code: str
) -> None:
    monkeypatch.setattr(conftest, "load_words", lambda: load_words(code))
    rig = make_rig("10.1")
    clipped: dict[str, str] = {}
    for place in places(rig):
        QApplication.processEvents()
        rig.shell.grab()
        for text in (*too_small(rig.shell), *cut):
            clipped.setdefault(text, place)
        cut.clear()
    assert not clipped


@pytest.mark.parametrize("code", CODES)
def test_every_state_reason_and_message_has_room_in_the_column(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch, cut: list[str], code: str
) -> None:
    monkeypatch.setattr(conftest, "load_words", lambda: load_words(code))
    rig, texts = make_rig("10.1"), catalogue(code)
    column = rig.shell.column
    for key, text in texts.items():
        if key.startswith("state.") and key != "state.accessible":
            assert column.word.fontMetrics().horizontalAdvance(text) <= column.word.width(), key
        if key.startswith("reason."):
            column.reason.setText(text)
            assert column.reason.heightForWidth(column.reason.width()) <= column.reason.height(), key
        if key.startswith("stop.") and key not in ("stop.word", "stop.description"):
            column.message.setText(text)
            assert column.message.heightForWidth(column.message.width()) <= column.message.height(), key
        if key.startswith("start.") and key != "start.word":
            for pause in (False, True):
                column.ring.show_view(StartView(pause, True, text))
                column.ring.grab()
    assert not cut


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("recorded")
    write(home, whole(seconds=16), bare(1, 18, "C-0001"), bare(3, 0.2, "C-0002", state="INTERRUPTED"))
    return home


@pytest.mark.parametrize("code", CODES)
def test_the_records_clip_nothing(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch, recorded: Path, cut: list[str], code: str
) -> None:
    monkeypatch.setattr(conftest, "load_words", lambda: load_words(code))
    rig = make_rig("10.1")
    for file in recorded.glob("records.sqlite*"):
        (rig.home / file.name).write_bytes(file.read_bytes())
    reader, clipped = Reader(rig), {}
    reader.enter()
    for place in ("list", *SECTIONS):
        if place == "summary":
            reader.open()
        elif place != "list":
            reader.page.show_section(place)
        reader.rest()
        rig.shell.grab()
        for text in (*too_small(rig.shell), *cut):
            if str(rig.home) not in text:  # a folder's path may be any length
                clipped[text] = place
        cut.clear()
    assert not clipped
