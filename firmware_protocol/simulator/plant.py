"""The simulated pen's body: motor, depth actuator, springs, sensors, cartridge chip. Pure; one step is one millisecond.

Everything is a function of the seed and the number of steps: the same calls give the same readings. `reach_um` and
`speed_rpm` are true; sensors and actuators count raw, raw = offset + scale * true, ideal unless a fault says otherwise.
Figures are typical of
a small coreless motor on a USB supply: 7000 rpm free at about 145 mA, 0.25 s to spin up, 900 mA at most.
"""

import random

from firmware_protocol.messages import CartridgeReply
from firmware_protocol.pen_hardware import Hardware, Readings
from firmware_protocol.simulator.storage import MemoryStorage

STEP_S = 0.001
FRICTION_MA = 60.0
FRICTION_MA_PER_RPM = 0.012
CURRENT_LIMIT_MA = 900.0
CONTROL_MA_PER_RPM = 0.9  # stiffness of the speed loop: 1 N of hand costs about 140 rpm
ACCELERATION_RPM_PER_S_MA = 40.0
LOAD_MA_PER_N = 125.0
COAST_S = 0.08
SPEED_NOISE_RPM = 12.0
CURRENT_NOISE_MA = 6.0
DEPTH_NOISE_UM = 5.0
ACTUATOR_UM_PER_STEP = 12.0
SPRING_UM_PER_STEP = 50.0  # 1.5 mm in 30 ms
HARD_STOP_UM = 2500.0
HOME_UM = 10.0
STATIC_MEASURE_STEPS = 10  # with the motor still the reach is read this often
TURNING_RPM = 600.0
AMBIENT_C = 24.0
WARMING_C_PER_A2 = 60.0
WARMING_S = 120.0
SUPPLY_MV = 5050.0
SUPPLY_OHM = 0.25
CONTACT_N = 0.05

CARTRIDGE = CartridgeReply(
    present=1, id=0x5A17_0000_0C0F_FEE1, needles=12, tip_width_um=5600, lot=b"SIM-2027-04", expiry_days=4017, used_ms=0
)  # expires 2030-12-31


class Plant(Hardware):
    """A pen's hardware in numbers. `hand_n` is the force of skin on the tip; `faults` holds what is wrong (see `faults.py`)."""

    def __init__(self, seed: int, storage: MemoryStorage | None = None, needles: int = 12, drag_ma: float = 0.0) -> None:
        """`storage`: what outlives power; None: a factory pen's, in memory. `needles`: of the cartridge in the pen.

        `drag_ma`: what this cartridge and a cold motor cost beyond the friction that the speed loop reckons with; it may
        be changed while the plant runs.
        """
        self.faults: dict[str, float] = {}
        self.storage = storage or MemoryStorage()
        self.needles = needles
        self.drag_ma = drag_ma
        self.hand_n = 0.0
        self.button = False
        self.powered = False
        self.speed_rpm = 0.0
        self.reach_um = 0.0
        self.current_ma = 0.0
        self.temperature_c = AMBIENT_C
        self._random = random.Random(seed)
        self._asked_rpm = 0.0
        self._asked_um = 0.0
        self._measured_um = 0.0
        self._cycle = 0.0
        self._still_steps = 0
        self._changes = 0  # of the cartridge
        self._used_steps = 0
        self._speed_noise_rpm = 0.0
        self._current_noise_ma = 0.0

    @property
    def needles_home(self) -> bool:
        """Is the home switch closed?"""
        return self.reach_um < HOME_UM

    def drive(self, speed_rpm: int, depth_um: int) -> None:
        """Power on, towards this raw speed and raw reach."""
        self.powered = True
        self._asked_rpm = speed_rpm / self._scale("speed_scale")
        offset_um = self.faults.get("depth_offset", 0.0)
        self._asked_um = max(0.0, (depth_um - offset_um) / self._scale("depth_scale")) if depth_um else 0.0

    def safe(self) -> None:
        """Power off; springs and friction do the rest."""
        self.powered = False
        self._asked_rpm = 0.0
        self._asked_um = 0.0

    def cartridge(self) -> CartridgeReply:
        """The cartridge's chip, blank while it is out."""
        if "cartridge_out" in self.faults:
            return CartridgeReply(0, 0, 0, 0, b"", 0, 0)
        return CARTRIDGE._replace(id=CARTRIDGE.id + self._changes, needles=self.needles, used_ms=self._used_steps)

    def new_cartridge(self) -> None:
        """Put an unused one of the same lot in, with an id of its own."""
        self._changes += 1
        self._used_steps = 0

    def storage_read(self, slot: int) -> bytes:
        """As the storage."""
        return self.storage.read(slot)

    def storage_begin(self, slot: int, data: bytes) -> bool:
        """As the storage."""
        return self.storage.begin(slot, data)

    def storage_poll(self) -> int:
        """As the storage."""
        return self.storage.poll()

    def free_kb(self) -> int:
        """A figure a small controller would give."""
        return 96

    def read(self) -> Readings:
        """What the sensors show after the newest step."""
        faults = self.faults
        current_ma = self.current_ma + self._current_noise_ma + faults.get("overcurrent", 0.0)
        supply_mv = faults.get("undervoltage", SUPPLY_MV - SUPPLY_OHM * self.current_ma)
        return Readings(
            depth_um=max(0, round(self._raw_um())),
            speed_rpm=max(0, round((self.speed_rpm + self._speed_noise_rpm) * self._scale("speed_scale"))),
            current_ma=max(0, round(current_ma)),
            temperature_dc=round(10 * faults.get("overtemperature", self.temperature_c)),
            supply_mv=round(supply_mv),
            cartridge="cartridge_out" not in faults,
            button=self.button,
            contact=self.hand_n > CONTACT_N and not self.needles_home,
            depth_valid="depth_invalid" not in faults,
            speed_valid=True,
            needles_home=self.needles_home,
            motor_powered=self.powered,
        )

    def step(self) -> None:
        """One millisecond. The same number of random draws in every step, so that one step's event moves no later noise."""
        draw = self._random.gauss
        speed_noise, current_noise, depth_noise = draw(0.0, 1.0), draw(0.0, 1.0), draw(0.0, 1.0)
        self._turn()
        self._reach()
        self._measure(depth_noise * DEPTH_NOISE_UM)
        turning = self.speed_rpm > 1.0
        self._speed_noise_rpm = speed_noise * SPEED_NOISE_RPM if turning else 0.0
        self._current_noise_ma = current_noise * CURRENT_NOISE_MA if self.powered else abs(current_noise)
        heat_c = AMBIENT_C + WARMING_C_PER_A2 * (self.current_ma / 1000) ** 2
        self.temperature_c += (heat_c - self.temperature_c) * STEP_S / WARMING_S
        if self.powered and self._asked_rpm:
            self._used_steps += 1

    def _scale(self, fault: str) -> float:
        return 1.0 + self.faults.get(fault, 0.0) / 100.0

    def _raw_um(self) -> float:
        """What the depth sensor counts; 0 at home, by the switch."""
        if not self._measured_um:
            return 0.0
        return self.faults.get("depth_offset", 0.0) + self._scale("depth_scale") * self._measured_um

    def _turn(self) -> None:
        if not (self.powered and self._asked_rpm):
            self.current_ma = 0.0
            self.speed_rpm -= self.speed_rpm * STEP_S / COAST_S
            if self.speed_rpm < 5.0:
                self.speed_rpm = 0.0
            return
        asked_rpm = self._asked_rpm + self.faults.get("speed_drift", 0.0)
        # one hand's force is shared by all needles: four times as many cost twice the torque
        hand_ma = 0.0 if self.needles_home else LOAD_MA_PER_N * self.hand_n * (self.needles / CARTRIDGE.needles) ** 0.5
        load_ma = FRICTION_MA + self.drag_ma + FRICTION_MA_PER_RPM * self.speed_rpm + hand_ma
        wanted_ma = FRICTION_MA + FRICTION_MA_PER_RPM * asked_rpm + CONTROL_MA_PER_RPM * (asked_rpm - self.speed_rpm)
        self.current_ma = min(max(wanted_ma, 0.0), CURRENT_LIMIT_MA)
        self.speed_rpm = max(0.0, self.speed_rpm + (self.current_ma - load_ma) * ACCELERATION_RPM_PER_S_MA * STEP_S)
        if "stall" in self.faults:
            self.speed_rpm = 0.0
            self.current_ma = CURRENT_LIMIT_MA

    def _reach(self) -> None:
        if not self.powered:
            rest_um = min(self.reach_um, self.faults.get("home_stuck", 0.0))
            self.reach_um = max(rest_um, self.reach_um - SPRING_UM_PER_STEP)
        elif "depth_runaway" in self.faults and self._asked_um:
            self.reach_um = min(HARD_STOP_UM, self.reach_um + self.faults["depth_runaway"] * STEP_S)
        else:
            way_um = self._asked_um - self.reach_um
            self.reach_um += min(max(way_um, -ACTUATOR_UM_PER_STEP), ACTUATOR_UM_PER_STEP)

    def _measure(self, noise_um: float) -> None:
        """The reach is read at the outer dead point: once a needle cycle, or every 10 ms with the motor still."""
        self._cycle += self.speed_rpm / 60.0 * STEP_S
        self._still_steps += 1
        due = self._cycle >= 1.0 or (self.speed_rpm < TURNING_RPM and self._still_steps >= STATIC_MEASURE_STEPS)
        if due:
            self._cycle %= 1.0
            self._still_steps = 0
        if "depth_freeze" in self.faults:
            return
        if self.needles_home:
            self._measured_um = 0.0
        elif due:
            self._measured_um = max(0.0, self.reach_um + noise_um)
