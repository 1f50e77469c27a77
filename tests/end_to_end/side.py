"""The simulated pen's side channel, for tests: what the pen itself says is true.

When something happened is in the pen's journal; how long it takes to be asked is the machine's affair and judged nowhere.
"""

import json
import socket
import time
from pathlib import Path
from typing import Any

WAIT_S = 30.0


class Side:
    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, **command: Any) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                peer.settimeout(WAIT_S)
                peer.connect(str(self._path))
                break
            except OSError:
                peer.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        with peer:
            peer.sendall(json.dumps(command).encode() + b"\n")
            data = b""
            while not data.endswith(b"\n"):
                more = peer.recv(65536)
                assert more, f"the pen hung up over {command}: {data!r}"
                data += more
        told: dict[str, Any] = json.loads(data)
        assert told["ok"], told
        return told

    def state(self) -> dict[str, Any]:
        return self.ask(do="state")

    def needles_home(self) -> dict[str, Any]:
        """The first state that tells of no motor and needles back home."""
        deadline = time.monotonic() + WAIT_S
        while (state := self.state())["motor_powered"] or not state["needles_home"]:
            assert time.monotonic() < deadline, state
            time.sleep(0.02)
        return state

    def motor_off_after(self, moment_ns: int) -> int:
        """Nanoseconds from `moment_ns` to the first later change that shows motor off and a state without motion."""
        deadline = time.monotonic() + WAIT_S
        while True:
            journal = self.ask(do="journal")["journal"]
            for change in journal:
                if change["mono_ns"] >= moment_ns and not change["motor_powered"] and change["state"] in ("IDLE", "FAULT"):
                    return int(change["mono_ns"]) - moment_ns
            assert time.monotonic() < deadline, f"the motor never went off after {moment_ns}: {journal[-6:]}"
            time.sleep(0.02)
