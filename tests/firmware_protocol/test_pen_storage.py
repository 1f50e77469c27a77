"""Two-slot storage: whatever byte the power fails at, the old set or the new one is there afterwards, never a third thing."""

from binascii import crc32
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages as m
from firmware_protocol import pen_storage as store
from firmware_protocol.pen_hardware import STORE_BUSY, STORE_DONE, STORE_FAILED, Hardware
from firmware_protocol.simulator.__main__ import _options
from firmware_protocol.simulator.server import Server
from firmware_protocol.simulator.storage import ERASED, FileStorage, MemoryStorage
from tests.firmware_protocol.pen_bench import Bench, BenchHardware

OLD, NEW = b"the old set", b"the new set, a longer one"
SLOTS = (0, 1)


class Flash(Hardware):
    """Slots that take one byte a poll; the power fails after `cut` bytes, counted from the erase on."""

    def __init__(self, slots: list[bytes] | None = None) -> None:
        self.slots = slots or [ERASED] * store.SLOTS
        self.cut = 10_000
        self.says = STORE_DONE
        self.erases_to = ERASED
        self._slot, self._data, self._done = 0, b"", 0

    def storage_read(self, slot: int) -> bytes:
        return self.slots[slot]

    def storage_begin(self, slot: int, data: bytes) -> bool:
        self._slot, self._data, self._done = slot, data, 0
        if self.cut >= 0:
            self.slots[slot] = self.erases_to
        return True

    def storage_poll(self) -> int:
        if self.says != STORE_DONE:
            return self.says
        if self._done < min(self.cut, len(self._data)):
            self._done += 1
            held = self.slots[self._slot]
            self.slots[self._slot] = self._data[: self._done] + held[self._done :]
            return STORE_BUSY
        return STORE_DONE if self._done == len(self._data) else STORE_BUSY


def wrote(flash: Flash, payload: bytes, polls: int = 1000) -> int:
    """Begin, and poll until it ends or the power is gone."""
    kept = store.TwoSlots(flash, SLOTS)
    assert kept.begin(payload)
    for _ in range(polls):
        said = kept.poll()
        if said != STORE_BUSY:
            return said
    return STORE_BUSY


def loaded(flash: Flash) -> bytes | None:
    return store.TwoSlots(flash, SLOTS).payload


def test_nothing_was_ever_stored() -> None:
    assert loaded(Flash()) is None
    assert loaded(Flash([b""] * 4)) is None


def test_what_was_stored_is_there_after_a_restart_and_each_write_takes_the_other_slot() -> None:
    flash = Flash()
    for number in range(5):
        before = list(flash.slots)
        assert wrote(flash, b"set %d" % number) == STORE_DONE
        assert loaded(flash) == b"set %d" % number
        assert sum(a != b for a, b in zip(before, flash.slots, strict=True)) == 1
    assert flash.slots[2:] == [ERASED] * 2


RUBBISH: list[Callable[[bytes], bytes]] = [lambda _: ERASED, lambda _: bytes(256), lambda held: held]


@pytest.mark.parametrize("leaves", RUBBISH, ids=["erased to ff", "erased to 00", "not erased at all"])
@pytest.mark.parametrize("earlier", [1, 2, 3])
def test_power_cut_at_every_byte_leaves_the_old_set_or_the_new(earlier: int, leaves: Callable[[bytes], bytes]) -> None:
    record = len(store.record_of(9, NEW))
    seen = set()
    for cut in range(-1, record + 1):  # -1: before the erase
        flash = Flash()
        for _ in range(earlier):
            wrote(flash, OLD)
        flash.cut = cut
        flash.erases_to = leaves(flash.slots[earlier % 2])
        said = wrote(flash, NEW, polls=record + 2)
        assert said == (STORE_DONE if cut == record else STORE_BUSY)
        found = loaded(flash)
        assert found == (NEW if cut == record else OLD), cut
        seen.add(found)
        flash.cut = 10_000  # power is back: the next write works, whatever the cut left
        assert wrote(flash, b"later") == STORE_DONE
        assert loaded(flash) == b"later"
    assert seen == {OLD, NEW}


def test_a_cut_of_the_first_write_ever_leaves_nothing() -> None:
    for cut in range(-1, len(store.record_of(1, NEW))):
        flash = Flash()
        flash.cut = cut
        wrote(flash, NEW, polls=80)
        assert loaded(flash) is None


@given(st.integers(0, 255), st.integers(0, 7))
def test_a_rotten_bit_in_the_newest_gives_the_one_before(at: int, bit: int) -> None:
    flash = Flash()
    wrote(flash, OLD)
    wrote(flash, NEW)
    newest = bytearray(flash.slots[1])
    newest[at] ^= 1 << bit
    flash.slots[1] = bytes(newest)
    in_record = at < len(store.record_of(1, NEW))
    assert loaded(flash) == (OLD if in_record else NEW)


def test_generations_go_round() -> None:
    flash = Flash([store.record_of(0xFFFFFFFF, OLD), store.record_of(0, NEW), ERASED, ERASED])
    assert loaded(flash) == NEW
    flash.slots[:2] = [store.record_of(0, NEW), store.record_of(0xFFFFFFFF, OLD)]
    assert loaded(flash) == NEW
    assert wrote(flash, b"third") == STORE_DONE
    assert loaded(flash) == b"third"


def test_a_write_that_reads_back_otherwise_fails_and_the_old_set_holds() -> None:
    flash = Flash()
    wrote(flash, OLD)
    kept = store.TwoSlots(flash, SLOTS)
    assert kept.begin(NEW)
    while kept.poll() == STORE_BUSY:
        flash.slots[1] = bytes([flash.slots[1][0] ^ 1]) + flash.slots[1][1:]
    assert kept.payload == OLD
    assert not kept.writing


def test_a_storage_that_says_failed_or_has_no_room() -> None:
    flash = Flash()
    flash.says = STORE_FAILED
    kept = store.TwoSlots(flash, SLOTS)
    assert kept.begin(NEW)
    assert kept.poll() == STORE_FAILED
    assert kept.payload is None
    assert not kept.begin(bytes(store.PAYLOAD_MOST_BYTES + 1))
    assert len(store.record_of(1, bytes(store.PAYLOAD_MOST_BYTES))) <= store.SLOT_BYTES
    assert not store.TwoSlots(Hardware(), SLOTS).begin(NEW)  # a pen without storage


def test_one_write_at_a_time() -> None:
    storage = store.Storage(Flash())
    assert storage.state == m.STORAGE_IDLE
    assert storage.begin(storage.parameters, OLD) == m.IN_PROGRESS
    assert storage.state == m.STORAGE_WRITING
    assert storage.begin(storage.calibration, NEW) == m.BUSY
    assert storage.begin(storage.parameters, NEW) == m.BUSY
    ended = [storage.poll() for _ in range(len(store.record_of(1, OLD)) + 1)]
    assert ended == [None] * (len(ended) - 1) + [storage.parameters]
    assert storage.state == m.STORAGE_DONE
    assert storage.poll() is None
    assert storage.begin(storage.calibration, NEW) == m.IN_PROGRESS


def test_without_storage_a_commit_fails_at_once() -> None:
    storage = store.Storage(Hardware())
    assert storage.begin(storage.parameters, OLD) == m.FAILED
    assert storage.state == m.STORAGE_FAILED


@pytest.mark.parametrize(("at", "what"), [(0, "magic"), (1, "magic"), (2, "version")])
def test_a_whole_record_of_something_else_is_none(at: int, what: str) -> None:
    foreign = bytearray(store.record_of(1, OLD)[:-4])
    foreign[at] += 1
    assert store.read_record(bytes(foreign) + crc32(foreign).to_bytes(4, "little")) is None
    foreign[at] -= 1
    assert store.read_record(bytes(foreign) + crc32(foreign).to_bytes(4, "little")) == (1, OLD)


@given(st.binary(max_size=300))
def test_any_rubbish_is_no_record_or_an_honest_one(slot: bytes) -> None:
    found = store.read_record(slot)
    if found is not None:
        assert store.record_of(*found) == slot[: 14 + len(found[1])]


class Wired(Hardware):
    """A simulated pen's storage as hardware."""

    def __init__(self, storage: MemoryStorage) -> None:
        self.storage_read = storage.read  # type: ignore[method-assign]
        self.storage_begin = storage.begin  # type: ignore[method-assign]
        self.storage_poll = storage.poll  # type: ignore[method-assign]


@pytest.mark.parametrize("pieces", range(4))
def test_a_file_keeps_what_the_simulated_pen_stored_even_cut_short(pieces: int, tmp_path: Path) -> None:
    path = tmp_path / "pen.storage"
    kept = store.TwoSlots(Wired(FileStorage(path)), SLOTS)
    for payload in (OLD, NEW):
        assert kept.begin(payload)
        while kept.poll() == STORE_BUSY:
            pass
    assert store.TwoSlots(Wired(FileStorage(path)), SLOTS).payload == NEW
    assert kept.begin(b"a third set that is cut" * 3)
    assert FileStorage(path).read(SLOTS[0]) == ERASED  # as flash does, before the first byte
    for _ in range(pieces):
        kept.poll()
    assert store.TwoSlots(Wired(FileStorage(path)), SLOTS).payload == NEW


def test_a_file_that_is_no_storage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(b"abc")
    with pytest.raises(OSError, match="is no storage of a simulated pen: 3 bytes, not 1024"):
        FileStorage(path)


class CutHardware(BenchHardware):
    """A pen on the bench with flash in it."""

    def __init__(self, flash: Flash) -> None:
        super().__init__()
        self.storage_read = flash.storage_read  # type: ignore[method-assign]
        self.storage_begin = flash.storage_begin  # type: ignore[method-assign]
        self.storage_poll = flash.storage_poll  # type: ignore[method-assign]


INITIAL = {parameter.id: parameter.initial for parameter in m.PARAMETERS}
STRICT = {parameter.id: parameter.low for parameter in m.PARAMETERS}
FIRST, SECOND = (
    m.calibration_bytes(a_um, 1000, -1000, b"CAL-%d" % a_um, m.DAYS_WITHOUT_END, m.CALIBRATION_PASS) for a_um in (10, 20)
)


def stored(bench: Bench, values: dict[int, int], block: bytes) -> None:
    """Both sets, by requests, each until it ended or half a second went by."""
    for number, value in values.items():
        bench.request(m.PARAMETER_SET, number, value)
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc(values)) == m.IN_PROGRESS
    bench.run(100)
    if bench.pen.service.storage.writing:
        return
    bench.request(m.CALIBRATION_WRITE, 0, tuple((octet,) for octet in block))
    assert bench.request(m.CALIBRATION_COMMIT, int.from_bytes(block[-4:], "little")) == m.IN_PROGRESS
    bench.run(100)


def test_a_pen_whose_power_fails_at_any_byte_starts_with_whole_sets() -> None:
    seen = set()
    for cut in range(max(len(store.record_of(1, SECOND)), 34) + 1):
        flash = Flash()
        stored(Bench(hardware=CutHardware(flash)).ready(), INITIAL, FIRST)
        flash.cut = cut
        stored(Bench(hardware=CutHardware(flash)).ready(), STRICT, SECOND)
        flash.cut = 10_000
        pen = Bench(hardware=CutHardware(flash)).ready().pen
        parameters, calibration = pen.service.parameters.values, pen.service.calibration.block
        assert parameters in (INITIAL, STRICT)
        assert calibration is not None
        assert m.CALIBRATION.pack(calibration) in (FIRST, SECOND)
        seen.add((parameters == STRICT, m.CALIBRATION.pack(calibration) == SECOND))
    assert seen == {(False, False), (True, False), (True, True)}


def test_the_simulator_takes_the_file_from_its_command_line(tmp_path: Path) -> None:
    path = tmp_path / "pen.storage"
    options = _options(["--tcp", "127.0.0.1:0", "--storage", str(path)])
    server = Server(options, lambda url: None)
    try:
        assert server.device.pen.service.calibration.block is not None
        assert path.stat().st_size == store.SLOTS * store.SLOT_BYTES
    finally:
        server.close()
    assert _options(["--tcp", "127.0.0.1:0"]).storage is None
