"""The pen under MicroPython: from the same bytes, times and readings the same bytes and the same orders to the hardware."""

import json
from typing import Any

import pytest

from tests.micropython import interpreter
from tests.micropython.interpreter import why_not
from tests.micropython.on_pen.tape import Differs, Player
from tests.micropython.stories import STORIES, tape_of

NAMES = [story.__name__ for story in STORIES]


@pytest.fixture(scope="module")
def tapes() -> dict[str, list[str]]:
    return {name: tape_of(name) for name in NAMES}


@pytest.fixture(scope="module")
def played(tapes: dict[str, list[str]]) -> dict[str, list[Any]]:
    if why_not():
        pytest.skip(why_not())
    texts = {f"/{name}": "\n".join(lines) for name, lines in tapes.items()}
    return {name: rest for name, *rest in interpreter.run("tape_main", {"/tapes": " ".join(NAMES), **texts})}


@pytest.mark.parametrize("name", NAMES)
def test_same_bytes_out(name: str, played: dict[str, list[Any]], tapes: dict[str, list[str]]) -> None:
    steps, bytes_in, bytes_out, difference = played[name]
    assert difference == ""
    assert steps == sum(line.startswith('["step"') for line in tapes[name])
    assert bytes_in > 100
    assert bytes_out > 1000


def test_a_difference_is_seen(tapes: dict[str, list[str]]) -> None:
    for doing in ("take", "ask"):
        lines = list(tapes["button"])
        at = max(number for number, line in enumerate(lines) if line.startswith(f'["{doing}"') and "[]" not in line)
        entry = json.loads(lines[at])
        if doing == "take":
            entry[1] = {"hex": "00" + entry[1]["hex"]}
        else:
            entry[2] = [1]
        lines[at] = json.dumps(entry)
        with pytest.raises(Differs, match=f"line {at + 1}"):
            Player(iter(lines)).play(10**9)
