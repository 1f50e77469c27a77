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

STORE_BUSY, STORE_DONE, STORE_FAILED = range(3)


class Hardware:
    """One pen's sensors, power stage and storage. No method may block or raise; `safe` must work whatever went before.

    Depth and speed are *raw* here, as the pen's own sensors count: `pen_calibration` stands between this and the rest.
    """

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

    def storage_read(self, slot: int) -> bytes:
        """All bytes that slot 0 to 3 holds (at most 256); empty, or junk, where it was never written or was cut short.

        Called at boot and once after each write.
        """
        return b""

    def storage_begin(self, slot: int, data: bytes) -> bool:
        """Begin to replace what the slot holds (at most 256 bytes); False where there is no storage.

        May erase first, may write in any order and in any pieces, but must leave the other slots alone: each its own
        erase block. Called only with the motor off.
        """
        return False

    def storage_poll(self) -> int:
        """How the write begun last fares: STORE_BUSY, STORE_DONE or STORE_FAILED. Once a millisecond while it is busy."""
        return STORE_FAILED

    def free_kb(self) -> int:
        """Free memory in kB."""
        return 0

    def simulate(self, kind: int, value: int) -> bool:
        """Take a SIMULATE request: only a simulated pen does."""
        return False
