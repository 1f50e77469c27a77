"""The C header, as a stranger would use it: compiled by a strict C99 compiler, every vector run through it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol.frame import TO_HOST_WIRE_BYTES, encode_frame
from firmware_protocol.generate.vectors import COUNTERS
from tests.firmware_protocol.c_show import expected_line, show_header

ROOT = Path(__file__).parent.parent.parent
HEADER = ROOT / "firmware_protocol" / "c" / "pen_link.h"
DRIVER = Path(__file__).parent / "c" / "driver.c"
VECTORS: dict[str, Any] = json.loads((ROOT / "firmware_protocol" / "vectors" / "pen_link_v1.json").read_text("utf-8"))
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
GCC = shutil.which("gcc")


def compiled(folder: Path, header: str, *options: str) -> Path:
    """The driver around this text of the header; raises CalledProcessError with the compiler's words."""
    (folder / "pen_link.h").write_text(header, encoding="utf-8")
    (folder / "show.h").write_text(show_header(), encoding="utf-8")
    shutil.copy(DRIVER, folder / "driver.c")
    program = folder / "driver"
    command = [GCC or "gcc", *STRICT, *options, "-I", str(folder), str(folder / "driver.c"), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if GCC is None:
        # ./test turns warnings into errors, so the loud line goes out as the reason
        pytest.skip("GCC IS NOT HERE: the C header was NOT compiled and NO vector was run through it")
    sanitizers = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    return compiled(tmp_path_factory.mktemp("c"), HEADER.read_text("utf-8"), *sanitizers)


def run(program: Path, lines: list[str]) -> list[str]:
    done = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def disagreements(program: Path) -> list[str]:
    """Names of the frame vectors that the C code sees otherwise."""
    told = iter(run(program, [f"frame {v['direction']} {v['wire']}" for v in VECTORS["frames"]]))
    wrong = []
    for vector in VECTORS["frames"]:
        expect = vector["expect"]
        wanted = [expected_line(frame) for frame in expect["frames"]]
        wanted.append("counts" + "".join(f" {expect['counters'].get(name, 0)}" for name in COUNTERS))
        got: list[str] = []
        while not got or not got[-1].startswith("counts"):
            got.append(next(told))
        if got != wanted:
            wrong.append(f"{vector['name']}: {got} is not {wanted}")
    return wrong


def test_every_frame_vector(program: Path) -> None:
    assert len(VECTORS["frames"]) >= 80
    assert disagreements(program) == []


def test_every_frame_is_built_to_the_same_bytes(program: Path) -> None:
    frames = [v["expect"]["frames"][0] for v in VECTORS["frames"] if v["why"] == "valid"]
    lines = [f"build {f['type']} {f['session']} {f['flags']} {f['sequence']} {f['payload'] or '-'}" for f in frames]
    for frame, told in zip(frames, run(program, lines), strict=True):
        values = (frame["type"], frame["session"], frame["flags"], frame["sequence"], bytes.fromhex(frame["payload"]))
        assert told == " wire=" + encode_frame(*values, TO_HOST_WIRE_BYTES).hex()


def test_a_frame_that_is_too_long_is_not_built(program: Path) -> None:
    fits, over = "01" * 241, "01" * 242
    told = run(program, [f"build 222 1 0 1 {fits}", f"build 222 1 0 1 {over}"])
    assert told == [" wire=" + encode_frame(222, 1, 0, 1, bytes.fromhex(fits), 254).hex(), " wire="]


def test_cobs_crc_and_calibration(program: Path) -> None:
    lines = [f"cobs {v['plain'] or '-'} {v['coded']}" for v in VECTORS["cobs"]]
    assert run(program, lines) == [f" coded={v['coded']} plain={v['plain']} again={v['plain']}" for v in VECTORS["cobs"]]
    lines = [f"crc {v['data'] or '-'}" for v in VECTORS["crc32"]]
    assert run(program, lines) == [f"{v['crc']} {v['crc']}" for v in VECTORS["crc32"]]
    lines = [f"scale {v['value']} {v['ppm']}" for v in VECTORS["calibration"]]
    assert run(program, lines) == [f"{v['scaled']} {v['unscaled']}" for v in VECTORS["calibration"]]


BREAKS: list[tuple[str, str, str]] = [
    ("another polynomial", "0xEDB88320u", "0xEDB88321u"),
    ("major not looked at", "if (body[0] != PL_MAJOR", "if (body[0] > 200"),
    ("STOP of another major dropped", "&& !pl_is_stop(body[1])) return PL_BAD_MAJOR", ") return PL_BAD_MAJOR"),
    ("critical flags not looked at", "#define PL_FLAGS_CRITICAL 0xF0u", "#define PL_FLAGS_CRITICAL 0x00u"),
    ("big endian", "return (uint16_t)(from[0] | from[1] << 8);", "return (uint16_t)(from[1] | from[0] << 8);"),
    ("DRIVE of any length", "if (length != 19u) return false;", "if (length < 19u) return false;"),
    ("overrun goes on", "receiver->overrun = true;", "receiver->overrun = false;"),
    ("a lease that is too long", "value->lease_ms < 60 || value->lease_ms > 200", "value->lease_ms < 60"),
    ("two fields changed places", "to->zone = from[8];\n    to->mode = from[9];", "to->zone = from[9];\n    to->mode = from[8];"),
]


@pytest.mark.parametrize(("name", "old", "new"), BREAKS)
def test_a_broken_header_is_seen(name: str, old: str, new: str, program: Path, tmp_path: Path) -> None:
    text = HEADER.read_text("utf-8")
    assert old in text
    assert disagreements(compiled(tmp_path, text.replace(old, new))) != []


def test_the_header_stands_alone_in_two_files_and_in_cpp(program: Path, tmp_path: Path) -> None:
    for name in ("one.c", "two.c", "three.cpp"):
        (tmp_path / name).write_text('#include "pen_link.h"\n#include "pen_link.h"\n')
        standard = "-std=c++11" if name.endswith("cpp") else "-std=c99"
        command = [
            str(GCC),
            standard,
            *STRICT[1:],
            "-I",
            str(HEADER.parent),
            "-c",
            str(tmp_path / name),
            "-o",
            str(tmp_path / name) + ".o",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if name.endswith("cpp") and "cc1plus" in done.stderr:
            continue  # gcc without its C++ half
        assert done.returncode == 0, done.stderr
