"""The catalogues: the same keys and places in every language, keyboards that lose no letter, room for every state and reason."""

import json
import string
from collections.abc import Callable

import pytest

from tests.ui import conftest
from tests.ui.clipping import watched
from tests.ui.conftest import Rig
from ui.touch.frame_views import StartView
from ui.touch.widgets.keyboard import NARROW, SIGNS, letter_rows, sign_rows
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


@pytest.mark.parametrize("code", CODES)
def test_every_state_reason_and_message_has_room_in_the_column(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch, code: str
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
                with watched() as cut:
                    column.ring.grab()
                assert not cut
