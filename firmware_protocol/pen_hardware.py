"""What the pen's state machine asks of its hardware: one reading a millisecond, one drive, one way to be safe. Contract only.

Runs unchanged on CPython and MicroPython. A board and the simulated plant each implement `Hardware`.
"""

from collections import namedtuple

from firmware_protocol.messages import CartridgeReply

# Depth is the needles' measured reach; 0 when home. Current in mA, temperature in 0.1 degC, supply in mV, the rest 0 or 1.
Readings = namedtuple(
    "Readings",
    (
        "depth_um",
        "speed_rpm",
        "current_ma",
        "temperature_dc",
        "supply_mv",
        "cartridge",
        "button",
        "contact",
        "depth_valid",
        "speed_valid",
        "needles_home",
        "motor_powered",
    ),
)


class Hardware:
    """One pen's sensors and power stage. No method may block or raise; `safe` must work whatever went before."""

    def read(self) -> Readings:
        """The newest readings; called once a millisecond."""
        raise NotImplementedError

    def drive(self, speed_rpm: int, depth_um: int) -> None:
        """Power on: hold this speed (0: still) and this reach (0: home)."""
        raise NotImplementedError

    def safe(self) -> None:
        """Power off at once; the spring takes the needles home within 50 ms."""
        raise NotImplementedError

    def cartridge(self) -> CartridgeReply:
        """What the cartridge's chip says."""
        raise NotImplementedError

    def calibration_ok(self) -> bool:
        """Is the stored calibration PASS and in date?"""
        raise NotImplementedError

    def free_kb(self) -> int:
        """Free memory in kB."""
        return 0

    def simulate(self, kind: int, value: int) -> bool:
        """Take a SIMULATE request: only a simulated pen does."""
        return False
