"""The runtime folder that the launcher's processes share: names only. In memory where the system has such a place."""

from pathlib import Path


class Runtime:
    """Where ring, STOP pipe, sockets and process ids are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ring = folder / "ring"
        self.stop_pipe = folder / "stop"  # FIFO: one byte wakes control to look at the STOP counter
        self.commands = folder / "commands"  # Unix socket, control listens: JSON lines of `control.commands`
        self.feed = folder / "feed"  # Unix socket, control listens: `sessions.feed`, the recorder connects
        self.side = folder / "side"  # Unix socket of the simulated pen's side channel; there is none with a real pen
        self.processes = folder / "processes.json"  # {"control": pid, "recorder": pid, "ui": pid, "pen": pid}
