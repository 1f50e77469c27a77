"""The simulated pen's side channel, for tests: what the pen itself says is true."""

import json
import socket
import time
from pathlib import Path
from typing import Any


class Side:
    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, **command: Any) -> dict[str, Any]:
        deadline = time.monotonic() + 5
        while True:
            try:
                peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                peer.settimeout(2)
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
                data += peer.recv(65536)
        told: dict[str, Any] = json.loads(data)
        assert told["ok"], told
        return told

    def state(self) -> dict[str, Any]:
        return self.ask(do="state")

    def motor_off_after(self, moment_ns: int) -> int:
        """Nanoseconds from `moment_ns` to the first later change that shows motor off and a state without motion."""
        journal = self.ask(do="journal")["journal"]
        for change in journal:
            if change["mono_ns"] >= moment_ns and not change["motor_powered"] and change["state"] in ("IDLE", "FAULT"):
                return int(change["mono_ns"]) - moment_ns
        raise AssertionError(f"the motor never went off after {moment_ns}: {journal[-6:]}")
