"""The wiring, in one place: GPIO numbers of a Raspberry Pi Pico, and what each sensor's signal means. README.md draws it."""

# Digital
I2C_SDA = 0  # the cartridge's chip
I2C_SCL = 1
MOTOR_PWM = 2  # to the driver's input; only the gate lets it through
MOTOR_GATE = 3  # power of motor and depth actuator, high is on; 10 kOhm to ground, so that a dead board is off
TACHOMETER = 4  # falling edges, open collector
DEPTH_PWM = 5  # position of the depth actuator, supplied behind the gate
CARTRIDGE_SWITCH = 7  # to ground when a cartridge is in
BUTTON = 8  # to ground when pressed
LED = 25  # on the board

# Analog, 0 to 3.3 V
DEPTH_SENSOR = 26
CURRENT_SENSOR = 27
TEMPERATURE_SENSOR = 28
SUPPLY_SENSOR = 29  # on the board: a third of VSYS

REFERENCE_MV = 3300
FULL_SCALE = 65535  # of ADC.read_u16

MOTOR_PWM_HZ = 20000
MOTOR_FULL_RPM = 10000  # about what the motor turns at full duty without load: where the speed loop begins
PULSES_PER_TURN = 1

DEPTH_PWM_HZ = 333
DEPTH_HOME_US = 1000  # pulse length at reach 0
DEPTH_US_PER_MM = 400
DEPTH_HOME_RAW = 9830  # the sensor at reach 0: 15 % of its range, so that a broken wire is not a depth
DEPTH_RAW_PER_MM = 26214  # 40 % of the range a millimetre
DEPTH_RAW_LOWEST = 3276  # outside 5 to 95 % the sensor is broken
DEPTH_RAW_HIGHEST = 62258
HOME_UM = 60  # within this the needles are home

CURRENT_MV_PER_A = 1000  # 0.05 Ohm and an amplifier of 20
SUPPLY_DIVIDER = 3

# 10 kOhm thermistor to ground, 10 kOhm to 3.3 V: the usual equation of two parameters
THERMISTOR_BETA_K = 3950

CARTRIDGE_CHIP = 0x50  # I2C address of an EEPROM 24C02
