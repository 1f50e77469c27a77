"""The generated files: nobody edits them by hand, the page is complete, and a released table cannot be broken unseen."""

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import Deframer
from firmware_protocol.generate import __main__ as generate
from firmware_protocol.generate.protocol_page import TEMPLATE, protocol_page
from firmware_protocol.generate.release import breaks, snapshot
from firmware_protocol.generate.table import CODE_LISTS, codes, layouts, placed
from firmware_protocol.generate.vectors import COUNTERS, outcome

Field, Layout = m.Field, m.Layout
VECTORS: dict[str, Any] = json.loads((generate.ROOT / "firmware_protocol/vectors/pen_link_v1.json").read_text("utf-8"))
FRAMES = VECTORS["frames"]


def copied(folder: Path) -> Path:
    for name in generate.FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(generate.ROOT / name, folder / name)
    return folder


def test_every_generated_file_is_the_tables() -> None:
    assert generate.main(["--check"]) == 0


@pytest.mark.parametrize("name", generate.FILES)
def test_check_sees_one_changed_byte_and_a_missing_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copied(tmp_path) / name
    path.write_text(path.read_text("utf-8").replace("DRIVE", "DRIVEN", 1), "utf-8")
    assert generate.main(["--check"], tmp_path) == 1
    assert f"{name} differs" in capsys.readouterr().err
    path.unlink()
    assert generate.main(["--check"], tmp_path) == 1
    assert not path.exists()
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0


def test_check_sees_a_broken_release(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(generate, "released_breaks", lambda: ["released_1_0.json: message STOP is gone"])
    assert generate.main(["--check"]) == 1
    assert "breaks a release: released_1_0.json: message STOP is gone" in capsys.readouterr().err


# ---- vectors


def test_there_are_enough_vectors_of_every_kind() -> None:
    assert len(FRAMES) >= 80
    assert len({vector["name"] for vector in FRAMES}) == len(FRAMES)
    kinds = {vector["why"] for vector in FRAMES}
    assert kinds >= {"valid", "payload_error", "out_of_range", *COUNTERS}
    shown = {frame["message"] for vector in FRAMES for frame in vector["expect"]["frames"]}
    for message, _, reply in layouts():
        assert message.name + ("_REPLY" if reply else "") in shown


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_a_vector_is_the_same_byte_by_byte(vector: dict[str, Any]) -> None:
    wire = bytes.fromhex(vector["wire"])
    assert outcome(vector["direction"], wire) == vector["expect"]
    receiver = Deframer(64 if vector["direction"] == "to_pen" else 254)
    frames = [frame for octet in wire for frame in receiver.feed(bytes([octet]))]
    assert [frame.payload.hex() for frame in frames] == [frame["payload"] for frame in vector["expect"]["frames"]]
    assert {name: getattr(receiver, name) for name in COUNTERS if getattr(receiver, name)} == vector["expect"]["counters"]


def test_valid_vectors_pack_to_their_own_bytes() -> None:
    for vector in FRAMES[: sum(1 for _ in layouts())]:
        frame = vector["expect"]["frames"][0]
        message = m.BY_ID[frame["type"] if frame["type"] < 0x80 or frame["type"] >= 0xC0 else frame["type"] & 0x7F]
        reply = "result" in frame
        layout = message.reply if reply else message.payload
        values = [bytes.fromhex(v) if isinstance(v, str) else v for v in frame["fields"].values()]
        if layout.entries:
            values.append(tuple(tuple(entry.values()) for entry in frame["entries"]))
        packed = layout.pack(layout.type(*values))
        assert packed.hex() == frame["payload"][2 if reply else 0 :]


# ---- the page


def test_the_page_is_complete() -> None:
    page = protocol_page()
    assert "@" not in page
    for message, layout, _ in layouts():
        assert f"### {message.id:02X} {message.name}" in page
        for row in placed(layout.fields) + placed(layout.entries):
            assert f"| {row.offset} | {row.type_name} | `{row.field.name}` | {row.field.unit} |" in page
    for name, _, _ in CODE_LISTS:
        for number, code in enumerate(codes(name)):
            assert f"| {number} | {code} |" in page
    for parameter in m.PARAMETERS:
        assert f"| {parameter.id} | `{parameter.name}` |" in page
    assert "stateDiagram-v2" in page


def test_every_field_says_what_it_means() -> None:
    dumb = [f"{layout.name}.{row.name}" for _, layout, _ in layouts() for row in layout.fields + layout.entries if not row.text]
    assert dumb == []
    assert [field.name for field in m.CALIBRATION.fields if not field.text] == []


def test_the_pages_links_lead_somewhere() -> None:
    page = protocol_page()
    heads = [line.lstrip("# ") for line in page.splitlines() if line.startswith("#")]
    anchors = {"".join(c for c in head.lower().replace(" ", "-") if c.isalnum() or c in "-_") for head in heads}
    links = [part.split(")")[0] for part in page.split("](#")[1:]]
    assert [link for link in links if link not in anchors] == []


def test_every_refusal_and_fault_has_its_rule() -> None:
    words = TEMPLATE.read_text("utf-8")
    for refusal in m.REFUSALS[1:]:
        assert f"| {refusal} | " in words
    for fault in m.FAULTS[1:]:
        assert fault in words


def test_the_examples_of_the_page_are_good_frames() -> None:
    page = protocol_page()
    wires = [bytes.fromhex(part.split("\n\n    ")[1].split("\n")[0]) for part in page.split("On the wire, ")[1:]]
    assert len(wires) == 6
    for wire in wires:
        receiver = Deframer(254)
        assert len(receiver.feed(wire)) == 1
        assert receiver.bad == 0


# ---- releases


def test_the_released_table_is_kept() -> None:
    assert generate.released_breaks() == []
    assert list(generate.HERE.glob("released_1_*.json")) != []


def changed(change: Callable[[dict[str, Any]], Any]) -> list[str]:
    """What the check says of today's table with one change."""
    old = snapshot()
    new = copy.deepcopy(old)
    change(new)
    return breaks(old, new)


def drive(new: dict[str, Any]) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = new["messages"]["DRIVE"]["payload"]["fields"]
    return fields


REFUSED: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("message removed", lambda new: new["messages"].pop("STOP"), "message STOP is gone"),
    ("message renumbered", lambda new: new["messages"]["STOP"].update(id=0x32), "STOP: id was 0x31, is 0x32"),
    ("field removed", lambda new: drive(new).pop(), "field trip_ms is gone"),
    ("field removed in the middle", lambda new: drive(new).pop(3), "name was 'zone', is 'mode'"),
    ("field retyped", lambda new: drive(new)[3].update(code="H"), "code was 'B', is 'H'"),
    ("field renamed", lambda new: drive(new)[3].update(name="area"), "name was 'zone', is 'area'"),
    ("unit changed", lambda new: drive(new)[6].update(unit="0.1 mm"), "unit was 'um', is '0.1 mm'"),
    ("less allowed", lambda new: drive(new)[1].update(high=150), "allowed was 60 to 200, is only 60 to 150"),
    ("fields swapped", lambda new: drive(new).insert(0, drive(new).pop()), "field 0 arm_token: name was"),
    ("reply gone", lambda new: new["messages"]["ARM"].update(reply=None), "ARM reply: was there"),
    ("a reply where none was", lambda new: new["messages"]["DRIVE"].update(reply={}), "DRIVE reply: was not there"),
    ("no longer exact", lambda new: new["messages"]["ARM"]["payload"].update(exact=False), "exact was True"),
    ("entry grown", lambda new: new["messages"]["PLAN_WRITE"]["payload"]["entries"].append({"name": "x"}), "cannot be appended"),
    (
        "field before entries",
        lambda new: new["messages"]["PLAN_WRITE"]["payload"]["fields"].append({"name": "x"}),
        "cannot be app",
    ),
    ("appended without since", lambda new: drive(new).append({"name": "x", "since": 0}), "its `since` must be over 0"),
    ("code removed", lambda new: new["codes"]["FAULTS"].pop(3), "codes FAULTS"),
    ("codes swapped", lambda new: new["codes"]["RESULTS"].reverse(), "codes RESULTS"),
    ("parameter removed", lambda new: new["parameters"].pop("spin_up_ms"), "parameter spin_up_ms is gone"),
    ("parameter renumbered", lambda new: new["parameters"]["spin_up_ms"].update(id=9), "was 1 in 'ms', is 9 in 'ms'"),
    (
        "calibration block grown",
        lambda new: new["calibration"]["fields"].append({"name": "x", "since": 1}),
        "calibration block: x",
    ),
    ("minor gone back", lambda new: new.update(minor=-1), "minor was 0, is -1"),
]


@pytest.mark.parametrize(("name", "change", "words"), REFUSED)
def test_a_break_is_refused(name: str, change: Callable[[dict[str, Any]], Any], words: str) -> None:
    found = changed(change)
    assert found
    assert any(words in each for each in found), found


ALLOWED: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("nothing", lambda new: None),
    ("field appended", lambda new: drive(new).append({"name": "angle", "since": 1})),
    ("message appended", lambda new: new["messages"].update(WINK={"id": 0x20, "payload": None, "reply": None})),
    ("code appended", lambda new: new["codes"]["FAULTS"].append("BATTERY")),
    ("parameter appended", lambda new: new["parameters"].update(glow={"id": 5, "unit": "%", "low": 0, "high": 100})),
    ("more allowed", lambda new: drive(new)[1].update(high=250)),
    ("another major", lambda new: new.update(major=2, messages={})),
]


@pytest.mark.parametrize(("name", "change"), ALLOWED)
def test_what_is_appended_is_allowed(name: str, change: Callable[[dict[str, Any]], Any]) -> None:
    assert changed(change) == []


def test_a_table_really_broken_is_refused_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert generate.store_release(tmp_path) == 0
    assert generate.released_breaks(tmp_path) == []
    assert generate.store_release(tmp_path) == 0  # again, and nothing to say
    broken = tuple(each for each in m.MESSAGES if each is not m.SYNC)
    monkeypatch.setattr(generate, "snapshot", lambda: snapshot(broken))
    assert generate.released_breaks(tmp_path) == ["released_1_0.json: message SYNC is gone"]
    assert generate.store_release(tmp_path) == 1  # a release is not written over


# ---- what an append means on the wire


def test_a_field_that_a_minor_appended_reads_0_from_an_older_peer() -> None:
    old: m.Layout[Any] = Layout("Old", (Field("a", "B"),))
    new: m.Layout[Any] = Layout("New", (Field("a", "B"), Field("b", "H", since=1), Field("c", "4s", since=2)))
    assert (new.least, new.size) == (1, 7)
    assert tuple(new.unpack(old.pack((5,)))) == (5, 0, bytes(4))
    assert tuple(new.unpack(b"\5\6\0")) == (5, 6, bytes(4))
    assert tuple(old.unpack(new.pack(new.type(5, 6, b"abcd")))) == (5,)
    for wrong in (b"", b"\5\6", b"\5\6\0abc"):
        with pytest.raises(m.MessageError, match="needs at least 7"):
            new.unpack(wrong)


def test_an_exact_layout_takes_the_lengths_of_its_minors_and_no_other() -> None:
    exact: m.Layout[Any] = Layout("Exact", (Field("a", "B"), Field("b", "B", since=1)), exact=True)
    assert tuple(exact.unpack(b"\1")) == (1, 0)
    assert tuple(exact.unpack(b"\1\2")) == (1, 2)
    for wrong in (b"", b"\1\2\3"):
        with pytest.raises(m.MessageError, match="must have 2"):
            exact.unpack(wrong)
