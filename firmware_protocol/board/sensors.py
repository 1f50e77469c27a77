"""Depth actuator and analog sensors: reach in um, current in mA, temperature in 0.1 degC, supply in mV."""

from math import log

from machine import ADC, PWM, Pin

from firmware_protocol.board import pins

TRIM_MOST_UM = 300
TRIM_SLOWNESS = 64  # a 64th of the error each millisecond
SLOW_ROUNDS = 16  # temperature and supply take turns, one of them each so many readings
KELVIN = 273.15
ROOM_K = KELVIN + 25


class Depth:
    """The depth stop: where it is sent, and where its sensor sees it. Needles reach as far as it lets them."""

    def __init__(self) -> None:
        self._adc = ADC(pins.DEPTH_SENSOR)
        self._pwm = PWM(Pin(pins.DEPTH_PWM), freq=pins.DEPTH_PWM_HZ, duty_ns=pins.DEPTH_HOME_US * 1000)
        self._trim_um = 0

    def read(self) -> tuple[int, bool]:
        """(um, valid): the middle one of three readings; 0 where the needles are home."""
        raw = sorted((self._adc.read_u16(), self._adc.read_u16(), self._adc.read_u16()))[1]
        valid = pins.DEPTH_RAW_LOWEST <= raw <= pins.DEPTH_RAW_HIGHEST
        reach_um = (raw - pins.DEPTH_HOME_RAW) * 1000 // pins.DEPTH_RAW_PER_MM
        return (0 if reach_um < pins.HOME_UM else reach_um), valid

    def hold(self, asked_um: int, measured_um: int) -> None:
        """Send the stop there; what linkage and load add is trimmed away slowly, by at most 300 um."""
        if asked_um == 0:
            self.home()
            return
        change_um = (asked_um - measured_um) // TRIM_SLOWNESS
        self._trim_um = max(-TRIM_MOST_UM, min(self._trim_um + change_um, TRIM_MOST_UM))
        reach_um = max(0, asked_um + self._trim_um)
        self._pwm.duty_ns(pins.DEPTH_HOME_US * 1000 + reach_um * pins.DEPTH_US_PER_MM)

    def home(self) -> None:
        """Asked to be home, nothing learnt."""
        self._trim_um = 0
        self._pwm.duty_ns(pins.DEPTH_HOME_US * 1000)


class Analog:
    """Current at every reading, temperature and supply in turn, because they are slow and the loop is short."""

    def __init__(self) -> None:
        """Reads all three once."""
        self._current = ADC(pins.CURRENT_SENSOR)
        self._temperature = ADC(pins.TEMPERATURE_SENSOR)
        self._supply = ADC(pins.SUPPLY_SENSOR)
        self._round = 0
        self.temperature_dc = thermistor_dc(self._temperature.read_u16())
        self.supply_mv = self._supply_mv()

    def read_current_ma(self) -> int:
        """The motor's current now; brings one of the slow ones up to date when its turn comes."""
        self._round = (self._round + 1) % (2 * SLOW_ROUNDS)
        if self._round == 0:
            self.temperature_dc = thermistor_dc(self._temperature.read_u16())
        elif self._round == SLOW_ROUNDS:
            self.supply_mv = self._supply_mv()
        return int(self._current.read_u16()) * pins.REFERENCE_MV // pins.FULL_SCALE * 1000 // pins.CURRENT_MV_PER_A

    def _supply_mv(self) -> int:
        return int(self._supply.read_u16()) * pins.REFERENCE_MV * pins.SUPPLY_DIVIDER // pins.FULL_SCALE


def thermistor_dc(raw: int) -> int:
    """0.1 degC of an ADC reading. A broken or shorted sensor reads 200 degC: too hot to run."""
    if not (pins.FULL_SCALE // 50 < raw < pins.FULL_SCALE * 49 // 50):
        return 2000
    resistance = raw / (pins.FULL_SCALE - raw)  # in units of the 10 kOhm
    return round(10 * (1 / (1 / ROOM_K + log(resistance) / pins.THERMISTOR_BETA_K) - KELVIN))
