"""A new cartridge for the simulated pen: by its side channel and by its keys."""

import json
import os
from collections.abc import Iterator

import pytest

from firmware_protocol.simulator.device import CHANGE_S, Device
from firmware_protocol.simulator.keys import HELP, Keys
from firmware_protocol.simulator.side import answer


@pytest.fixture
def device() -> Device:
    made = Device(1, 1)
    made.plant._used_steps = 5000
    return made


def steps(device: Device, count: int) -> None:
    for _ in range(count):
        device.step(device.steps * 1000, device.steps * 1_000_000)


def test_a_new_cartridge_is_unused_and_another_one_and_takes_a_moment(device: Device) -> None:
    old = device.plant.cartridge()
    assert json.loads(answer(device, b'{"do": "cartridge"}', 0, ""))["ok"]
    steps(device, 1)
    assert device.plant.cartridge().present == 0
    steps(device, round(CHANGE_S * 1000))
    new = device.plant.cartridge()
    assert (new.present, new.used_ms, new.lot) == (1, 0, old.lot)
    assert new.id != old.id
    assert json.loads(answer(device, b'{"do": "state"}', 0, ""))["cartridge_used_ms"] == 0


@pytest.fixture
def typed() -> Iterator[tuple[int, Keys, list[str]]]:
    read, write = os.pipe()
    said: list[str] = []
    yield write, Keys(read, said.append), said
    os.close(read)


def test_keys(device: Device, typed: tuple[int, Keys, list[str]]) -> None:
    write, keys, said = typed
    first = device.plant.cartridge().id
    os.write(write, b"c\nwhat\nC")
    keys.serve(device)
    assert said == ["a new cartridge is in", HELP]
    os.write(write, b"\nb\n" + b"x" * 5000)
    keys.serve(device)
    steps(device, 600)
    assert device.plant.cartridge().id == first + 2
    assert "the button was pressed" in said
    for _ in range(8):
        if keys.ended:
            break
        if write >= 0:
            os.close(write)
            write = -1
        keys.serve(device)
    assert keys.ended
