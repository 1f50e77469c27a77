"""Virtual time, and what goes on in it: PIO, interrupts, motor, depth stop, watchdog. Times in microseconds."""

from firmware_protocol.board import pins

PLANT_US = 250
SPIN_UP_US = 60000  # first-order lag of the motor
STOP_US = 10000  # of the depth stop, both ways
CURRENT_MA = 200


class Over(BaseException):
    """Virtual time has come to where the test wanted it."""


class World:
    """Everything outside the program under test. `spend` lets time pass; what the board asks for costs some."""

    def __init__(self) -> None:
        self.now_us = 0
        self.until_us = 0  # 0: no end
        self.log: list[tuple[int, str, object]] = []
        self.levels = {pins.CARTRIDGE_SWITCH: 0, pins.BUTTON: 1, pins.TACHOMETER: 1}
        self.duty = 0
        self.depth_ns = pins.DEPTH_HOME_US * 1000
        self.rpm = 0.0
        self.reach_um = 0.0
        self.supply_mv = 4800
        self.depth_stuck_raw: int | None = None
        self.watchdog_us = 0  # its timeout, 0 without one
        self.fed_us = 0
        self.resets = 0
        self.irq: object = None
        self.pio: list[object] = []
        self.listeners: list[object] = []  # called once a millisecond
        self.block_us = 0  # what the next turn of the loop spends without doing anything
        self._turn = 0.0
        self._next_us = PLANT_US

    def note(self, what: str, value: object) -> None:
        """Something a test may want to know, with its time."""
        self.log.append((self.now_us, what, value))

    def level(self, pin: int, value: int) -> None:
        """An output of the board changed."""
        if self.levels.get(pin) != value:
            self.levels[pin] = value
            self.note(f"pin{pin}", value)

    def spend(self, time_us: int) -> None:
        """Time passes, the world in steps of 250 us, whatever the program does. Raises Over at the end of the test's time."""
        end_us = self.now_us + time_us
        while end_us >= self._next_us:
            self.now_us = self._next_us
            self._next_us += PLANT_US
            for machine in self.pio:
                machine.run_to(self.now_us)  # type: ignore[attr-defined]
            self._plant()
            if self.watchdog_us and self.now_us - self.fed_us > self.watchdog_us:
                self.watchdog_us = 0
                self.resets += 1
                self.note("reset", 0)
            if self.now_us % 1000 == 0:
                for listener in self.listeners:
                    listener()  # type: ignore[operator]
        self.now_us = end_us
        if 0 < self.until_us <= self.now_us:
            raise Over

    def block(self) -> None:
        """Where a test has asked for it: the program hangs here, interrupts off, while the world goes on."""
        time_us, self.block_us = self.block_us, 0
        if time_us:
            self.note("blocked", time_us)
            self.spend(time_us)

    def _plant(self) -> None:
        powered = self.levels.get(pins.MOTOR_GATE, 0)
        target_rpm = self.duty / 65535 * pins.MOTOR_FULL_RPM * 0.9 if powered else 0.0
        self.rpm += (target_rpm - self.rpm) * PLANT_US / SPIN_UP_US
        asked_um = (self.depth_ns / 1000 - pins.DEPTH_HOME_US) / pins.DEPTH_US_PER_MM * 1000 * 0.97
        target_um = asked_um if powered else 0.0
        self.reach_um += (target_um - self.reach_um) * PLANT_US / STOP_US
        self._turn += self.rpm / 60e6 * PLANT_US * pins.PULSES_PER_TURN
        if self._turn >= 1:
            self._turn -= 1
            if self.irq:
                self.irq(None)  # type: ignore[operator]

    def raw(self, channel: int) -> int:
        """What the ADC reads."""
        if channel == pins.DEPTH_SENSOR:
            if self.depth_stuck_raw is not None:
                return self.depth_stuck_raw
            return int(pins.DEPTH_HOME_RAW + self.reach_um * pins.DEPTH_RAW_PER_MM / 1000)
        if channel == pins.CURRENT_SENSOR:
            return CURRENT_MA * 65535 // 3300 if self.levels.get(pins.MOTOR_GATE, 0) else 0
        if channel == pins.SUPPLY_SENSOR:
            return self.supply_mv // pins.SUPPLY_DIVIDER * 65535 // 3300
        return 32768  # 25 degC


world = World()
