"""The codec under MicroPython makes, byte for byte, what it makes under CPython."""

import json

from firmware_protocol.board.bundle import PACKAGE
from tests.micropython import cases, interpreter
from tests.micropython.on_pen.codec import LAYOUTS

ROUNDS = 400


def test_cases_have_every_layout_both_ways_and_every_refusal() -> None:
    lines = [json.loads(line) for line in cases.lines(1, ROUNDS)]
    for doing in ("pack", "unpack"):
        assert {given[0] for done, given, made in lines if done == doing and made != "MessageError"} == set(LAYOUTS)
    assert {"MessageError", "FrameTooLong", None} <= {made for _, _, made in lines if not isinstance(made, dict | list)}
    counters = [made[1] for done, _, made in lines if done == "deframe"]
    assert all(sum(counter) > 0 for counter in zip(*counters, strict=True))


def test_byte_identical_with_cpython() -> None:
    lines = cases.lines(1, ROUNDS)
    ((count, differences),) = interpreter.run("codec_main", {"/cases": "\n".join(lines)})
    assert differences == []
    assert count == len(lines)


def vectors() -> str:
    return (PACKAGE / "vectors/pen_link_v1.json").read_text(encoding="utf-8")


def test_published_vectors() -> None:
    ((count, wrong),) = interpreter.run("vectors_main", {"/vectors": vectors()})
    assert wrong == []
    assert count > 3 * len(json.loads(vectors())["frames"])


def test_a_wrong_vector_is_seen() -> None:
    changed = json.loads(vectors())
    changed["frames"][0]["expect"]["frames"][0]["fields"]["major"] = 2
    changed["frames"][1]["wire"] = changed["frames"][0]["wire"]
    changed["frames"][-1]["expect"]["counters"] = {"bad_crc": 1}
    changed["cobs"][0]["coded"] = "02"
    changed["crc32"][0]["crc"] = 1
    changed["calibration"][0]["scaled"] += 1
    changed["calibration_block"]["a_um"] += 1
    ((_, wrong),) = interpreter.run("vectors_main", {"/vectors": json.dumps(changed)})
    names = {name.split(" in pieces")[0] for name in wrong}
    assert {changed["frames"][at]["name"] for at in (0, 1, -1)} < names
    assert {"cobs 0", "crc32 0", "calibration 0", "calibration block"} < names
