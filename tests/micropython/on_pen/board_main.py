"""Runs the board's main.py in the stub's world: one scenario, named in /scenario. Prints what it found as one JSON object."""
# Generators of waiting times, untyped: MicroPython has no module to import their type from.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, type-arg"

import json

from tests.micropython.stub import install  # isort: skip # before anything that imports the board's modules
from firmware_protocol import messages as m
from firmware_protocol.board import pins
from firmware_protocol.pen_storage import CALIBRATION_SLOTS, record_of
from tests.micropython.on_pen.board_host import Host
from tests.micropython.stub import board_chip
from tests.micropython.stub.world import Over, world

assert install.modules

program: dict[str, object] = {"__name__": "__main__"}
host = Host()
found: dict[str, object] = {}


def board():
    """The program's Board."""
    return program["board"]


def gate_us(value: int, after_us: int) -> int:
    """When the gate first took this level after a moment; -1: never."""
    for at_us, what, level in world.log:
        if what == f"pin{pins.MOTOR_GATE}" and level == value and at_us >= after_us:
            return at_us
    return -1


def life():
    """From power-on to STOP, and what the cartridge's chip says of it."""
    hello = yield from host.run()
    found["serial"] = hello.serial.decode()
    found["state"] = host.samples[-1].state
    found["rpm"] = host.samples[-1].speed_rpm
    found["depth_um"] = host.samples[-1].depth_um
    found["duty"] = world.duty
    first, batches, started_us = len(host.samples), host.batches, world.now_us
    yield 300
    found["frames_a_second"] = (host.batches - batches) * 1000000 // (world.now_us - started_us)
    found["samples_a_frame"] = (len(host.samples) - first) / (host.batches - batches)
    indexes = [sample.index for sample in host.samples]
    found["missed"] = indexes[-1] - indexes[0] + 1 - len(indexes)
    host.driving = False
    asked_us = world.now_us
    found["stop"] = (yield from host.ask(m.STOP, m.STOP_OPERATOR))[0]
    found["stop_us"] = gate_us(0, asked_us) - asked_us
    found["duty_after"] = world.duty
    yield 250
    found["home"] = host.samples[-1].depth_um
    _, cartridge = yield from host.ask(m.CARTRIDGE_GET)
    found["cartridge"] = [cartridge.id, cartridge.needles, cartridge.used_ms]
    found["kbd_intr"] = [world.log.index(entry) for entry in world.log if entry[1:] == ("kbd_intr", -1)]
    found["refused"] = board().pen.motion.refused


def silence():
    """The host falls silent."""
    yield from host.run()
    host.driving = False
    yield 300
    found["off_us"] = gate_us(0, host.drives[-1]) - host.drives[-1]
    found["fault"] = host.samples[-1].fault
    yield 100
    found["on_again"] = gate_us(1, host.drives[-1])


def blocked():
    """The program hangs while the host goes on sending."""
    yield from host.run()
    hung_us = world.now_us
    world.block_us = 300000
    yield 400
    found["off_us"] = gate_us(0, hung_us) - hung_us
    found["fault"] = board().pen.fault
    found["on_again"] = gate_us(1, hung_us)
    found["resets"] = world.resets


def deep():
    """The depth sensor shows more than limit and tolerance, then a broken wire; each ends the run by itself."""
    for raw, faults in ((pins.DEPTH_HOME_RAW + pins.DEPTH_RAW_PER_MM * 14 // 10, "over"), (0, "broken")):
        yield from host.run()
        world.depth_stuck_raw = raw
        stuck_us = world.now_us
        yield 100
        found[faults] = [board().pen.fault, gate_us(0, stuck_us) - stuck_us]
        host.driving = False
        world.depth_stuck_raw = None
        yield 300
        assert (yield from host.ask(m.CLEAR_FAULT, board().pen.fault, host.boot_id))[0] == m.OK


def stumbled():
    """The program hangs for longer than garbage collection, but less than the lease."""
    yield from host.run()
    hung_us = world.now_us
    world.block_us = 100000
    yield 200
    found["off_us"] = gate_us(0, hung_us) - hung_us
    found["fault"] = board().pen.fault
    found["on_again"] = gate_us(1, hung_us + 45000)


def gate_broken():
    """The state machine behind the gate stops: nothing counts down any more."""
    yield from host.run()
    world.pio[0].runs = False  # type: ignore[attr-defined]
    broken_us = world.now_us
    yield 1100
    found["off_us"] = gate_us(0, broken_us) - broken_us
    found["fault"] = board().pen.fault
    found["fed_us"] = world.fed_us - broken_us
    found["resets"] = world.resets


def hiccup():
    """The program hangs for as long as garbage collection takes."""
    yield from host.run()
    world.block_us = 25000
    hung_us = world.now_us
    yield 100
    found["off_us"] = gate_us(0, hung_us)
    found["state"] = board().pen.state


def short_lease():
    """The program hangs when the lease has 10 ms left: the gate must not wait out its 40 ms."""
    yield from host.run()
    host.driving = False
    while world.now_us - host.drives[-1] < 190000:
        yield 1
    world.block_us = 100000
    yield 150
    found["off_us"] = gate_us(0, host.drives[-1]) - host.drives[-1]


def sick():
    """The supply's sensor reads nothing, which no supply does."""
    yield from host.run()
    found["resets_before"] = world.resets
    world.supply_mv = 0
    sick_us = world.now_us
    yield 1100
    found["off_us"] = gate_us(0, sick_us) - sick_us
    found["fed_us"] = world.fed_us - sick_us
    found["resets"] = world.resets


def unread():
    """The host's program hangs with the port open; later it reads again."""
    yield from host.run()
    host.driving = False
    yield from host.ask(m.STOP, m.STOP_OPERATOR)
    host.reads = False
    yield 800
    found["longest_step_us"] = board().pen.motion.longest_step_us
    host.reads = True
    yield 100
    indexes = [sample.index for sample in host.samples]
    found["missed"] = indexes[-1] - indexes[0] + 1 - len(indexes)
    found["dropped"] = host.samples[-1].dropped
    found["stop"] = (yield from host.ask(m.STOP, m.STOP_OPERATOR))[0]
    found["bad"] = host._deframer.bad


def unplugged():
    """The cable falls in mid-run; then the host comes back."""
    yield from host.run()
    board_chip.port[0].dtr = False
    fell_us = world.now_us
    host.driving = False
    yield 100
    found["off_us"] = gate_us(0, fell_us) - fell_us
    host.open()
    _, hello = yield from host.ask(m.HELLO, 1, 0, 8, 0)
    found["fault"] = hello.fault


def after_watchdog():
    """The board starts because the watchdog bit."""
    host.open()
    yield 50
    _, hello = yield from host.ask(m.HELLO, 1, 0, 7, 0)
    found["fault"] = hello.fault
    found["cause"] = hello.reset_cause


def crash():
    """The program raises what nobody expected."""
    yield from host.run()

    def fail(now_us: int) -> None:
        raise ValueError("a mistake")

    board().pen.step = fail
    crashed_us = world.now_us
    try:
        program["run"](board())  # type: ignore[operator]
    except ValueError:
        found["raised"] = True
    world.spend(1200000)
    found["off_us"] = gate_us(0, crashed_us) - crashed_us
    found["resets"] = world.resets


def maintenance():
    """The button is held at power-on: the program ends, and nothing has moved."""
    yield 20
    found["started"] = "board" in program
    found["gate"] = gate_us(1, 0)
    found["kbd_intr"] = [entry[2] for entry in world.log if entry[1] == "kbd_intr"]


def storage():
    """A parameter is stored; the cartridge's chip does not answer; another cartridge comes."""
    yield from host.connect()
    values = {parameter.id: parameter.initial for parameter in m.PARAMETERS}
    values[m.PARAMETER_SPIN_UP] = 1000
    yield 300
    found["in"] = (yield from host.ask(m.CARTRIDGE_GET))[1].present
    assert (yield from host.ask(m.PARAMETER_SET, m.PARAMETER_SPIN_UP, 1000))[0] == m.OK
    found["commit"] = (yield from host.ask(m.PARAMETER_COMMIT, m.parameters_crc(values)))[0]
    yield 20
    _, status = yield from host.ask(m.STATUS_GET)
    found["storage"] = status.storage
    with open("/slot0", "rb") as file:  # noqa: PTH123
        found["slot"] = len(file.read())
    board_chip.chip_answers[0] = False
    world.levels[pins.CARTRIDGE_SWITCH] = 1
    yield 50
    found["out"] = (yield from host.ask(m.CARTRIDGE_GET))[1].present
    world.levels[pins.CARTRIDGE_SWITCH] = 0
    yield 300
    found["silent"] = (yield from host.ask(m.CARTRIDGE_GET))[1].present
    found["flag"] = host.samples[-1].flags & m.FLAG_CARTRIDGE


def prepare(name: str) -> None:
    """What lies in the world before power-on: a calibration, a cartridge, and what the scenario needs."""
    block = m.calibration_bytes(0, 0, 0, b"STUB", m.DAYS_WITHOUT_END, m.CALIBRATION_PASS)
    with open(f"/slot{CALIBRATION_SLOTS[0]}", "wb") as file:  # noqa: PTH123
        file.write(record_of(1, block))
    board_chip.fill_chip(4711, 12)
    if name == "after_watchdog":
        board_chip.causes[0] = board_chip.WDT_RESET
    if name == "maintenance":
        world.levels[pins.BUTTON] = 0


def start() -> None:
    """Power on: the whole program as the board runs it, its loop too, for 30 ms."""
    world.until_us = 30000
    try:
        with open("/main.py") as text:  # noqa: PTH123
            exec(text.read(), program)
    except Over:
        pass
    world.until_us = 0


with open("/scenario") as text:  # noqa: PTH123
    name = text.read()
prepare(name)
scenario = globals()[name]()
start()
wanted_us = world.now_us


def again() -> bool:
    """Ten milliseconds of the board, then back out, where garbage can be collected; False when the scenario has ended."""
    global wanted_us
    if world.now_us >= wanted_us:
        try:
            wanted_us = world.now_us + next(scenario) * 1000
        except StopIteration:
            print(json.dumps(found))
            return False
    until_us = min(wanted_us, world.now_us + 10000)
    while world.now_us < until_us:
        if "board" in program:
            board().once()
        else:
            world.spend(1000)
    return True
