"""Motor and tachometer: PWM, a speed loop in whole numbers, pulses timed in an interrupt."""

from machine import PWM, Pin

from firmware_protocol.board import pins
from firmware_protocol.board.ticks import since_us, ticks

SHORTEST_US = 60000000 // (12000 * pins.PULSES_PER_TURN)  # closer pulses are noise
STILL_US = 100000  # no pulse for so long: it stands
PULSES_TO_TRUST = 3
FULL_DUTY = 65535
FORWARD = FULL_DUTY * 256 // pins.MOTOR_FULL_RPM  # duty in 1/256 for each rpm asked
PROPORTIONAL = 512  # duty in 1/256 for each rpm of error
INTEGRAL = 3  # the same, for each rpm and millisecond
INTEGRAL_MOST = 4000000  # rpm ms: about 70 % of full duty


class Tachometer:
    """Speed from the time between pulses, smoothed over about four."""

    def __init__(self) -> None:
        self._at = 0
        self._period_us = 0
        self._pulses = 0
        self._noise = 0
        self._pin = Pin(pins.TACHOMETER, Pin.IN, Pin.PULL_UP)
        self._pin.irq(self._pulse, Pin.IRQ_FALLING, hard=True)

    def _pulse(self, pin: object) -> None:
        """One pulse. An interrupt: nothing in here may allocate."""
        period_us = since_us(self._at)
        if self._pulses and period_us < SHORTEST_US:
            self._noise += 1
            return
        self._at = ticks()
        if self._pulses == 1:
            self._period_us = period_us
        elif self._pulses:
            self._period_us += (period_us - self._period_us) // 4
        if self._pulses < PULSES_TO_TRUST:
            self._pulses += 1

    def read(self) -> tuple[int, bool]:
        """(rpm, valid): 0 where it stands. Noise since the last reading makes this one invalid."""
        quiet = self._noise == 0
        self._noise = 0
        if self._pulses and since_us(self._at) > STILL_US:
            self._pulses = 0
        if self._pulses < PULSES_TO_TRUST:
            return 0, quiet
        # Between two pulses the speed can only have fallen below what the time since the last one allows.
        period_us = max(self._period_us, since_us(self._at), SHORTEST_US)
        return 60000000 // (period_us * pins.PULSES_PER_TURN), quiet


class Motor:
    """Holds a speed. Power is the gate's business: what is set here does nothing while it is open."""

    def __init__(self) -> None:
        self._pwm = PWM(Pin(pins.MOTOR_PWM), freq=pins.MOTOR_PWM_HZ, duty_u16=0)
        self._integral = 0

    def hold(self, asked_rpm: int, measured_rpm: int) -> None:
        """One round of the speed loop, once a millisecond; 0 asked: no duty."""
        if asked_rpm == 0:
            self.off()
            return
        error = asked_rpm - measured_rpm
        self._integral = max(-INTEGRAL_MOST, min(self._integral + error, INTEGRAL_MOST))
        duty = (asked_rpm * FORWARD + error * PROPORTIONAL + self._integral * INTEGRAL) // 256
        self._pwm.duty_u16(max(0, min(duty, FULL_DUTY)))

    def off(self) -> None:
        """No duty, nothing learnt."""
        self._integral = 0
        self._pwm.duty_u16(0)
