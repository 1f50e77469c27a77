"""The side channel of the simulated pen: one JSON line asked, one answered. It moves the hand and makes faults, and tells truth.

Never part of the cable: the host's control does not know it exists. `answer` is pure; `SideChannel` holds the Unix socket.
"""

import contextlib
import json
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any

from firmware_protocol.simulator.device import Device
from firmware_protocol.simulator.faults import FaultError
from firmware_protocol.simulator.hand import Strokes

LONGEST_LINE_BYTES = 64 * 1024


class SideError(ValueError):
    """A line that cannot be obeyed, in one plain sentence."""


def _number(command: dict[str, Any], key: str, default: float | None, low: float, high: float) -> float:
    value = command.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not (low <= value <= high):
        raise SideError(f"{key} is {value!r}, allowed is a number from {low:g} to {high:g}")
    return float(value)


def _obey(device: Device, command: dict[str, Any], mono_ns: int, url: str) -> dict[str, Any]:
    do = command.get("do")
    if do == "state":
        return {**device.state(), "mono_ns": mono_ns, "url": url}
    if do == "journal":
        return {"journal": [asdict(change) for change in device.journal], "mono_ns": mono_ns}
    if do == "press":
        device.hand.press(_number(command, "force_n", 1.2, 0, 20))
    elif do == "lift":
        device.hand.lift()
    elif do == "strokes":
        device.hand.stroke(
            Strokes(
                count=round(_number(command, "count", 1, 0, 100_000)),
                contact_s=_number(command, "contact_s", Strokes.contact_s, 0.01, 86_400),
                lift_s=_number(command, "lift_s", Strokes.lift_s, 0, 86_400),
                force_n=_number(command, "force_n", Strokes.force_n, 0, 20),
                tremor=_number(command, "tremor", Strokes.tremor, 0, 1),
            )
        )
    elif do == "button":
        device.hand.push_button(_number(command, "hold_s", 0.2, 0.001, 60))
    elif do == "cartridge":
        device.change_cartridge()
    elif do == "fault":
        value = command.get("value")
        for_s = None if command.get("for_s") is None else _number(command, "for_s", None, 0.001, 86_400)
        device.begin_fault(str(command.get("name")), None if value is None else _number(command, "value", None, -1e9, 1e9), for_s)
    elif do == "clear":
        device.clear_fault(str(command.get("name")))
    else:
        raise SideError(f"do is {do!r}, allowed is state, journal, press, lift, strokes, button, cartridge, fault, clear")
    return {"mono_ns": mono_ns}


def answer(device: Device, line: bytes, mono_ns: int, url: str) -> bytes:
    """Obey one line; the answer's line: {"ok": true, ...} or {"ok": false, "error": one sentence}. Never raises."""
    try:
        command = json.loads(line)
        if not isinstance(command, dict):
            raise SideError("a line must be a JSON object")
        told: dict[str, Any] = {"ok": True, **_obey(device, command, mono_ns, url)}
    except (FaultError, SideError) as wrong:
        told = {"ok": False, "error": str(wrong)}
    except (ValueError, RecursionError) as wrong:
        told = {"ok": False, "error": f"not JSON: {wrong}"}
    return json.dumps(told).encode() + b"\n"


class SideChannel:
    """A Unix socket at `path`, any number of clients, none of which can hold up the pen."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where the socket cannot be made. A socket left by a dead simulator is replaced."""
        self._path = path
        if path.is_socket():
            path.unlink()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(8)
        self._listener.setblocking(False)
        self._clients: dict[socket.socket, bytearray] = {}

    def readers(self) -> list[socket.socket]:
        """Sockets to wait for."""
        return [self._listener, *self._clients]

    def serve(self, ready: socket.socket, device: Device, mono_ns: int, url: str) -> None:
        """Handle one socket of `readers` that is ready."""
        if ready is self._listener:
            with contextlib.suppress(OSError):
                client, _ = self._listener.accept()
                client.settimeout(0.05)  # a client that does not read its answer is dropped after this
                self._clients[client] = bytearray()
            return
        try:
            data = ready.recv(65536)
            waiting = self._clients[ready]
            waiting += data
            if not data or len(waiting) > LONGEST_LINE_BYTES:
                raise OSError("gone, or no line at all")
            while (end := waiting.find(b"\n")) >= 0:
                line = bytes(waiting[:end])
                del waiting[: end + 1]
                ready.sendall(answer(device, line, mono_ns, url))
        except OSError:
            del self._clients[ready]
            ready.close()

    def close(self) -> None:
        """Close every socket and take the file away."""
        for client in self._clients:
            client.close()
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
