"""The pen's parts by themselves, without a pen around them that would hide what they do: clock, plan, box of output, sampling."""

import struct
from collections.abc import Callable

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, Deframer, Frame
from firmware_protocol.pen_calibration import Calibration
from firmware_protocol.pen_clock import Hold, elapsed_us, is_reached
from firmware_protocol.pen_hardware import STORE_BUSY, STORE_DONE, STORE_FAILED, Hardware
from firmware_protocol.pen_output import BATCH_MOST, ROOM_BYTES, ROOM_FOR_REPLIES_BYTES, Output, Sampling
from firmware_protocol.pen_parameters import Parameters, stored_form
from firmware_protocol.pen_plan import Plan
from firmware_protocol.pen_storage import CALIBRATION_SLOTS, PARAMETER_SLOTS, Storage, record_of
from tests.firmware_protocol.pen_bench import Bench, BenchHardware

INITIAL = {parameter.id: parameter.initial for parameter in m.PARAMETERS}


# hardware and clock


@pytest.mark.parametrize("ask", [Hardware.read, Hardware.safe, Hardware.cartridge, lambda board: board.drive(0, 0)])
def test_a_board_that_lacks_a_sensor_or_its_power_stage_does_not_run(ask: Callable[[Hardware], object]) -> None:
    with pytest.raises(NotImplementedError):
        ask(Hardware())


def test_a_board_may_do_without_storage_a_memory_gauge_and_simulation() -> None:
    board = Hardware()
    assert (board.storage_read(0), board.storage_begin(0, b"1"), board.storage_poll()) == (b"", False, STORE_FAILED)
    assert (board.free_kb(), board.simulate(1, 2)) == (0, False)


@pytest.mark.parametrize(("passed_us", "reached"), [(0, True), (2**31 - 1, True), (2**31, False), (2**32 - 1, False)])
def test_half_of_the_clocks_round_lies_ahead(passed_us: int, reached: bool) -> None:
    for at_us in (0, 5, 2**31, 2**32 - 1):
        assert is_reached((at_us + passed_us) & 0xFFFFFFFF, at_us) is reached
        assert elapsed_us((at_us + passed_us) & 0xFFFFFFFF, at_us) == passed_us


def test_a_condition_that_breaks_off_begins_anew() -> None:
    hold = Hold()
    assert [hold.lasted(True, now_us, 3000) for now_us in (9000, 10_000, 11_000)] == [False, False, True]
    assert hold.lasted(False, 12_000, 3000) is False
    assert [hold.lasted(True, now_us, 3000) for now_us in (13_000, 14_000, 15_000)] == [False, False, True]


# plan


def test_a_new_plan_and_a_cleared_one_allow_nothing() -> None:
    plan = Plan()
    for _ in range(2):
        assert (plan.limits_um, plan.crc, plan.committed) == ({}, 0, False)
        assert plan.committed is False
        assert plan.commit(0) == m.DENIED, "nothing is staged"
        assert plan.write(0, ((3, 1200),)) == m.OK
        assert plan.commit(m.plan_crc(((3, 1200),))) == m.OK
        assert (plan.limits_um, plan.crc, plan.committed) == ({3: 1200}, m.plan_crc(((3, 1200),)), True)
        plan.clear()


def test_a_plan_has_room_for_64_zones_and_not_for_one_more() -> None:
    plan = Plan()
    entries = tuple((zone, 500 + zone) for zone in range(m.PLAN_MAX_ZONES))
    for offset in range(0, m.PLAN_MAX_ZONES, 8):
        assert plan.write(offset, entries[offset : offset + 8]) == m.OK
    assert plan.write(m.PLAN_MAX_ZONES, ((90, 500),)) == m.DENIED
    assert plan.write(m.PLAN_MAX_ZONES - 1, ((90, 500), (91, 500))) == m.DENIED
    assert plan.commit(m.plan_crc(entries)) == m.OK
    assert plan.limits_um == dict(entries)


@pytest.mark.parametrize(("limit_um", "result"), [(499, m.DENIED), (500, m.OK), (1500, m.OK), (1501, m.DENIED)])
def test_a_plans_limit_lies_in_the_pens_range(limit_um: int, result: int) -> None:
    assert Plan().write(0, ((1, limit_um),)) == result


# output


def frames_of(wire: bytes) -> list[Frame]:
    return Deframer(TO_HOST_WIRE_BYTES).feed(wire)


def test_unsolicited_messages_are_numbered_from_0_and_go_round() -> None:
    output = Output()
    output.session = 7
    told = []
    for _ in range(0x10002):
        assert output.send(m.BOOT.id, b"", False)
        told.append(output.take())
    shown = [frames_of(wire)[0] for wire in (*told[:3], *told[-3:])]
    assert [frame.sequence for frame in shown] == [0, 1, 2, 0xFFFF, 0, 1]
    assert {(frame.kind, frame.session, frame.flags) for frame in shown} == {(m.BOOT.id, 7, 0)}


def test_the_box_is_filled_to_its_last_byte_and_what_finds_no_room_is_counted() -> None:
    output = Output()
    assert (output.session, output.dropped_frames) == (0, 0)
    spare = ROOM_BYTES - ROOM_FOR_REPLIES_BYTES
    other = Output()
    assert other.send(m.BOOT.id, b"", False)
    one = other.take()[1:]
    assert output.put(bytes(spare - len(one) - 1))
    assert output.send(m.BOOT.id, b"", True)
    assert len(output._bytes) == spare
    assert not output.send(m.BOOT.id, b"", True)
    assert output.put(bytes(ROOM_BYTES - spare))
    assert output.dropped_frames == 1
    for dropped in range(2, 0x10003):
        assert not output.put(b"1")
        assert output.dropped_frames == dropped & 0xFFFF
    assert len(output.take()) == ROOM_BYTES
    output.put(bytes(spare - len(one) + 1))
    assert not output.send(m.BOOT.id, b"", True), "not one byte of the replies' room"


# sampling


def a_sample(index: int) -> m.Telemetry:
    return m.Telemetry(index, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def state_of(sampling: Sampling) -> tuple[int, int, bool, bool]:
    return sampling.frame_us, sampling.step_us, sampling.on, sampling.full


def test_before_the_first_stream_and_after_its_end_nothing_is_on_or_full() -> None:
    sampling = Sampling(Output())
    assert state_of(sampling) == (1000, 1000, False, False)
    assert (sampling.index, sampling.dropped) == (0, 0)
    assert sampling.set(500, 3) == m.OK
    assert state_of(sampling) == (1500, 500, True, False)
    sampling.full = True
    sampling.stop()
    assert state_of(sampling) == (1500, 1000, False, False)


@pytest.mark.parametrize(("batch", "result"), [(0, m.DENIED), (1, m.OK), (BATCH_MOST, m.OK), (BATCH_MOST + 1, m.DENIED)])
def test_a_batch_holds_as_many_samples_as_a_frame(batch: int, result: int) -> None:
    output = Output()
    sampling = Sampling(output)
    assert sampling.set(1000, batch) == result
    assert sampling.on == (result == m.OK)
    if result == m.OK:
        for index in range(batch):
            assert frames_of(output.take()) == []
            sampling.add(a_sample(index))
        (frame,) = frames_of(output.take())
        assert frame.kind == (m.TELEMETRY.id if batch == 1 else m.TELEMETRY_BATCH.id)
        assert len(frame.payload) == batch * m.TELEMETRY.payload.size


def test_unread_batches_leave_the_replies_their_room_and_count_every_sample() -> None:
    output = Output()
    sampling = Sampling(output)
    assert sampling.set(1000, 9) == m.OK
    for index in range(900):
        sampling.add(a_sample(index))
    assert sampling.full is True
    assert len(output._bytes) <= ROOM_BYTES - ROOM_FOR_REPLIES_BYTES
    told = sum(len(m.TELEMETRY_BATCH.payload.unpack(frame.payload).entries) for frame in frames_of(output.take()))
    assert told + sampling.dropped == 900


@pytest.mark.parametrize(("ahead", "periods"), [(0, 0), (-1, 1), (-200, 200), (1, -1), (200, -200), (2**31, -(2**31))])
def test_the_age_of_a_sample_that_is_still_to_come_is_below_zero(ahead: int, periods: int) -> None:
    for index in (0, 5, 2**32 - 1):
        sampling = Sampling(Output())
        sampling.index = index
        assert sampling.set(2500, 1) == m.OK
        assert sampling.age_us((index + ahead) & 0xFFFFFFFF) == periods * 2500


# date and parameters


def test_before_anybody_told_the_date_a_calibration_that_ends_allows_nothing() -> None:
    board = BenchHardware()
    block = m.calibration_bytes(0, 0, 0, b"CAL", 9000, m.CALIBRATION_PASS)
    board.slots[CALIBRATION_SLOTS[0]] = record_of(9, block)
    service = Bench(hardware=board).pen.service
    assert service.calibration.block is not None
    assert service.allows_treatment is False


def parameters_on(stored: bytes) -> Parameters:
    board = BenchHardware()
    board.slots[PARAMETER_SLOTS[0]] = record_of(1, stored)
    return Parameters(Storage(board))


def test_what_is_stored_is_id_and_a_signed_value() -> None:
    assert stored_form({2: -1, 1: 1500}) == b"\x01\xdc\x05\0\0\x02\xff\xff\xff\xff"


def test_from_the_start_what_is_staged_is_what_holds() -> None:
    longest = {**INITIAL, m.PARAMETER_BUTTON_HOLD: 50}
    parameters = parameters_on(stored_form(longest))
    assert parameters.values == longest
    assert parameters.get(m.PARAMETER_BUTTON_HOLD) == (m.OK, (m.PARAMETER_BUTTON_HOLD, 50, 50, 1, 50, 1))


def test_from_the_start_no_byte_of_a_calibration_is_staged() -> None:
    block = m.calibration_bytes(10, 0, 0, b"CAL", m.DAYS_WITHOUT_END, m.CALIBRATION_PASS)
    crc = int.from_bytes(block[-4:], "little")
    for first, last in ((1, len(block)), (0, len(block) - 1)):
        calibration = Calibration(Storage(BenchHardware()))
        assert calibration.write(first, block[first:last]) == m.OK
        assert calibration.commit(crc) == m.DENIED
        assert calibration.write(0, block) == m.OK
        assert calibration.commit(crc) == m.IN_PROGRESS


@pytest.mark.parametrize("said", [STORE_DONE, STORE_FAILED])
def test_a_write_that_ends_during_a_fault_is_not_told_as_the_value_that_tripped(said: int) -> None:
    bench = Bench().ready()
    bench.hardware.store_says = STORE_BUSY
    wanted = {**INITIAL, m.PARAMETER_SPIN_UP: 800}
    assert bench.request(m.PARAMETER_SET, m.PARAMETER_SPIN_UP, 800) == m.OK
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc(wanted)) == m.IN_PROGRESS
    bench.stop(m.STOP_EMERGENCY)
    told = len(bench.events)
    bench.hardware.store_says = said
    bench.run(5)
    assert len(bench.events) == told
    assert (bench.pen.state, bench.pen.fault) == (m.STATE_FAULT, m.FAULT_EMERGENCY)
    assert bench.pen.service.parameters.values == (wanted if said == STORE_DONE else INITIAL)


def test_no_parameter_is_read_from_the_middle_of_another() -> None:
    foreign = (700 << 8) | m.PARAMETER_CURRENT_TRIP  # one byte on, this reads as a known id and an allowed value
    assert parameters_on(struct.pack("<BiBi", 200, foreign, 0, 0)).values == INITIAL
